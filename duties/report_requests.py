"""What a report can be asked for: a unit score in a window, a year's awards, what is outstanding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from duties.campaign import Campaign
from duties.days import Day
from duties.periods import CADENCES, Cadence
from duties.schedule import DutyPeriod, Schedule


@dataclass(frozen=True, slots=True)
class Window:
    """All the days `[first, last]` of a month, quarter, semester or year (scoring.md 4)."""

    id: str
    cadence: Cadence
    first: Day
    last: Day

    @property
    def ranks(self) -> bool:
        """Ranks are given in semester and year windows only."""
        return self.cadence in ("semester", "year")


def find_window(campaign: Campaign, window_id: str) -> Window | None:
    """The window of that id, or None where no month, quarter, year or semester of the campaign bears it."""
    for cadence in CADENCES[1:]:
        result = campaign.period_named(cadence, window_id)
        if result is not None:
            return Window(window_id, cadence, result.start, result.end - 1)
    return None


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """The scores of all units in a window as of a day."""

    window: str
    as_of: Day


@dataclass(frozen=True, slots=True)
class AwardRequest:
    """The commended units and the individuals put forward for a year, asked once the year's work is settled."""

    year: int

    @property
    def first(self) -> Day:
        return date(self.year, 1, 1).toordinal()

    @property
    def last(self) -> Day:
        """E of scoring.md 5."""
        return date(self.year, 12, 31).toordinal()

    def as_of(self, campaign: Campaign) -> Day:
        """A of scoring.md 5."""
        return self.last + campaign.settle_days

    def score(self, campaign: Campaign) -> ScoreRequest:
        """The year score that the award rests on."""
        return ScoreRequest(f"{self.year:04}", self.as_of(campaign))


@dataclass(frozen=True, slots=True)
class OutstandingRequest:
    """What is owed and not done as of a day."""

    as_of: Day


ReportRequest: TypeAlias = ScoreRequest | AwardRequest | OutstandingRequest


class UnknownWindow(ValueError):
    """A request for a window that does not exist."""


def window_of_request(campaign: Campaign, request: ScoreRequest) -> Window:
    result = find_window(campaign, request.window)
    if result is None:
        raise UnknownWindow(request.window)
    return result


def period_filter(campaign: Campaign, request: ReportRequest) -> Callable[[DutyPeriod], bool]:
    """Whether a duty period can matter to the request."""
    match request:
        case ScoreRequest(as_of=as_of):
            window = window_of_request(campaign, request)
            return lambda item: _may_fall_in(item, window) and item.asked_from <= as_of
        case AwardRequest(first=first):
            as_of = request.as_of(campaign)
            # A late record of this year may belong to an instance due in an earlier one (scoring.md 6).
            return lambda item: (
                item.asked_from <= as_of and (item.joinable or max(item.late_limit, item.falls_on) >= first)
            )
        case OutstandingRequest(as_of=as_of):
            return lambda item: item.start <= as_of or item.joinable


def _may_fall_in(item: DutyPeriod, window: Window) -> bool:
    """Whether the duty period is of the window, or a joiner's own due day may be."""
    return (item.joinable or window.first <= item.falls_on) and item.falls_on <= window.last


def schedule_for(campaign: Campaign, requests: Sequence[ReportRequest]) -> Schedule:
    """The smallest schedule that answers all the requests."""
    filters = [period_filter(campaign, request) for request in requests]
    until = max((as_of_day(campaign, request) for request in requests), default=campaign.starts_on)
    return Schedule(campaign, until, lambda item: _any_matches(filters, item))


def as_of_day(campaign: Campaign, request: ReportRequest) -> Day:
    """The day A as of which the request is answered."""
    return request.as_of(campaign) if isinstance(request, AwardRequest) else request.as_of


def _any_matches(filters: Iterable[Callable[[DutyPeriod], bool]], duty_period: DutyPeriod) -> bool:
    return any(test(duty_period) for test in filters)
