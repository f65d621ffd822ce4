"""Section 2 of scoring.md once more, from the page alone: which periods exist, and the days of each."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

DAY = timedelta(days=1)
FAR = date(9000, 1, 1)
LAST_YEAR = 2026
"""Periods without end are listed up to this year, behind every day that a test asks about."""


def number(value: Any) -> Fraction:
    return Fraction(str(value))


def when(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def day_of_year(year: int, text: str) -> date:
    """`MM-DD` in that year; 02-29 is the 28th where there is none."""
    month, day = int(text[:2]), int(text[3:])
    return date(year, month, min(day, monthrange(year, month)[1]))


class PeriodOracle:
    def __init__(self, campaign: dict[str, Any]) -> None:
        self.c = campaign
        self.starts = when(campaign["starts_on"])
        self.closes = when(campaign["closes_on"]) if campaign.get("closes_on") else FAR
        self.prepares = when(campaign["prepares_on"]) if campaign.get("prepares_on") else self.starts
        self.spelt: dict[tuple[str, str], tuple[date, date] | None] = {}
        self.named: dict[str, list[str]] = {}

    def setting(self, duty: dict[str, Any], key: str) -> Fraction:
        return number(duty.get(key, self.c["defaults"][key]))

    def semester(self, name: str) -> dict[str, date] | None:
        """Its start, end and due day."""
        for entry in self.c.get("semesters") or []:
            if entry["id"] == name and len(str(entry["start"])) == 10:
                return {key: when(entry[key]) for key in ("start", "end", "due")}
        for entry in self.c.get("semesters") or []:
            if len(str(entry["start"])) == 5 and re.fullmatch(r"[0-9]{4}-" + re.escape(entry["id"]), name):
                year = int(name[:4])
                if not 1 <= year < 9990:
                    return None
                later = {key: year + (entry[key] <= entry["start"]) for key in ("end", "due")}
                return {"start": day_of_year(year, entry["start"])} | {
                    key: day_of_year(later[key], entry[key]) for key in later
                }
        return None

    def all_days(self, kind: str, name: str) -> tuple[date, date] | None:
        """First and last day, whether the period exists or not; None: nothing is spelt so."""
        if (kind, name) not in self.spelt:
            self.spelt[kind, name] = self.find_days(kind, name)
        return self.spelt[kind, name]

    def find_days(self, kind: str, name: str) -> tuple[date, date] | None:
        if kind == "semester":
            days = self.semester(name)
            return (days["start"], days["end"] - DAY) if days else None
        form = {"month": r"([0-9]{4})-([0-9]{2})", "quarter": r"([0-9]{4})-Q([1-4])", "year": r"([0-9]{4})()"}[kind]
        match = re.fullmatch(form, name)
        if match is None or int(match[1]) == 0:
            return None
        year = int(match[1])
        first, last = 1, 12
        if kind == "month":
            first = last = int(match[2])
        if kind == "quarter":
            first, last = 3 * int(match[2]) - 2, 3 * int(match[2])
        if not 1 <= first <= last <= 12:
            return None
        return date(year, first, 1), date(year, last, monthrange(year, last)[1])

    def exists(self, kind: str, name: str) -> bool:
        if kind == "once":
            return name == "once"
        days = self.all_days(kind, name)
        return days is not None and days[0] < self.closes and days[1] >= self.starts

    def names(self, kind: str) -> list[str]:
        if kind not in self.named:
            self.named[kind] = [name for name in self.every_name(kind) if self.exists(kind, name)]
        return self.named[kind]

    def every_name(self, kind: str) -> list[str]:
        years = range(self.starts.year - 1, LAST_YEAR + 1)
        if kind == "once":
            return ["once"]
        if kind == "semester":
            result = []
            for entry in self.c.get("semesters") or []:
                repeats = len(str(entry["start"])) == 5
                result += [f"{year}-{entry['id']}" for year in years] if repeats else [entry["id"]]
            return list(dict.fromkeys(result))
        forms = {"month": [f"-{n:02}" for n in range(1, 13)], "quarter": [f"-Q{n}" for n in range(1, 5)]}
        return [f"{year}{end}" for year in years for end in forms.get(kind, [""])]
