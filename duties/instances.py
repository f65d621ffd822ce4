"""What one subject owes and has done for it: the small value that a caller may keep, add up and never recompute.

Depends on the subject's own facts and the schedule; never on the day as of which it is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from duties.credit import (
    CountableRecord,
    Counted,
    RecordCounts,
    RecordsByPeriod,
    count_records,
    countable_records,
    counts_by_year,
    records_by_kind,
)
from duties.days import Day
from duties.schedule import DutyPeriod, Schedule
from duties.subjects import Exemption, Membership, Record, Unit


class Instance(NamedTuple):
    """A duty that a subject owes in a period (scoring.md 2), with the records that may count for it.

    `person_id` is "" for a unit's own; `unit_id` is the unit of the due day.
    """

    duty: str
    period: str
    unit_id: str
    person_id: str
    due: Day
    needed: int
    records: tuple[CountableRecord, ...]

    def counted(self, as_of: Day) -> Counted:
        return count_records(self.records, self.due, self.needed, as_of)


@dataclass(frozen=True, slots=True)
class PersonContribution:
    """What one person brings to every figure; `record_counts` are of kinds with points and no duty."""

    person_id: str
    memberships: tuple[Membership, ...]
    instances: tuple[Instance, ...]
    record_counts: RecordCounts = field(default_factory=dict)


def unit_instances(
    schedule: Schedule,
    unit: Unit,
    records: Iterable[Record],
    exemptions: Iterable[Exemption] = (),
) -> tuple[Instance, ...]:
    """The unit's own instances.  `records` are those that name the unit; a person's kinds among them are ignored."""
    by_period = countable_records(records_by_kind(records, schedule.unit_calendars), schedule.unit_calendars)
    exempt = set(exemptions)
    return tuple(
        _instance(place, unit.unit_id, "", by_period)
        for place in schedule.unit_periods
        if _unit_owes(place, unit) and (not exempt or (place.duty.id, place.period) not in exempt)
    )


def person_contribution(
    schedule: Schedule,
    person_id: str,
    memberships: Sequence[Membership],
    records: Iterable[Record],
    exemptions: Iterable[Exemption] = (),
    kinds: Mapping[str, str] | None = None,
) -> PersonContribution:
    """The person's instances and record counts.  `records` are those that name the person, whatever unit they name too.

    `kinds` is the kind of each unit, read by pauses alone.
    """
    groups = records_by_kind(records, schedule.person_kinds)
    by_period = countable_records(groups, schedule.person_calendars)
    exempt = set(exemptions)
    instances = []
    for place, roles, least_service in schedule.person_periods:
        unit_id = _unit_of_due_day(place, roles, least_service, memberships)
        if unit_id is None or (exempt and (place.duty.id, place.period) in exempt):
            continue
        if not place.paused or (kinds or {}).get(unit_id) not in place.paused:
            instances.append(_instance(place, unit_id, person_id, by_period))
    return PersonContribution(
        person_id, tuple(memberships), tuple(instances), counts_by_year(groups, schedule.point_only_kinds)
    )


def _instance(place: DutyPeriod, unit_id: str, person_id: str, by_period: RecordsByPeriod) -> Instance:
    duty = place.duty
    records = tuple(by_period.get((duty.id, place.period), ()))
    return Instance(duty.id, place.period, unit_id, person_id, place.due, duty.count, records)


def _unit_owes(place: DutyPeriod, unit: Unit) -> bool:
    who = place.duty.who
    named = unit.kind in who.kinds or not who.tags.isdisjoint(unit.tags)
    return named and unit.in_service(place.due) and unit.kind not in place.paused


def _unit_of_due_day(
    place: DutyPeriod, roles: Collection[str], least_service: int, memberships: Sequence[Membership]
) -> str | None:
    """The unit under which the person owes the duty, or None where they owe nothing."""
    due = place.due
    for unit_id, role, first, end in memberships:
        if first <= due and (end is None or due < end):
            if role not in roles:
                return None
            if first <= place.start or due + 1 - first >= least_service:
                return unit_id
            return unit_id if _days_served(memberships, place.start, due) >= least_service else None
    return None


def _days_served(memberships: Sequence[Membership], first: Day, last: Day) -> int:
    """Days of `[first, last]` in service in any unit and any role; memberships never overlap."""
    total = 0
    for membership in memberships:
        end = last + 1 if membership.to is None else min(membership.to, last + 1)
        total += max(0, end - max(membership.from_, first))
    return total
