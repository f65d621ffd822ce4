"""Reads the facts that obligations follow from, one subject at a time, and who supervises whom."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from chassis.store.database import Store
from chassis.store.grouped_rows import GroupedRows
from duties.campaign import Campaign
from duties.days import Day
from duties.subjects import Exemption, Membership, Record
from services.notifications.obligations.domain import (
    PUBLIC_ARTICLE,
    PUBLIC_VIDEO,
    Finding,
    ReturnedSubmission,
    SheetRow,
)
from services.notifications.obligations.projections import campaign_launches, findings, records, sheets
from services.notifications.obligations.return_projections import returns
from services.notifications.rules.escalation import EscalationPath, Unit, supervisor_of
from services.notifications.tables import exemptions, registry
from services.registry import queries as registry_queries
from services.registry.versions import facts_known, of_campaign

SUPERVISION_OFFICE = "supervision_office"


def campaign_in_force(connection: Connection) -> Campaign | None:
    """The campaign launched last; None before the first launch."""
    return registry_queries.campaign_in_force(connection, registry)


def launched_at(connection: Connection) -> int:
    """The instant of the launch in microseconds since 1970; 0 before it."""
    return int(connection.execute(sa.select(sa.func.max(campaign_launches.c.launched_at))).scalar() or 0)


def units(connection: Connection, day: Day) -> list[Unit]:
    """All units ordered by id, with the office that supervises each on the day."""
    liaisons = registry_queries.liaisons_on(connection, registry, day)
    query = sa.select(registry.units).where(facts_known(registry.units, None)).order_by(registry.units.c.unit_id)
    return [Unit(row.unit_id, row.name, row.kind, liaisons.get(row.unit_id, ""), row.opened_on, row.closed_on or None,
                 registry_queries.tags_of(row.tags)) for row in connection.execute(query)]  # fmt: skip


def escalation_paths(known: Sequence[Unit], day: Day) -> dict[str, EscalationPath]:
    """The escalation path of every unit in service on the day."""
    in_service = [unit for unit in known if unit.in_service(day)]
    ids = {unit.unit_id for unit in in_service}
    office = _supervision_office(in_service)
    supervisors = {unit.unit_id: supervisor_of(unit, office) for unit in in_service}
    return {unit_id: EscalationPath(unit_id, above if above in ids else "") for unit_id, above in supervisors.items()}


def supervisor_of_unit(connection: Connection, unit_id: str, day: Day) -> str | None:
    """The unit that supervises a unit on the day; empty: the campaign office; None: no such unit."""
    known = {unit.unit_id: unit for unit in units(connection, day)}
    return supervisor_of(known[unit_id], _supervision_office(known.values())) if unit_id in known else None


def _supervision_office(known: Iterable[Unit]) -> str:
    return next((unit.unit_id for unit in known if SUPERVISION_OFFICE in unit.tags), "")


class PersonFacts(NamedTuple):
    """The facts of one person."""

    person_id: str
    memberships: list[Membership]
    records: list[Record]
    exemptions: list[Exemption]
    returned: list[ReturnedSubmission]


class UnitFacts(NamedTuple):
    """The facts of one unit."""

    unit_id: str
    records: list[Record]
    exemptions: list[Exemption]
    findings: list[Finding]
    sheet_rows: list[SheetRow]
    returned: list[ReturnedSubmission]


class SubjectFilter:
    """Which subjects to read: all, or those with these ids; and the campaign whose facts are wanted."""

    def __init__(self, store: Store, campaign: str, ids: Sequence[str] | None = None) -> None:
        self._store, self.campaign, self._ids = store, campaign, ids

    def apply(self, query: sa.Select[Any], column: Any) -> sa.Select[Any]:
        return query if self._ids is None else query.where(self._store.column_in(column, self._ids))


def facts_of_people(
    connection: Connection, subjects: SubjectFilter, kinds: Collection[str] | None = None
) -> Iterator[PersonFacts]:
    """Every selected person with a membership, ordered by id, with records of these kinds (or all).  Lists are ordered
    by id, so that the same rows give the same digests."""

    def grouped(query: sa.Select[Any], person_id: Any) -> GroupedRows:
        return GroupedRows(connection, subjects.apply(query, person_id), person_id)

    member, record, exempt = registry.memberships.c, records.c, exemptions.c
    done = grouped(_records(subjects, kinds).where(record.person_id != ""), record.person_id)
    exempted = grouped(_exemptions(subjects).where(exempt.person_id != "", exempt.unit_id == ""), exempt.person_id)
    returned = grouped(_open_returns().where(returns.c.person_id != ""), returns.c.person_id)
    for person_id, rows in grouped(_memberships(), member.person_id):
        yield PersonFacts(
            person_id,
            [Membership(row.unit_id, row.role, row.since, row.until or None) for row in rows],
            [_record(row) for row in done.of(person_id)],
            [Exemption(row.duty, row.period) for row in exempted.of(person_id)],
            sorted(_returned_submission(row) for row in returned.of(person_id)),
        )


def facts_of_units(
    connection: Connection, unit_ids: Sequence[str], subjects: SubjectFilter, kinds: Collection[str] | None = None
) -> Iterator[UnitFacts]:
    """These units, ordered by id, with their facts; only what names no person is the unit's own."""

    def grouped(query: sa.Select[Any], unit_id: Any) -> GroupedRows:
        return GroupedRows(connection, subjects.apply(query, unit_id), unit_id)

    # a unit's duty counts any record of its kind that names the unit, so persons' records are read too (scoring.md 3)
    done = grouped(_records(subjects, kinds), records.c.unit_id)
    exempted = grouped(_exemptions(subjects).where(exemptions.c.person_id == ""), exemptions.c.unit_id)
    raised = grouped(_valid(findings, subjects), findings.c.unit_id)
    scored = grouped(_valid(sheets, subjects), sheets.c.unit_id)
    returned = grouped(_open_returns(), returns.c.unit_id)
    for unit_id in sorted(unit_ids):
        yield UnitFacts(
            unit_id,
            [_record(row) for row in done.of(unit_id)],
            [Exemption(row.duty, row.period) for row in exempted.of(unit_id)],
            sorted(_finding(row) for row in raised.of(unit_id)),
            sorted(_sheet_row(row) for row in scored.of(unit_id)),
            sorted(_returned_submission(row) for row in returned.of(unit_id)),
        )


