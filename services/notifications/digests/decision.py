"""Decides a day's digests in a process of its own: reads rows, writes one line of JSON per digest.

`python -m services.notifications.digests.decision`, with the request as JSON on stdin; writes nothing to the store."""

import json
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store, load_driver
from chassis.store.prepared_query import column_in
from duties.campaign import Campaign
from duties.days import Day, local_day
from duties.instances import person_contribution, unit_instances
from duties.outstanding import Outstanding, outstanding
from duties.schedule import DutyCalendar, DutyPeriod, Schedule
from duties.subjects import Membership
from duties.subjects import Unit as DutyUnit
from services.notifications.calendar.queries import working_days
from services.notifications.digests.domain.collector import Digest, DigestCollector
from services.notifications.digests.domain.notices import Notice, NoticeRules
from services.notifications.digests.projections import NOT_DELIVERED, digests, notified_items
from services.notifications.obligations import queries
from services.notifications.rules.escalation import Unit
from services.notifications.rules.reminder_stages import Stages
from services.notifications.tables import metadata

_PAGE = 2000


class DecisionRequest(TypedDict):
    """The day to decide, and the file to write the digests to, one per line: {recipient, unit_id, items}."""

    database_url: str
    day: int
    file: str


class DecisionResult(TypedDict):
    """The number of digests written, and the years that the calendar lacks."""

    digests: int
    unknown_years: Sequence[int]


class PersonNotices(NamedTuple):
    """The notices that follow from a person's facts, and the unit in which they serve on the day."""

    person_id: str
    unit_id: str
    notices: Iterator[Notice]


@dataclass
class DigestDecision:
    """The rules of one day: campaign, units, calendar, and a schedule of the periods that can matter on it."""

    connection: Connection
    store: Store
    campaign: Campaign
    day: Day

    def __post_init__(self) -> None:
        self.units = {unit.unit_id: unit for unit in queries.units(self.connection, self.day)}
        launched_on = local_day(queries.launched_at(self.connection), self.campaign.zone)
        self.stages = Stages(self.day, self.campaign.reminders, working_days(self.connection), launched_on)
        first, last = self.stages.reach
        self.schedule = Schedule(self.campaign, self.day, lambda item: first <= item.due <= last or item.joinable)
        person_periods = [period for period, _, _ in self.schedule.person_periods]
        self.period_positions = _positions([*self.schedule.unit_periods, *person_periods])
        self.kinds = {unit.unit_id: unit.kind for unit in self.units.values()}
        self.person_kinds = _kinds(self.schedule.person_calendars)
        self.unit_kinds = _kinds(self.schedule.unit_calendars)
        zone = self.campaign.zone
        paths = queries.escalation_paths(list(self.units.values()), self.day)
        self.rules = NoticeRules(self.stages, paths, lambda at: local_day(at, zone))

    def owed_by_person(self, facts: queries.PersonFacts) -> Iterator[Outstanding]:
        """What a person owes on the day."""
        share = person_contribution(
            self.schedule, facts.person_id, facts.memberships, facts.records, facts.exemptions, self.kinds
        )
        return outstanding(share.instances, self.period_positions, self.day)

    def owed_by_unit(self, unit: Unit, facts: queries.UnitFacts) -> Iterator[Outstanding]:
        """What a unit owes on the day."""
        duty_unit = DutyUnit(unit.unit_id, unit.kind, unit.opened_on, unit.closed_on, unit.tags)
        instances = unit_instances(self.schedule, duty_unit, facts.records, facts.exemptions)
        return outstanding(instances, self.period_positions, self.day)

    def digests(self) -> Iterator[Digest]:
        """All digests of the day, those of persons first."""
        notified = set(notified_since(self.connection, self.stages.reach[0]))
        collector = DigestCollector(
            self.stages, self.rules.paths, lambda recipient, item: (recipient, item) in notified, self.rules.learnt_on
        )
        for person in self.notices_of_people(self.connection):
            digest = collector.add_person(person.person_id, person.unit_id, person.notices)
            if digest is not None:
                yield digest
        for _, notices in self.notices_of_units(self.connection):
            collector.add(notices)
        yield from collector.post_digests()

    def notices_of_people(self, connection: Connection, ids: Sequence[str] | None = None) -> Iterator[PersonNotices]:
        """The notices of everybody with a membership, or of these persons, ordered by id."""
        chosen = queries.SubjectFilter(self.store, self.campaign.id, ids)
        for person in queries.facts_of_people(connection, chosen, self.person_kinds):
            unit_id = unit_in_service(person.memberships, self.day)
            notices = self.rules.of_person(person.person_id, unit_id, self.owed_by_person(person), person.returned)
            yield PersonNotices(person.person_id, unit_id, notices)

    def notices_of_units(
        self, connection: Connection, ids: Sequence[str] | None = None
    ) -> Iterator[tuple[str, Iterator[Notice]]]:
        """The notices of every unit, or of these, ordered by id."""
        chosen = queries.SubjectFilter(self.store, self.campaign.id, ids)
        units = list(self.units) if ids is None else sorted(self.units.keys() & set(ids))
        for facts in queries.facts_of_units(connection, units, chosen, self.unit_kinds):
            yield facts.unit_id, self._notices_of_unit(facts)

    def _notices_of_unit(self, facts: queries.UnitFacts) -> Iterator[Notice]:
        yield from self.rules.of_unit_duties(self.owed_by_unit(self.units[facts.unit_id], facts))
        yield from self.rules.of_findings(facts.unit_id, facts.findings)
        yield from self.rules.of_sheet_rows(facts.unit_id, facts.sheet_rows)
        yield from self.rules.of_returned(facts.unit_id, facts.returned)


