"""Filing (填报): the form of each kind as the campaign's file describes it; one entry may file
several deeds.  Saved as a draft or submitted, resumed, corrected.  What may be filed: console/filing_start.py."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import filing_start, labels
from console.components import components
from console.evidence_form import files_of_form
from console.file_forms import takes_files
from console.filing_form_entry import PEOPLE, Entry, RecordForm, content, read_deed
from console.filing_form_open import (
    LONGEST_ID,
    Kinds,
    deeds_of,
    entry_of_filing,
    filing_units,
    is_on_behalf,
    new_entry,
    settle_people,
    take_over,
)
from console.filing_form_page import FormChoices, deed_view, errors_of, pick_errors
from console.guard import LONGEST_PATH, signed_in
from console.page_registry import FILING
from console.service_client import ServiceResponse
from console.typed_dates import date_or_empty
from console.users import User
from console.write_client import WriteResult, reader, write

blueprint = Blueprint("filing_form", __name__)
FILINGS = "/api/filings"
ENTRY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{7,63}")
SENT = {True: "已提交，计入任务台账。", False: "已提交，确认之后计入任务台账。"}
DRAFTED, CORRECTED, STAYS = "草稿已保存。", "已更正。", "stay"
MEANWHILE = "您打开之后，别人改过这一条。请先看看现在的内容；再保存一次，会以您填写的为准。"


blueprint.get(FILING.path)(filing_start.start)


@blueprint.get(f"{FILING.path}/form")
@signed_in(FILING.right)
def form(user: User) -> ResponseReturnValue:
    """A new form (`kind`, `unit`, `period`, `day`, `person`, `like=last`), or that of a `filing`."""
    read = reader(user)
    response = read("participation", "/api/record-kinds")
    if not response.ok:
        return _unavailable(response)
    kinds: Kinds = {kind["id"]: kind for kind in response.body["kinds"]}
    if filing_id := request.args.get("filing", ""):
        answer = read("participation", f"{FILINGS}/{checked(filing_id)}")
        if answer.status == 404:
            abort(404)
        if not answer.ok:
            return _unavailable(answer)
        entry = entry_of_filing(user, kinds, answer.body, _siblings(read, answer.body))
        return _page(user, read, entry, returned=_return_reason(answer.body))
    entry = new_entry(user, kinds, request.args, str(response.body.get("today") or ""))
    if not entry.oneself and not entry.unit_id:
        detail = "这一项由本单位的填报员填报，请与填报员联系。"
        return _unavailable(ServiceResponse({}, 422, "not_yours", detail))
    if request.args.get("like") == "last":
        for filing in _last_of(read, entry):
            take_over(entry, filing)
    return _page(user, read, entry)


@blueprint.post(f"{FILING.path}/form")
@takes_files()
@signed_in(FILING.right, fresh=True)
def save(user: User) -> ResponseReturnValue:
    """Saves a draft, submits or corrects; `act` that is neither shows the form again with what was searched for."""
    read, act = reader(user), request.form.get("act", STAYS)
    response = read("participation", "/api/record-kinds")
    if not response.ok:
        return _unavailable(response)
    entry = _entry_of_form(user, {kind["id"]: kind for kind in response.body["kinds"]})
    around = _choices_of_form(user, read, entry)
    for deed in entry.deeds:
        read_deed(deed, request.form, around.people, entry.oneself)
    errors = pick_errors(entry)
    if entry.files.message:
        errors["evidence"] = entry.files.message
    if act not in ("draft", "submit") or errors:
        return _page(user, read, entry, errors=errors, around=around, status=422 if errors else 200)
    result = _send(user, entry, around, submit=act == "submit")
    if not result.ok:
        return _show_refusal(user, read, entry, around, result)
    done = result.response.body["filings"][0]
    if act == "draft":
        return redirect(url_for("filing_form.form", filing=done["filing_id"]), 303)
    return redirect(url_for("filed_records.filing", filing=done["filing_id"]), 303)


def checked(filing_id: str) -> str:
    """404: no filing can bear this id."""
    text = filing_id.strip()[:LONGEST_ID]
    return text if len(text) >= 8 and "/" not in text and text not in (".", "..") else abort(404)


def _send(user: User, entry: Entry, around: FormChoices, *, submit: bool) -> WriteResult:
    contents = [content(entry, deed, around.people) for deed in entry.chosen]
    if entry.changed:
        body = {"revision": entry.first.revision, "content": contents[0], "reason": entry.reason,
                "submit": submit and not entry.corrects}  # fmt: skip
        result = write(user, "participation", f"{FILINGS}/{entry.changed}", body, method="PUT")
    else:
        deeds = [each | {"revision": deed.revision} for each, deed in zip(contents, entry.chosen, strict=True)]
        result = write(user, "participation", FILINGS, {"entry_id": entry.entry_id, "deeds": deeds, "submit": submit})
    if result.ok:
        counts = all(each["counts"] for each in result.response.body["filings"])
        flash(CORRECTED if entry.corrects else SENT[counts] if submit else DRAFTED, "done")
    return result


def _show_refusal(user: User, read: Any, entry: Entry, around: FormChoices, result: WriteResult) -> ResponseReturnValue:
    errors, others = errors_of(entry, result.problems)
    message = result.message if not errors else ""
    if result.response.code == "changed_meanwhile":
        message = MEANWHILE
        for deed in entry.deeds:
            deed.revision = 0
    return _page(user, read, entry, errors=errors, around=around, message="；".join(others) or message,
                 status=result.status)  # fmt: skip


def _entry_of_form(user: User, kinds: Kinds) -> Entry:
    """What the form says beside its kinds' own fields.  404, 400."""
    given = request.form
    kind = kinds.get(given.get("kind", "")) or abort(404)
    changed, status = given.get("filing", ""), given.get("status", "")
    deeds = [RecordForm(kind)] if changed else deeds_of(kinds, kind)
    unit_id, oneself = given.get("unit", "").strip()[:LONGEST_ID], given.get("oneself") == "1"
    for deed in deeds:
        deed.chosen = deed is deeds[0] or deed.id in given.getlist("with")
        deed.revision = _number(given.get(deed.name("revision"), "0"))
    private = oneself and any(item["private"] for item in kind["fields"])
    files = files_of_form(user, "evidence", "" if oneself else unit_id, user.account_id if oneself else "",
                          private=private, types=kind["evidence"]["types"],
                          originals_of=kind["id"] if kind["evidence"]["originals"] else "")  # fmt: skip
    entry_id = given.get("entry_id", "")
    return Entry(
        entry_id if ENTRY_ID.fullmatch(entry_id) else uuid.uuid4().hex, deeds, unit_id, oneself,
        title=given.get("title", "").strip()[:400], day=date_or_empty(given.get("day", "")),
        occurred_at=given.get("occurred_at", "")[:60], content_sha256=given.get("content_sha256", "").strip()[:64],
        files=files, changed=checked(changed) if changed else "", status=status,
        reason=given.get("reason", "").strip()[:400],
    )  # fmt: skip


