"""Which records an instance may count, in their order, and how many of them count as of a day (scoring.md 3)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from duties.days import EVER, Day, Instant, year_of
from duties.schedule import DutyPeriod, Line
from duties.subjects import Record

_order = attrgetter("occurred_at", "record_id")


class Work(NamedTuple):
    """What an instance keeps of a record: it may count as of a day `A` when `day <= A < hidden_from`.

    `hidden_from` is the first as-of day on which an earlier record of the same content exists; in every timezone
    whose local days never run back it is EVER, since such work is dropped.
    """

    day: Day
    hidden_from: Day
    evidence: bool


class Counted(NamedTuple):
    """The counted records of an instance: on time, late, and (of both) with evidence."""

    on_time: int
    late: int
    evidence: int


Held: TypeAlias = Mapping[tuple[str, str], Sequence[Work]]
"""Work by (duty id, period id)."""
Deeds: TypeAlias = Mapping[tuple[str, int], int]
"""How many records of a kind that no person duty counts a person has, by (kind, year)."""


def existing(records: Iterable[Record], kinds: Container[str], known_at: Instant | None) -> dict[str, list[Record]]:
    """The records of these kinds that are known and not withdrawn as known at that instant (None: now), by kind."""
    known = EVER if known_at is None else known_at
    groups: dict[str, list[Record]] = {}
    for record in records:
        kind = record.record
        if kind in kinds and record.recorded_at <= known:
            withdrawn = record.withdrawal_recorded_at
            if withdrawn is None or withdrawn > known:
                groups.setdefault(kind, []).append(record)
    return groups


def work_of(groups: Mapping[str, list[Record]], lines: Mapping[str, Line]) -> Held:
    """One subject's records under the instances that they may serve, each in the order of counting."""
    held: dict[tuple[str, str], list[Work]] = {}
    for kind, records in groups.items():
        line = lines.get(kind)
        if line is None:
            continue
        if len(records) > 1:
            records.sort(key=_order)
        for place, work in _placed(line, records):
            kept = held.setdefault((place.duty.id, place.period), [])
            if not _enough(kept, work, place.duty.count):
                kept.append(work)
    return held


def _placed(line: Line, records: Sequence[Record]) -> Iterable[tuple[DutyPeriod, Work]]:
    distinct, needs_evidence = line.duty.distinct_content, line.duty.evidence_required
    seen: dict[str, Day] = {}
    for record in records:
        day = record.day
        hidden_from = _hidden_from(seen, record) if distinct and record.content else EVER
        place = line.named.get(record.period) if record.period else line.holding(day)
        if place is None or day > place.late_limit or hidden_from <= day:
            continue
        if record.evidence or not needs_evidence:
            yield place, Work(day, hidden_from, record.evidence)


def _hidden_from(seen: dict[str, Day], record: Record) -> Day:
    content = record.content.lower()
    earlier = seen.get(content, EVER)
    seen[content] = min(earlier, record.day)
    return earlier


def _enough(kept: Sequence[Work], work: Work, count: int) -> bool:
    """Whether this work can count as of no day, because `count` earlier ones exist whenever it does."""
    return len(kept) >= count and all(item.day <= work.day and item.hidden_from == EVER for item in kept[:count])


def counted(work: Sequence[Work], due: Day, count: int, as_of: Day) -> Counted:
    """The first `count` that exist as of the day."""
    on_time = late = evidence = 0
    for day, hidden_from, proved in work:
        if day <= as_of < hidden_from:
            if day <= due:
                on_time += 1
            else:
                late += 1
            evidence += proved
            if on_time + late == count:
                break
    return Counted(on_time, late, evidence)


def deeds_of(groups: Mapping[str, list[Record]], kinds: Container[str]) -> Deeds:
    """Per kind and year, since a year's award is asked as of its last day (scoring.md 6)."""
    deeds: dict[tuple[str, int], int] = {}
    for kind, records in groups.items():
        if kind in kinds:
            for record in records:
                key = kind, year_of(record.day)
                deeds[key] = deeds.get(key, 0) + 1
    return deeds
