"""Who did what (操作记录), from each service's log, and the security log (安全日志) of the console and all services:
the newest first, filtered and page by page; ids and labels, no content."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console import labels, security_words
from console.components import components
from console.guard import signed_in
from console.import_words import ZONE
from console.language import words
from console.page_registry import AUDIT, SECURITY_LOG
from console.record_labels import ACTORS, actor
from console.settings import SERVICES
from console.together import question, together
from console.typed_dates import date_or_empty
from console.users import User

blueprint = Blueprint("audit", __name__)
LISTED, FETCHED = 200, 400
BY = {"people": "人员办理", "programs": "系统和接入系统", "": "全部"}


class Acts(NamedTuple):
    """Acts of one kind by one actor in the course of the same thing, one after the other."""

    first: Mapping[str, Any]
    last: Mapping[str, Any]
    number: int


class SecurityEntry(NamedTuple):
    """Of the console or of a service; `at` in seconds."""

    at: float
    event: str
    account_id: str
    actor: str
    where: str
    device: str
    detail: Mapping[str, Any]


@blueprint.get(AUDIT.path)
@signed_in(AUDIT.right)
def audit(user: User) -> ResponseReturnValue:
    args = request.args
    service = args.get("service", "") if args.get("service") in SERVICES else SERVICES[0]
    days = {name: date_or_empty(args.get(name, "")) for name in ("since", "until")}
    given = {name: args.get(name, "").strip()[:160] for name in ("who", "stream")}
    by = args.get("by", "people") if args.get("by", "people") in BY else "people"
    query = {
        "since": _instant(days["since"]), "until": _instant(days["until"], after=1), "by": by, **given,
        "before": args.get("before", "")[:400], "limit": str(LISTED),
    }  # fmt: skip
    response = components().services.get_json(user, service, "/api/acts", **query)
    shown = {"service": service, "by": by, **days, **given}
    return render_template(
        "audit.html", page=AUDIT, response=response, acts=grouped(response.body.get("acts") or []), service=service,
        services={name: labels.SERVICES[name] for name in SERVICES}, given=given, days=days, by=by, ways=BY,
        actor=actor, who_of=who_of, moment=_moment, next=response.body.get("next") or "",
        shown={name: value for name, value in shown.items() if value or name == "by"},
    )  # fmt: skip


@blueprint.get(SECURITY_LOG.path)
@signed_in(SECURITY_LOG.right)
def security_log(user: User) -> ResponseReturnValue:
    args = request.args
    since, account = date_or_empty(args.get("since", "")), args.get("account", "").strip()[:160]
    event = args.get("event", "") if args.get("event") in security_words.EVENTS else ""
    until = _seconds(args.get("until", ""))
    own = components().security_log.entries(
        since=_start(since), until=until, account_id=account, event=event, limit=FETCHED
    )
    entries = [SecurityEntry(each.at, each.event, each.account_id, each.actor, each.address, each.device, each.detail)
               for each in own]  # fmt: skip
    entries += _of_services(user, since, until, account, event)
    entries.sort(key=lambda each: -each.at)
    page = entries[:LISTED]
    page += [each for each in entries[LISTED:] if each.at == page[-1].at]  # the next page begins before that instant
    shown = {"since": since, "account": account, "event": event}
    return render_template(
        "security_log.html", page=SECURITY_LOG, entries=page, words=security_words, given=shown, actor=_who_signed,
        moment=_moment_of, next=repr(page[-1].at) if len(entries) > len(page) else "",
    )  # fmt: skip


def grouped(acts: list[Mapping[str, Any]]) -> list[Acts]:
    """An import of a thousand rows is one line."""
    same = groupby(acts, key=lambda act: (act["actor"], act["correlation"], act["type"]))
    runs = [list(run) for _, run in same]
    return [Acts(run[0], run[-1], len(run)) for run in runs]


def _who_signed(text: str) -> str:
    """Of the security log: a person's id, or what acted."""
    return words({"unknown": "没有登录"}.get(text) or ACTORS.get(text) or who_of(text))


def who_of(text: str) -> str:
    """Of `clerk:P1@X1` the person's id (and unit), of others what stands behind the role."""
    return text.partition(":")[2].replace("@", " ") if ":" in text else text


def _of_services(user: User, since: str, until: float, account: str, event: str) -> list[SecurityEntry]:
    if event and event not in security_words.SERVICE_EVENTS:
        return []
    ends = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if until else ""
    get_json = components().services.get_json
    asked = [question(get_json, user, service, "/api/security-events", since=_instant(since), until=ends,
                      limit=str(FETCHED)) for service in SERVICES]  # fmt: skip
    result = []
    for service, response in zip(SERVICES, together(*asked), strict=True):
        for each in response.body.get("entries") or []:
            name = each["actor"].partition(":")[2].partition("@")[0]
            if account in ("", name) and event in ("", each["event"]):
                at = datetime.fromisoformat(each["at"]).timestamp()
                where = f"{labels.SERVICES[service]} {each['place']}"
                result.append(SecurityEntry(at, each["event"], "", each["actor"], where, "", each["detail"]))
    return result


def _start(day: str) -> float:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), ZONE).timestamp() if day else 0.0


def _instant(day: str, after: int = 0) -> str:
    """When a day begins in China (`after` days later), as the log writes it; empty: none is given."""
    if not day:
        return ""
    begins = datetime.combine(date.fromisoformat(day) + timedelta(days=after), datetime.min.time(), ZONE)
    return begins.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _seconds(text: str) -> float:
    """A place in the list as an address has it; 0: none."""
    is_number = len(text) <= 24 and text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdecimal()
    return min(float(text), 4e9) if is_number else 0.0


def _moment(utc: str) -> str:
    return f"{datetime.fromisoformat(utc).astimezone(ZONE):%Y-%m-%d %H:%M:%S}"


def _moment_of(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, ZONE):%Y-%m-%d %H:%M:%S}"
