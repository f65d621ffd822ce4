"""What is known of units and persons: the facts that a score is made of, one value a row, as known at one instant.

Records come in tens of millions, so they are tuples: a third of the price of a frozen dataclass.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

from duties.days import Day, Instant


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; in service on a day `d` when `opened_on <= d` and (`closed_on` None or `d < closed_on`)."""

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
    text that is equal (upper and lower case alike) when the contents are; `reported_on` is the local day on which the
    record was recorded (scoring.md 3, Reported in time), None where that is not asked.
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
    reported_on: Day | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A shortcoming found by an assessor; `deadline` and `rectified_on` None: not given."""

    finding_id: str
    found_on: Day
    points: Fraction
    deadline: Day | None = None
    rectified_on: Day | None = None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One item of a quarter's sheet, as an assessor scored it."""

    sheet_id: str
    quarter: str
    item: str
    points: Fraction
    assessed_on: Day


DecisionKind: TypeAlias = Literal["veto", "decline", "choose"]


class Decision(NamedTuple):
    """A signed decision on a year's awards, of one unit or one person; the other id is ""."""

    decision_id: str
    kind: DecisionKind
    year: int
    unit_id: str
    person_id: str
