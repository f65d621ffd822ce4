"""Reads findings for one reader: pages with counts by status, and one with its history and files."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.recorded_event import RecordedEvent
from chassis.process.tokens import Actor
from chassis.store import event_log
from contracts.corrections import FindingCorrected
from contracts.findings import FindingAnswered, FindingClosed, FindingRaised, FindingReturned
from contracts.participation import FindingReported, RectificationReported
from services.participation.evidence.queries import files_by_content, named_files
from services.participation.filings.permissions import is_inside
from services.participation.findings import permissions
from services.participation.findings.domain import AWAITS, STATUSES, FindingLife, evolve_finding_life, status_of
from services.participation.findings.projections import findings
from services.participation.registry.identity import subjects_of_units
from services.participation.registry.names import names_of_people, names_of_units
from services.registry import rights
from services.registry.person_record import person_of_actor
from services.registry.rights import Subject

Answer = dict[str, Any]
_STATUS: Final = sa.case(
    (findings.c.voided == 1, "withdrawn"), (findings.c.rectified_on != "", "closed"), else_=findings.c.stage
)
_SHOWN: Final = ("finding_id", "unit_id", "assessor_id", "found_on", "deadline", "points", "rectified_on", "category",
                 "description", "answered_on", "revision", "begun_at", "recorded_at")  # fmt: skip
_FILE: Final = ("content", "name", "media_type", "size")
_POSTS: Final = {"head": "主要负责人", "clerk": "填报员"}


def findings_of_reader(connection: Connection, actor: Actor, query: Mapping[str, Any], today: str) -> Answer:
    """A page of what the reader may see: open ones first, longest waiting first; then closed ones, latest first.
    `counts`: by status, without the filter of status.  Problem 403."""
    scope = sa.and_(_scope(connection, actor, query["unit_id"]), *_filters(actor, query))
    rows = connection.execute(sa.select(_STATUS, sa.func.count()).where(scope).group_by(_STATUS))
    counts = dict.fromkeys(STATUSES, 0) | {row[0]: row[1] for row in rows}
    wanted = query["status"].split(",") if query["status"] else list(STATUSES)
    done = _STATUS.in_(("closed", "withdrawn"))
    asked_by = sa.case((done, ""), (findings.c.deadline != "", findings.c.deadline), else_=findings.c.found_on)
    page = sa.select(findings).where(scope, _STATUS.in_(wanted)).order_by(
        sa.case((done, 1), else_=0), asked_by, findings.c.begun_at.desc(), findings.c.finding_id
    )  # fmt: skip
    shown = connection.execute(page.offset(query["offset"]).limit(query["limit"])).all()
    total = sum(counts[status] for status in wanted)
    following = query["offset"] + len(shown)
    return {"findings": _summaries(connection, shown, today), "counts": counts, "total": total,
            "next": following if following < total else 0}  # fmt: skip


def _scope(connection: Connection, actor: Actor, unit_id: str) -> sa.ColumnElement[bool]:
    of_unit = findings.c.unit_id == unit_id if unit_id else sa.true()
    if rights.may(actor, rights.SEE_FINDINGS, rights.DISTRICT):
        return of_unit
    seen, offices = permissions.units_over(connection, actor, rights.SEE_FINDINGS), permissions.own_offices(actor)
    raised = findings.c.assessor_id.in_(offices)
    if unit_id and unit_id not in seen:
        ours = sa.select(sa.func.count()).select_from(findings).where(of_unit, raised)
        if not connection.execute(ours).scalar_one():
            rights.require(actor, rights.SEE_FINDINGS, Subject(unit_id))
    return sa.and_(of_unit, sa.or_(findings.c.unit_id.in_(sorted(seen)), raised))


def _filters(actor: Actor, query: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    column = findings.c
    wanted = [column[name] == query[name] for name in ("category", "assessor_id") if query[name]]
    if query["since"]:
        wanted.append(column.found_on >= query["since"])
    if query["until"]:
        wanted.append(column.found_on <= query["until"])
    if query["to_do"]:
        own = [post.unit_id for post in rights.posts_of(actor) if post.post in rights.ANSWER_FINDING.unit]
        of_unit = sa.and_(column.unit_id.in_(sorted(own)), _STATUS.in_(("open", "returned")))
        of_office = sa.and_(column.assessor_id.in_(permissions.own_offices(actor)), _STATUS == "answered")
        wanted.append(sa.or_(of_unit, of_office))
    return wanted


def _summaries(connection: Connection, rows: Sequence[Any], today: str) -> list[Answer]:
    names = names_of_units(connection, sorted({name for row in rows for name in (row.unit_id, row.assessor_id)}))
    return [_summary(row, names, today) for row in rows]


def _summary(row: Any, names: Mapping[str, str], today: str) -> Answer:
    status = status_of(row.stage, row.rectified_on, bool(row.voided))
    overdue = status in AWAITS and bool(row.deadline) and row.deadline < today
    return {name: getattr(row, name) for name in _SHOWN} | {
        "unit_name": names.get(row.unit_id, ""), "assessor_name": names.get(row.assessor_id, ""), "status": status,
        "awaits": AWAITS.get(status, ""), "overdue": overdue,
    }  # fmt: skip


def finding_detail(connection: Connection, actor: Actor, finding_id: str, today: str) -> Answer:
    """One finding.  Problem 403, 404."""
    row = connection.execute(sa.select(findings).where(findings.c.finding_id == finding_id)).one_or_none()
    if row is None:
        raise permissions.absent(actor)
    permissions.require_reader(connection, actor, row)
    recorded = event_log.streams(connection, [f"finding-{finding_id}"])
    state = FindingLife()
    for each in recorded:
        state = evolve_finding_life(state, each.event())
    names = names_of_units(connection, [row.unit_id, row.assessor_id])
    subject = subjects_of_units(connection, [row.unit_id])[row.unit_id]
    return {
        **_summary(row, names, today), "history": _history(connection, actor, recorded),
        "may": _acts(actor, row, state), "sees_row": rights.may(actor, rights.SEE_ROW, subject),
        "needs_another": state.is_own(actor.name) and row.assessor_id in permissions.own_offices(actor),
    }  # fmt: skip


def _acts(actor: Actor, row: Any, state: FindingLife) -> list[str]:
    """The reader's possible actions."""
    acts = []
    is_person = "person" in actor.roles
    if state.status in AWAITS and rights.may(actor, rights.ANSWER_FINDING, Subject(row.unit_id)):
        acts.append("answer")
    if not rights.may(actor, rights.REVIEW_FINDING, Subject(row.assessor_id)) or state.status == "withdrawn":
        return acts
    if state.status == "answered":
        acts.append("return")
    if state.status in AWAITS and not state.is_own(actor.name if is_person else ""):
        acts.append("close")
    return [*acts, "correct", "withdraw"]


