"""A campaign: its duties, semesters and awards as one frozen value, and the questions that its file answers."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Final
from zoneinfo import ZoneInfo

from duties.award_sections import (
    read_findings,
    read_individual_awards,
    read_pauses,
    read_sheets,
    read_unit_awards,
)
from duties.days import EVER, Day, date_in_year, year_of
from duties.duty_sections import read_duties
from duties.learning_platforms import LearningPlatform, read_platforms
from duties.periods import (
    ONCE,
    Cadence,
    Period,
    period_containing,
    period_named,
    periods_between,
)
from duties.problems import CampaignProblems, Problem
from duties.publicity import Publicity, read_publicity
from duties.record_kinds import RecordKind
from duties.records_section import CampaignNames, read_record_kinds
from duties.reminders import Reminders, read_reminders
from duties.rules import CATEGORIES, Duty, IndividualAwards, Pause, Sheets, UnitAwards
from duties.section_reader import MOST_DAYS, Section, plain
from duties.semester_section import read_semesters
from duties.semesters import SemesterTable

_REQUIRED: Final = ("campaign", "version", "title", "timezone", "starts_on", "defaults", "duties")
_OPTIONAL: Final = (
    "closes_on", "prepares_on", "semesters", "pauses", "records_without_duty", "findings", "sheets", "awards",
    "publicity", "notifications", "records", "xapi",
)  # fmt: skip

_COLLECTED_OF: Final = frozenset({"office", "secondary"})
"""What the supervision office stands over."""


def campaign_data(data: Mapping[str, object]) -> dict[str, object]:
    """The campaign's data in normal form (strings, integers, booleans, null, lists, objects), as an event bears it."""
    return {str(key): plain(value) for key, value in data.items()}


