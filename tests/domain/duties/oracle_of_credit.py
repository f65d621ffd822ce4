"""Sections 2 and 3 of scoring.md once more, from the page alone: naive, slow, on dates and the file's raw data."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

DAY = timedelta(days=1)
FAR = date(9000, 1, 1)


@dataclass
class Facts:
    """Rows as dicts, dates as dates; `recorded` and `withdrawn` are knowledge instants (withdrawn None: never)."""

    campaign: dict[str, Any]
    units: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    exemptions: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    sheets: list[dict[str, Any]] = field(default_factory=list)


def number(value: Any) -> Fraction:
    return Fraction(str(value))


def when(text: str) -> date:
    return date.fromisoformat(text)


class CreditOracle:
    def __init__(self, facts: Facts, known: int | None = None) -> None:
        self.f = facts
        self.c = facts.campaign
        self.known = 10**18 if known is None else known
        self.starts = when(self.c["starts_on"])
        self.closes = when(self.c["closes_on"]) if self.c["closes_on"] else FAR
        self.owing: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.spelt: dict[tuple[str, str], tuple[date, date] | None] = {}
        self.named: dict[str, list[str]] = {}
        self.unit = {unit["unit_id"]: unit for unit in facts.units}
        self.persons: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.filed: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in facts.records:
            for key in ("unit_id", "person_id"):
                self.filed[row["record"], key, row[key]].append(row)
        for row in facts.people:
            self.persons[row["person_id"]].append(row)

    # 2
    def setting(self, duty: dict[str, Any], key: str) -> Fraction:
        return number(duty.get(key, self.c["defaults"][key]))

    def all_days(self, kind: str, name: str) -> tuple[date, date] | None:
        """First and last day."""
        if (kind, name) not in self.spelt:
            self.spelt[kind, name] = self.find_days(kind, name)
        return self.spelt[kind, name]

    def find_days(self, kind: str, name: str) -> tuple[date, date] | None:
        if kind == "semester":
            for semester in self.c["semesters"]:
                if semester["id"] == name:
                    return when(semester["start"]), when(semester["end"]) - DAY
            return None
        for year in range(2021, 2026):
            months = {"month": range(1, 13), "quarter": range(1, 5), "year": [1]}[kind]
            for n in months:
                first = (n - 1) * 3 + 1 if kind == "quarter" else n
                last = {"month": n, "quarter": first + 2, "year": 12}[kind]
                spelt = {"month": f"{year}-{n:02}", "quarter": f"{year}-Q{n}", "year": f"{year}"}[kind]
                if spelt == name:
                    return date(year, first, 1), date(year, last, monthrange(year, last)[1])
        return None

    def names(self, kind: str) -> list[str]:
        if kind not in self.named:
            self.named[kind] = self.find_names(kind)
        return self.named[kind]

    def find_names(self, kind: str) -> list[str]:
        if kind == "once":
            return ["once"]
        if kind == "semester":
            every = [semester["id"] for semester in self.c["semesters"]]
        else:
            forms = {"month": [f"-{n:02}" for n in range(1, 13)], "quarter": [f"-Q{n}" for n in range(1, 5)]}
            every = [f"{year}{end}" for year in range(2021, 2026) for end in forms.get(kind, [""])]
        result = []
        for name in every:
            days = self.all_days(kind, name)
            assert days is not None
            if days[0] < self.closes and days[1] >= self.starts:
                result.append(name)
        return result

    def span(self, duty: dict[str, Any], name: str) -> tuple[date, date, date, date]:
        """Start, last day, due, late limit."""
        extra = timedelta(days=duty.get("due_days", 0))
        late = timedelta(days=int(self.setting(duty, "late_days")))
        if duty["every"] == "once":
            due = when(duty["due"]) + extra
            return self.starts, FAR, due, due + late
        days = self.all_days(duty["every"], name)
        assert days is not None
        if duty["every"] == "semester":
            due = next(when(semester["due"]) for semester in self.c["semesters"] if semester["id"] == name) + extra
            return *days, due, max(due, days[1])
        due = days[1] + extra
        return *days, due, due + late

    def serving(self, person: str, day: date) -> dict[str, Any] | None:
        for row in self.persons[person]:
            if row["from"] <= day and (row["to"] is None or day < row["to"]):
                return row
        return None

    def unit_serves(self, unit: dict[str, Any], day: date) -> bool:
        return bool(unit["opened_on"] <= day) and (unit["closed_on"] is None or day < unit["closed_on"])

    def paused(self, duty: str, kind: str, name: str) -> bool:
        return any(duty in p["duties"] and kind in p["kinds"] and name in p["periods"] for p in self.c["pauses"])

    def exempt(self, key: str, subject: str, duty: str, name: str) -> bool:
        return any(e[key] == subject and e["duty"] == duty and e["period"] == name for e in self.f.exemptions)

    def owners(self, duty: dict[str, Any], name: str) -> list[tuple[str, str]]:
        """(unit, person or ''); remembered, since no as-of day changes them."""
        key = duty["id"], name
        if key not in self.owing:
            self.owing[key] = self.find_owners(duty, name)
        return self.owing[key]

    def find_owners(self, duty: dict[str, Any], name: str) -> list[tuple[str, str]]:
        start, _, due, _ = self.span(duty, name)
        who = duty["who"]
        result = []
        if "roles" not in who:
            for unit in self.f.units:
                named = unit["kind"] in who.get("kinds", []) or bool(set(unit["tags"]) & set(who.get("tags", [])))
                named = named and not self.paused(duty["id"], unit["kind"], name)
                exempt = self.exempt("unit_id", unit["unit_id"], duty["id"], name)
                if named and self.unit_serves(unit, due) and not exempt:
                    result.append((unit["unit_id"], ""))
            return result
        for person in self.persons:
            post = self.serving(person, due)
            if post is None or post["role"] not in who["roles"]:
                continue
            if duty["every"] != "once":
                days = [start + n * DAY for n in range((due - start).days + 1)]
                served = sum(self.serving(person, day) is not None for day in days)
                if served < self.setting(duty, "min_service") * len(days):
                    continue
            if self.exempt("person_id", person, duty["id"], name):
                continue
            if not self.paused(duty["id"], self.unit[post["unit_id"]]["kind"], name):
                result.append((post["unit_id"], person))
        return result

    # 3
    def there(self, record: dict[str, Any], as_of: date) -> bool:
        return bool(
            record["recorded"] <= self.known
            and (record["withdrawn"] is None or record["withdrawn"] > self.known)
            and record["day"] <= as_of
        )

    def belongs(self, duty: dict[str, Any], record: dict[str, Any]) -> str | None:
        names = self.names(duty["every"])
        if record["period"]:
            return record["period"] if record["period"] in names else None
        if duty["every"] == "once":
            return "once"
        for name in names:
            start, last, _, _ = self.span(duty, name)
            if start <= record["day"] <= last:
                return name
        return None

    def counted(self, duty: dict[str, Any], name: str, unit: str, person: str, as_of: date) -> list[dict[str, Any]]:
        key, subject = ("person_id", person) if person else ("unit_id", unit)
        own = self.filed[duty["record"], key, subject]
        own = sorted((r for r in own if self.there(r, as_of)), key=lambda r: (r["instant"], r["record_id"]))
        _, _, _, limit = self.span(duty, name)
        result = []
        for place, record in enumerate(own):
            if self.belongs(duty, record) != name or record["day"] > limit:
                continue
            if duty.get("evidence") == "required" and not record["evidence"]:
                continue
            same = [r for r in own[:place] if r["content"] and r["content"].lower() == record["content"].lower()]
            if duty.get("distinct") == "content" and same:
                continue
            result.append(record)
        return result[: duty["count"]]

    def instances(self, duty: dict[str, Any], first: date, last: date, as_of: date) -> list[dict[str, Any]]:
        """With due, as windows ask it, in [first, last] and by as_of."""
        result = []
        for name in self.names(duty["every"]):
            due = self.span(duty, name)[2]
            if first <= max(due, self.starts) <= min(last, as_of):
                for unit, person in self.owners(duty, name):
                    work = self.counted(duty, name, unit, person, as_of)
                    result.append({"unit": unit, "person": person, "due": due, "work": work, "duty": duty})
        return result
