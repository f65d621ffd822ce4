"""The parts of a campaign as frozen values, in the words of the campaign file; nothing here is checked or computed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from duties.days import Day
from duties.periods import Cadence

UNIT_KINDS: Final = ("bureau", "office", "secondary", "school", "kindergarten")
TAGS: Final = ("central_school", "community_core", "research_office", "supervision_office")
ROLES: Final = ("cadre", "teacher", "other")
CATEGORIES: Final = ("组织领导", "学习落实", "研讨交流", "宣传展示", "印证资料", "报送时限", "其他")
"""Of findings, where the campaign file names none; they are not scored."""

Rounding: TypeAlias = Literal["floor", "half_up", "ceil"]
ROUNDINGS: Final[tuple[Rounding, ...]] = ("floor", "half_up", "ceil")
Allocation: TypeAlias = Literal["by_unit", "open"]
ALLOCATIONS: Final[tuple[Allocation, ...]] = ("by_unit", "open")


@dataclass(frozen=True, slots=True)
class DutyHolders:
    """Whom a duty binds: units by kind or tag, or persons by role; one of the two sides is empty."""

    kinds: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Duty:
    """One line of the task list, its defaults filled in.

    `due` is given for a once-duty only, `due_on` (month, day) for a year duty only.  `report_days` None: when work was
    reported is not asked.  `joiners_days` None: who comes after the due day owes nothing.  `from_` and `until` None:
    no bound.
    """

    id: str
    title: str
    who: DutyHolders
    every: Cadence
    count: int
    record: str
    weight: Fraction
    late_days: int
    late_credit: Fraction
    min_service: Fraction
    due: Day | None = None
    due_days: int = 0
    evidence_required: bool = False
    distinct_content: bool = False
    eligibility: bool = True
    source: str = ""
    due_on: tuple[int, int] | None = None
    from_: Day | None = None
    until: Day | None = None
    counts_in_period: bool = False
    joiners_days: int | None = None
    report_days: int | None = None

    @property
    def of_persons(self) -> bool:
        return bool(self.who.roles)

    def is_owed_from(self, day: Day) -> bool:
        """Whether the day that decides (a period's first, a once-duty's due) is in `[from, until)`."""
        return (self.from_ is None or self.from_ <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Pause:
    """A signed decision by which the named kinds owe the named duties nothing in the named periods."""

    duties: frozenset[str]
    kinds: frozenset[str]
    periods: frozenset[str]


@dataclass(frozen=True, slots=True)
class SheetItem:
    id: str
    title: str
    max: Fraction


@dataclass(frozen=True, slots=True)
class Sheets:
    """The quarter's sheet: which kinds of unit have one, its share of the score, its items."""

    kinds: frozenset[str]
    share: Fraction
    items: tuple[SheetItem, ...]


@dataclass(frozen=True, slots=True)
class UnitAwards:
    """How units are commended; `pools` None is one pool of all kinds."""

    kinds: frozenset[str]
    percent: Fraction
    rounding: Rounding
    pass_line: Fraction
    pools: tuple[frozenset[str], ...] | None


@dataclass(frozen=True, slots=True)
class PointLine:
    """What a record of one kind is worth to a person in a year; `cap` None is no limit."""

    record: str
    on_time: Fraction
    late: Fraction
    cap: Fraction | None


@dataclass(frozen=True, slots=True)
class IndividualAwards:
    seats: int
    roles: frozenset[str]
    allocation: Allocation
    points: tuple[PointLine, ...]
