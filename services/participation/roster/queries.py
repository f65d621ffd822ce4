"""Reads the registry's memberships, the meanings of words, and the outcomes of rosters."""

import json
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.process.greenlets import yield_control
from chassis.store import subject_keys
from services.participation.registry.projections import memberships, units
from services.participation.roster.domain.confirmation import POSTS, SINCE
from services.participation.roster.domain.lines import Book, Service, UnitEntry
from services.participation.roster.domain.meanings import UNIT, word_of
from services.participation.roster.projections import roster_answers, roster_lines, roster_words, rosters


def read_book(connection: Connection, as_of: str = "9999-12-31", unit_id: str = "") -> Book:
    """All memberships with decrypted names: some milliseconds per thousand.  `as_of`, `unit_id`: of the roster to
    compare."""
    people: dict[str, list[Service]] = defaultdict(list)
    for rows in _memberships(connection):
        keys = subject_keys.existing_keys(connection, {row.person_id for row in rows})
        for row in rows:
            name = decipher(row.name, row.person_id, keys.get(row.person_id)) or ""
            unit_id, since, until, role = map(sys.intern, (row.unit_id, row.since, row.until, row.role))
            people[row.person_id].append(Service(unit_id, since, until, role, name))
        yield_control()  # let other green threads run
    entries = connection.execute(sa.select(units).where(units.c.voided == 0))
    known = {row.unit_id: UnitEntry(row.name, row.opened_on, row.closed_on) for row in entries}
    further = {person_id: frozenset((unit, role) for unit, role in posts)
               for person_id, posts in _answers(connection, POSTS).items()}  # fmt: skip
    starts = {person_id: day for person_id, ((day,),) in _answers(connection, SINCE).items()}
    return Book({name: sorted(held) for name, held in people.items()}, known, _meanings(connection),
                next_day(connection, as_of, unit_id), further, starts)  # fmt: skip


def _memberships(connection: Connection) -> Iterator[Sequence[Any]]:
    """All that are not void, some hundred persons at a time."""
    c, after = memberships.c, ""
    while True:
        some = sa.select(c.person_id).where(c.voided == 0, c.person_id > after).distinct()
        names = list(connection.scalars(some.order_by(c.person_id).limit(500)))
        if not names:
            return
        yield connection.execute(sa.select(memberships).where(c.voided == 0, c.person_id.in_(names))).all()
        after = names[-1]


def unit_names(connection: Connection) -> dict[str, str]:
    """The names of units that are not void."""
    query = sa.select(units.c.unit_id, units.c.name).where(units.c.voided == 0)
    return {row.unit_id: row.name for row in connection.execute(query)}


def unit_words(connection: Connection) -> set[str]:
    """The words by which rosters may name a unit."""
    explained = {word for column, word in _meanings(connection) if column == UNIT}
    return explained | {word_of(name) for name in unit_names(connection).values()}


def _meanings(connection: Connection) -> dict[tuple[str, str], str]:
    rows = connection.execute(sa.select(roster_words).where(roster_words.c.value != ""))
    return {(row.field, row.word): row.value for row in rows}


def _answers(connection: Connection, about: str) -> dict[str, list[list[str]]]:
    """By person; only of rosters that were not undone."""
    c = roster_answers.c
    query = sa.select(c.person_id, c.answer).join(rosters, rosters.c.roster_id == c.roster_id)
    return {row.person_id: json.loads(row.answer)
            for row in connection.execute(query.where(c.about == about, rosters.c.undone_at == ""))}  # fmt: skip


def words_explained(connection: Connection) -> list[dict[str, str]]:
    """The meanings of words, ordered by column and word."""
    query = sa.select(roster_words).where(roster_words.c.value != "")
    return [{"column": row.field, "word": row.word, "value": row.value, "actor": row.actor, "at": row.at}
            for row in connection.execute(query.order_by(roster_words.c.field, roster_words.c.word))]  # fmt: skip


def latest_day(connection: Connection, unit_id: str) -> str:
    """The latest day of rosters applied to this unit (empty: the district); empty if there is none."""
    of_unit = sa.or_(rosters.c.unit_id == unit_id, rosters.c.unit_id == "")
    query = sa.select(sa.func.max(rosters.c.as_of)).where(of_unit, rosters.c.undone_at == "")
    return connection.scalar(query) or ""


