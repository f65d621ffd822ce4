"""Reads statements: one, a page by filter, and outcomes."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.schema import pending_reports, statement_tallies, statements
from services.participation.xapi import stored_statements
from services.participation.xapi.domain.mapping import REASONS
from services.participation.xapi.domain.statements import activities_of, activity_of, actors_of, one_text, shape_of
from services.participation.xapi.stored_statements import KeptStatement

MOST: Final = 500
"""The most statements of one page."""
_LOOKED_AT: Final = 5_000
"""The most bodies examined for one page; the page may then be short although there are more."""
_SLICE: Final = 250


@dataclass(frozen=True)
class StatementFilter:
    """The filter.  `agent` is keyed; `agent_key` is not, and is searched in bodies if `related_agents`."""

    agent: str = ""
    agent_key: str = ""
    verb: str = ""
    activity: str = ""
    registration: str = ""
    related_activities: bool = False
    related_agents: bool = False
    since: str = ""
    until: str = ""
    ascending: bool = False
    limit: int = MOST
    after: int = 0


def find_statement(connection: Connection, publisher: str, statement_id: str, *, voided: bool) -> dict[str, Any] | None:
    """None if there is none, its being voided differs from what was asked, or its person was erased."""
    columns = statements.c
    query = sa.select(columns.body).where(
        columns.publisher == publisher, columns.statement_id == statement_id, columns.voided == int(voided)
    )
    body = connection.execute(query).scalar_one_or_none()
    return json.loads(body) if body else None


def find_statements(connection: Connection, publisher: str, asked: StatementFilter) -> tuple[list[dict[str, Any]], int]:
    """A page, and the number to continue after; 0: there are no more."""
    page: list[dict[str, Any]] = []
    after, looked = asked.after, 0
    wanted = _in_body(asked)
    while looked < _LOOKED_AT:
        rows = connection.execute(_page(publisher, asked, after).limit(_SLICE)).all()
        for row in rows:
            if len(page) == asked.limit:
                return page, after
            after, looked = row.seq, looked + 1
            statement = json.loads(row.body)
            if wanted(statement):
                page.append(statement)
        if len(rows) < _SLICE:
            return page, 0
    return page, after


def _page(publisher: str, asked: StatementFilter, after: int) -> sa.Select[Any]:
    c = statements.c
    query = sa.select(c.seq, c.body).where(c.publisher == publisher, c.voided == 0, c.body != "")
    for column, value in (("since", asked.since), ("until", asked.until)):
        if value:
            query = query.where(c.stored > value if column == "since" else c.stored <= value)
    if conditions := _conditions(asked, statements):
        target = statements.alias("target")
        about = sa.select(target.c.seq).where(
            target.c.publisher == publisher, target.c.statement_id == c.target, *_conditions(asked, target)
        )
        query = query.where(sa.or_(sa.and_(*conditions), sa.and_(c.target != "", sa.exists(about))))
    if after:
        query = query.where(c.seq > after if asked.ascending else c.seq < after)
    return query.order_by(c.seq if asked.ascending else c.seq.desc())


def _conditions(asked: StatementFilter, table: Any) -> list[Any]:
    """The conditions on columns.  A statement that refers to a matching one matches too."""
    given = {"verb": asked.verb, "registration": asked.registration,
             "activity": "" if asked.related_activities else asked.activity,
             "actor": "" if asked.related_agents else asked.agent}  # fmt: skip
    return [table.c[column] == value for column, value in given.items() if value]


def _in_body(asked: StatementFilter) -> Callable[[Mapping[str, Any]], bool]:
    """The conditions that need the whole statement."""
    agent = asked.agent_key if asked.related_agents else ""
    activity = asked.activity if asked.related_activities else ""

    def wanted(statement: Mapping[str, Any]) -> bool:
        return (not agent or agent in actors_of(statement, related=True)) and (
            not activity or activity in activities_of(statement)
        )

    return wanted


def statements_to_replay(
    connection: Connection, publisher: str, after: int, limit: int
) -> list[tuple[str, KeptStatement]]:
    """For one publisher ('': all), after that number: those without a record that are neither void nor pending."""
    c = statements.c
    waits = sa.exists(sa.select(pending_reports.c.seq).where(
        pending_reports.c.source == c.source, pending_reports.c.id == c.statement_id))  # fmt: skip
    query = sa.select(statements).where(
        c.seq > after,
        c.state.in_((stored_statements.UNMAPPED, stored_statements.REFUSED, stored_statements.WAITING)),
        c.voided == 0,
        c.voids == 0,
        sa.or_(c.state != stored_statements.WAITING, ~waits),
        c.body != "",
    )
    query = query.where(c.publisher == publisher) if publisher else query
    return [(row.publisher, _statement_of_row(row)) for row in connection.execute(query.order_by(c.seq).limit(limit))]


def _statement_of_row(row: Any) -> KeptStatement:
    return KeptStatement(
        json.loads(row.body), row.statement_id, row.digest, row.verb, row.activity_type, row.activity, row.actor,
        row.target, bool(row.voids), bool(row.voided), row.state, row.code, row.source, row.person_id, row.seq,
        row.registration, row.account,
    )  # fmt: skip


def unmapped_groups(connection: Connection, publisher: str) -> list[dict[str, Any]]:
    """The numbers of statements that became no record, by verb, activity type and reason, most frequent first."""
    c = statement_tallies.c
    query = sa.select(statement_tallies).order_by(c["count"].desc(), c.publisher, c.verb, c.activity_type, c.code,
                                                  c.account)  # fmt: skip
    rows = connection.execute(query.where(c.publisher == publisher) if publisher else query).all()
    examples = _examples(connection, {row.example for row in rows})
    return [
        {"publisher": row.publisher, "verb": row.verb, "activity_type": row.activity_type, "account": row.account,
         "code": row.code, "reason": dict(REASONS).get(row.code, row.code), "count": row._mapping["count"],
         "first_at": row.first_at, "last_at": row.last_at,
         "example": examples.get((row.publisher, row.example))} for row in rows
    ]  # fmt: skip


def _examples(connection: Connection, ids: Collection[str]) -> dict[tuple[str, str], dict[str, str]]:
    """What each statement was about, without its actor; empty for an erased person's."""
    c, result = statements.c, {}
    for some in stored_statements.slices(ids):
        query = sa.select(c.publisher, c.statement_id, c.stored, c.body).where(c.statement_id.in_(some), c.body != "")
        for row in connection.execute(query):
            statement = json.loads(row.body)
            activity, _ = activity_of(statement)
            named = one_text(statement["object"].get("definition", {}).get("name", {}), ()) if activity else ""
            result[row.publisher, row.statement_id] = {
                "statement_id": row.statement_id, "at": row.stored, "activity": activity, "activity_name": named,
                "account_form": shape_of(str(statement["actor"].get("account", {}).get("name", ""))),
            }  # fmt: skip
    return result


