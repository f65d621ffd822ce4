"""Book of deeds (任务台账): what a unit, or a person without a post, owes by duty and period, done and needed; a cell
opens its records."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from console import labels
from console.filing_form_open import filing_units
from console.guard import signed_in
from console.own_units import UnitChoice, chosen_unit
from console.page_registry import DUTIES
from console.service_client import ServiceResponse
from console.users import User
from console.write_client import reader

blueprint = Blueprint("duties", __name__)
CADENCES = {"once": "一次性任务", "month": "每月", "quarter": "每季度", "semester": "每学期", "year": "每年"}
STATES = {"done": "按时完成", "late": "逾期补报", "open": "未到期", "overdue": "逾期未完成", "excused": "免计"}
EXCUSES = {"exempted": "免计", "paused": "暂停"}


class Grid(NamedTuple):
    """Duties of one cadence: a row each, a column a period; `cells` by duty and period."""

    cadence: str
    duties: Mapping[str, str]
    periods: list[str]
    cells: Mapping[tuple[str, str], Mapping[str, Any]]


@blueprint.get(DUTIES.path)
@signed_in(DUTIES.right)
def unit_duties(user: User) -> ResponseReturnValue:
    asked = chosen_unit(user)
    response = duties_answer(user, asked)
    lines, of_people = response.body.get("duties") or [], response.body.get("people") or []
    return render_template(
        "duties.html", response=response, asked=asked, own=grids(lines), people=grids(of_people),
        overdue=[line for line in lines if line["state"] == "overdue"], page=DUTIES, labels=labels, states=STATES,
        excuses=EXCUSES, window=str(response.body.get("window") or asked.window),
        as_of=str(response.body.get("as_of") or asked.as_of), person=not asked.unit_id,
    )  # fmt: skip


@blueprint.get(f"{DUTIES.path}/records")
@signed_in(DUTIES.right)
def records(user: User) -> ResponseReturnValue:
    """One duty in one period: what it asks, and the records that count for it."""
    asked = chosen_unit(user)
    duty, period = request.args.get("duty", "")[:80], request.args.get("period", "")[:64]
    response = duties_answer(user, asked)
    lines = response.body.get("duties") or []
    line = next((each for each in lines if (each["duty"], each["period"]) == (duty, period)), None)
    if response.ok and line is None:
        abort(404)
    may_file = (
        line is not None
        and user.may("file_record")
        and (_files_for(user, asked.unit_id) if asked.unit_id else _own_to_file(user, line))
    )
    return render_template("duty_records.html", response=response, line=line, asked=asked, page=DUTIES, labels=labels,
                           states=STATES, excuses=EXCUSES, may_file=may_file)  # fmt: skip


def _files_for(user: User, unit_id: str) -> bool:
    """Whether by a post there, or for any unit that telephoned; an office that stands over it reads only."""
    return (
        unit_id in filing_units(user)
        or user.is_operator
        or any(post.post == "campaign_office" for post in user.profile.posts)
    )


def _own_to_file(user: User, line: Mapping[str, Any]) -> bool:
    """Whether persons file it themselves: a book that the unit hands out they do not."""
    kinds = reader(user)("participation", "/api/record-kinds").body.get("kinds") or []
    return any(each["id"] == line["record"] and each["filed_by"] == "person" for each in kinds)


def duties_answer(user: User, asked: UnitChoice) -> ServiceResponse:
    """Of the unit; of the user where there is none."""
    subject = {"unit_id": asked.unit_id} if asked.unit_id else {"person_id": user.account_id}
    when = {"window": asked.window, "as_of": asked.as_of, "known_at": asked.known_at}
    return reader(user)("assessment", "/api/duties", **when, **subject)


def grids(lines: Iterable[Mapping[str, Any]]) -> list[Grid]:
    """The lines by cadence, in the order of CADENCES; duties and periods in the order in which the lines have them."""
    result = []
    for cadence in CADENCES:
        of_cadence = [line for line in lines if line["every"] == cadence]
        if of_cadence:
            duties = {line["duty"]: line["title"] for line in of_cadence}
            periods = sorted({line["period"]: line["due"] for line in of_cadence}.items(), key=lambda item: item[1])
            cells = {(line["duty"], line["period"]): line for line in of_cadence}
            result.append(Grid(CADENCES[cadence], duties, [period for period, _ in periods], cells))
    return result
