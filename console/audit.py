"""Who did what (操作记录), from each service's log: the newest first, filtered and page by page, with names; no
content."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.actors import OPERATOR, STREAMS, ActingParty, ActSubject, choose_actor, names_of_acts, thing_of, who_of
from console.components import components
from console.guard import signed_in
from console.import_words import ZONE
from console.language import words
from console.names import Names
from console.page_registry import AUDIT
from console.people_choice import PersonChoice, typed_person
from console.record_labels import actor
from console.settings import SERVICES
from console.table_workbook import SheetOfTable, workbook
from console.typed_dates import date_or_empty
from console.users import User

blueprint = Blueprint("audit", __name__)
LISTED, IN_FILE, PAGE_OF_FILE = 200, 2000, 500
BY = {"people": "人员办理", "programs": "系统和接入系统", "": "全部"}
DAYS = ("since", "until")
HEADER = ("时间", "事项", "数据", "数据编号", "对象", "办理身份", "办理人", "办理人编号", "单位", "位置")


class Acts(NamedTuple):
    """Acts of one kind by one actor in the course of the same thing, one after the other."""

    first: Mapping[str, Any]
    last: Mapping[str, Any]
    number: int


@blueprint.get(AUDIT.path)
@signed_in(AUDIT.right)
def audit(user: User) -> ResponseReturnValue:
    return _page(user, request.args)


@blueprint.post(AUDIT.path)
@signed_in(AUDIT.right)
def narrow(user: User) -> ResponseReturnValue:
    """Who the form names may be a person: an address bears the id."""
    person = choose_actor(user, typed_person(request.form, "who"))
    if person.error:
        return _page(user, {**request.form, "who": ""}, person), 422
    shown = {**_filter_of(request.form), "who": person.person_id}
    return redirect(url_for(AUDIT.endpoint, **_query_parameters(shown)), 303)


@blueprint.get(f"{AUDIT.path}/audit.xlsx")
@signed_in(AUDIT.right)
def file(user: User) -> ResponseReturnValue:
    """The newest of what the filter lists, one by one, with names."""
    asked = _filter_of(request.args)
    acts, before = list[Mapping[str, Any]](), ""
    while len(acts) < IN_FILE:
        query = {**_query(asked), "before": before, "limit": str(PAGE_OF_FILE)}
        response = components().services.get_json(user, asked["service"], "/api/acts", **query)
        if not response.ok:
            abort(503)
        acts += response.body["acts"]
        before = response.body["next"]
        if not before:
            break
    names = _names(user, acts)
    components().security_log.write(
        "export", user.account_id, what=f"{AUDIT.path} service={asked['service']}", **_logged_filter(asked)
    )
    about = [(words("内容"), words(AUDIT.title)), (words("服务"), words(labels.SERVICES[asked["service"]])),
             *((words(title), asked[name]) for name, title in (("since", "从"), ("until", "到")))]  # fmt: skip
    rows = [_row(act, names) for act in acts[:IN_FILE]]
    answer: Response = workbook(
        f"audit-{asked['service']}", about, [SheetOfTable(words(AUDIT.title), [words(each) for each in HEADER], rows)]
    )
    return answer


def grouped(acts: list[Mapping[str, Any]]) -> list[Acts]:
    """An import of a thousand rows is one line."""
    same = groupby(acts, key=lambda act: (act["actor"], act["correlation"], act["type"]))
    runs = [list(run) for _, run in same]
    return [Acts(run[0], run[-1], len(run)) for run in runs]


def _page(user: User, given: Mapping[str, str], person: PersonChoice | None = None) -> str:
    asked = _filter_of(given)
    query = {**_query(asked), "before": request.args.get("before", "")[:400], "limit": str(LISTED)}
    response = components().services.get_json(user, asked["service"], "/api/acts", **query)
    acts = response.body.get("acts") or []
    names = _names(user, acts, asked["who"])
    return render_template(
        "audit.html",
        page=AUDIT,
        response=response,
        acts=grouped(acts),
        asked=asked,
        names=names,
        ways=BY,
        services={name: labels.SERVICES[name] for name in SERVICES},
        types=response.body.get("types") or [],
        streams=STREAMS,
        actor=actor,
        who_of=who_of,
        thing_of=thing_of,
        address_of=address_of,
        moment=moment,
        person=person or _choice_of(asked["who"], names),
        next=response.body.get("next") or "",
        shown=_query_parameters(asked),
    )


def _filter_of(given: Mapping[str, str]) -> dict[str, str]:
    """What the address or the form asks for."""
    service, by = given.get("service", ""), given.get("by", "people")
    kind = given.get("kind", "")
    return {
        "service": service if service in SERVICES else SERVICES[0], "by": by if by in BY else "people",
        "who": given.get("who", "").strip()[:160], "type": given.get("type", "").strip()[:160],
        "kind": kind if kind in STREAMS else "", "id": given.get("id", "").strip()[:160],
        **{name: date_or_empty(given.get(name, "")) for name in DAYS},
    }  # fmt: skip


def _query(asked: Mapping[str, str]) -> dict[str, str]:
    """As the service is asked; `stream` is one thing's, and needs both its kind and its id."""
    stream = f"{asked['kind']}-{asked['id']}" if asked["kind"] and asked["id"] else ""
    return {"since": instant(asked["since"]), "until": instant(asked["until"], after=1), "by": asked["by"],
            "who": asked["who"], "type": asked["type"], "stream": stream}  # fmt: skip


