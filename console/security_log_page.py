"""The security log (安全日志) of the console and all services: the newest first, filtered and page by page, with names;
the same as a file."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels, security_words
from console.actors import OPERATOR, ActingParty, choose_actor, names_of_acts, who_of
from console.audit import instant
from console.components import components
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.import_words import ZONE
from console.language import words
from console.names import Names
from console.page_registry import PAGES, SECURITY_LOG
from console.people_choice import PersonChoice, typed_person
from console.record_labels import ACTORS
from console.settings import SERVICES
from console.table_workbook import SheetOfTable, workbook
from console.typed_dates import date_or_empty
from console.users import User

blueprint = Blueprint("security_log_page", __name__)
LISTED, FETCHED, IN_FILE = 200, 400, 1000
HEADER = ("时间", "事项", "账号", "姓名", "办理人", "办理人姓名", "地址", "设备", "说明")


class SecurityEntry(NamedTuple):
    """Of the console or of a service; `at` in seconds."""

    at: float
    event: str
    account_id: str
    actor: str
    where: str
    device: str
    detail: Mapping[str, Any]


@blueprint.get(SECURITY_LOG.path)
@signed_in(SECURITY_LOG.right)
def security_log(user: User) -> ResponseReturnValue:
    return _page(user, request.args)


@blueprint.post(SECURITY_LOG.path)
@signed_in(SECURITY_LOG.right)
def narrow(user: User) -> ResponseReturnValue:
    """Who the form names may be a person: an address bears the id."""
    person = choose_actor(user, typed_person(request.form, "account"))
    if person.error:
        return _page(user, {**request.form, "account": ""}, person), 422
    shown = {**_filter_of(request.form), "account": person.person_id}
    return redirect(url_for(SECURITY_LOG.endpoint, **_query_parameters(shown)), 303)


@blueprint.get(f"{SECURITY_LOG.path}/security-log.xlsx")
@signed_in(SECURITY_LOG.right)
def file(user: User) -> ResponseReturnValue:
    """The newest of what the filter lists, with names."""
    asked = _filter_of(request.args)
    entries = _entries(user, asked, 0.0, IN_FILE)[:IN_FILE]
    names = _names(user, entries)
    names_of_filter = {"account": "person_id", "event": "log_event", "page": "looked_at"}
    narrowed_to: dict[str, Any] = {
        names_of_filter.get(name, name): value for name, value in _query_parameters(asked).items()
    }
    components().security_log.write("export", user.account_id, what=SECURITY_LOG.path, **narrowed_to)
    about = [(words("内容"), words(SECURITY_LOG.title)),
             *((words(title), asked[name]) for name, title in (("since", "从"), ("until", "到")))]  # fmt: skip
    sheet = SheetOfTable(
        words(SECURITY_LOG.title), [words(each) for each in HEADER], [_row(each, names) for each in entries]
    )
    answer: Response = workbook("security-log", about, [sheet])
    return answer


def _page(user: User, given: Mapping[str, str], person: PersonChoice | None = None) -> str:
    asked = _filter_of(given)
    entries = _entries(user, asked, _seconds(request.args.get("before", "")), FETCHED)
    page = entries[:LISTED]
    page += [each for each in entries[LISTED:] if each.at == page[-1].at]  # the next page begins before that instant
    names = _names(user, page, asked["account"])
    return render_template(
        "security_log.html",
        page=SECURITY_LOG,
        entries=page,
        words=security_words,
        asked=asked,
        actor=role_of,
        who_of=who_of,
        moment=moment_of,
        names=names,
        pages=_pages(),
        person=person or _choice_of(asked["account"], names),
        next=repr(page[-1].at) if len(entries) > len(page) else "",
        shown=_query_parameters(asked),
    )


def _entries(user: User, asked: Mapping[str, str], before: float, most: int) -> list[SecurityEntry]:
    """Newest first, at most so many of the console and of each service."""
    ends = min(filter(None, (before, _start(asked["until"], after=1))), default=0.0)
    own = components().security_log.entries(
        since=_start(asked["since"]), until=ends, account_id=asked["account"], event=asked["event"], page=asked["page"],
        limit=most,
    )  # fmt: skip
    entries = [SecurityEntry(each.at, each.event, each.account_id, each.actor, each.address, each.device, each.detail)
               for each in own]  # fmt: skip
    if not asked["page"]:
        entries += _of_services(user, asked, ends, most)
    return sorted(entries, key=lambda each: -each.at)


def _of_services(user: User, asked: Mapping[str, str], until: float, most: int) -> list[SecurityEntry]:
    event, account = asked["event"], asked["account"]
    if event and event not in security_words.SERVICE_EVENTS:
        return []
    ends = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if until else ""
    get_json = components().services.get_json
    questions = [question(get_json, user, service, "/api/security-events", since=instant(asked["since"]), until=ends,
                          limit=str(most)) for service in SERVICES]  # fmt: skip
    result = []
    for service, response in zip(SERVICES, call_all(*questions), strict=True):
        for each in response.body.get("entries") or []:
            if account in ("", who_of(each["actor"]).id) and event in ("", each["event"]):
                at = datetime.fromisoformat(each["at"]).timestamp()
                where = f"{words(labels.SERVICES[service])} {each['place']}"
                result.append(SecurityEntry(at, each["event"], "", each["actor"], where, "", each["detail"]))
    return result


def _filter_of(given: Mapping[str, str]) -> dict[str, str]:
    event, page = given.get("event", ""), given.get("page", "")
    return {
        "event": event if event in security_words.EVENTS else "", "page": page if page in _pages() else "",
        "account": given.get("account", "").strip()[:160],
        **{name: date_or_empty(given.get(name, "")) for name in ("since", "until")},
    }  # fmt: skip


def _pages() -> dict[str, str]:
    """By path; what somebody looked at is written down by the address of its page."""
    return {page.path: page.title for page in PAGES}


def _query_parameters(asked: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value}


def _names(user: User, entries: list[SecurityEntry], account: str = "") -> Names:
    texts = [text for each in entries for text in (each.account_id, each.actor) if text]
    shown = [person_id for each in entries for person_id in security_words.people_of(each.detail)]
    parties = [*map(who_of, texts), *(ActingParty("", person_id) for person_id in (account, *shown))]
    return names_of_acts(user, parties, more=[each.detail for each in entries])


def _choice_of(account: str, names: Names) -> PersonChoice:
    if account == OPERATOR:
        return PersonChoice(words(ACTORS[OPERATOR]), account)
    return PersonChoice(f"{names.people[account]}（{account}）" if names.people.get(account) else account, account)


def role_of(text: str) -> str:
    """Whoever is no person, in words."""
    who = who_of(text)
    role = words({"unknown": "没有登录"}.get(who.role) or ACTORS.get(who.role) or who.role)
    return f"{role} {who.id}" if who.role == "publisher" else role


def _row(entry: SecurityEntry, names: Names) -> list[str]:
    account, actor = who_of(entry.account_id), who_of(entry.actor)
    return [moment_of(entry.at), security_words.event(entry.event), account.id or role_of(entry.account_id),
            names.people.get(account.id, ""), actor.id or role_of(entry.actor), names.people.get(actor.id, ""),
            entry.where, entry.device, security_words.detail(entry.detail, names)]  # fmt: skip


def _start(day: str, after: int = 0) -> float:
    """In seconds; 0: no day is given."""
    if not day:
        return 0.0
    return datetime.combine(date.fromisoformat(day) + timedelta(days=after), datetime.min.time(), ZONE).timestamp()


def _seconds(text: str) -> float:
    """A place in the list as an address has it; 0: none."""
    is_number = len(text) <= 24 and text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdecimal()
    return min(float(text), 4e9) if is_number else 0.0


def moment_of(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, ZONE):%Y-%m-%d %H:%M:%S}"