def statement_kinds(connection: Connection, publisher: str) -> list[dict[str, Any]]:
    """The numbers of statements that became a record or were voided, by verb and activity type, most frequent first."""
    c = statements.c
    number = sa.func.count().label("number")
    voided, first, last = sa.func.sum(c.voided), sa.func.min(c.stored), sa.func.max(c.stored)
    keys = (c.publisher, c.verb, c.activity_type, c.state, c.code)
    query = sa.select(*keys, number, voided, first, last).where(c.state != stored_statements.UNMAPPED)
    query = query.where(c.publisher == publisher) if publisher else query
    query = query.group_by(*keys).order_by(number.desc(), *keys).limit(stored_statements.MOST_GROUPS)
    names = ("publisher", "verb", "activity_type", "state", "code", "count", "voided", "first_at", "last_at")
    return [dict(zip(names, (*row[:6], int(row[6]), *row[7:]), strict=True)) for row in connection.execute(query)]


def statement_states(connection: Connection) -> list[tuple[str, str, int]]:
    """The numbers of statements with a record, by publisher and state."""
    c = statements.c
    query = sa.select(c.publisher, c.state, sa.func.count()).where(c.state != stored_statements.UNMAPPED)
    return [(row[0], row[1], row[2]) for row in connection.execute(query.group_by(c.publisher, c.state))]


def unmapped_counts(connection: Connection) -> list[tuple[str, str, int]]:
    """The numbers of statements without a record, by publisher and reason."""
    c = statement_tallies.c
    query = sa.select(c.publisher, c.code, sa.func.sum(c["count"])).group_by(c.publisher, c.code)
    return [(row[0], row[1], int(row[2])) for row in connection.execute(query)]


def statement_counts(connection: Connection, publisher: str) -> list[dict[str, Any]]:
    """The numbers of stored statements, by publisher and outcome."""
    c = statements.c
    query = sa.select(c.publisher, c.state, c.code, sa.func.count()).where(c.state != stored_statements.UNMAPPED)
    query = query.where(c.publisher == publisher) if publisher else query
    query = query.group_by(c.publisher, c.state, c.code).order_by(c.publisher, c.state, c.code)
    names = ("publisher", "state", "code", "count")
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query)]


def outcome_of(connection: Connection, publisher: str, statement_id: str) -> dict[str, Any] | None:
    """The outcome of one statement; None if there is none with that id."""
    c = statements.c
    query = sa.select(c.statement_id, c.stored, c.state, c.code, c.source, c.voided).where(
        c.publisher == publisher, c.statement_id == statement_id)  # fmt: skip
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return {"statement_id": row.statement_id, "stored": row.stored, "state": row.state, "code": row.code,
            "source": row.source, "voided": bool(row.voided), "reason": dict(REASONS).get(row.code, "")}  # fmt: skip