def _query_parameters(asked: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value or name == "by"}


def _logged_filter(asked: Mapping[str, str]) -> dict[str, Any]:
    """As the security log names what a download was narrowed to; `who` is a person, or a program."""
    names = {"who": "person_id", "type": "event_type", "kind": "stream_kind", "id": "stream_id"}
    return {names.get(name, name): value for name, value in asked.items() if value and name != "service"}


def address_of(thing: ActSubject) -> str:
    """Of the page that shows what an act was about, as far as the reader may see it; empty: there is none."""
    if thing.table:
        return url_for("history.history", table=thing.table, id=thing.id)
    if thing.stream == "filing":
        return url_for("filed_records.filing", filing=thing.id)
    return url_for("imports.shown", import_id=thing.id) if thing.stream == "import" else ""


def _names(user: User, acts: list[Mapping[str, Any]], who: str = "") -> Names:
    actors = [*(who_of(act["actor"]) for act in acts), ActingParty("", who)]
    return names_of_acts(user, actors, [thing_of(act["stream"]) for act in acts])


def _choice_of(who: str, names: Names) -> PersonChoice:
    if who == OPERATOR:
        return PersonChoice(words(labels.ROLES[OPERATOR]), who)
    return PersonChoice(f"{names.people[who]}（{who}）" if names.people.get(who) else who, who)


def _row(act: Mapping[str, Any], names: Names) -> list[str]:
    who, thing = who_of(act["actor"]), thing_of(act["stream"])
    known = names.units if thing.stream == "unit" else names.people if thing.stream == "person" else {}
    return [moment(act["at"]), words(act["label"]) or act["type"], words(thing.kind), thing.id, known.get(thing.id, ""),
            words(actor(act["actor"])), names.people.get(who.id, ""), who.id,
            names.units.get(who.unit_id, who.unit_id), act["place"]]  # fmt: skip


def instant(day: str, after: int = 0) -> str:
    """When a day begins in China (`after` days later), as the log writes it; empty: none is given."""
    if not day:
        return ""
    begins = datetime.combine(date.fromisoformat(day) + timedelta(days=after), datetime.min.time(), ZONE)
    return begins.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(utc: str) -> str:
    return f"{datetime.fromisoformat(utc).astimezone(ZONE):%Y-%m-%d %H:%M:%S}"
