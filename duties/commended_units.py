"""The units commended for a year (scoring.md 5), and the same arithmetic over the days of any window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter
from typing import NamedTuple

from duties.campaign import Campaign
from duties.days import Day
from duties.report_requests import AwardRequest
from duties.rules import UnitAwards
from duties.scores import UnitScore, exact_order
from duties.seats import PlacedCandidate, cut, equal_groups, largest_remainder, rounded
from duties.subjects import Decision, Unit


class BindingDecisions(NamedTuple):
    """The subjects that decisions of a year keep out of its awards, and those that they choose out of a tie."""

    excluded: frozenset[str]
    chosen: frozenset[str]


class PlacedPool(NamedTuple):
    """A pool's size, seats and candidates in order, those below the last seat as `reserve`."""

    members: int
    seats: int
    placed: tuple[PlacedCandidate[UnitScore], ...]


@dataclass(frozen=True, slots=True)
class PoolResult:
    """A pool's members, seats and candidates in order, those below the last seat as `reserve`."""

    year: int
    pool: int
    members: int
    seats: int
    placed: tuple[PlacedCandidate[UnitScore], ...]


def decisions_on_units(decisions: Iterable[Decision], year: int) -> BindingDecisions:
    return _binding_decisions((item.kind, item.unit_id) for item in decisions if item.year == year and item.unit_id)


def decisions_on_persons(decisions: Iterable[Decision], year: int) -> BindingDecisions:
    return _binding_decisions((item.kind, item.person_id) for item in decisions if item.year == year and item.person_id)


def _binding_decisions(decisions: Iterable[tuple[str, str]]) -> BindingDecisions:
    known = list(decisions)
    return BindingDecisions(
        frozenset(subject for kind, subject in known if kind != "choose"),
        frozenset(subject for kind, subject in known if kind == "choose"),
    )


def commended_units(
    campaign: Campaign,
    request: AwardRequest,
    units: Iterable[Unit],
    scores: Mapping[str, UnitScore],
    decisions: Iterable[Decision] = (),
) -> list[PoolResult]:
    """One result a pool, in the order of the file; none where the campaign commends no units.

    `scores` are the year scores by unit id.
    """
    awards = campaign.unit_awards
    if awards is None:
        return []
    binding = decisions_on_units(decisions, request.year)
    pools = placed_in_pools(awards, request.first, request.last, units, scores, binding)
    return [PoolResult(request.year, number, *pool) for number, pool in enumerate(pools, 1)]


def placed_in_pools(
    awards: UnitAwards,
    first: Day,
    last: Day,
    units: Iterable[Unit],
    scores: Mapping[str, UnitScore],
    decisions: BindingDecisions,
) -> list[PlacedPool]:
    """Seats and order of every pool for units in service on the last day of `[first, last]` and on half of its days."""
    pools = awards.pools if awards.pools is not None else (awards.kinds,)
    members = _members(awards, pools, first, last, units)
    seats = rounded(awards.percent * sum(map(len, members)) / 100, awards.rounding)
    shares = largest_remainder([len(pool) for pool in members], seats)
    results = []
    for pool, given in zip(members, shares, strict=True):
        candidates = [scores[item] for item in pool if item in scores and item not in decisions.excluded]
        groups = _in_order(candidates, awards.pass_line)
        placed = cut(groups, given, lambda item: item.unit_id in decisions.chosen)
        results.append(PlacedPool(len(pool), given, tuple(placed)))
    return results


def _members(
    awards: UnitAwards, pools: Sequence[frozenset[str]], first: Day, last: Day, units: Iterable[Unit]
) -> list[list[str]]:
    """Unit ids by pool."""
    members: list[list[str]] = [[] for _ in pools]
    days = last - first + 1
    for unit in units:
        if unit.kind not in awards.kinds or not unit.in_service(last):
            continue
        if 2 * unit.days_in_service(first, last) < days:
            continue
        for place, pool in enumerate(pools):
            if unit.kind in pool:
                members[place].append(unit.unit_id)
    return members


def _in_order(scores: Iterable[UnitScore], pass_line: Fraction) -> list[list[UnitScore]]:
    least, ordered = exact_order(pass_line), sorted(scores, key=lambda item: item.unit_id)
    merits = [((exact_order(item.score), item.completion, item.on_time), item) for item in ordered]
    passing = [pair for pair in merits if pair[0][0] >= least]
    return equal_groups(sorted(passing, key=itemgetter(0), reverse=True))
