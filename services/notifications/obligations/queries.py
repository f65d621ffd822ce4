"""Rows -> answers of notifications: the facts that reminders are decided from, one subject at a time."""

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from duties.campaign import Campaign
from duties.days import Day, day_of
from duties.subjects import Exemption, Finding, Membership, Record, SheetRow
from duties.subjects import Unit as DutyUnit
from services.notifications import projections_of_own_events, projections
from services.notifications.domain.items import ReturnedSubmission
from services.notifications.domain.line import EscalationPath, Unit, supervisor_of
from services.notifications.domain.working_days import WorkingDays
from services.notifications.returned_projections import returns

_PAGE = 2000


def campaign(connection: Connection) -> Campaign | None:
    row = connection.execute(sa.select(projections.campaigns)).one_or_none()
    return None if row is None else Campaign.from_data(json.loads(row.document))


def launched_at(connection: Connection) -> int:
    """When the campaign was launched; 0 where the rows were made before that was kept."""
    return int(connection.execute(sa.select(sa.func.max(projections.launches.c.launched_at))).scalar() or 0)


def working_days(connection: Connection) -> WorkingDays:
    """The calendar in force: what was set by hand over what was imported."""
    kinds: dict[Day, bool] = {}
    years = set()
    for row in connection.execute(sa.select(projections_of_own_events.calendar_years)):
        years.add(row.year)
        kinds.update((day_of(day), kind == "work") for day, kind, _ in json.loads(row.days))
    for row in connection.execute(
        sa.select(projections_of_own_events.calendar_days).where(projections_of_own_events.calendar_days.c.kind != "usual")
    ):
        kinds[row.day] = row.kind == "work"
    return WorkingDays(kinds, frozenset(years))


def units(connection: Connection) -> list[Unit]:
    result = connection.execute(sa.select(projections.units).order_by(projections.units.c.unit_id))
    return [Unit(r.unit_id, r.name, r.kind, r.liaison_id, r.opened, r.closed or None,
                 frozenset(filter(None, r.tags.split(";")))) for r in result]  # fmt: skip


def duty_unit(unit: Unit) -> DutyUnit:
    """The unit as the engine of duties takes it."""
    return DutyUnit(unit.unit_id, unit.kind, unit.opened_on, unit.closed_on, unit.tags)


def lines(known: Sequence[Unit], day: Day) -> dict[str, EscalationPath]:
    """The line above every unit that is in service on the day."""
    serving = [unit for unit in known if unit.in_service(day)]
    ids = {unit.unit_id for unit in serving}
    office = next((unit.unit_id for unit in serving if "supervision_office" in unit.tags), "")
    above = {unit.unit_id: supervisor_of(unit, office) for unit in serving}
    return {unit_id: EscalationPath(unit_id, name if name in ids else "") for unit_id, name in above.items()}


def notified_since(connection: Connection, day: Day) -> Iterator[tuple[str, str]]:
    """(recipient, item) of everything that was told on or after the day."""
    query = sa.select(projections_of_own_events.told.c.recipient, projections_of_own_events.told.c.item).where(
        projections_of_own_events.told.c.day >= day
    )
    for row in connection.execution_options(yield_per=_PAGE).execute(query):
        yield row.recipient, row.item


class PersonFile(NamedTuple):
    """Everything of one person that is asked for."""

    person_id: str
    memberships: list[Membership]
    records: list[Record]
    exemptions: list[Exemption]
    returned: list[ReturnedSubmission]


class UnitFile(NamedTuple):
    """Everything of one unit that is asked for."""

    unit_id: str
    records: list[Record]
    exemptions: list[Exemption]
    findings: list[Finding]
    sheet_rows: list[SheetRow]
    returned: list[ReturnedSubmission]


class SubjectFilter:
    """Which subjects are read: all, or those of these ids."""

    def __init__(self, store: Store, ids: Sequence[str] | None = None) -> None:
        self._store, self._ids = store, ids

    def of(self, query: sa.Select[Any], column: Any) -> sa.Select[Any]:
        return query if self._ids is None else query.where(self._store.any_of(column, self._ids))


