"""Which records an instance may count, in their order, and how many of them count as of a day (scoring.md 3)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from duties.days import EVER, Day, year_of
from duties.schedule import DutyCalendar, DutyPeriod
from duties.subjects import Record

_order = attrgetter("occurred_at", "record_id")


class CountableRecord(NamedTuple):
    """What an instance keeps of a record: it may count as of a day `A` when `day <= A < hidden_from`, on time or late.

    `hidden_from` is the first as-of day on which an earlier record of the same content exists; in every timezone
    whose local days never run back it is EVER, since such a record is dropped.
    """

    day: Day
    hidden_from: Day
    evidence: bool
    on_time: bool
    record_id: str


class CountedRecords(NamedTuple):
    """The counted records of an instance: on time, late, and (of both) with evidence."""

    on_time: int
    late: int
    evidence: int


RecordsByPeriod: TypeAlias = Mapping[tuple[str, str], Sequence[CountableRecord]]
"""CountableRecord by (duty id, period id)."""
RecordCounts: TypeAlias = Mapping[tuple[str, int], int]
"""How many records of a kind that no person duty counts a person has, by (kind, year)."""


def records_by_kind(records: Iterable[Record], kinds: Container[str]) -> dict[str, list[Record]]:
    """The records of these kinds, by kind."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        if record.record in kinds:
            groups.setdefault(record.record, []).append(record)
    return groups


def countable_records(
    groups: Mapping[str, list[Record]], calendars: Mapping[str, DutyCalendar], own_dues: Mapping[str, Day]
) -> RecordsByPeriod:
    """One subject's records under the instances that they may serve, each in the order of counting.

    `own_dues` has, by duty id, the due days of a joiner's once-duties (scoring.md 2).
    """
    by_period: dict[tuple[str, str], list[CountableRecord]] = {}
    for kind, records in groups.items():
        calendar = calendars.get(kind)
        if calendar is None:
            continue
        if len(records) > 1:
            records.sort(key=_order)
        for place, record in _assign_to_periods(calendar, records, own_dues.get(calendar.duty.id)):
            kept = by_period.setdefault((place.duty.id, place.period), [])
            if not _never_counts(kept, record, place.duty.count):
                kept.append(record)
    return by_period


def _assign_to_periods(
    calendar: DutyCalendar, records: Sequence[Record], own_due: Day | None
) -> Iterable[tuple[DutyPeriod, CountableRecord]]:
    duty = calendar.duty
    distinct, needs_evidence, report_days = duty.distinct_content, duty.evidence_required, duty.report_days
    seen: dict[str, Day] = {}
    for record in records:
        day = record.day
        hidden_from = _hidden_from(seen, record) if distinct and record.content else EVER
        place = calendar.by_id.get(record.period) if record.period else calendar.containing(day)
        if place is None or hidden_from <= day or (needs_evidence and not record.evidence):
            continue
        due, late_limit = (place.due, place.late_limit) if own_due is None else (own_due, own_due + duty.late_days)
        if day > late_limit:
            continue
        on_time, reported_on = day <= due, record.reported_on
        if report_days is not None and reported_on is not None:
            if reported_on > late_limit + report_days:
                continue
            on_time = on_time and reported_on <= due + report_days
        yield place, CountableRecord(day, hidden_from, record.evidence, on_time, record.record_id)


def _hidden_from(seen: dict[str, Day], record: Record) -> Day:
    content = record.content.lower()
    earlier = seen.get(content, EVER)
    seen[content] = min(earlier, record.day)
    return earlier


def _never_counts(kept: Sequence[CountableRecord], record: CountableRecord, count: int) -> bool:
    """Whether this record can count as of no day, because `count` earlier ones exist whenever it does."""
    if len(kept) < count:
        return False
    for earlier in kept[:count]:  # noqa: SIM110 - `all` over a generator is a tenth of a unit's look
        if earlier.day > record.day or earlier.hidden_from != EVER:
            return False
    return True


def count_records(records: Sequence[CountableRecord], count: int, as_of: Day) -> CountedRecords:
    """The first `count` that exist as of the day."""
    on_time = late = evidence = 0
    for day, hidden_from, has_evidence, is_on_time, _ in records:
        if day <= as_of < hidden_from:
            if is_on_time:
                on_time += 1
            else:
                late += 1
            evidence += has_evidence
            if on_time + late == count:
                break
    return CountedRecords(on_time, late, evidence)


def counted_records(records: Iterable[CountableRecord], count: int, as_of: Day) -> tuple[CountableRecord, ...]:
    """The same, one by one."""
    return tuple(islice((item for item in records if item.day <= as_of < item.hidden_from), count))


def counts_by_year(groups: Mapping[str, list[Record]], kinds: Container[str]) -> RecordCounts:
    """Per kind and year, since a year's award asks the records of its days (scoring.md 6)."""
    counts: dict[tuple[str, int], int] = {}
    for kind, records in groups.items():
        if kind in kinds:
            for record in records:
                key = kind, year_of(record.day)
                counts[key] = counts.get(key, 0) + 1
    return counts
