"""The start of filing (填报): what was begun, then what the unit and the user owe by now with what is missing, then
whatever else may be filed.  Without an answer of assessment everything stands under the rest."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from flask import render_template, request
from flask.typing import ResponseReturnValue

from console import labels
from console.concurrent_calls import call_all, question
from console.duties import STATES
from console.filing_form_open import EDITABLE, LONGEST_ID, filing_units
from console.guard import signed_in
from console.page_registry import FILING
from console.service_client import ServiceResponse
from console.todo import at_head
from console.users import User
from console.write_client import reader

FILINGS = "/api/filings"
CADENCES = {
    "month": "每月",
    "quarter": "每季度",
    "semester": "每学期",
    "year": "每年",
    "once": "一次性任务",
    "": "随时",
}
MOST_OWED = 24
Kind = Mapping[str, Any]


class OwedFiling(NamedTuple):
    """What is missing of a duty in a period; `people`: so many have not done it."""

    line: Mapping[str, Any]
    missing: int
    people: bool = False

    @property
    def state(self) -> str:
        overdue = self.line["overdue"] if self.people else self.line["state"] == "overdue"
        return "overdue" if overdue else "open"


@signed_in(FILING.right)
def start(user: User) -> ResponseReturnValue:
    read, own_units = reader(user), filing_units(user)
    unit_id = request.args.get("unit", "").strip()[:LONGEST_ID] or next(iter(own_units), "")
    asked, filed = partial(read, "participation"), partial(read, "assessment", "/api/duties")
    editable = {"status": ",".join(EDITABLE), "limit": "50"}
    of_unit = [
        question(filed, unit_id=unit_id), question(asked, FILINGS, unit_id=unit_id, **editable),
        question(asked, FILINGS, unit_id=unit_id, awaits="head", limit="200"),
    ] if unit_id else []  # fmt: skip
    response, mine, own_duties, *rest = call_all(
        question(asked, "/api/record-kinds", unit_id=unit_id), question(asked, "/api/mine/filings", **editable),
        question(filed, person_id=user.account_id), *of_unit,
    )  # fmt: skip
    unit_duties, begun, handed_in = rest if rest else (ServiceResponse({}, 404),) * 3
    others = _other_units(user, read)
    kinds = [kind for kind in response.body.get("kinds") or [] if kind["offered"]]
    of_unit_kinds = [kind for kind in kinds if kind["filed_by"] == "unit"] if unit_id else []
    own = [kind for kind in kinds if kind["filed_by"] == "person"] if own_duties.status != 404 else []
    waiting = at_head([handed_in])
    owed = _owed_filings(unit_duties, of_unit_kinds, unit_id, waiting)
    owed_by_me = _owed_filings(own_duties, own, "", set())
    begun_by_id = {each["filing_id"]: each for answer in (begun, mine) for each in answer.body.get("filings") or []}
    return render_template(
        "filing_start.html", response=response, unit_id=unit_id, units={unit_id: unit_id} | others | own_units,
        own_units=own_units, others=others, page=FILING, labels=labels, states=STATES, owed=owed, own_owed=owed_by_me,
        groups=_groups(_kinds_not_owed(of_unit_kinds, owed)), own=_kinds_not_owed(own, owed_by_me),
        on_behalf=[kind for kind in kinds if kind["filed_by"] == "person"] if unit_id else [],
        begun=list(begun_by_id.values()),
        titles={kind["id"]: kind["title"] for kind in response.body.get("kinds") or []},
        away=[answer for answer in (unit_duties, own_duties) if not answer.ok and answer.status != 404],
    )  # fmt: skip


def _owed_filings(
    answer: ServiceResponse, kinds: Sequence[Kind], unit_id: str, waiting: set[tuple[str, str, str]]
) -> list[OwedFiling]:
    """What is to be filed by now, the first due first; what waits for the head is filed already."""
    today, offered = str(answer.body.get("as_of") or ""), {kind["id"] for kind in kinds}
    own = (
        OwedFiling(line, line["needed"] - line["done"] - ((unit_id, line["record"], line["period"]) in waiting))
        for line in answer.body.get("duties") or []
        if line["state"] in ("open", "overdue") and line["start"] <= today
    )
    of_people = (
        OwedFiling(line, line["owing"] - line["done"], people=True) for line in answer.body.get("people") or []
    )
    owed = [each for each in (*own, *of_people) if each.missing > 0 and each.line["record"] in offered]
    return sorted(owed, key=lambda each: str(each.line["due"]))[:MOST_OWED]


def _kinds_not_owed(kinds: Iterable[Kind], owed: Iterable[OwedFiling]) -> list[Kind]:
    shown = {each.line["record"] for each in owed}
    return [kind for kind in kinds if kind["id"] not in shown]


def _other_units(user: User, read: Any) -> dict[str, str]:
    """Units for which the campaign office files on behalf."""
    if not user.is_operator and all(post.post != "campaign_office" for post in user.profile.posts):
        return {}
    listed = read("participation", "/api/directory/unit-names").body.get("units") or []
    return {each["unit_id"]: each["name"] for each in listed}


def _groups(kinds: Sequence[Kind]) -> list[tuple[str, list[Kind]]]:
    groups = [(title, [kind for kind in kinds if kind["every"] == every]) for every, title in CADENCES.items()]
    return [(title, listed) for title, listed in groups if listed]