def next_day(connection: Connection, as_of: str, unit_id: str) -> str:
    """The day of the next applied roster after `as_of` for this unit or the district; empty if there is none."""
    c = rosters.c
    of_unit = sa.or_(c.unit_id == unit_id, c.unit_id == "")
    query = sa.select(sa.func.min(c.as_of)).where(of_unit, c.undone_at == "", c.as_of > as_of)
    return connection.scalar(query) or ""


def applied_roster(connection: Connection, roster_id: str) -> Any:
    """Its row; None if nothing of it was applied."""
    return connection.execute(sa.select(rosters).where(rosters.c.roster_id == roster_id)).one_or_none()


def applied_rosters(connection: Connection, most: int) -> list[Any]:
    """Rosters of which something was applied, latest first."""
    return list(connection.execute(sa.select(rosters).order_by(rosters.c.at.desc()).limit(most)))


def applied_before(
    connection: Connection, before: tuple[str, str] | None, limit: int, own: Collection[str] | None
) -> list[dict[str, Any]]:
    """The rosters applied before an instant and id (None: now), latest first, in the form of the list of imports;
    `own`: of these units."""
    c = rosters.c
    query = sa.select(rosters).order_by(c.at.desc(), c.roster_id.desc()).limit(limit)
    if own is not None:
        query = query.where(c.unit_id.in_(sorted(own)))
    if before:
        query = query.where(sa.tuple_(c.at, c.roster_id) < sa.tuple_(*map(sa.literal, before)))
    rows = connection.execute(query).all()
    counts = _counts(connection, [row.roster_id for row in rows])
    return [_roster_summary(row, counts[row.roster_id]) for row in rows]


def _counts(connection: Connection, roster_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    c = roster_lines.c
    query = sa.select(c.roster_id, c.state, sa.func.count()).where(c.roster_id.in_(roster_ids))
    result = {roster_id: dict.fromkeys(("accepted", "unchanged", "refused"), 0) for roster_id in roster_ids}
    for roster_id, state, count in connection.execute(query.group_by(c.roster_id, c.state)):
        result[roster_id][state] = count
    return result


def _roster_summary(row: Any, counts: dict[str, int]) -> dict[str, Any]:
    total = sum(counts.values())
    return {
        "import_id": row.roster_id, "actor": row.actor, "started_at": row.at, "finished_at": row.at,
        "undone_at": row.undone_at, "late_entry": "", "source": "", "unit_id": row.unit_id,
        "files": [row.file], "kinds": ["roster"],
        "total": total, "rows": total, "state": "finished", **counts,
    }  # fmt: skip


def settled_lines(connection: Connection, roster_id: str) -> dict[str, str]:
    """The outcome of each confirmed line."""
    query = sa.select(roster_lines.c.row, roster_lines.c.state).where(roster_lines.c.roster_id == roster_id)
    return {row.row: row.state for row in connection.execute(query)}


def settled_among(connection: Connection, roster_id: str, keys: Sequence[str]) -> dict[str, str]:
    """The outcome of those of these lines that were accepted or unchanged."""
    c = roster_lines.c
    query = sa.select(c.row, c.state).where(c.roster_id == roster_id, c.row.in_(keys), c.state != "refused")
    return {row.row: row.state for row in connection.execute(query)}


def outcomes_among(connection: Connection, roster_id: str, keys: Sequence[str]) -> dict[str, str]:
    """The outcome of those of these lines that were confirmed."""
    c = roster_lines.c
    query = sa.select(c.row, c.state).where(c.roster_id == roster_id, c.row.in_(keys))
    return {row.row: row.state for row in connection.execute(query)}


def is_undone(connection: Connection, roster_id: str) -> bool:
    applied = applied_roster(connection, roster_id)
    return applied is not None and bool(applied.undone_at)


def count_outcomes(connection: Connection, roster_id: str) -> dict[str, int]:
    return _counts(connection, [roster_id])[roster_id]


def outcomes_of(connection: Connection, roster_id: str, after: str, limit: int) -> list[dict[str, str]]:
    """Confirmed lines after the key `after`, ordered by key."""
    lines = roster_lines.c
    query = sa.select(roster_lines).where(lines.roster_id == roster_id, lines.row > after)
    return [{"line": row.row, "choice": row.choice, "outcome": row.state, "column": row.field, "code": row.code}
            for row in connection.execute(query.order_by(lines.row).limit(limit))]  # fmt: skip
