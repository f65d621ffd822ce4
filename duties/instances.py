"""What one subject owes and has done for it: the small value that a caller may keep, add up and never recompute.

Depends on the subject's own facts and the schedule; never on the day as of which it is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from duties.credit import (
    CountableRecord,
    CountedRecords,
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

    `person_id` is "" for a unit's own; `unit_id` is the unit of the due day.  `start` is the period's first day, or the
    day on which a joiner came.
    """

    duty: str
    period: str
    unit_id: str
    person_id: str
    start: Day
    due: Day
    needed: int
    records: tuple[CountableRecord, ...]

    def counted(self, as_of: Day) -> CountedRecords:
        return count_records(self.records, self.needed, as_of)


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
    exempt = set(exemptions)
    owed = [
        (place, due)
        for place in schedule.unit_periods
        if (due := _unit_due(place, unit)) is not None and (not exempt or (place.duty.id, place.period) not in exempt)
    ]
    own_dues = {place.duty.id: due for place, due in owed if due != place.due}
    groups = records_by_kind(records, schedule.unit_calendars)
    by_period = countable_records(groups, schedule.unit_calendars, own_dues)
    return tuple(_instance(place, unit.unit_id, "", due, by_period) for place, due in owed)


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
    joined = {
        place.duty.id: due for place in schedule.joinable_person_periods if (due := _joiner_due(place, memberships))
    }
    by_period = countable_records(groups, schedule.person_calendars, joined)
    exempt = set(exemptions)
    instances = []
    for place, roles, least_service in schedule.person_periods:
        due = joined.get(place.duty.id, place.due) if joined else place.due
        if not place.is_owed and due == place.due:
            continue
        unit_id = _unit_of_due_day(place.start, due, roles, least_service, memberships)
        if unit_id is None or (exempt and (place.duty.id, place.period) in exempt):
            continue
        if not place.paused or (kinds or {}).get(unit_id) not in place.paused:
            instances.append(_instance(place, unit_id, person_id, due, by_period))
    return PersonContribution(
        person_id, tuple(memberships), tuple(instances), counts_by_year(groups, schedule.point_only_kinds)
    )


def _instance(place: DutyPeriod, unit_id: str, person_id: str, due: Day, by_period: RecordsByPeriod) -> Instance:
    duty = place.duty
    records = tuple(by_period.get((duty.id, place.period), ()))
    start = place.start if due == place.due else due - (duty.joiners_days or 0)
    return Instance(duty.id, place.period, unit_id, person_id, start, due, duty.count, records)


def _unit_due(place: DutyPeriod, unit: Unit) -> Day | None:
    """The due day of the unit's instance, its own where it was opened after the duty's; None where it owes nothing."""
    who = place.duty.who
    if (unit.kind not in who.kinds and who.tags.isdisjoint(unit.tags)) or unit.kind in place.paused:
        return None
    if unit.in_service(place.due):
        return place.due if place.is_owed else None
    own_due = place.joiners_due(unit.opened_on)
    return own_due if own_due is not None and unit.in_service(own_due) else None


def _joiner_due(place: DutyPeriod, memberships: Sequence[Membership]) -> Day | None:
    """The due day of a person's own who first served in a role of the duty after its due day; None for all others."""
    roles = place.duty.who.roles
    serving = [membership for membership in memberships if membership.role in roles]
    if any(membership.covers(place.due) for membership in serving):
        return None
    first = min((membership.from_ for membership in serving if membership.from_ > place.due), default=None)
    return None if first is None else place.joiners_due(first)


def _unit_of_due_day(
    start: Day, due: Day, roles: Collection[str], least_service: int, memberships: Sequence[Membership]
) -> str | None:
    """The unit under which the person owes the duty, or None where they owe nothing."""
    for unit_id, role, first, end in memberships:
        if first <= due and (end is None or due < end):
            if role not in roles:
                return None
            if first <= start or due + 1 - first >= least_service:
                return unit_id
            return unit_id if _days_served(memberships, start, due) >= least_service else None
    return None


def _days_served(memberships: Sequence[Membership], first: Day, last: Day) -> int:
    """Days of `[first, last]` in service in any unit and any role; memberships never overlap."""
    total = 0
    for membership in memberships:
        end = last + 1 if membership.to is None else min(membership.to, last + 1)
        total += max(0, end - max(membership.from_, first))
    return total