@dataclass(frozen=True)
class Campaign:
    """A validated campaign.  `closes_on` None is open-ended, so periods exist by arithmetic, never as a list.

    Once-duties begin at `prepares_on`; awards are asked `settle_days` after 31 December.  `kinds`: every record kind,
    with what its form asks.
    """

    id: str
    version: int
    title: str
    timezone: str
    prepares_on: Day
    starts_on: Day
    closes_on: Day | None
    semesters: SemesterTable
    duties: tuple[Duty, ...]
    pauses: tuple[Pause, ...] = ()
    records_without_duty: tuple[str, ...] = ()
    max_points: Fraction | None = None
    finding_categories: tuple[str, ...] = CATEGORIES
    sheets: Sheets | None = None
    unit_awards: UnitAwards | None = None
    individual_awards: IndividualAwards | None = None
    settle_days: int = 0
    reminders: Reminders = field(default_factory=Reminders)
    publicity: Publicity = field(default_factory=Publicity)
    kinds: Mapping[str, RecordKind] = field(default_factory=dict)
    platforms: tuple[LearningPlatform, ...] = ()

    @classmethod
    def from_data(cls, data: Mapping[str, object], timezones: Container[str] | None = None) -> Campaign:
        """Reads the campaign file's data; raises CampaignProblems with every problem.

        `timezones` are the names that exist; None: those of the installed table.
        """
        problems: list[Problem] = []
        top = Section(campaign_data(data), (), problems, _REQUIRED, _OPTIONAL, more_sections=True)
        campaign = _read(top)
        if campaign.timezone and not _is_timezone(campaign.timezone, timezones):
            top.report("bad_timezone", "timezone", value=campaign.timezone)
        if problems:
            raise CampaignProblems(problems)
        return campaign

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def duty_by_id(self) -> Mapping[str, Duty]:
        return {duty.id: duty for duty in self.duties}

    @cached_property
    def duty_by_record(self) -> Mapping[str, Duty]:
        """The duty that counts a record kind; a kind that is absent is counted by none."""
        return {duty.record: duty for duty in self.duties}

    @cached_property
    def record_kinds(self) -> frozenset[str]:
        """The kinds of the duties, of `records_without_duty` and of the point lines (scoring.md 1)."""
        return frozenset({*self.duty_by_record, *self.records_without_duty, *self.point_kinds})

    @cached_property
    def kinds_referred_to(self) -> frozenset[str]:
        """The kinds of which a form of another names one (即讲即学): whoever fills in that form has to see them."""
        return frozenset(item.record for kind in self.kinds.values() for item in kind.fields if item.record)

    @cached_property
    def collected_duties(self) -> tuple[Duty, ...]:
        """The duties that offices and secondary units alone owe period by period: the supervision office collects what
        these hand in (月汇报, 年汇总)."""
        return tuple(duty for duty in self.duties if duty.who.kinds and not (duty.who.kinds - _COLLECTED_OF)
                     and not (duty.who.tags or duty.who.roles) and duty.every != "once")  # fmt: skip

    @cached_property
    def person_kinds(self) -> frozenset[str]:
        """The kinds that a person duty or a point line names, and no unit duty (scoring.md 1)."""
        of_persons = {duty.record for duty in self.duties if duty.of_persons}
        of_units = {duty.record for duty in self.duties if not duty.of_persons}
        return frozenset((of_persons | self.point_kinds) - of_units)

    @property
    def point_kinds(self) -> set[str]:
        """The kinds that the point lines name, and with which persons earn points."""
        return {line.record for line in self.individual_awards.points} if self.individual_awards else set()

    def is_person_kind(self, record: str) -> bool:
        return record in self.person_kinds

    @cached_property
    def whole_weights(self) -> Mapping[str, int]:
        """The weights of the duties in integers of the same proportion."""
        scale = lcm(*(duty.weight.denominator for duty in self.duties))
        return {duty.id: int(duty.weight * scale) for duty in self.duties}

    @cached_property
    def item_max(self) -> Mapping[str, Fraction]:
        """The most points of each sheet item; empty without sheets."""
        return {item.id: item.max for item in self.sheets.items} if self.sheets else {}

    def exists(self, period: Period) -> bool:
        """Whether the period overlaps `[starts_on, closes_on)` (scoring.md 2)."""
        return period.end > self.starts_on and (self.closes_on is None or period.start < self.closes_on)

    def period(self, duty: Duty, period_id: str) -> Period | None:
        """The existing period of the duty's cadence that bears the id."""
        if duty.every == "once":
            return self._once if period_id == ONCE else None
        result = self.period_named(duty.every, period_id)
        return result if result is not None and self.exists(result) else None

    @property
    def _once(self) -> Period:
        return Period(ONCE, self.prepares_on, EVER)

    def period_named(self, cadence: Cadence, period_id: str) -> Period | None:
        """The period of a cadence other than `once` that bears the id, whether or not the campaign reaches it."""
        if cadence != "semester":
            return period_named(cadence, period_id)
        semester = self.semesters.named(period_id)
        return None if semester is None else semester.period

    def periods_between(self, cadence: Cadence, first: Day, last: Day) -> list[Period]:
        """Every period of a cadence other than `once` that has a day in `[first, last]`, in order of time."""
        if cadence != "semester":
            return periods_between(cadence, first, last)
        return [semester.period for semester in self.semesters.between(first, last)]

    def period_exists(self, duty: Duty, period_id: str) -> bool:
        return self.period(duty, period_id) is not None

    def quarter_exists(self, quarter_id: str) -> bool:
        """Whether a sheet may name the quarter."""
        result = period_named("quarter", quarter_id)
        return result is not None and self.exists(result)

    def period_of(self, duty: Duty, day: Day) -> str | None:
        """The id of the existing period to which a record of that day belongs that names none (scoring.md 3)."""
        if duty.every == "once":
            return ONCE
        result = self._period_containing(duty.every, day)
        return result.id if result is not None and self.exists(result) else None

    def _period_containing(self, cadence: Cadence, day: Day) -> Period | None:
        if cadence != "semester":
            return period_containing(cadence, day)
        semester = self.semesters.containing(day)
        return None if semester is None else semester.period

    def periods_begun(self, duty: Duty, day: Day) -> list[Period]:
        """The existing periods of the duty that begin on or before the day, in order of time.  Who joins later may owe
        a once-duty before it begins for all others."""
        if duty.every == "once":
            return [self._once] if self.prepares_on <= day or duty.joiners_days is not None else []
        reached = self.periods_between(duty.every, self.starts_on, max(day, self.starts_on))
        return [item for item in reached if item.start <= day and self.exists(item)]

    def due(self, duty: Duty, period: Period) -> Day:
        """The last day on which work is on time (scoring.md 2)."""
        match duty.every:
            case "once":
                given = self.starts_on if duty.due is None else duty.due
            case "semester":
                semester = self.semesters.named(period.id)
                given = period.end - 1 if semester is None else semester.due
            case "year" if duty.due_on is not None:
                given = date_in_year(year_of(period.start), *duty.due_on)
            case _:
                given = period.end - 1
        return given + duty.due_days

    def late_limit(self, duty: Duty, period: Period) -> Day:
        """The last day on which work still counts: a semester's last day, or its due day where that is later."""
        due = self.due(duty, period)
        return max(due, period.end - 1) if duty.every == "semester" else due + duty.late_days

    def is_owed_in(self, duty: Duty, period: Period) -> bool:
        """Whether anybody can owe the duty in the existing period, but for joiners: `from`, `until`, `due_on`."""
        if duty.every == "once":
            return duty.is_owed_from(self.due(duty, period))
        if duty.due_on is not None and self.due(duty, period) - duty.due_days < self.prepares_on:
            return False
        return duty.is_owed_from(period.start)