def _history(connection: Connection, actor: Actor, recorded: Sequence[RecordedEvent]) -> list[Answer]:
    """Its history in words, oldest first.  Persons are given to readers of the same unit only."""
    places = {each.actor.rpartition("@")[2] for each in recorded if "@" in each.actor}
    names = names_of_units(connection, sorted(places))
    people = names_of_people(connection, sorted({person_of_actor(each.actor) for each in recorded} - {""}))
    entries = []
    for each in recorded:
        what, text, day = _words(each.event())
        if not what:
            continue
        unit_id, who = each.actor.rpartition("@")[2] if "@" in each.actor else "", person_of_actor(each.actor)
        named = people.get(who, "") if unit_id and is_inside(actor, unit_id) else ""
        role = each.actor.partition(":")[0]
        by = f"{names.get(unit_id, '')}{_POSTS.get(role, '') if unit_id else rights.LABELS.get(role, role)}"
        entries.append({"at": each.recorded_at, "what": what, "by": f"{by} {named}".strip(), "text": text, "day": day,
                        "files": _files(connection, each.event())})  # fmt: skip
    return entries


def _words(event: Any) -> tuple[str, str, str]:
    """The action, its text, the day of the deed."""
    match event:
        case FindingReported():
            return "提出问题", event.description, event.found_on
        case FindingRaised() if event.evidence:
            return "附印证资料", "", ""
        case FindingCorrected(voided=True):
            return "撤销", event.correction_reason, ""
        case FindingCorrected():
            return "更正", event.correction_reason, ""
        case FindingAnswered():
            return "整改答复", event.text, event.answered_on
        case FindingReturned():
            return "退回整改", event.reason, event.returned_on
        case FindingClosed():
            return "复查销号", event.note, event.closed_on
        case RectificationReported():
            return "整改完成", "", event.rectified_on
    return "", "", ""


def _files(connection: Connection, event: Any) -> list[Answer]:
    match event:
        case (
            FindingRaised(assessor_id=unit_id, evidence=contents) | FindingAnswered(unit_id=unit_id, evidence=contents)
        ) if contents:
            rows = {row.content: row for row in files_by_content(connection, unit_id, contents)}
            shown = named_files(connection, [rows[content] for content in contents if content in rows])
            return [{name: file[name] for name in _FILE} for file in shown]
    return []
