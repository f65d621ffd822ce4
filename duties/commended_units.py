"""The units commended for a year (scoring.md 5).  A veto is a signed decision that comes in from outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from duties.campaign import Campaign
from duties.report_requests import AwardRequest
from duties.rules import UnitAwards
from duties.scores import UnitScore
from duties.seats import Placed, cut, equal_groups, largest_remainder, rounded
from duties.subjects import Unit

_Merit: TypeAlias = tuple[Fraction, Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class PoolResult:
    """A pool's members, seats and candidates in order, those below the last seat as `reserve`."""

    year: int
    pool: int
    members: int
    seats: int
    placed: tuple[Placed[UnitScore], ...]


def commended_units(
    campaign: Campaign,
    request: AwardRequest,
    units: Iterable[Unit],
    scores: Mapping[str, UnitScore],
    vetoed: Collection[str] = (),
) -> list[PoolResult]:
    """One result a pool, in the order of the file; none where the campaign commends no units.

    `scores` are the year scores by unit id.
    """
    awards = campaign.unit_awards
    if awards is None:
        return []
    pools = awards.pools if awards.pools is not None else (awards.kinds,)
    members = _members(awards, pools, request, units)
    seats = rounded(awards.percent * sum(map(len, members)) / 100, awards.rounding)
    shares = largest_remainder([len(pool) for pool in members], seats)
    results = []
    for number, (pool, given) in enumerate(zip(members, shares, strict=True), 1):
        candidates = [scores[item] for item in pool if item in scores and item not in vetoed]
        placed = cut(_in_order(candidates, awards.pass_line), given)
        results.append(PoolResult(request.year, number, len(pool), given, tuple(placed)))
    return results


def _members(
    awards: UnitAwards, pools: Sequence[frozenset[str]], request: AwardRequest, units: Iterable[Unit]
) -> list[list[str]]:
    """Unit ids by pool: in service on the year's last day and on at least half of its days."""
    members: list[list[str]] = [[] for _ in pools]
    days = request.last - request.first + 1
    for unit in units:
        if unit.kind not in awards.kinds or not unit.in_service(request.last):
            continue
        if 2 * unit.days_in_service(request.first, request.last) < days:
            continue
        for place, pool in enumerate(pools):
            if unit.kind in pool:
                members[place].append(unit.unit_id)
    return members


def _in_order(scores: Iterable[UnitScore], pass_line: Fraction) -> list[list[UnitScore]]:
    passing = sorted((item for item in scores if item.score >= pass_line), key=lambda item: item.unit_id)
    return equal_groups(sorted(((_merit(item), item) for item in passing), key=lambda pair: pair[0], reverse=True))


def _merit(unit_score: UnitScore) -> _Merit:
    return unit_score.score, unit_score.completion, unit_score.on_time
