"""Section 4 of scoring.md once more, from the page alone: a unit's score in a window, without rank and band."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from tests.domain.duties.oracle_of_credit import CreditOracle
from tests.domain.duties.oracle_of_periods import number


class ScoreOracle(CreditOracle):
    def window(self, name: str) -> tuple[str, date, date]:
        """Its kind, first and last day."""
        for kind in ("month", "quarter", "semester", "year"):
            days = self.all_days(kind, name)
            if days is not None:
                return kind, *days
        raise LookupError(name)

    def unranked(self, name: str, as_of: date) -> list[dict[str, Any]]:
        """The figures of every unit that has a score in the window."""
        _, first, last = self.window(name)
        every = [i for duty in self.c["duties"] for i in self.instances(duty, first, last, as_of)]
        result = []
        for unit_id in self.unit:
            own = [i for i in every if i["unit"] == unit_id]
            if own:
                result.append(self.figures(unit_id, own, first, last, as_of))
        return result

    def figures(self, unit_id: str, own: list[dict[str, Any]], first: date, last: date, as_of: date) -> dict[str, Any]:
        base = self.base(own)
        sheet = self.sheet(unit_id, first, last, as_of)
        deduction = self.deduction(unit_id, min(as_of, last))
        share = number(self.c["sheets"]["share"]) if sheet is not None else Fraction(0)
        work = [record for i in own for record, _ in i["work"]]
        return {
            "unit": unit_id,
            "base": base,
            "sheet": sheet,
            "deduction": deduction,
            "score": max(Fraction(0), (1 - share) * base + share * (sheet or 0) - deduction),
            "completion": Fraction(sum(len(i["work"]) == i["duty"]["count"] for i in own), len(own)),
            "on_time": Fraction(sum(i["on_time"] for i in own), sum(i["duty"]["count"] for i in own)),
            "evidence": Fraction(sum(bool(r["evidence"]) for r in work), len(work)) if work else Fraction(0),
            "rank": None,
            "band": "",
        }

    def base(self, own: list[dict[str, Any]]) -> Fraction:
        weights = earned = Fraction(0)
        for duty in self.c["duties"]:
            credits = [i["credit"] for i in own if i["duty"] is duty]
            if credits:
                weights += number(duty["weight"])
                earned += number(duty["weight"]) * sum(credits) / len(credits)
        return 100 * earned / weights

    def sheet(self, unit_id: str, first: date, last: date, as_of: date) -> Fraction | None:
        most = {item["id"]: number(item["max"]) for item in (self.c.get("sheets") or {}).get("items", [])}
        quarters: dict[str, dict[str, Fraction]] = {}
        for row in filter(self.exists_now, self.f.sheets):
            days = self.all_days("quarter", row["period"])
            if row["unit_id"] == unit_id and days and first <= days[1] <= last and row["assessed_on"] <= as_of:
                quarters.setdefault(row["period"], {})[row["item"]] = row["points"]
        complete = [marks for marks in quarters.values() if set(most) <= set(marks)]
        if not complete or not most:
            return None
        got = sum((marks[item] for marks in complete for item in most), Fraction(0))
        return 100 * got / (len(complete) * sum(most.values()))

    def deduction(self, unit_id: str, cut: date) -> Fraction:
        result = Fraction(0)
        for finding in filter(self.exists_now, self.f.findings):
            if finding["unit_id"] == unit_id and finding["found_on"] <= cut:
                unrectified = finding["rectified_on"] is None or finding["rectified_on"] > cut
                past = finding["deadline"] is None or finding["deadline"] < cut
                result += finding["points"] if unrectified and past else 0
        return result
