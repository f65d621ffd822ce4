"""Rows -> the facts that scores are calculated from, one subject at a time, never all at once."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.grouped_rows import GroupedRows
from chassis.store.prepared_query import any_of
from duties.subjects import Exemption, Finding, Membership, Record, SheetRow
from services.assessment.findings.projections import findings as finding_table
from services.assessment.scores.projections import records as record_table
from services.assessment.sheets.projections import sheets as sheet_table
from services.assessment.tables import exemptions, registry


class PersonFacts(NamedTuple):
    """Everything of one person that scores are calculated from."""

    person_id: str
    memberships: list[Membership]
    records: list[Record]
    exemptions: list[Exemption]


class UnitFacts(NamedTuple):
    """Everything of one unit that scores are calculated from."""

    unit_id: str
    records: list[Record]
    exemptions: list[Exemption]
    findings: list[Finding]
    sheet_rows: list[SheetRow]


def person_facts(
    connection: Connection, unit_ids: Sequence[str] | None = None, known_at: int | None = None
) -> Iterator[PersonFacts]:
    """Every person with a membership, ever, in one of these units (None: in any), in the order of their ids."""
    member, record, exempt = registry.memberships.c, record_table.c, exemptions.c

    def mine(column: Any) -> Any:
        if unit_ids is None:
            return sa.true()
        return column.in_(sa.select(member.person_id).where(_among(connection, member.unit_id, unit_ids)))

    done = sa.select(record_table).where(record.person_id != "", mine(record.person_id))
    records = GroupedRows(connection, done, record.person_id)
    exempted = GroupedRows(connection, sa.select(exemptions).where(
        exempt.person_id != "", exempt.unit_id == "", mine(exempt.person_id)), exempt.person_id)  # fmt: skip
    joined = sa.select(registry.memberships).where(mine(member.person_id))
    for person_id, result in GroupedRows(connection, joined, member.person_id):
        memberships = [Membership(r.unit_id, r.role, r.since, r.until or None) for r in result]
        own = [_record(r) for r in records.of(person_id) if _is_known(r, known_at)]
        yield PersonFacts(person_id, memberships, own, [Exemption(r.duty, r.period) for r in exempted.of(person_id)])


def unit_facts(
    connection: Connection, unit_ids: Sequence[str], every: bool = True, known_at: int | None = None
) -> Iterator[UnitFacts]:
    """These units (in the order of their ids) with what is theirs.  `every`: they are all there are, or nearly."""

    def theirs(table: sa.Table, *more: Any) -> GroupedRows:
        chosen = [] if every else [_among(connection, table.c.unit_id, unit_ids)]
        return GroupedRows(connection, sa.select(table).where(sa.true(), *chosen, *more), table.c.unit_id)

    records, findings, sheets = theirs(record_table), theirs(finding_table), theirs(sheet_table)
    exempted = theirs(exemptions, exemptions.c.person_id == "")
    for unit_id in sorted(unit_ids):
        yield UnitFacts(
            unit_id,
            [_record(r) for r in records.of(unit_id) if _is_known(r, known_at)],
            [Exemption(r.duty, r.period) for r in exempted.of(unit_id)],
            [_finding(r, known_at) for r in findings.of(unit_id) if _is_recorded(r, known_at)],
            [SheetRow(r.sheet_id, r.period, r.item, Fraction(r.points), r.assessed_on)
             for r in sheets.of(unit_id) if _is_recorded(r, known_at)],
        )  # fmt: skip


def _among(connection: Connection, column: Any, names: Sequence[str]) -> Any:
    return any_of(column, names, connection.dialect.name == "postgresql")


def _record(r: Any) -> Record:
    return Record(r.record_id, r.kind, r.unit_id, r.person_id, r.day, r.done_at, r.period, r.content, bool(r.evidence))


def _is_recorded(r: Any, known_at: int | None) -> bool:
    return known_at is None or r.recorded_at <= known_at


def _is_known(r: Any, known_at: int | None) -> bool:
    """Whether the record is known at that instant (None: now) and not withdrawn as known then."""
    withdrawn = r.withdrawal_recorded_at
    return _is_recorded(r, known_at) and (not withdrawn or (known_at is not None and withdrawn > known_at))


def _finding(r: Any, known_at: int | None) -> Finding:
    learnt = known_at is None or (r.rectification_recorded_at or 0) <= known_at
    rectified_on = r.rectified_on if learnt else 0
    return Finding(r.finding_id, r.found_on, Fraction(r.points), r.deadline or None, rectified_on or None)
