"""Sections 4 to 7 of scoring.md once more, written from the page alone.

Shares nothing with duties/, so that the two agree only when both read the page alike.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.domain.duties.oracle_of_credit import CreditOracle, number

DAY = timedelta(days=1)


class Oracle(CreditOracle):
    # 4
    def scores(self, name: str, as_of: date) -> list[dict[str, Any]]:
        kind, days = next(
            (kind, days)
            for kind in ("month", "quarter", "semester", "year")
            if (days := self.all_days(kind, name)) is not None
        )
        first, last = days
        every = [i for duty in self.c["duties"] for i in self.instances(duty, first, last, as_of)]
        result = []
        for unit in self.f.units:
            own = [i for i in every if i["unit"] == unit["unit_id"]]
            if own:
                result.append(self.score(unit, own, days, as_of))
        if kind in ("semester", "year"):
            cut = min(as_of, last)
            kinds = self.c["awards"]["units"]["kinds"]
            among = [
                s
                for s in result
                if self.unit[s["unit"]]["kind"] in kinds and self.unit_serves(self.unit[s["unit"]], cut)
            ]
            for item in among:
                item["rank"] = 1 + sum(other["score"] > item["score"] for other in among)
        return sorted(result, key=lambda s: (s["rank"] is None, s["rank"] or 0, s["unit"]))

    def score(
        self, unit: dict[str, Any], own: list[dict[str, Any]], days: tuple[date, date], as_of: date
    ) -> dict[str, Any]:
        weights = earned = Fraction(0)
        for duty in self.c["duties"]:
            credits = [self.credit(i) for i in own if i["duty"] is duty]
            if credits:
                weights += number(duty["weight"])
                earned += number(duty["weight"]) * sum(credits) / len(credits)
        base = 100 * earned / weights
        cut = min(as_of, days[1])
        deduction = Fraction(0)
        for finding in self.f.findings:
            if finding["unit_id"] == unit["unit_id"] and finding["recorded"] <= self.known:
                open_still = finding["rectified_on"] is None or finding["rectified_on"] > cut
                past = finding["deadline"] is None or finding["deadline"] < cut
                if finding["found_on"] <= cut and open_still and past:
                    deduction += finding["points"]
        got = most = Fraction(0)
        items = {item["id"] for item in self.c["sheets"]["items"]}
        rated: dict[str, set[str]] = {}
        for row in self.f.sheets:
            if row["unit_id"] == unit["unit_id"] and row["recorded"] <= self.known and row["assessed_on"] <= as_of:
                rated.setdefault(row["period"], set()).add(row["item"])
        for row in self.f.sheets:
            end = self.all_days("quarter", row["period"])
            assert end is not None
            exists = row["recorded"] <= self.known and row["assessed_on"] <= as_of
            mine = row["unit_id"] == unit["unit_id"] and rated.get(row["period"]) == items
            if mine and exists and days[0] <= end[1] <= days[1]:
                got += row["points"]
                most += next(number(i["max"]) for i in self.c["sheets"]["items"] if i["id"] == row["item"])
        sheet = 100 * got / most if most else None
        share = number(self.c["sheets"]["share"]) if sheet is not None else Fraction(0)
        work = [(i, r) for i in own for r in i["work"]]
        return {
            "unit": unit["unit_id"],
            "base": base,
            "sheet": sheet,
            "deduction": deduction,
            "score": max(Fraction(0), (1 - share) * base + share * (sheet or 0) - deduction),
            "completion": Fraction(sum(len(i["work"]) == i["duty"]["count"] for i in own), len(own)),
            "on_time": Fraction(sum(r["day"] <= i["due"] for i, r in work), sum(i["duty"]["count"] for i in own)),
            "evidence": Fraction(sum(r["evidence"] for _, r in work), len(work)) if work else Fraction(0),
            "rank": None,
        }

    def credit(self, instance: dict[str, Any]) -> Fraction:
        late = self.setting(instance["duty"], "late_credit")
        worth = [Fraction(1) if r["day"] <= instance["due"] else late for r in instance["work"]]
        return sum(worth, Fraction(0)) / int(instance["duty"]["count"])

    # 5
    def commended(self, year: int) -> list[tuple[int, int, str, str, int]]:
        """(pool, seats, unit, status, position)."""
        rules = self.c["awards"]["units"]
        first, end = date(year, 1, 1), date(year, 12, 31)
        days = [first + n * DAY for n in range((end - first).days + 1)]
        pools = rules["pools"] or [rules["kinds"]]
        members: list[list[str]] = []
        for pool in pools:
            among = [u for u in self.f.units if u["kind"] in pool and u["kind"] in rules["kinds"]]
            among = [u for u in among if self.unit_serves(u, end)]
            members.append([u["unit_id"] for u in among if 2 * sum(self.unit_serves(u, d) for d in days) >= len(days)])
        total = sum(len(m) for m in members)
        exact = number(rules["percent"]) * total / 100
        floor = exact.numerator // exact.denominator
        seats = {"floor": floor, "ceil": floor + (exact > floor), "half_up": floor + (exact - floor >= Fraction(1, 2))}
        quotas = self.shares([len(m) for m in members], seats[rules["rounding"]])
        scores = {s["unit"]: s for s in self.scores(str(year), end)}
        result = []
        for number_, (pool_members, quota) in enumerate(zip(members, quotas, strict=True), 1):
            merits = {
                unit: (s["score"], s["completion"], s["on_time"])
                for unit in pool_members
                if (s := scores.get(unit)) and s["score"] >= number(rules["pass_line"])
            }
            for unit, (status, position) in self.cut(merits, quota).items():
                result.append((number_, quota, unit, status, position))
        return sorted(result, key=lambda row: (row[0], row[4], row[2]))

    def shares(self, sizes: list[int], seats: int) -> list[int]:
        total = sum(sizes)
        if not total:
            return [0] * len(sizes)
        exact = [Fraction(seats * size, total) for size in sizes]
        given = [q.numerator // q.denominator for q in exact]
        while sum(given) < seats:
            left = [(q - q.numerator // q.denominator, -n) for n, q in enumerate(exact)]
            untouched = [
                item for item in left if given[-item[1]] == exact[-item[1]].numerator // exact[-item[1]].denominator
            ]
            given[-max(untouched)[1]] += 1
        return given

    def cut(self, merits: dict[str, Any], seats: int) -> dict[str, tuple[str, int]]:
        result = {}
        for item, merit in merits.items():
            above = sum(other > merit for other in merits.values())
            upto = sum(other >= merit for other in merits.values())
            if upto <= seats:
                result[item] = ("awarded", above + 1)
            elif above < seats:
                result[item] = ("tied", above + 1)
        return result

    # 6
    def individuals(self, year: int) -> list[tuple[str, str, Fraction, str]]:
        """(unit, person, points, status)."""
        rules = self.c["awards"]["individuals"]
        first, end = date(year, 1, 1), date(year, 12, 31)
        duties = [duty for duty in self.c["duties"] if "roles" in duty["who"]]
        until = [i for duty in duties for i in self.instances(duty, date(1, 1, 1), end, end)]
        eligible: dict[str, tuple[str, Fraction, Fraction]] = {}
        for person in self.persons:
            post = self.serving(person, end)
            mine = [i for i in until if i["person"] == person]
            asked = [i for i in mine if i["duty"].get("eligibility", True) and max(i["due"], self.starts) >= first]
            if post is None or post["role"] not in rules["roles"] or not asked:
                continue
            if any(len(i["work"]) < i["duty"]["count"] for i in asked):
                continue
            on_time = sum(r["day"] <= i["due"] for i in asked for r in i["work"])
            share = Fraction(on_time, sum(i["duty"]["count"] for i in asked))
            eligible[person] = post["unit_id"], self.points(person, mine, first, end), share
        if rules["allocation"] == "open":
            given = self.cut({person: item[1:] for person, item in eligible.items()}, rules["seats"])
        else:
            given = self.by_unit(eligible, rules["seats"], year)
        return sorted((eligible[p][0], p, eligible[p][1], status) for p, (status, _) in given.items())

    def points(self, person: str, mine: list[dict[str, Any]], first: date, end: date) -> Fraction:
        total = Fraction(0)
        of_persons = {d["record"] for d in self.c["duties"] if "roles" in d["who"]}
        for line in self.c["awards"]["individuals"]["points"]:
            got = Fraction(0)
            if line["record"] in of_persons:
                for i in mine:
                    for r in i["work"]:
                        if i["duty"]["record"] == line["record"] and r["day"] >= first:
                            got += number(line["on_time"] if r["day"] <= i["due"] else line["late"])
            else:
                for r in self.f.records:
                    if r["record"] == line["record"] and r["person_id"] == person and self.there(r, end):
                        got += number(line["on_time"]) if r["day"] >= first else 0
            total += min(got, number(line["cap"]))
        return total

    def by_unit(self, eligible: dict[str, tuple[str, Fraction, Fraction]], seats: int, year: int) -> dict[str, Any]:
        ranks = {s["unit"]: s["rank"] for s in self.scores(str(year), date(year, 12, 31))}
        units = sorted({item[0] for item in eligible.values()}, key=lambda u: (ranks.get(u) or 10**9, u))
        sizes = [sum(item[0] == unit for item in eligible.values()) for unit in units]
        quotas = sizes if len(eligible) <= seats else self.shares(sizes, seats)
        result: dict[str, Any] = {}
        for unit, quota in zip(units, quotas, strict=True):
            result |= self.cut({p: item[1:] for p, item in eligible.items() if item[0] == unit}, quota)
        return result

    # 7
    def outstanding(self, as_of: date) -> list[tuple[str, str, str, str, date, int, int, bool]]:
        result = []
        for duty in self.c["duties"]:
            rows = []
            for name in self.names(duty["every"]):
                start, _, due, _ = self.span(duty, name)
                if start <= as_of:
                    for unit, person in self.owners(duty, name):
                        done = len(self.counted(duty, name, unit, person, as_of))
                        if done < duty["count"]:
                            rows.append((duty["id"], name, unit, person, due, done, duty["count"], due < as_of))
            result += sorted(rows)
        return result
