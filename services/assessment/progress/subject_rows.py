"""Reads everything about one unit and its people, or about a few people, in one round trip, as plain tuples: the facts
that `FactsAsKnown` streams for a whole district (docs/decisions/0051)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from chassis.store.prepared_query import BoundQuery, PreparedQuery, QueryRunner, Rows, Select, any_named
from chassis.store.row_statements import EVER
from duties.schedule import Schedule
from duties.subjects import Exemption, Finding, Membership, Record, SheetRow, Unit
from services.assessment.findings.projections import findings
from services.assessment.scores.projections import records
from services.assessment.scores.queries import FactsAsKnown, PersonFacts, UnitFacts
from services.assessment.sheets.projections import sheets
from services.assessment.tables import exemptions, registry
from services.registry.queries import tags_of

NOW = EVER - 1
"""The instant that stands for "now": only versions without an end are in force then."""
RECORD_COLUMNS = ("record_id", "kind", "unit_id", "person_id", "day", "done_at", "period", "content")


class UnitAsKnown(NamedTuple):
    """A unit with its own facts, and everybody who ever served in it."""

    unit: Unit
    name: str
    own: UnitFacts
    people: list[PersonFacts]


def _known_facts_condition(table: Table, *conditions: Any) -> sa.ColumnElement[bool]:
    """The condition for facts known at the instant `known_at`, and of `campaign` for tables with facts per campaign."""
    at: Any = sa.bindparam("known_at", type_=sa.BigInteger)
    of_campaign = [table.c.campaign == sa.bindparam("campaign", type_=sa.Text)] if "campaign" in table.c else []
    return sa.and_(table.c.known_from <= at, table.c.known_until > at, table.c.voided == 0, *of_campaign, *conditions)


def _select(table: Table, names: Sequence[str], *conditions: Any, more: Sequence[Any] = ()) -> Select:
    return sa.select(*(table.c[name] for name in names), *more).where(_known_facts_condition(table, *conditions))


def _of_unit(table: Table, *names: str, without_person: bool = False) -> PreparedQuery:
    conditions = [table.c.unit_id == sa.bindparam("unit_id", type_=sa.Text)]
    if without_person:
        conditions.append(table.c.person_id == "")
    return PreparedQuery(lambda _: _select(table, names, *conditions))


def _records_query(postgresql: bool, whose: Any) -> Select:
    more = records.c.evidence != 0, records.c.reported_at, records.c.unit_reported_at
    return _select(records, RECORD_COLUMNS, whose, any_named(records.c.kind, "kinds", postgresql), more=more)


class _QueriesOfPeople:
    """Three queries for the people whose ids the condition `whose` selects."""

    def __init__(self, whose: Any) -> None:
        member, excused = registry.memberships, exemptions.c
        self.memberships = PreparedQuery(
            lambda postgresql: _select(member, ("person_id", "unit_id", "role", "since", "until"),
                                       whose(member.c.person_id, postgresql))
        )  # fmt: skip
        self.records = PreparedQuery(
            lambda postgresql: _records_query(
                postgresql, sa.and_(records.c.person_id != "", whose(records.c.person_id, postgresql))
            )
        )
        self.exemptions = PreparedQuery(
            lambda postgresql: _select(exemptions, ("person_id", "duty", "period"), excused.person_id != "",
                                       excused.unit_id == "", whose(excused.person_id, postgresql))
        )  # fmt: skip


def _members_of_unit(column: Any, _: bool) -> Any:
    """Memberships in any version: selecting more people than needed does no harm."""
    member = registry.memberships.c
    return column.in_(sa.select(member.person_id).where(member.unit_id == sa.bindparam("unit_id", type_=sa.Text)))


UNIT = _of_unit(registry.units, "unit_id", "kind", "opened_on", "closed_on", "tags", "name")
RECORDS_OF_UNIT = PreparedQuery(
    lambda postgresql: _records_query(postgresql, records.c.unit_id == sa.bindparam("unit_id", type_=sa.Text))
)
FINDINGS = _of_unit(findings, "finding_id", "found_on", "points", "deadline", "rectified_on")
SHEETS = _of_unit(sheets, "sheet_id", "period", "item", "points", "assessed_on")
EXEMPTIONS_OF_UNIT = _of_unit(exemptions, "duty", "period", without_person=True)
WHO_SERVED = _QueriesOfPeople(_members_of_unit)
NAMED = _QueriesOfPeople(lambda column, postgresql: any_named(column, "people", postgresql))


class SubjectRows:
    """Reads subjects as `facts` knows them; of their records only the kinds that `schedule` may count."""

    def __init__(self, connection: Connection, facts: FactsAsKnown, schedule: Schedule) -> None:
        self._facts, self._schedule = facts, schedule
        self._run = QueryRunner(connection)
        self._at = NOW if facts.known_at is None else facts.known_at
        self._fact: dict[str, str | int] = {"known_at": self._at, "campaign": facts.campaign.id}

    def unit(self, unit_id: str) -> UnitAsKnown | None:
        """The unit with its people; None if there is no such unit."""
        unit = UNIT(known_at=self._at, unit_id=unit_id)
        own_records = RECORDS_OF_UNIT(**self._fact, unit_id=unit_id, kinds=sorted(self._schedule.unit_calendars))
        of_unit = [query(**self._fact, unit_id=unit_id) for query in (EXEMPTIONS_OF_UNIT, FINDINGS, SHEETS)]
        of_people = self._of_people(WHO_SERVED, self._schedule.person_calendars, unit_id=unit_id)
        self._run.prefetch(unit, own_records, *of_unit, *of_people)
        if not (known := self._run(unit)):
            return None
        ((_, kind, opened_on, closed_on, tags, name),) = known
        exempted, finding_rows, sheet_rows = map(self._run, of_unit)
        own = UnitFacts(
            unit_id,
            self._records(self._run(own_records)),
            [Exemption(*row) for row in exempted],
            [Finding(finding_id, day, Fraction(points), deadline or None, rectified_on or None)
             for finding_id, day, points, deadline, rectified_on in finding_rows],
            [SheetRow(sheet_id, period, item, Fraction(points), day)
             for sheet_id, period, item, points, day in sheet_rows],
        )  # fmt: skip
        of_this_id = Unit(unit_id, kind, opened_on, closed_on or None, tags_of(tags))
        return UnitAsKnown(of_this_id, name, own, self._people(*of_people))

    def people(self, person_ids: Iterable[str]) -> list[PersonFacts]:
        """Those of these people who have a membership, ordered by id."""
        queries = self._of_people(NAMED, self._schedule.person_kinds, people=sorted(person_ids))
        self._run.prefetch(*queries)
        return self._people(*queries)

    def _of_people(
        self, queries: _QueriesOfPeople, kinds: Iterable[str], **whose: Any
    ) -> tuple[BoundQuery, BoundQuery, BoundQuery]:
        return (
            queries.memberships(known_at=self._at, **whose),
            queries.records(**self._fact, **whose, kinds=sorted(kinds)),
            queries.exemptions(**self._fact, **whose),
        )

    def _people(self, memberships: BoundQuery, of_people: BoundQuery, exempted: BoundQuery) -> list[PersonFacts]:
        deeds, excused = defaultdict[str, list[Record]](list), defaultdict[str, list[Exemption]](list)
        served = defaultdict[str, list[Membership]](list)
        for record in self._records(self._run(of_people)):
            deeds[record.person_id].append(record)
        for person_id, duty, period in self._run(exempted):
            excused[person_id].append(Exemption(duty, period))
        for person_id, unit_id, role, since, until in self._run(memberships):
            served[person_id].append(Membership(unit_id, role, since, until or None))
        return [PersonFacts(name, served[name], deeds.get(name, []), excused.get(name, [])) for name in sorted(served)]

    def _records(self, rows: Rows) -> list[Record]:
        if not self._facts.asks_report_day:
            return [Record._make((*row[:-2], None)) for row in rows]
        reported_on = self._facts.reported_on
        return [Record._make((*row[:-2], reported_on(row[1], *row[-2:]))) for row in rows]
