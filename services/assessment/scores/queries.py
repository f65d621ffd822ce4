"""Reads the facts that the scores of one campaign are calculated from, as known now or at an instant, one subject at a
time."""

import functools
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import tzinfo
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from chassis.store.grouped_rows import GroupedRows, ReplacedRows
from chassis.store.prepared_query import column_in
from duties.campaign import Campaign
from duties.days import Day, Instant, local_day
from duties.subjects import Decision, Exemption, Finding, Membership, Record, SheetRow, Unit
from services.assessment.decisions.projections import decisions as decision_table
from services.assessment.findings.projections import findings as finding_table
from services.assessment.scores.projections import records as record_table
from services.assessment.sheets.projections import sheets as sheet_table
from services.assessment.tables import exemptions, registry
from services.registry import queries as registry_queries
from services.registry.versions import facts_known, of_campaign

UNREAD = ("campaign", "position", "known_from", "known_until", "voided", "changed", "correction_id")
"""Columns used in conditions only: leaving them out saves a third of a record's data."""


class PersonFacts(NamedTuple):
    """All facts of one person that scores are calculated from."""

    person_id: str
    memberships: list[Membership]
    records: list[Record]
    exemptions: list[Exemption]


class UnitFacts(NamedTuple):
    """All facts of one unit that scores are calculated from."""

    unit_id: str
    records: list[Record]
    exemptions: list[Exemption]
    findings: list[Finding]
    sheet_rows: list[SheetRow]


class NoCampaign(LookupError):
    """No such campaign was launched by that instant."""


