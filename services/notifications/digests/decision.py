"""Decides in a plain process of its own who is told what on a day: rows in, a line of JSON a digest out.

`python -m services.notifications.deciding`, the order as JSON on stdin; writes nothing to the store."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from sqlalchemy import Connection

from chassis.store.database import Store
from duties.campaign import Campaign
from duties.days import Day, local_day
from duties.instances import person_share, unit_instances
from duties.outstanding import Outstanding, outstanding
from duties.schedule import DutyPeriod, Schedule
from duties.subjects import Membership
from services.notifications import projections_of_own_events, queries, returned_projections
from services.notifications.domain.collector import Digest, DigestCollector
from services.notifications.domain.line import Unit
from services.notifications.domain.stages import Stages
from services.notifications.projections import metadata

assert projections_of_own_events, returned_projections  # their tables belong to the rows


class Order(TypedDict):
    """Decide for this day; the digests go into this file, one a line: {recipient, unit_id, items}."""

    database_url: str
    day: int
    file: str


@dataclass
class DigestDecision:
    """One day's rules: campaign, units, calendar, and the schedule of what can matter on it."""

    connection: Connection
    store: Store
    campaign: Campaign
    day: Day

    def __post_init__(self) -> None:
        self.units = {unit.unit_id: unit for unit in queries.units(self.connection)}
        table = queries.working_days(self.connection)
        self.stages = Stages(self.day, self.campaign.reminders, table)
        first, last = self.stages.reach
        self.schedule = Schedule(self.campaign, self.day, lambda item: first <= item.due <= last)
        person_periods = [place for place, _, _ in self.schedule.person_periods]
        self.begun = _begun([*self.schedule.unit_periods, *person_periods])
        self.kinds = {unit.unit_id: unit.kind for unit in self.units.values()}

    def collector(self, heed_told: bool = True) -> DigestCollector:
        told = set(queries.notified_since(self.connection, self.stages.reach[0])) if heed_told else set()
        lines = queries.lines(list(self.units.values()), self.day)
        zone = self.campaign.zone
        return DigestCollector(self.stages, lines, lambda who, key: (who, key) in told, lambda at: local_day(at, zone))

    def person(self, file: queries.PersonFile) -> Iterator[Outstanding]:
        share = person_share(
            self.schedule, file.person_id, file.memberships, file.records, file.exemptions, self.kinds
        )  # fmt: skip
        return outstanding(share.instances, self.begun, self.day)

    def unit(self, unit: Unit, file: queries.UnitFile) -> Iterator[Outstanding]:
        owed = unit_instances(self.schedule, queries.duty_unit(unit), file.records, file.exemptions)
        return outstanding(owed, self.begun, self.day)

    def digests(self, subjects: queries.SubjectFilter, heed_told: bool = True) -> Iterator[Digest]:
        """Every digest of the day; persons' first, as they are passed."""
        collector = self.collector(heed_told)
        for person in queries.people(self.connection, subjects):
            serving = serves(person.memberships, self.day)
            digest = collector.person(person.person_id, serving, self.person(person), person.returned)
            if digest is not None:
                yield digest
        for file in queries.unit_files(self.connection, list(self.units), subjects):
            collector.unit(self.unit(self.units[file.unit_id], file))
            collector.findings(file.unit_id, file.findings)
            collector.sheet(file.unit_id, file.sheet_rows)
            collector.returned(file.unit_id, file.returned)
        yield from collector.posts()


def serves(memberships: Sequence[Membership], day: Day) -> str:
    """The unit in which a person is in service on the day; empty: nowhere."""
    return next((membership.unit_id for membership in memberships if membership.covers(day)), "")


def _begun(periods: Sequence[DutyPeriod]) -> dict[tuple[str, str], int]:
    return {(item.duty.id, item.period): item.position for item in periods}


def answered(order: Order) -> dict[str, Any]:
    """Writes the day's digests into the order's file; how many they are, and which years the calendar lacks."""
    store = Store(order["database_url"], metadata)
    count = 0
    with store.reading() as connection, Path(order["file"]).open("w", encoding="utf-8") as out:
        campaign = queries.campaign(connection)
        unknown: tuple[int, ...] = ()
        if campaign is not None:
            decision = DigestDecision(connection, store, campaign, order["day"])
            unknown = decision.stages.working_days.unknown_years(*decision.stages.reach)
            for digest in decision.digests(queries.SubjectFilter(store)):
                out.write(json.dumps(_line(digest), ensure_ascii=False) + "\n")
                count += 1
    store.close()
    return {"digests": count, "unknown_years": unknown}


def main() -> int:
    sys.stdout.write(json.dumps(answered(json.load(sys.stdin))))
    return 0


def _line(digest: Digest) -> dict[str, Any]:
    return {"recipient": digest.recipient, "unit_id": digest.unit_id, "items": digest.items}


if __name__ == "__main__":
    sys.exit(main())