def people(connection: Connection, subjects: SubjectFilter) -> Iterator[PersonFile]:
    """Every chosen person with a membership, in the order of their ids."""
    member, record, exempt, back = projections.memberships.c, projections.records.c, projections.exemptions.c, returns.c
    done = subjects.of(
        sa.select(projections.records).where(record.person_id != "", record.withdrawn == 0), record.person_id
    )
    freed = sa.select(projections.exemptions).where(exempt.person_id != "", exempt.unit_id == "")
    records = _grouped(connection, done, record.person_id)
    exempted = _grouped(connection, subjects.of(freed, exempt.person_id), exempt.person_id)
    returned = _grouped(connection, subjects.of(_open_returns().where(back.person_id != ""), back.person_id),
                        back.person_id)  # fmt: skip
    served = subjects.of(sa.select(projections.memberships), member.person_id)
    for person_id, result in _grouped(connection, served, member.person_id):
        memberships = [Membership(r.unit_id, r.role, r.since, r.until or None) for r in result]
        mine = [_record(r) for r in _of(records, person_id)]
        free = [Exemption(r.duty, r.period) for r in _of(exempted, person_id)]
        yield PersonFile(person_id, memberships, mine, free, [_returned(r) for r in _of(returned, person_id)])


def unit_files(connection: Connection, unit_ids: Sequence[str], subjects: SubjectFilter) -> Iterator[UnitFile]:
    """These units (in the order of their ids) with what is theirs; only what names no person is the unit's own."""
    record, exempt = projections.records.c, projections.exemptions.c
    # a unit duty counts any record of its kind that names the unit, so persons' are read too (scoring.md 3)
    done = subjects.of(sa.select(projections.records).where(record.withdrawn == 0), record.unit_id)
    freed = subjects.of(sa.select(projections.exemptions).where(exempt.person_id == ""), exempt.unit_id)
    records = _grouped(connection, done, record.unit_id)
    exempted = _grouped(connection, freed, exempt.unit_id)
    raised = subjects.of(sa.select(projections.findings), projections.findings.c.unit_id)
    scored = subjects.of(sa.select(projections.sheets), projections.sheets.c.unit_id)
    findings = _grouped(connection, raised, projections.findings.c.unit_id)
    sheets = _grouped(connection, scored, projections.sheets.c.unit_id)
    returned = _grouped(connection, subjects.of(_open_returns(), returns.c.unit_id), returns.c.unit_id)
    for unit_id in sorted(unit_ids):
        yield UnitFile(
            unit_id,
            [_record(r) for r in _of(records, unit_id)],
            [Exemption(r.duty, r.period) for r in _of(exempted, unit_id)],
            [Finding(r.finding_id, r.found_on, Fraction(0), r.deadline or None, r.rectified_on or None, r.learnt_at)
             for r in _of(findings, unit_id)],
            [SheetRow(r.sheet_id, r.period, r.item, Fraction(r.points), r.assessed_on, r.learnt_at)
             for r in _of(sheets, unit_id)],
            [_returned(r) for r in _of(returned, unit_id)],
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


def _of(groups: _Groups, name: str) -> list[Any]:
    """The group of that key; those before it belong to nobody and are passed over."""
    while groups.ahead is not None and groups.ahead[0] < name:
        next(groups)
    if groups.ahead is not None and groups.ahead[0] == name:
        return next(groups)[1]
    return []


def _record(r: Any) -> Record:
    return Record(r.record_id, r.kind, r.unit_id, r.person_id, r.day, r.done_at, r.period, r.content, bool(r.evidence))


def _open_returns() -> sa.Select[Any]:
    return sa.select(returns).where(returns.c.day != 0)


def _returned(r: Any) -> ReturnedSubmission:
    return ReturnedSubmission(r.subject, r.subject_id, r.person_id, r.by, r.day, r.learnt_at)


def still_returned(connection: Connection, unit_ids: Sequence[str]) -> set[tuple[str, Day]]:
    """What of these units has gone back and is not here again: (`work W1`, day)."""
    query = _open_returns().where(returns.c.unit_id.in_(unit_ids))
    return {(f"{r.subject} {r.subject_id}", r.day) for r in connection.execute(query)}


def line_above(connection: Connection, unit_id: str) -> str | None:
    """Who stands over a unit; empty: the campaign office; None for an unknown unit."""
    known = {unit.unit_id: unit for unit in units(connection)}
    if unit_id not in known:
        return None
    office = next((unit.unit_id for unit in known.values() if "supervision_office" in unit.tags), "")
    return supervisor_of(known[unit_id], office)


def waiting_count(connection: Connection) -> int:
    """Digests that are not sent yet."""
    waiting = sa.select(sa.func.count()).where(projections_of_own_events.digests.c.phase != "ended")
    return int(connection.execute(waiting).scalar_one())
