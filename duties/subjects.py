"""What is known of units and persons: the facts that a score is made of, one value a row.

Records come in tens of millions, so they are tuples: a third of the price of a frozen dataclass.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from duties.days import Day, Instant


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as known now; in service on a day `d` when `opened_on <= d` and (`closed_on` None or `d < closed_on`)."""

    unit_id: str
    kind: str
    opened_on: Day
    closed_on: Day | None = None
    tags: frozenset[str] = frozenset()

    def in_service(self, day: Day) -> bool:
        return self.opened_on <= day and (self.closed_on is None or day < self.closed_on)

    def days_in_service(self, first: Day, last: Day) -> int:
        """How many days of `[first, last]` the unit was in service."""
        end = last + 1 if self.closed_on is None else min(self.closed_on, last + 1)
        return max(0, end - max(self.opened_on, first))


class Membership(NamedTuple):
    """A person's service in a unit on the days `[from_, to)`; `to` None is open."""

    unit_id: str
    role: str
    from_: Day
    to: Day | None = None

    def covers(self, day: Day) -> bool:
        return self.from_ <= day and (self.to is None or day < self.to)


class Exemption(NamedTuple):
    """The subject (under whose id the caller holds it) does not owe this duty in this period."""

    duty: str
    period: str


class Record(NamedTuple):
    """A reported deed.

    `day` is the local day of `occurred_at`; `period` and `content` are "" when not given, and `content` may be any
    text that is equal (upper and lower case alike) when the contents are; `recorded_at` is when the system learnt of
    the record, `withdrawal_recorded_at` when it learnt of its withdrawal (None: never).
    """

    record_id: str
    record: str
    unit_id: str
    person_id: str
    day: Day
    occurred_at: Instant
    period: str = ""
    content: str = ""
    evidence: bool = False
    recorded_at: Instant = 0
    withdrawal_recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A shortcoming found by an assessor.

    `rectification_recorded_at` is when the system learnt of `rectified_on`, if later than of the finding itself.
    """

    finding_id: str
    found_on: Day
    points: Fraction
    deadline: Day | None = None
    rectified_on: Day | None = None
    recorded_at: Instant = 0
    rectification_recorded_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One item of a quarter's sheet, as an assessor scored it."""

    sheet_id: str
    quarter: str
    item: str
    points: Fraction
    assessed_on: Day
    recorded_at: Instant = 0
