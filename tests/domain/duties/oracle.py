"""Sections 6 and 7 of scoring.md once more, written from the page alone, upon the oracles of the sections before.

Shares nothing with duties/, so that the two agree only when both read the page alike.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from tests.domain.duties.oracle_of_awards import AwardOracle, Places, placed, seat_shares
from tests.domain.duties.oracle_of_periods import number


class Oracle(AwardOracle):
    # 6
    def individuals(self, year: int) -> list[tuple[str, str, Fraction, str]]:
        """(unit, person, points, status)."""
        rules = self.c["awards"]["individuals"]
        eligible = self.eligible(year)
        passed_over = self.decided(year, "person_id", "veto", "decline")
        chosen = self.decided(year, "person_id", "choose")
        if rules["allocation"] == "open":
            given = self.in_order(eligible, passed_over, chosen, rules["seats"])
        else:
            given = self.by_unit(eligible, passed_over, chosen, year)
        result = [(eligible[p][0], p, eligible[p][1], status) for p, (status, _) in given.items()]
        return sorted(row for row in result if row[3] != "reserve")

    def eligible(self, year: int) -> dict[str, tuple[str, Fraction, Fraction]]:
        """Person -> unit on E, points, on-time share."""
        first, end, as_of = date(year, 1, 1), date(year, 12, 31), self.settled(year)
        duties = [duty for duty in self.c["duties"] if "roles" in duty["who"]]
        every = [self.with_work(i, as_of) for duty in duties for name in self.names(duty["every"])
                 for i in self.owners(duty, name) if i["due"] <= as_of]  # fmt: skip
        of_year = [
            (i["person"], i)
            for duty in duties
            if duty.get("eligibility", True)
            for i in self.instances(duty, first, end, as_of)
        ]
        result: dict[str, tuple[str, Fraction, Fraction]] = {}
        for person in self.persons:
            membership = self.serving(person, end)
            asked = [i for owner, i in of_year if owner == person]
            if membership is None or membership["role"] not in self.c["awards"]["individuals"]["roles"] or not asked:
                continue
            if all(len(i["work"]) == i["duty"]["count"] for i in asked):
                mine = [i for i in every if i["person"] == person]
                share = Fraction(sum(i["on_time"] for i in asked), sum(i["duty"]["count"] for i in asked))
                result[person] = membership["unit_id"], self.points(person, mine, first, end), share
        return result

    def points(self, person: str, mine: list[dict[str, Any]], first: date, end: date) -> Fraction:
        total = Fraction(0)
        of_persons = {d["record"] for d in self.c["duties"] if "roles" in d["who"]}
        for line in self.c["awards"]["individuals"]["points"]:
            got = Fraction(0)
            if line["record"] in of_persons:
                for i in mine:
                    for record, on_time in i["work"]:
                        if i["duty"]["record"] == line["record"] and first <= record["day"] <= end:
                            got += number(line["on_time"] if on_time else line["late"])
            else:
                for record in filter(self.exists_now, self.filed[line["record"], "person_id", person]):
                    got += number(line["on_time"]) if first <= record["day"] <= end else 0
            total += min(got, number(line["cap"]))
        return total

    def in_order(
        self, among: dict[str, tuple[str, Fraction, Fraction]], passed_over: set[str], chosen: set[str], seats: int
    ) -> Places:
        return placed({p: item[1:] for p, item in among.items() if p not in passed_over}, seats, chosen)

    def by_unit(
        self, eligible: dict[str, tuple[str, Fraction, Fraction]], passed_over: set[str], chosen: set[str], year: int
    ) -> Places:
        seats = self.c["awards"]["individuals"]["seats"]
        ranks = {s["unit"]: s["rank"] for s in self.scores(str(year), self.settled(year))}
        units = sorted({item[0] for item in eligible.values()}, key=lambda u: (ranks.get(u) or 10**9, u))
        sizes = [sum(item[0] == unit for item in eligible.values()) for unit in units]
        quotas = sizes if len(eligible) <= seats else seat_shares(sizes, seats)
        result: Places = {}
        for unit, quota in zip(units, quotas, strict=True):
            own = {p: item for p, item in eligible.items() if item[0] == unit}
            result |= self.in_order(own, passed_over, chosen, quota)
        return result

    # 7
    def outstanding(self, as_of: date) -> list[tuple[str, str, str, str, date, int, int, bool]]:
        """(duty, period, unit, person, due, counted, count, overdue)."""
        result = []
        for duty in self.c["duties"]:
            rows = []
            for name in self.names(duty["every"]):
                for i in self.owners(duty, name):
                    done = len(self.counted(i, as_of)) if i["start"] <= as_of else duty["count"]
                    if done < duty["count"]:
                        who = i["unit"], i["person"]
                        rows.append((duty["id"], name, *who, i["due"], done, duty["count"], i["due"] < as_of))
            result += sorted(rows)
        return result