def unit_in_service(memberships: Sequence[Membership], day: Day) -> str:
    """The unit in which a person is in service on the day; empty if none."""
    return next((membership.unit_id for membership in memberships if membership.covers(day)), "")


def _kinds(calendars: Mapping[str, DutyCalendar]) -> list[str]:
    """The record kinds that a period of the schedule may count: others do not affect what is owed."""
    return [kind for kind, calendar in calendars.items() if calendar.periods]


def _positions(periods: Sequence[DutyPeriod]) -> dict[tuple[str, str], int]:
    return {(period.duty.id, period.period): period.position for period in periods}


def notified_since(
    connection: Connection, day: Day, recipients: Collection[str] | None = None
) -> Iterator[tuple[str, str]]:
    """(recipient, item identity) for every item that was delivered, or is pending, on or after the day; for all
    recipients or these.  Items of digests that were given up or superseded do not count."""
    same = sa.and_(digests.c.recipient == notified_items.c.recipient, digests.c.day == notified_items.c.day)
    was_delivered = sa.or_(digests.c.phase != "ended", digests.c.code.not_in(NOT_DELIVERED))
    query = sa.select(notified_items.c.recipient, notified_items.c.item).join(digests, same)
    query = query.where(notified_items.c.day >= day, was_delivered)
    if recipients is not None:
        postgresql = connection.dialect.name == "postgresql"
        query = query.where(column_in(notified_items.c.recipient, sorted(recipients), postgresql))
    for row in connection.execution_options(yield_per=_PAGE).execute(query):
        yield row.recipient, row.item


def write_digests(request: DecisionRequest) -> DecisionResult:
    """Write the day's digests to the request's file."""
    store = Store(request["database_url"], metadata)
    count = 0
    with store.reading() as connection, Path(request["file"]).open("w", encoding="utf-8") as out:
        campaign = queries.campaign_in_force(connection)
        unknown_years: tuple[int, ...] = ()
        if campaign is not None and not has_ended(campaign, request["day"]):
            decision = DigestDecision(connection, store, campaign, request["day"])
            unknown_years = decision.stages.working_days.unknown_years(*decision.stages.reach)
            for digest in decision.digests():
                out.write(json.dumps(_line(digest), ensure_ascii=False) + "\n")
                count += 1
    store.close()
    return {"digests": count, "unknown_years": unknown_years}


def has_ended(campaign: Campaign, day: Day) -> bool:
    """Whether the campaign has ended: nobody is reminded after that."""
    return campaign.closes_on is not None and campaign.closes_on <= day


def prepare(request: DecisionRequest) -> None:
    load_driver(request["database_url"])


def main() -> int:
    sys.stdout.write(json.dumps(write_digests(json.load(sys.stdin))))
    return 0


def _line(digest: Digest) -> dict[str, Any]:
    return {"recipient": digest.recipient, "unit_id": digest.unit_id, "items": digest.items}


if __name__ == "__main__":
    sys.exit(main())
