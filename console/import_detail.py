"""One import or its check: how far it is, what was refused and noted row by row, the workbook back; confirmed, or
deleted."""

from typing import Any
from urllib.parse import quote

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import import_words
from console.components import components
from console.file_answers import file_or_refusal
from console.guard import LONGEST_PATH, signed_in
from console.own_units import LONGEST_ID
from console.page_registry import IMPORTS
from console.service_client import ServiceResponse
from console.unit_choices import unit_choices
from console.users import User
from console.write_client import positions_written, write

REFUSED, NOTES = "refused", "notes"
PAGE = 50
WAITING = "poll"


@signed_in(IMPORTS.right)
def shown(user: User) -> ResponseReturnValue:
    return page(user, import_id_of(request.args.get("import_id", "")))


@signed_in(IMPORTS.right)
def workbook(user: User) -> ResponseReturnValue:
    """An uploaded file with what became of its rows."""
    import_id, name = import_id_of(request.args.get("import_id", "")), request.args.get("file", "")[:200]
    path = f"/api/imports/{import_id}/files/{quote(name, safe='')}/workbook"
    answer, response = file_or_refusal(user, "participation", path, f"{name.rpartition('.')[0] or name}（结果）")
    if answer is not None:
        return answer
    flash(response.detail or "现在取不回工作簿，请稍后再试。", "refused")
    return redirect(url_for("imports.shown", import_id=import_id), 303)


@signed_in(IMPORTS.right, fresh=True)
def confirm(user: User) -> ResponseReturnValue:
    """Imports what was checked."""
    import_id = import_id_of(request.form.get("import_id", ""))
    result = write(user, "participation", f"/api/imports/{import_id}/confirm", {})
    if not result.ok:
        return page(user, import_id, result.message, result.status)
    return redirect(url_for("imports.shown", import_id=str(result.response.body["import_id"])), 303)


@signed_in(IMPORTS.right, fresh=True)
def discard(user: User) -> ResponseReturnValue:
    """Deletes a check with its files."""
    import_id = import_id_of(request.form.get("import_id", ""))
    result = write(user, "participation", f"/api/imports/{import_id}/discard", {}, success_message="已删除，没有导入。")
    if not result.ok:
        return page(user, import_id, result.message, result.status)
    return redirect(url_for(IMPORTS.endpoint), 303)


def page(user: User, import_id: str, message: str = "", status: int = 200) -> ResponseReturnValue:
    services, path = components().services, f"/api/imports/{import_id}"
    positions = positions_written()
    response = (services.get_after(user, "participation", path, positions) if positions
                else services.get_json(user, "participation", path))  # fmt: skip
    if response.status in (403, 404):
        abort(response.status)
    body = response.body
    rows = _rows(user, import_id, body) if body.get("finished") else {}
    done, whole = import_words.progress_of(body)
    answer = render_template(
        "import.html", page=IMPORTS, response=response, shown=body, import_id=import_id, words=import_words,
        message=message, counts=counts_of(body), percent=min(100, done * 100 // whole), **rows,
        units=unit_choices(user).units if body.get("unit_id") else {},
        actor_names=import_words.names_of_actors(user, [body]),
    )  # fmt: skip
    return answer, status


def counts_of(body: dict[str, Any]) -> dict[str, int]:
    """Rows of all parts by outcome."""
    parts = body.get("files") or []
    return {name: sum(part[name] for part in parts) for name in ("rows", "accepted", "unchanged", "refused")}


def _rows(user: User, import_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """The page of refused rows or of notes that the address asks for."""
    refused = counts_of(body)["refused"]
    notes = _read(user, import_id, NOTES, _after_parameter() if request.args.get("show") == NOTES else 0)
    table = request.args.get("show", "")
    if table not in (REFUSED, NOTES):
        table = REFUSED if refused or not notes.body.get("notes") else NOTES
    response = notes if table == NOTES else _read(user, import_id, REFUSED, _after_parameter())
    lines = response.body.get(table) or []
    return {
        "table": table,
        "lines": lines,
        "refused": refused,
        "has_notes": bool(notes.body.get("notes")),
        "after": _after_parameter(),
        "next": lines[-1]["seq"] if lines and response.body.get("more") else 0,
    }


def _read(user: User, import_id: str, table: str, after: int) -> ServiceResponse:
    path = f"/api/imports/{import_id}/{table}"
    components().security_log.write_once("export", user.account_id, f"GET {path}"[:LONGEST_PATH])
    return components().services.get_json(user, "participation", path, after=str(after), limit=str(PAGE))


def _after_parameter() -> int:
    text = request.args.get("after", "")[:12]
    return int(text) if text.isascii() and text.isdecimal() else 0


def import_id_of(text: str) -> str:
    """404: none can bear this id."""
    import_id = text.strip()[:LONGEST_ID]
    return import_id if import_id and all(each.isalnum() or each == "-" for each in import_id) else abort(404)
