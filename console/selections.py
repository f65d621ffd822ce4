"""Choosing works (选用): a unit from those of its works that passed review, the research office from what units chose
and whose authors agree to a use of the district; with a reason, and undone with one."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.own_units import LONGEST_ID
from console.page_registry import SELECTIONS
from console.service_client import ServiceResponse
from console.users import User
from console.works import LONGEST_REASON, asked_work, works_units, write_down
from console.works_words import WORDS, level_names
from console.write_client import reader, write

blueprint = Blueprint("selections", __name__)
OF_DISTRICT = "district"
DISTRICT_RIGHT = "select_for_district"
STATES = {"open": "待选用", "chosen": "已选用"}
PROGRESS = {"open": "passed", "chosen": "selected"}
ON_A_PAGE = "30"


@blueprint.get(SELECTIONS.path)
@signed_in(SELECTIONS.right)
def selections(user: User) -> ResponseReturnValue:
    """Of the district for its office, else of the user's first unit; the address may name another."""
    tabs = _tabs(user)
    asked = request.args.get("of", "").strip()[:LONGEST_ID]
    of = asked or next(iter(tabs), "")
    state = request.args.get("state", "") if request.args.get("state") in STATES else "open"
    semester, after = request.args.get("semester", "").strip()[:64], request.args.get("after", "")[:200]
    text = request.args.get("text", "").strip()[:64]
    query = {"semester": semester, "text": text, "after": after, "limit": ON_A_PAGE}
    response = _district(user, state=state, **query) if of == OF_DISTRICT else _unit(user, of, state, **query)
    write_down(user, f"GET {SELECTIONS.path} of={of}")
    return render_template(
        "selections.html", response=response, works=response.body.get("works") or [], tabs=tabs, of=of, state=state,
        states=STATES, semester=semester, text=text, rules=response.body.get("rules") or {}, page=SELECTIONS,
        words=WORDS, labels=labels, level_names=level_names,
    )  # fmt: skip


@blueprint.get(f"{SELECTIONS.path}/work")
@signed_in(SELECTIONS.right)
def work(user: User) -> ResponseReturnValue:
    return _show(user, asked_work(request.args.get("work", "")), request.args.get("of", "").strip()[:LONGEST_ID])


@blueprint.post(f"{SELECTIONS.path}/choose")
@signed_in(SELECTIONS.right, fresh=True)
def choose(user: User) -> ResponseReturnValue:
    return _act(user, "select", needed=False, done="已选用。可以收入推文或汇编。")


@blueprint.post(f"{SELECTIONS.path}/undo")
@signed_in(SELECTIONS.right, fresh=True)
def undo(user: User) -> ResponseReturnValue:
    """A selection is undone with a reason; chosen again only after a revision."""
    return _act(user, "deselect", needed=True, done="已取消选用。")


def _act(user: User, act: str, *, needed: bool, done: str) -> ResponseReturnValue:
    work_id, of = asked_work(request.form.get("work", "")), request.form.get("of", "").strip()[:LONGEST_ID]
    reason = " ".join(request.form.get("reason", "").split())
    if len(reason) > LONGEST_REASON or (needed and not reason):
        return _show(user, work_id, of, {act: "请写明原因，一行文字。"}, 422)
    body = {"level": OF_DISTRICT if of == OF_DISTRICT else "unit", "reason": reason}
    result = write(user, "publicity", f"/api/works/{quote(work_id, safe='')}/{act}", body)
    if not result.ok:
        return _show(user, work_id, of, {"": result.message}, result.status)
    flash(done, "done")
    return redirect(url_for(SELECTIONS.endpoint, of=of), 303)


def _tabs(user: User) -> dict[str, str]:
    """Whose choice the user makes: the district's, their units'."""
    district = {OF_DISTRICT: "区级选用"} if user.may(DISTRICT_RIGHT) else {}
    return {**district, **works_units(user)}


def _district(user: User, **query: str) -> ServiceResponse:
    return reader(user)("publicity", "/api/selections", **query)


def _unit(user: User, unit_id: str, state: str, **query: str) -> ServiceResponse:
    return reader(user)("publicity", "/api/works", unit_id=unit_id, progress=PROGRESS[state], **query)


def _show(
    user: User, work_id: str, of: str, errors: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    """One work with its text, marks and comments, to be chosen or not.  404."""
    path = "/api/selections" if of == OF_DISTRICT else "/api/works"
    read = reader(user)
    listed, text = call_all(
        question(read, "publicity", path, work_id=work_id),
        question(read, "publicity", f"/api/works/{quote(work_id, safe='')}/text"),
    )
    if listed.status in (403, 404) or (listed.ok and not listed.body.get("works")):
        abort(404)
    write_down(user, f"GET {SELECTIONS.path}/work?work={work_id}")
    row: dict[str, Any] = (listed.body.get("works") or [{}])[0]
    level = OF_DISTRICT if of == OF_DISTRICT else "unit"
    page = render_template(
        "selection.html", response=listed, work=row, text=text, of=of, level=level, page=SELECTIONS, words=WORDS,
        labels=labels, level_names=level_names, rules=listed.body.get("rules") or {}, errors=errors or {},
        form=request.form, may_choose=row.get("progress") == ("selected" if of == OF_DISTRICT else "passed"),
    )  # fmt: skip
    return page, status