def _read(top: Section) -> Campaign:
    starts_on, closes_on = top.day("starts_on"), top.day("closes_on")
    if starts_on is not None and closes_on is not None and closes_on <= starts_on:
        top.report("closes_too_early", "closes_on")
    prepares_on = top.day("prepares_on")
    if starts_on is not None and prepares_on is not None and prepares_on > starts_on:
        top.report("prepares_too_late", "prepares_on")
    semesters = read_semesters(top)
    findings = read_findings(top)
    awards = top.section("awards", (), ("settle_days", "units", "individuals"))
    campaign = Campaign(
        id=top.text("campaign"),
        version=top.integer("version", 1, 1_000_000, 1),
        title=top.text("title"),
        timezone=top.text("timezone"),
        prepares_on=prepares_on or starts_on or 1,
        starts_on=starts_on or 1,
        closes_on=closes_on,
        semesters=semesters,
        duties=read_duties(top, has_semesters=bool(semesters)),
        records_without_duty=top.texts("records_without_duty", may_be_empty=True),
        max_points=findings.max_points,
        finding_categories=findings.categories,
        sheets=read_sheets(top),
        unit_awards=read_unit_awards(awards),
        individual_awards=read_individual_awards(awards),
        settle_days=awards.integer("settle_days", 0, MOST_DAYS, 0) if awards else 0,
        reminders=read_reminders(top),
    )
    pauses = read_pauses(top, campaign.duties, campaign.period_exists)
    publicity = read_publicity(top, campaign.record_kinds, campaign.person_kinds)
    known = _known_kinds(campaign)
    platforms = read_platforms(top, campaign.record_kinds, known.of_units)
    return replace(
        campaign, pauses=pauses, publicity=publicity, kinds=read_record_kinds(top, known), platforms=platforms
    )


def _known_kinds(campaign: Campaign) -> CampaignNames:
    of_units = {duty.record for duty in campaign.duties if not duty.of_persons}
    titles = {duty.record: duty.title for duty in campaign.duties}
    by_content = {duty.record for duty in campaign.duties if duty.distinct_content}
    return CampaignNames(campaign.record_kinds, campaign.person_kinds, of_units, by_content, titles)


def _is_timezone(name: str, timezones: Container[str] | None) -> bool:
    if timezones is not None:
        return name in timezones
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True
