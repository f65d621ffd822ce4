"""Section 5 of scoring.md once more, and the bands of 4: who is commended, tied or in reserve, and in which place."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.domain.duties.oracle_of_periods import DAY, number
from tests.domain.duties.oracle_of_scores import ScoreOracle

Places = dict[str, tuple[str, int]]
"""Subject -> status and position."""


def seat_shares(sizes: list[int], seats: int) -> list[int]:
    """Largest remainder; equal remainders: the earlier first."""
    total = sum(sizes)
    if not total:
        return [0] * len(sizes)
    exact = [Fraction(seats * size, total) for size in sizes]
    result = [q.numerator // q.denominator for q in exact]
    order = sorted(range(len(sizes)), key=lambda n: (result[n] - exact[n], n))
    for n in order[: seats - sum(result)]:
        result[n] += 1
    return result


def rounded(exact: Fraction, rounding: str) -> int:
    floor = exact.numerator // exact.denominator
    return {"floor": floor, "ceil": floor + (exact > floor), "half_up": floor + (exact - floor >= Fraction(1, 2))}[
        rounding
    ]


def placed(merits: dict[str, Any], seats: int, chosen: set[str]) -> Places:
    """Every subject in its place; `chosen` are those that a decision names to break a tie."""
    result: Places = {}
    for merit in sorted(set(merits.values()), reverse=True):
        group = [subject for subject in merits if merits[subject] == merit]
        above = sum(other > merit for other in merits.values())
        contested = seats - above
        named = [subject for subject in group if subject in chosen]
        for subject in group:
            status = "tied"
            if len(group) <= contested:
                status = "awarded"
            elif contested <= 0:
                status = "reserve"
            elif len(named) <= contested:
                if subject in named:
                    status = "awarded"
                elif len(named) == contested:
                    status = "reserve"
            result[subject] = (status, above + 1)
    return result


class AwardOracle(ScoreOracle):
    def decided(self, year: int | None, key: str, *kinds: str) -> set[str]:
        """The subjects that decisions of that year and these kinds name."""
        every = self.f.decisions if year is not None else []
        return {d[key] for d in every if d["year"] == year and d["kind"] in kinds and d[key]}

    def settled(self, year: int) -> date:
        return date(year, 12, 31) + timedelta(days=self.c["awards"].get("settle_days", 0))

    def commended(self, year: int) -> list[tuple[int, int, str, str, int]]:
        """(pool, seats, unit, status, position)."""
        scores = self.unranked(str(year), self.settled(year))
        rows = self.places(scores, date(year, 1, 1), date(year, 12, 31), year)
        return sorted(rows, key=lambda row: (row[0], row[4], row[2]))

    def places(
        self, scores: list[dict[str, Any]], first: date, cut: date, year: int | None
    ) -> list[tuple[int, int, str, str, int]]:
        """Section 5's arithmetic on these figures, for the days from `first` to `cut`; no year: without decisions."""
        rules = self.c["awards"]["units"]
        members = [self.members(pool, first, cut) for pool in rules["pools"] or [rules["kinds"]]]
        sizes = [len(pool) for pool in members]
        seats = rounded(number(rules["percent"]) * sum(sizes) / 100, rules["rounding"])
        passed_over = self.decided(year, "unit_id", "veto", "decline")
        chosen = self.decided(year, "unit_id", "choose")
        result = []
        for n, quota in enumerate(seat_shares(sizes, seats)):
            merits = {
                s["unit"]: (s["score"], s["completion"], s["on_time"])
                for s in scores
                if s["unit"] in members[n] and s["score"] >= number(rules["pass_line"]) and s["unit"] not in passed_over
            }
            for unit, (status, position) in placed(merits, quota, chosen).items():
                result.append((n + 1, quota, unit, status, position))
        return result

    def members(self, pool: list[str], first: date, cut: date) -> list[str]:
        days = [first + n * DAY for n in range((cut - first).days + 1)]
        result = []
        for unit in self.f.units:
            among = unit["kind"] in pool and unit["kind"] in self.c["awards"]["units"]["kinds"]
            if among and self.unit_serves(unit, cut):
                served = sum(self.unit_serves(unit, day) for day in days)
                if 2 * served >= len(days):
                    result.append(unit["unit_id"])
        return result

    # 4: rank and band
    def scores(self, name: str, as_of: date) -> list[dict[str, Any]]:
        kind, first, last = self.window(name)
        cut = min(as_of, last)
        result = self.unranked(name, as_of)
        if kind in ("semester", "year"):
            kinds = self.c["awards"]["units"]["kinds"]
            among = [s for s in result if self.unit[s["unit"]]["kind"] in kinds]
            among = [s for s in among if self.unit_serves(self.unit[s["unit"]], cut)]
            placing = self.places(result, first, cut, int(name) if kind == "year" else None)
            front = [unit for _, _, unit, status, _ in placing if status in ("awarded", "tied")]
            for item in among:
                item["rank"] = 1 + sum(other["score"] > item["score"] for other in among)
                middle = item["score"] >= number(self.c["awards"]["units"]["pass_line"])
                item["band"] = "front" if item["unit"] in front else "middle" if middle else "below"
        return sorted(result, key=lambda s: (s["rank"] is None, s["rank"] or 0, s["unit"]))
