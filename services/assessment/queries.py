"""Rows -> answers of assessment: the facts of a reckoning, one subject at a time, never all at once."""

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.prepared_query import any_of
from duties.campaign import Campaign
from duties.subjects import Exemption, Finding, Membership, Record, SheetRow, Unit
from services.assessment import projections

_PAGE = 2000


def campaign(connection: Connection) -> Campaign | None:
    row = connection.execute(sa.select(projections.campaigns)).one_or_none()
    return None if row is None else Campaign.from_data(json.loads(row.document))


def names(connection: Connection) -> dict[str, tuple[str, str]]:
    """(name, kind) of every unit."""
    result = connection.execute(
        sa.select(projections.units.c.unit_id, projections.units.c.name, projections.units.c.kind)
    )
    return {unit_id: (name, kind) for unit_id, name, kind in result}


def units(connection: Connection) -> list[Unit]:
    result = connection.execute(sa.select(projections.units).order_by(projections.units.c.unit_id))
    return [Unit(r.unit_id, r.kind, r.opened, r.closed or None, frozenset(filter(None, r.tags.split(";"))))
            for r in result]  # fmt: skip


class PersonFile(NamedTuple):
    """Everything of one person that a reckoning asks for."""

    person_id: str
    memberships: list[Membership]
    records: list[Record]
    exemptions: list[Exemption]


class UnitFile(NamedTuple):
    """Everything of one unit that a reckoning asks for."""

    unit_id: str
    records: list[Record]
    exemptions: list[Exemption]
    findings: list[Finding]
    sheet_rows: list[SheetRow]


def people(connection: Connection, unit_ids: Sequence[str] | None = None) -> Iterator[PersonFile]:
    """Every person with a membership, ever, in one of these units (None: in any), in the order of their ids."""
    member, record, exempt = projections.memberships.c, projections.records.c, projections.exemptions.c

    def mine(column: Any) -> Any:
        if unit_ids is None:
            return sa.true()
        return column.in_(sa.select(member.person_id).where(_among(connection, member.unit_id, unit_ids)))

    records = _grouped(connection, sa.select(projections.records).where(record.person_id != "", mine(record.person_id)),
                       record.person_id)  # fmt: skip
    exempted = _grouped(connection, sa.select(projections.exemptions).where(
        exempt.person_id != "", exempt.unit_id == "", mine(exempt.person_id)), exempt.person_id)  # fmt: skip
    joined = sa.select(projections.memberships).where(mine(member.person_id))
    for person_id, result in _grouped(connection, joined, member.person_id):
        memberships = [Membership(r.unit_id, r.role, r.since, r.until or None) for r in result]
        done = [_record(r) for r in _of(records, person_id)]
        yield PersonFile(person_id, memberships, done, [Exemption(r.duty, r.period) for r in _of(exempted, person_id)])


def unit_files(connection: Connection, unit_ids: Sequence[str], every: bool = True) -> Iterator[UnitFile]:
    """These units (in the order of their ids) with what is theirs.  `every`: they are all there are, or nearly."""

    def theirs(table: sa.Table, *more: Any) -> "_Groups":
        chosen = [] if every else [_among(connection, table.c.unit_id, unit_ids)]
        return _grouped(connection, sa.select(table).where(sa.true(), *chosen, *more), table.c.unit_id)

    records, findings, sheets = theirs(projections.records), theirs(projections.findings), theirs(projections.sheets)
    exempted = theirs(projections.exemptions, projections.exemptions.c.person_id == "")
    for unit_id in sorted(unit_ids):
        yield UnitFile(
            unit_id,
            [_record(r) for r in _of(records, unit_id)],
            [Exemption(r.duty, r.period) for r in _of(exempted, unit_id)],
            [_finding(r) for r in _of(findings, unit_id)],
            [SheetRow(r.sheet_id, r.period, r.item, Fraction(r.points), r.assessed_on, r.recorded_at)
             for r in _of(sheets, unit_id)],
        )  # fmt: skip


class _Groups(Iterator[tuple[str, list[Any]]]):
    """Groups in the order of their keys; one is looked at ahead."""

    def __init__(self, groups: Iterator[tuple[str, list[Any]]]) -> None:
        self._groups = groups
        self.ahead = next(groups, None)

    def __next__(self) -> tuple[str, list[Any]]:
        if self.ahead is None:
            raise StopIteration
        result, self.ahead = self.ahead, next(self._groups, None)
        return result


def _grouped(connection: Connection, query: sa.Select[Any], key: Any) -> _Groups:
    result = connection.execution_options(yield_per=_PAGE).execute(query.order_by(key))
    return _Groups((name, list(group)) for name, group in groupby(result, key=attrgetter(key.name)))


def _among(connection: Connection, column: Any, names: Sequence[str]) -> Any:
    return any_of(column, names, connection.dialect.name == "postgresql")


def _of(groups: _Groups, name: str) -> list[Any]:
    """The group of that key; those before it belong to nobody and are passed over."""
    while groups.ahead is not None and groups.ahead[0] < name:
        next(groups)
    if groups.ahead is not None and groups.ahead[0] == name:
        return next(groups)[1]
    return []


def _record(r: Any) -> Record:
    return Record(r.record_id, r.kind, r.unit_id, r.person_id, r.day, r.done_at, r.period, r.content, bool(r.evidence),
                  r.recorded_at, r.withdrawal_recorded_at or None)  # fmt: skip


def _finding(r: Any) -> Finding:
    return Finding(r.finding_id, r.found_on, Fraction(r.points), r.deadline or None, r.rectified_on or None,
                   r.recorded_at, r.rectification_recorded_at or None)  # fmt: skip
