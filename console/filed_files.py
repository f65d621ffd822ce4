"""Files of one filing: the larger view of its pictures, files put to it later (paper lists that were scanned), and
taken from it with a reason."""

import re
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.components import components
from console.evidence_form import LATER, MOST_BYTES, FormFiles, files_of_form
from console.file_forms import takes_files
from console.filed_records import checked, owner_of_files, show_filing
from console.guard import signed_in
from console.language import words
from console.page_registry import RECORDS
from console.users import User
from console.write_client import WriteResult, reader, write

blueprint = Blueprint("filed_files", __name__)
ADDRESS = re.compile(r"[0-9a-f]{64}")


@blueprint.get(f"{RECORDS.path}/picture")
@signed_in(RECORDS.right)
def picture(user: User) -> ResponseReturnValue:
    """One picture large, with the way to the next."""
    filing = _filing(user, request.args.get("filing", ""))
    pictures = [file for file in filing.get("files") or [] if file["media_type"].startswith("image/")]
    at = next((at for at, file in enumerate(pictures) if file["content"] == request.args.get("content")), None)
    if at is None:
        abort(404)
    around = {"before": pictures[at - 1] if at else None, "next": pictures[at + 1] if at + 1 < len(pictures) else None}
    return render_template("picture.html", filing=filing, file=pictures[at], number=at + 1, count=len(pictures),
                           page=RECORDS, **around)  # fmt: skip


@blueprint.post(f"{RECORDS.path}/attach")
@takes_files(MOST_BYTES)
@signed_in(RECORDS.right, fresh=True)
def attach(user: User) -> ResponseReturnValue:
    """Puts files to the record of a filing; what is refused stays in the form with its reason."""
    filing = _filing(user, request.form.get("filing", ""))
    kinds = components().services.get_json(user, "participation", "/api/record-kinds").body.get("kinds") or []
    kind: dict[str, Any] = next((each for each in kinds if each["id"] == filing.get("kind")), {})
    originals_of = str(filing["kind"]) if (kind.get("evidence") or {}).get("originals") else ""
    files = files_of_form(
        user, "evidence", str(filing["unit_id"]), owner_of_files(kind, filing), originals_of=originals_of
    )
    filing_id = str(filing["filing_id"])
    if files.problems:
        return show_filing(user, filing_id, status=422, added=files)
    if not files.kept:
        return show_filing(user, filing_id, status=422, added=FormFiles(problems=(words("请先选择文件。"),)))
    for content in files.contents[: LATER["max"]]:
        result = _write(user, content, "attach", {"record_id": filing.get("record_id")})
        if not result.ok:
            return show_filing(user, filing_id, status=result.status, added=FormFiles(files.kept, (result.message,)))
    flash(words("已补充 {count} 个文件。").format(count=len(files.kept)), "done")
    return redirect(url_for("filed_records.filing", filing=filing_id), 303)


@blueprint.post(f"{RECORDS.path}/detach")
@signed_in(RECORDS.right, fresh=True)
def detach(user: User) -> ResponseReturnValue:
    """Takes a file from the record, with the reason."""
    filing = _filing(user, request.form.get("filing", ""))
    filing_id, reason = str(filing["filing_id"]), request.form.get("reason", "").strip()[:400]
    if not reason:
        return show_filing(user, filing_id, "请写明移除的原因。", 422)
    body = {"record_id": filing.get("record_id"), "reason": reason}
    result = _write(user, request.form.get("content", ""), "detach", body)
    if not result.ok:
        return show_filing(user, filing_id, result.message, result.status)
    flash("已移除。", "done")
    return redirect(url_for("filed_records.filing", filing=filing_id), 303)


def _write(user: User, content: str, act: str, body: dict[str, Any]) -> WriteResult:
    """404: no file can have this address."""
    if not ADDRESS.fullmatch(content):
        abort(404)
    return write(user, "participation", f"/api/evidence/{content}/{act}", body)


def _filing(user: User, filing_id: str) -> dict[str, Any]:
    """As the service shows it to this reader; 404: none, or none for them."""
    response = reader(user)("participation", f"/api/filings/{checked(filing_id)}")
    if not response.ok:
        abort(404 if response.status in (403, 404) else 502)
    return response.body
