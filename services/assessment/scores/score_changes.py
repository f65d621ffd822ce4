"""Whose facts changed since the log and the inbox were at some positions, so that only these are read and added anew.

Where the events since do not tell that, everything may have changed."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.prepared_query import column_in
from chassis.store.row_moment import Positions
from chassis.store.row_statements import row_id_names
from chassis.store.schema import events, inbox
from services.assessment.findings.projections import findings
from services.assessment.scores.projections import records
from services.assessment.sheets.projections import sheets
from services.assessment.tables import exemptions, registry

MOST_EVENTS = 10_000
"""With more than that since the last time, calculating everything costs no more."""

_NAMES_ITS_SUBJECT = {
    "participation.record_submitted",
    "participation.membership_started",
    "participation.membership_ended",
    "participation.membership_corrected",
    "participation.exemption_granted",
    "participation.finding_reported",
    "participation.sheet_reported",
}
"""Events that name their unit, their person or both."""
_NAMES_ITS_ROW = {
    "participation.record_withdrawn": "record_id",
    "participation.record_corrected": "record_id",
    "participation.exemption_corrected": "exemption_id",
    "participation.rectification_reported": "finding_id",
    "participation.finding_corrected": "finding_id",
    "participation.sheet_corrected": "sheet_id",
}
"""Events on a row: they concern every unit and person that it was of, in whichever version."""
_WITHOUT_EFFECT = {
    "participation.unit_related",
    "participation.person_erased",
    "participation.decision_signed",
    "participation.decision_corrected",
    "participation.post_assigned",
    "participation.post_corrected",
    "assessment.window_frozen",
    "assessment.rows_admitted",
}
"""Events that change no score; what decisions change, ranks and bands, is asked anew every time."""


@dataclass(frozen=True)
class ChangedFacts:
    """The units whose own facts may have changed, and the people whose may, with all units that they ever served in."""

    units: frozenset[str]
    people: dict[str, frozenset[str]]


def changed_facts(
    connection: Connection, since: Positions, now: Positions, person_kinds: Collection[str]
) -> ChangedFacts | None:
    """Whose facts may have changed in between; None where everybody's may.  A record of `person_kinds` is no unit's."""
    if since.keys() != now.keys() or any(since[key][0] != now[key][0] for key in now):
        return None
    changes = _Changes(person_kinds)
    for key, (_, after) in since.items():
        if now[key][1] != after and not _collect(connection, key, after, changes):
            return None
    _add_subjects_of_rows(connection, changes)
    return ChangedFacts(frozenset(changes.units - {""}), _served(connection, changes.people - {""}))


@dataclass
class _Changes:
    person_kinds: Collection[str]
    units: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    rows: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By the name of their id."""

    def add(self, unit_id: str, person_id: str, record_kind: str) -> None:
        self.people.add(person_id)
        if record_kind not in self.person_kinds:
            self.units.add(unit_id)


def _collect(connection: Connection, key: str, after: int, changes: _Changes) -> bool:
    """Notes what came there since; False where it does not tell whom it concerns."""
    source, _, partition = key.rpartition("/")
    table = events if source == "own" else inbox
    query = sa.select(table.c.type, table.c.data).where(table.c.partition == int(partition), table.c.position > after)
    if table is inbox:
        query = query.where(inbox.c.source == source)
    page = connection.execute(query.limit(MOST_EVENTS + 1)).all()
    return len(page) <= MOST_EVENTS and all(
        _note_change(kind.rpartition(".v")[0], data, changes) for kind, data in page
    )


def _note_change(kind: str, text: str, changes: _Changes) -> bool:
    if kind in _NAMES_ITS_SUBJECT:
        data = json.loads(text)
        changes.add(data["unit_id"], data.get("person_id", ""), data.get("kind", ""))
    elif kind in _NAMES_ITS_ROW:
        row_id = _NAMES_ITS_ROW[kind]
        changes.rows[row_id].add(json.loads(text)[row_id])
    else:  # a campaign, a unit, an event that an operator released out of its order
        return kind in _WITHOUT_EFFECT
    return True


def _add_subjects_of_rows(connection: Connection, changes: _Changes) -> None:
    for table in (records, findings, sheets, exemptions):
        (row_id,) = row_id_names(table)
        for row in _select_by_id(connection, table.c[row_id], changes.rows[row_id], table):
            changes.add(row.unit_id, getattr(row, "person_id", ""), getattr(row, "kind", ""))


def _served(connection: Connection, people: set[str]) -> dict[str, frozenset[str]]:
    member, units = registry.memberships.c, {person_id: set[str]() for person_id in people}
    for row in _select_by_id(connection, member.person_id, people, member.person_id, member.unit_id):
        units[row.person_id].add(row.unit_id)
    return {person_id: frozenset(served) for person_id, served in units.items()}


def _select_by_id(connection: Connection, column: Any, names: set[str], *wanted: Any) -> Iterable[Any]:
    if not names:
        return ()
    chosen = column_in(column, sorted(names - {""}), connection.dialect.name == "postgresql")
    return connection.execute(sa.select(*wanted).where(chosen))