def members_of(connection: Connection, unit_ids: set[str]) -> set[str]:
    """Everybody who ever had a membership in these units."""
    member = registry.memberships.c
    query = sa.select(member.person_id).where(member.unit_id.in_(unit_ids), facts_known(registry.memberships, None))
    return set(connection.execute(query).scalars()) if unit_ids else set()


def still_returned(connection: Connection, unit_ids: Sequence[str]) -> list[ReturnedSubmission]:
    """What was returned to these units and not submitted again."""
    query = _open_returns().where(returns.c.unit_id.in_([*unit_ids, ""]))  # reviews have no unit
    return [_returned_submission(row) for row in connection.execute(query)]


def returned_by_id(connection: Connection) -> dict[tuple[str, str], tuple[str, ReturnedSubmission]]:
    """What was returned and not submitted again: unit and submission, by subject and id."""
    rows = connection.execute(_open_returns())
    return {(row.subject, row.subject_id): (row.unit_id, _returned_submission(row)) for row in rows}


def _valid(table: Table, subjects: SubjectFilter) -> sa.Select[Any]:
    return sa.select(table).where(table.c.voided == 0, of_campaign(table, subjects.campaign))


def _records(subjects: SubjectFilter, kinds: Collection[str] | None) -> sa.Select[Any]:
    query = _valid(records, subjects)
    return query if kinds is None else query.where(records.c.kind.in_(sorted(kinds)))


def _exemptions(subjects: SubjectFilter) -> sa.Select[Any]:
    return _valid(exemptions, subjects).where(facts_known(exemptions, None))


def _memberships() -> sa.Select[Any]:
    return sa.select(registry.memberships).where(facts_known(registry.memberships, None))


_drafted = returns.alias()
_is_video = (
    sa.exists().where(_drafted.c.subject == "video", _drafted.c.subject_id == returns.c.subject_id).label("is_video")
)
"""A video is read like an article; its row tells the two apart."""


def _open_returns() -> sa.Select[Any]:
    return sa.select(returns, _is_video).where(returns.c.day != 0, returns.c.held == 0)


def _record(row: Any) -> Record:
    return Record(
        row.record_id, row.kind, row.unit_id, row.person_id, row.day, row.done_at, row.period, row.content,
        bool(row.evidence),
    )  # fmt: skip


def _finding(row: Any) -> Finding:
    return Finding(row.finding_id, row.found_on, row.deadline or None, row.rectified_on or None, row.learnt_at,
                   row.assessor_id, row.stage, row.stage_on, row.stage_at)  # fmt: skip


def _sheet_row(row: Any) -> SheetRow:
    return SheetRow(row.sheet_id, row.period, row.item, Fraction(row.points), row.assessed_on, row.learnt_at)


def _returned_submission(row: Any) -> ReturnedSubmission:
    subject = PUBLIC_VIDEO if row.subject == PUBLIC_ARTICLE and row.is_video else row.subject
    return ReturnedSubmission(subject, row.subject_id, row.person_id, row.returned_by, row.day, row.learnt_at)
