"""Finds the subjects whose facts changed since given positions of log and inbox, so that only these are calculated
anew.

If an event does not tell whom it affects, everything may have changed."""

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
"""Above this number of events a complete calculation costs no more."""

_NAMES_ITS_SUBJECT = {
    "participation.record_submitted",
    "participation.membership_started",
    "participation.membership_ended",
    "participation.membership_corrected",
    "participation.exemption_granted",
    "participation.finding_reported",
    "participation.sheet_reported",
}
"""Events with a unit, a person or both."""
_NAMES_ITS_ROW = {
    "participation.record_withdrawn": "record_id",
    "participation.record_corrected": "record_id",
    "participation.exemption_corrected": "exemption_id",
    "participation.rectification_reported": "finding_id",
    "participation.finding_corrected": "finding_id",
    "participation.sheet_corrected": "sheet_id",
}
"""Events about a row: they affect every unit and person of any of its versions."""
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
"""Events that change no kept score.  Decisions change ranks and bands, which are calculated for every request."""


@dataclass(frozen=True)
class ChangedFacts:
    """The units whose own facts may have changed, and the people whose facts may have, each with all units they ever
    served in."""

    units: frozenset[str]
    people: dict[str, frozenset[str]]


def changed_facts(
    connection: Connection, since: Positions, now: Positions, person_kinds: Collection[str]
) -> ChangedFacts | None:
    """The facts that may have changed in between; None if everybody's may.  A record of `person_kinds` affects no
    unit's own facts."""
    if since.keys() != now.keys() or any(since[key][0] != now[key][0] for key in now):
        return None
    changes = _Changes(person_kinds)
    for key, (_, after) in since.items():
        if now[key][1] != after and not _collect(connection, key, after, changes):
            return None
    _add_subjects_of_rows(connection, changes)
    return ChangedFacts(frozenset(changes.units - {""}), _units_served(connection, changes.people - {""}))


@dataclass
class _Changes:
    person_kinds: Collection[str]
    units: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    rows: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Ids of changed rows, by the name of the id column."""

    def add(self, unit_id: str, person_id: str, record_kind: str) -> None:
        self.people.add(person_id)
        if record_kind not in self.person_kinds:
            self.units.add(unit_id)


def _collect(connection: Connection, key: str, after: int, changes: _Changes) -> bool:
    """Collect what the events of one partition affect; returns False if an event does not tell."""
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
    else:  # a campaign, a unit, or an event released from quarantine out of order
        return kind in _WITHOUT_EFFECT
    return True


def _add_subjects_of_rows(connection: Connection, changes: _Changes) -> None:
    for table in (records, findings, sheets, exemptions):
        (row_id,) = row_id_names(table)
        for row in _select_by_id(connection, table.c[row_id], changes.rows[row_id], table):
            changes.add(row.unit_id, getattr(row, "person_id", ""), getattr(row, "kind", ""))


def _units_served(connection: Connection, people: set[str]) -> dict[str, frozenset[str]]:
    member, units = registry.memberships.c, {person_id: set[str]() for person_id in people}
    for row in _select_by_id(connection, member.person_id, people, member.person_id, member.unit_id):
        units[row.person_id].add(row.unit_id)
    return {person_id: frozenset(served) for person_id, served in units.items()}


def _select_by_id(connection: Connection, column: Any, names: set[str], *wanted: Any) -> Iterable[Any]:
    if not names:
        return ()
    chosen = column_in(column, sorted(names - {""}), connection.dialect.name == "postgresql")
    return connection.execute(sa.select(*wanted).where(chosen))
