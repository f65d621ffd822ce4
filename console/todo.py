"""To do (我的待办): what the user and the units of their posts owe by now, what came back, what awaits confirmation;
each with the page where it is done.  A service that does not answer leaves out its own part only."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from console import labels, publicity_words, second_hands
from console.concurrent_calls import call_all, question
from console.duties import STATES
from console.filing_form_open import filing_units
from console.guard import signed_in
from console.inbox import newest, unread
from console.own_units import units_of
from console.page_registry import TO_DO, usual_pages
from console.service_client import ServiceResponse
from console.users import User
from console.works_steps import works_steps
from console.write_client import reader

blueprint = Blueprint("todo", __name__)
SOON = timedelta(days=31)
"""What is due later is not shown yet."""
MOST_UNITS = 6


class Part(NamedTuple):
    """What one subject owes: the user (`unit_id` empty), or a unit of theirs."""

    unit_id: str
    title: str
    response: ServiceResponse
    lines: list[Mapping[str, Any]]
    people: list[Mapping[str, Any]]


@blueprint.get(TO_DO.path)
@signed_in(TO_DO.right)
def todo(user: User) -> ResponseReturnValue:
    units = dict(list(units_of(user).items())[:MOST_UNITS])
    read = reader(user)
    owed, filed = partial(read, "assessment", "/api/duties"), partial(read, "participation")
    of_units = [question(owed, unit_id=unit_id) for unit_id in units]
    findings_asked = question(filed, "/api/findings", to_do="true", limit="20")
    waiting = [question(filed, "/api/filings", to_confirm="true", limit="1")] if _confirms(user) else []
    messages = newest(user)
    next_steps = [question(read, "publicity", f"/api/mine/{what}") for what in ("publicity", "works")]
    kept = _kept_by(user)
    given_back = [question(filed, "/api/filings", status="returned", unit_id=unit_id) for unit_id in kept]
    handed_in = [question(filed, "/api/filings", awaits="head", limit="200", unit_id=unit_id) for unit_id in kept]
    confirming = second_hands.questions(user)
    returned, own, kinds, own_publicity, own_works, raised, *rest = call_all(
        question(filed, "/api/mine/filings", status="returned"), question(owed, person_id=user.account_id),
        question(filed, "/api/record-kinds"), *next_steps, findings_asked, *of_units, *waiting, *messages,
        *given_back, *handed_in, *confirming,
    )  # fmt: skip
    to_confirm = second_hands.steps(user, rest[len(rest) - len(confirming) :])
    rest = rest[: len(rest) - len(confirming)]
    first = len(units) + len(waiting)
    inboxes, of_unit = rest[first : first + len(messages)], rest[first + len(messages) :][: len(kept)]
    filings = {each["filing_id"]: each for answer in (returned, *of_unit) for each in answer.body.get("filings") or []}
    listed = kinds.body.get("kinds") or []
    parts = [_part("", "我的任务", own)]
    parts += [_part(unit_id, name, answer) for (unit_id, name), answer in zip(units.items(), rest, strict=False)]
    return render_template(
        "todo.html", second_hands=to_confirm, findings=raised.body.get("findings") or [],
        parts=[part for part in parts if part.response.status != 404], states=STATES, labels=labels,
        returned=list(filings.values()), waiting=rest[len(units)] if waiting else None, page=TO_DO,
        of_persons={each["id"] for each in listed if each["filed_by"] == "person"},
        titles={each["id"]: each["title"] for each in listed}, unread=unread(user, inboxes),
        at_head=at_head(rest[len(rest) - len(kept) :]),
        awaiting=[*works_steps(own_works, units), *of_publicity(own_publicity)], usual_pages=usual_pages(user),
        files_for={"", *kept},
    )  # fmt: skip


def _kept_by(user: User) -> list[str]:
    """Units for which the user files."""
    return list(filing_units(user))[:MOST_UNITS] if user.may("file_record") else []


def of_publicity(answer: ServiceResponse) -> list[Mapping[str, str]]:
    """What awaits the user at publicity's desk: title, what is to be done, and where."""
    readings = [each for each in answer.body.get("readings") or [] if each["turn"] == "now"]
    result: list[Mapping[str, str]] = []
    for each in readings:
        link = url_for("readings.read", subject=each["subject"], id=each["subject_id"])
        what = publicity_words.STAGES.get(each["stage"], "")
        result.append({"title": each["title"], "what": what, "act": "审读", "link": link})
    for each in answer.body.get("steps") or []:
        page = "articles.article" if each["subject"] == "article" else "anthologies.anthology"
        link = url_for(page, **{each["subject"]: each["subject_id"]})
        result.append({"title": each["title"], "what": publicity_words.step_words(each), "act": "去办", "link": link})
    return result


def at_head(answers: Iterable[ServiceResponse]) -> set[tuple[str, str, str]]:
    """Unit, kind and period of what is handed in and awaits the head: nothing is to be filed again."""
    filings = (each for answer in answers for each in answer.body.get("filings") or [])
    return {(each["unit_id"], each["kind"], each["period"] or "once") for each in filings}


def _confirms(user: User) -> bool:
    return user.may("confirm_filing")


def _part(unit_id: str, title: str, response: ServiceResponse) -> Part:
    today = str(response.body.get("as_of") or "")
    lines = [line for line in response.body.get("duties") or [] if line["state"] in ("open", "overdue")]
    people = [line for line in response.body.get("people") or [] if line["done"] < line["owing"]]
    return Part(unit_id, title, response, _soon(lines, today), _soon(people, today))


def _soon(lines: Iterable[Mapping[str, Any]], today: str) -> list[Mapping[str, Any]]:
    """What is overdue or due within the next weeks, by its day."""
    until = (date.fromisoformat(today) + SOON).isoformat() if today else ""
    return sorted((line for line in lines if line["due"] <= until), key=lambda line: line["due"])
