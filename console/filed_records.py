"""Records (填报记录): what a unit, or the user, has filed, searched and filtered page by page; one filing whole,
with its evidence and what became of it, withdrawn where its reader may."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.components import components
from console.concurrent_calls import call_all, question
from console.confirm import titles
from console.evidence_form import LATER, FormFiles
from console.filing_answers import answers, local_moment, names_of_answers
from console.guard import LONGEST_PATH, signed_in
from console.own_units import LONGEST_ID, units_of
from console.page_registry import RECORDS
from console.typed_dates import date_or_empty
from console.users import User
from console.write_client import reader, write

blueprint = Blueprint("filed_records", __name__)
STATUSES = {
    "draft": "草稿",
    "submitted": "已提交",
    "returned": "退回修改",
    "confirmed": "已确认",
    "withdrawn": "已撤回",
}
AWAITS = {"head": "待主要负责人确认", "owner": "待本单位或本人确认"}
STATE = {"draft": "open", "submitted": "open", "returned": "late", "confirmed": "done", "withdrawn": "excused"}
"""How a status is coloured, as the states of duties are."""


@blueprint.get(RECORDS.path)
@signed_in(RECORDS.right)
def filed_records(user: User) -> ResponseReturnValue:
    units, args = units_of(user), request.args
    given = {name: args.get(name, "").strip()[:LONGEST_ID] for name in ("unit", "kind", "status", "text")}
    days = {name: date_or_empty(args.get(name, "")) for name in ("since", "until")}
    unit_id = given.pop("unit") or next(iter(units), "")
    given["status"] = given["status"] if given["status"] in STATUSES else ""
    query = {**given, **days, "after": args.get("after", "")[:200]}
    get_json = components().services.get_json
    listed = question(get_json, user, "participation", "/api/filings", unit_id=unit_id, **query)
    mine = question(get_json, user, "participation", "/api/mine/filings", **query)
    known = question(get_json, user, "participation", "/api/record-kinds")
    response, kinds = call_all(listed if unit_id else mine, known)
    shown = {name: value for name, value in {"unit": unit_id, **given, **days}.items() if value}
    return render_template(
        "filed_records.html", response=response, filings=response.body.get("filings") or [], units=units,
        unit_id=unit_id, given={**given, **days}, shown=shown, kinds=titles(kinds.body), page=RECORDS,
        statuses=STATUSES, states=STATE, awaits=AWAITS, own=response.body.get("records") or [],
    )  # fmt: skip


@blueprint.get(f"{RECORDS.path}/filing")
@signed_in(RECORDS.right)
def filing(user: User) -> ResponseReturnValue:
    return show_filing(user, request.args.get("filing", ""), "", 200)


@blueprint.post(f"{RECORDS.path}/withdraw")
@signed_in(RECORDS.right, fresh=True)
def withdraw(user: User) -> ResponseReturnValue:
    """Takes a filing back; the service says whether that needs a reason and who may."""
    filing_id, revision = checked(request.form.get("filing", "")), request.form.get("revision", "")
    if not revision.isascii() or not revision.isdecimal():
        abort(400)
    body = {"revision": min(int(revision[:9]), 1_000_000), "reason": request.form.get("reason", "").strip()[:400]}
    result = write(user, "participation", f"/api/filings/{filing_id}/withdraw", body)
    if not result.ok:
        return show_filing(user, filing_id, result.message, result.status)
    flash("已撤回。", "done")
    return redirect(url_for("filed_records.filing", filing=filing_id), 303)


def checked(filing_id: str) -> str:
    """404: no filing can bear this id."""
    text = filing_id.strip()[:128]
    return text if len(text) >= 8 and "/" not in text and text not in (".", "..") else abort(404)


def show_filing(
    user: User, filing_id: str, message: str = "", status: int = 200, added: FormFiles | None = None
) -> ResponseReturnValue:
    """The page of one filing; `added`: files that are being put to it.  404."""
    read, path = reader(user), f"/api/filings/{checked(filing_id)}"
    response = read("participation", path)
    if response.status == 404:
        abort(404)
    if response.ok:
        components().security_log.write_once("export", user.account_id, f"GET {path}"[:LONGEST_PATH])
    kinds = read("participation", "/api/record-kinds").body
    known: dict[str, Any] = {each["id"]: each for each in kinds.get("kinds") or []}
    kind = known.get(str(response.body.get("kind")), {})
    names = names_of_answers(user, read, kind, response.body)
    page = render_template(
        "filing.html", response=response, filing=response.body, moment=local_moment,
        answers=list(answers(kind, response.body, names)),
        kind=kind.get("title") or response.body.get("kind"), message=message, page=RECORDS, statuses=STATUSES,
        states=STATE, awaits=AWAITS, added=added or FormFiles(), asked={**LATER, **_originals(kind)},
        owner_of_files=owner_of_files(kind, response.body),
    )  # fmt: skip
    return page, status


def owner_of_files(kind: Mapping[str, Any], filing: Mapping[str, Any]) -> str:
    """Whose files are put to it: of what a person files of themselves that person's, else (empty) the unit's."""
    people = filing.get("people") or []
    own = kind.get("filed_by") == "person" and len(people) == 1
    return str(people[0]["person_id"]) if own else ""


def _originals(kind: Mapping[str, Any]) -> dict[str, bool]:
    """Whether photos of this kind are kept as they are."""
    return {"originals": bool((kind.get("evidence") or {}).get("originals"))}
