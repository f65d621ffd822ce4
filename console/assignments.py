"""Assigning reviews (评审分派): works put forward, without authors; several assigned at once to reviewers of other
units with a last day; who is late, who declined; a work taken back from whoever does not come to it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.language import words
from console.own_units import LONGEST_ID
from console.page_registry import ASSIGNMENTS
from console.reviews import CAUSES
from console.typed_dates import date_or_empty
from console.users import User
from console.works import asked_work, write_down
from console.works_words import PROGRESS_STATES, WORDS
from console.write_client import reader, write

blueprint = Blueprint("assignments", __name__)
SHOWN = ("to_assign", "in_review", "late", "returned", "passed", "below", "selected", "selected_by_district",
         "deselected", "handed_in")  # fmt: skip
TITLES = {**PROGRESS_STATES, "late": "逾期未评"}
RELEASED = {**CAUSES, "office": "教研室收回"}
USUAL_DAYS = 14
"""From today to the last day that the form proposes."""
MOST_WORKS, MOST_REVIEWERS = 50, 9
NO_WORKS, NO_REVIEWERS = "请先勾选作品。", "请先选择评审人。"


@blueprint.get(ASSIGNMENTS.path)
@signed_in(ASSIGNMENTS.right)
def assignments(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.post(ASSIGNMENTS.path)
@signed_in(ASSIGNMENTS.right, fresh=True)
def assign(user: User) -> ResponseReturnValue:
    """Each of the works that are ticked to each of the reviewers who are chosen; what is refused is said by work."""
    chosen = [asked_work(each) for each in request.form.getlist("work")[:MOST_WORKS]]
    reviewers = [each.strip()[:LONGEST_ID] for each in request.form.getlist("reviewer") if each.strip()]
    due_on = date_or_empty(request.form.get("due", ""))
    if request.form.get("choose"):
        return _page(user)
    if not chosen or not reviewers:
        return _page(user, NO_WORKS if not chosen else NO_REVIEWERS, 422)
    refused = dict[str, str]()
    for work_id in chosen:
        for reviewer in dict.fromkeys(reviewers[:MOST_REVIEWERS]):
            body = {"reviewers": [reviewer], **({"due_on": due_on} if due_on else {})}
            result = write(user, "publicity", f"/api/works/{quote(work_id, safe='')}/reviewers", body)
            if not result.ok and result.message not in refused:
                refused[result.message] = reviewer
    _flash_refused(user, refused)
    if not refused:
        flash(words("已分派 {count} 件作品。").format(count=len(chosen)), "done")
    return _redirect_to_list()


def _flash_refused(user: User, refused: Mapping[str, str]) -> None:
    """`refused`: by message the reviewer, whom it may name by id."""
    if not refused:
        return
    also = ",".join(dict.fromkeys(refused.values()))
    people = reader(user)("publicity", "/api/reviewers", also=also).body.get("people") or []
    names = {str(each["person_id"]): str(each["name"]) for each in people if each["name"]}
    for message, reviewer in list(refused.items())[:10]:
        name = f"{names[reviewer]}（{reviewer}）" if reviewer in names else reviewer
        flash(message.replace(reviewer, name), "refused")


@blueprint.post(f"{ASSIGNMENTS.path}/take-back")
@signed_in(ASSIGNMENTS.right, fresh=True)
def take_back(user: User) -> ResponseReturnValue:
    """From one reviewer, so that another may be asked."""
    work_id, reviewer = asked_work(request.form.get("work", "")), request.form.get("reviewer", "").strip()[:LONGEST_ID]
    path = f"/api/works/{quote(work_id, safe='')}/take-back"
    result = write(user, "publicity", path, {"reviewer_id": reviewer}, success_message="已收回，请另请评审人。")
    if not result.ok:
        return _page(user, result.message, result.status)
    return _redirect_to_list()


def _redirect_to_list() -> ResponseReturnValue:
    kept: dict[str, Any] = dict(_filter_of(request.form))
    kept.pop("who", None)  # a name is in no address
    return redirect(url_for(ASSIGNMENTS.endpoint, **kept), 303)


def _filter_of(given: Mapping[str, str]) -> dict[str, str]:
    """Of the address: what was filtered for, and whose people stand to be chosen from."""
    names = ("semester", "unit", "progress", "people", "who")
    kept = {name: given.get(name, "").strip()[:LONGEST_ID] for name in names}
    kept["progress"] = kept["progress"] if kept["progress"] in SHOWN else ""
    return {name: value for name, value in kept.items() if value}


def _page(user: User, message: str = "", status: int = 200) -> ResponseReturnValue:
    given, after = _filter_of(request.values), request.args.get("after", "")[:200]
    read, chosen = reader(user), request.form.getlist("reviewer")[:MOST_REVIEWERS]
    response, people = call_all(
        question(read, "publicity", "/api/reviews", semester=given.get("semester"), unit_id=given.get("unit"),
                 progress=given.get("progress"), after=after),
        question(read, "publicity", "/api/reviewers", unit_id=given.get("people"), text=given.get("who", "")[:80],
                 also=",".join(chosen)),
    )  # fmt: skip
    write_down(user, f"GET {ASSIGNMENTS.path}")
    rules: dict[str, Any] = response.body.get("rules") or {}
    due = date_or_empty(request.form.get("due", "")) or _usual_due(str(rules.get("today") or ""))
    page = render_template(
        "assignments.html", response=response, works=response.body.get("works") or [], given=given, message=message,
        people=people, candidates=people.body.get("people") or [], units=people.body.get("units") or {}, due=due,
        counts=response.body.get("counts") or {}, of_units=response.body.get("units") or {}, rules=rules,
        page=ASSIGNMENTS, words=WORDS, titles=TITLES, shown=SHOWN, labels=labels, released=RELEASED,
        ticked=request.form.getlist("work"), chosen=chosen,
    )  # fmt: skip
    return page, status


def _usual_due(today: str) -> str:
    return (date.fromisoformat(today) + timedelta(USUAL_DAYS)).isoformat() if today else ""