def _number(text: str) -> int:
    return min(int(text), 1_000_000) if text.isascii() and text.isdecimal() and len(text) < 10 else abort(400)


def _choices_of_form(user: User, read: Any, entry: Entry) -> FormChoices:
    """Who and what may be named in this form."""
    items = [item for deed in entry.deeds for item in deed.kind["fields"]]
    around = FormChoices()
    if any(entry.names_people(deed) for deed in entry.deeds) or any(item["type"] == PEOPLE for item in items):
        answer = read("participation", f"/api/units/{entry.unit_id}/people", on=entry.day)
        around.people = {each["person_id"]: each["name"] for each in answer.body.get("people") or []}
        components().security_log.write_once(
            "export", user.account_id, f"GET /file unit={entry.unit_id}"[:LONGEST_PATH]
        )
    if any(item["type"] == "units" for item in items):
        around.units = read("participation", "/api/directory/unit-names").body.get("units") or []
    for kind in {item["record"] for item in items if item["type"] == "record"}:
        answer = read("participation", FILINGS, kind=kind, status="confirmed,submitted", limit="50")
        around.filings = {**around.filings, kind: answer.body.get("filings") or []}
    return around


def _siblings(read: Any, filing: Mapping[str, Any]) -> list[ServiceResponse]:
    """The other drafts of its entry."""
    if filing["status"] != "draft" or not filing["unit_id"]:
        return []
    listed = read("participation", FILINGS, entry_id=filing["entry_id"], unit_id=filing["unit_id"], status="draft")
    others = [
        each["filing_id"] for each in listed.body.get("filings") or [] if each["filing_id"] != filing["filing_id"]
    ]
    return [read("participation", f"{FILINGS}/{each}") for each in others[:9]]


def _last_of(read: Any, entry: Entry) -> list[Mapping[str, Any]]:
    """The unit's (or the person's) last filing of the kind, and what its entry filed too."""
    path, query = ("/api/mine/filings", {}) if entry.oneself else (FILINGS, {"unit_id": entry.unit_id})
    last = read("participation", path, kind=entry.first.id, status="submitted,confirmed", limit="1", **query)
    for each in last.body.get("filings") or []:
        of_entry = read("participation", path, entry_id=each["entry_id"], status="submitted,confirmed", **query)
        listed = [item["filing_id"] for item in of_entry.body.get("filings") or []]
        answers = [read("participation", f"{FILINGS}/{filing_id}") for filing_id in listed[:9]]
        return [answer.body for answer in answers if answer.ok]
    return []


def _return_reason(filing: Mapping[str, Any]) -> str:
    if filing["status"] != "returned":
        return ""
    reasons = [each["reason"] for each in filing.get("history") or () if "returned" in each["event"]]
    return reasons[-1] if reasons else ""


def _unavailable(response: ServiceResponse) -> ResponseReturnValue:
    return render_template("filing_form.html", response=response, entry=None, page=FILING), 200


def _page(
    user: User, read: Any, entry: Entry, *, errors: Mapping[str, str] | None = None, around: FormChoices | None = None,
    message: str = "", status: int = 200, returned: str = "",
) -> ResponseReturnValue:  # fmt: skip
    if around is None:
        around = _choices_of_form(user, read, entry)
        settle_people(entry, around.people)
    views = [deed_view(entry, deed, around, errors or {}) for deed in entry.deeds]
    page = render_template(
        "filing_form.html", response=None, entry=entry, views=views, errors=errors or {}, message=message, page=FILING,
        first_error=next(iter(errors or ()), ""),
        returned=returned, on_behalf=is_on_behalf(user, entry.first.kind, entry), labels=labels,
        unit_name=filing_units(user).get(entry.unit_id, entry.unit_id),
    )  # fmt: skip
    return page, status
