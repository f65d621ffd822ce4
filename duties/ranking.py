"""The ranks and bands of units in semester and year windows (scoring.md 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

from duties.campaign import Campaign
from duties.commended_units import decisions_on_units, placed_in_pools
from duties.days import Day
from duties.report_requests import Window
from duties.rules import UnitAwards
from duties.scores import Band, UnitScore, exact_order
from duties.subjects import Decision, Unit


def ranked(
    campaign: Campaign,
    window: Window,
    as_of: Day,
    units: Mapping[str, Unit],
    scores: Iterable[UnitScore],
    decisions: Sequence[Decision] = (),
) -> list[UnitScore]:
    """The scores with their ranks and bands, in the order in which they are shown: by rank, then the others by id.

    `units` are all there are, since bands ask how many units a pool has.
    """
    day = min(as_of, window.last)
    awards = campaign.unit_awards
    in_order = sorted(scores, key=lambda item: item.unit_id)
    if awards is None or not window.ranks:
        return [item.placed(None, "") for item in in_order]
    named = {item.unit_id for item in in_order if _is_ranked(units.get(item.unit_id), awards.kinds, day)}
    front = _front(awards, window, day, units, in_order, decisions)
    scored = [(exact_order(item.score), item) for item in in_order if item.unit_id in named]
    scored.sort(key=itemgetter(0), reverse=True)  # equal ones stay in the order of their ids
    pass_line = exact_order(awards.pass_line)
    placed: list[UnitScore] = []
    rank, before = 0, None
    for place, (order, item) in enumerate(scored, 1):
        if order != before:
            rank, before = place, order
        band: Band = "front" if item.unit_id in front else "middle" if order >= pass_line else "below"
        placed.append(item.placed(rank, band))
    return placed + [item.placed(None, "") for item in in_order if item.unit_id not in named]


def _is_ranked(unit: Unit | None, kinds: frozenset[str], day: Day) -> bool:
    return unit is not None and unit.kind in kinds and unit.in_service(day)


def _front(
    awards: UnitAwards,
    window: Window,
    day: Day,
    units: Mapping[str, Unit],
    scores: Sequence[UnitScore],
    decisions: Sequence[Decision],
) -> frozenset[str]:
    """The units that this window's figures would award or leave tied; decisions are of years only."""
    binding = decisions_on_units(decisions, int(window.id)) if window.cadence == "year" else decisions_on_units((), 0)
    by_id = {item.unit_id: item for item in scores}
    pools = placed_in_pools(awards, window.first, day, units.values(), by_id, binding)
    return frozenset(item.candidate.unit_id for pool in pools for item in pool.placed if item.status != "reserve")