class FactsAsKnown:
    """The facts of one campaign (None: the one launched last) as known at an instant (None: now).

    Units and memberships are shared by all campaigns; records, exemptions, findings and sheets are those accepted under
    this campaign's rules.  `admitted`: by table, the rows replaced because of an admission.  Raises NoCampaign."""

    def __init__(
        self,
        connection: Connection,
        campaign_id: str | None = None,
        known_at: Instant | None = None,
        admitted: Mapping[str, ReplacedRows] = MappingProxyType({}),
    ) -> None:
        self._connection, self.known_at = connection, known_at
        self._admitted = admitted
        if campaign_id is None:
            campaign = registry_queries.campaign_in_force(connection, registry, known_at)
        else:
            campaign = registry_queries.campaign_as_known(connection, registry, campaign_id, known_at)
        if campaign is None:
            raise NoCampaign(campaign_id or "no campaign")
        self._take_rules(campaign)

    def _take_rules(self, campaign: Campaign) -> None:
        self.campaign: Campaign = campaign
        self.asks_report_day = any(duty.report_days is not None for duty in campaign.duties)
        of_units = {duty.record for duty in campaign.duties if not duty.of_persons}
        self._of_units = record_table.c.kind.in_(sorted(of_units))
        self._of_persons = record_table.c.kind.in_(sorted(campaign.record_kinds - of_units | campaign.point_kinds))

    def units(self, unit_ids: Sequence[str] | None = None) -> list[Unit]:
        """All units, or these, ordered by id."""
        known = registry_queries.units(self._connection, registry, self.known_at, unit_ids)
        if (replaced := self._admitted.get(registry.units.name)) is None:
            return known
        rows = [row for row in replaced.rows if unit_ids is None or row.unit_id in unit_ids]
        others = [*replaced.others(known), *map(registry_queries.unit_of, rows)]
        return sorted(others, key=lambda unit: unit.unit_id)

    def unit_names(self, unit_ids: Sequence[str] | None = None) -> dict[str, str]:
        """The names of all units, or of these."""
        names = registry_queries.unit_names(self._connection, registry, self.known_at, unit_ids)
        replaced = self._admitted.get(registry.units.name)
        rows = [row for row in replaced.rows if unit_ids is None or row.unit_id in unit_ids] if replaced else []
        return names | {row.unit_id: row.name for row in rows}

    def person_facts(
        self, unit_ids: Sequence[str] | None = None, person_ids: Sequence[str] | None = None
    ) -> Iterator[PersonFacts]:
        """Every person with a membership, ordered by id; optionally only those who ever served in one of these units,
        or only these persons."""

        def rows_by_person(table: Table, *more: Any) -> GroupedRows:
            query = self._facts_query(table).where(*self._people(table.c.person_id, unit_ids, person_ids), *more)
            return self._group_rows(table, query, "person_id", person_ids)

        records = rows_by_person(record_table, record_table.c.person_id != "", self._of_persons)
        exempted = rows_by_person(exemptions, exemptions.c.person_id != "", exemptions.c.unit_id == "")
        for person_id, served in rows_by_person(registry.memberships):
            yield self.person_of_rows(person_id, served, records.of(person_id), exempted.of(person_id))

    def unit_facts(self, unit_ids: Sequence[str], every: bool = True, assessed: bool = True) -> Iterator[UnitFacts]:
        """These units, ordered by id, with their facts.  `every`: they are (nearly) all units, so that all rows are
        read; without `assessed` findings and sheets are left out, which no duty needs."""

        def rows_by_unit(table: Table, *more: Any) -> GroupedRows:
            chosen = [] if every else [self._column_in(table.c.unit_id, unit_ids)]
            query = self._facts_query(table).where(*chosen, *more)
            return self._group_rows(table, query, "unit_id", None if every else unit_ids)

        records = rows_by_unit(record_table, self._of_units)
        exempted = rows_by_unit(exemptions, exemptions.c.person_id == "")
        others = [rows_by_unit(table) for table in (finding_table, sheet_table)] if assessed else []
        for unit_id in sorted(unit_ids):
            findings, sheets = [rows.of(unit_id) for rows in others] or ((), ())
            yield self.unit_of_rows(unit_id, records.of(unit_id), exempted.of(unit_id), findings, sheets)

    def person_of_rows(
        self, person_id: str, served: Sequence[Any], records: Sequence[Any], exempted: Sequence[Any]
    ) -> PersonFacts:
        """The facts of a person from their rows."""
        return PersonFacts(
            person_id,
            [Membership(r.unit_id, r.role, r.since, r.until or None) for r in served],
            [self._record(r) for r in records],
            [Exemption(r.duty, r.period) for r in exempted],
        )

    def unit_of_rows(
        self,
        unit_id: str,
        records: Sequence[Any],
        exempted: Sequence[Any],
        findings: Sequence[Any],
        sheets: Sequence[Any],
    ) -> UnitFacts:
        """The facts of a unit from its rows."""
        return UnitFacts(
            unit_id,
            [self._record(r) for r in records],
            [Exemption(r.duty, r.period) for r in exempted],
            [_finding(r) for r in findings],
            [SheetRow(r.sheet_id, r.period, r.item, Fraction(r.points), r.assessed_on) for r in sheets],
        )

    def under(self, campaign: Campaign) -> "FactsAsKnown":
        """The same facts under other rules."""
        result = copy(self)
        result._take_rules(campaign)
        return result

    def _facts_query(self, table: Table) -> sa.Select[Any]:
        condition = facts_known(table, self.known_at)
        query = sa.select(*(column for column in table.c if column.name not in UNREAD)).where(condition)
        return query.where(of_campaign(table, self.campaign.id)) if "campaign" in table.c else query

    def _group_rows(
        self, table: Table, query: sa.Select[Any], key: str, among: Collection[str] | None = None
    ) -> GroupedRows:
        replaced = self._admitted.get(table.name)
        if replaced is not None and among is not None:
            rows = tuple(row for row in replaced.rows if getattr(row, key) in among)
            replaced = replace(replaced, rows=rows)
        return GroupedRows(self._connection, query, table.c[key], replaced)

    def _people(self, column: Any, unit_ids: Sequence[str] | None, person_ids: Sequence[str] | None) -> list[Any]:
        conditions = []
        if person_ids is not None:
            conditions.append(self._column_in(column, person_ids))
        if unit_ids is not None:  # memberships in any version: selecting more people than needed does no harm
            member = registry.memberships.c
            conditions.append(column.in_(sa.select(member.person_id).where(self._column_in(member.unit_id, unit_ids))))
        return conditions

    def _column_in(self, column: Any, names: Sequence[str]) -> Any:
        return column_in(column, names, self._connection.dialect.name == "postgresql")

    def decisions(self) -> list[Decision]:
        """All signed decisions on awards, ordered by id."""
        rows = self._group_rows(decision_table, self._facts_query(decision_table), "decision_id")
        return [Decision(r.decision_id, r.kind, r.year, r.unit_id, r.person_id) for _, same in rows for r in same]

    def _record(self, r: Any) -> Record:
        return Record(r.record_id, r.kind, r.unit_id, r.person_id, r.day, r.done_at, r.period, r.content,
                      bool(r.evidence), self._reported_on(r))  # fmt: skip

    def _reported_on(self, r: Any) -> Day | None:
        return self.reported_on(r.kind, r.reported_at, r.unit_reported_at) if self.asks_report_day else None

    def reported_on(self, kind: str, reported_at: Instant, unit_reported_at: Instant) -> Day | None:
        """The local day on which a record was reported (scoring.md 3, Reported in time); None if the rule does not
        apply."""
        at = reported_at if kind in self.campaign.person_kinds else unit_reported_at
        return _local_day(at, self.campaign.zone) if at else None


@functools.lru_cache(maxsize=4096)
def _local_day(at: Instant, zone: tzinfo) -> Day:
    """Cached: all records of a batch have the same instant."""
    return local_day(at, zone)


def _finding(r: Any) -> Finding:
    return Finding(r.finding_id, r.found_on, Fraction(r.points), r.deadline or None, r.rectified_on or None)
