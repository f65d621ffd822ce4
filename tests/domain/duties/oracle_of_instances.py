"""Sections 1 and 2 of scoring.md once more: the facts of a district as known, and who owes what by when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.domain.duties.oracle_of_periods import DAY, FAR, PeriodOracle, day_of_year, number, when


@dataclass
class Facts:
    """Rows as known at some instant: dicts, dates as dates; a record's `reported` None: it is not asked."""

    campaign: dict[str, Any]
    units: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    exemptions: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    sheets: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)


class InstanceOracle(PeriodOracle):
    def __init__(self, facts: Facts) -> None:
        super().__init__(facts.campaign)
        self.f = facts
        self.owing: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.unit = {unit["unit_id"]: unit for unit in facts.units}
        self.persons: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in facts.people:
            self.persons[row["person_id"]].append(row)

    def span(self, duty: dict[str, Any], name: str) -> tuple[date, date, date, date]:
        """Start, last day, due, late limit."""
        extra = timedelta(days=duty.get("due_days", 0))
        late = timedelta(days=int(self.setting(duty, "late_days")))
        if duty["every"] == "once":
            due = when(duty["due"]) + extra
            return self.prepares, FAR, due, due + late
        days = self.all_days(duty["every"], name)
        assert days is not None
        if duty["every"] == "semester":
            semester = self.semester(name)
            assert semester is not None
            due = semester["due"] + extra
            return *days, due, max(due, days[1])
        last = day_of_year(days[0].year, duty["due_on"]) if "due_on" in duty else days[1]
        due = last + extra
        return *days, due, due + late

    def in_force(self, duty: dict[str, Any], day: date) -> bool:
        """`from` and `until` of the duty."""
        return ("from" not in duty or when(duty["from"]) <= day) and ("until" not in duty or day < when(duty["until"]))

    def owed(self, duty: dict[str, Any], name: str) -> bool:
        start, _, due, _ = self.span(duty, name)
        if "due_on" in duty and day_of_year(start.year, duty["due_on"]) < self.prepares:
            return False
        return self.in_force(duty, due if duty["every"] == "once" else start)

    def serving(self, person: str, day: date) -> dict[str, Any] | None:
        for row in self.persons[person]:
            if row["from"] <= day and (row["to"] is None or day < row["to"]):
                return row
        return None

    def unit_serves(self, unit: dict[str, Any], day: date) -> bool:
        return bool(unit["opened_on"] <= day) and (unit["closed_on"] is None or day < unit["closed_on"])

    def paused(self, duty: str, kind: str, name: str) -> bool:
        pauses = self.c.get("pauses") or []
        return any(duty in p["duties"] and kind in p["kinds"] and name in p["periods"] for p in pauses)

    def exempt(self, key: str, subject: str, duty: str, name: str) -> bool:
        return any(e[key] == subject and e["duty"] == duty and e["period"] == name for e in self.f.exemptions)

    def owners(self, duty: dict[str, Any], name: str) -> list[dict[str, Any]]:
        """Every instance of the duty in that period; remembered, since no as-of day changes them."""
        key = duty["id"], name
        if key not in self.owing:
            subjects = self.persons if "roles" in duty["who"] else self.unit
            each = [self.instance(duty, name, subject) for subject in subjects]
            self.owing[key] = [instance for instance in each if instance is not None]
        return self.owing[key]

    def instance(self, duty: dict[str, Any], name: str, subject: str) -> dict[str, Any] | None:
        start, last, due, limit = self.span(duty, name)
        of_person = "roles" in duty["who"]
        if duty["every"] == "once" and "joiners_days" in duty and not self.asked_on(duty, subject, due):
            joined = self.joined(duty, subject, due)
            if joined is None:
                return None
            start, limit = joined, limit - due + joined + timedelta(days=duty["joiners_days"])
            due = joined + timedelta(days=duty["joiners_days"])
            if not self.in_force(duty, due):
                return None
        elif not self.owed(duty, name):
            return None
        unit = self.asked_on(duty, subject, due)
        if not unit or self.exempt("person_id" if of_person else "unit_id", subject, duty["id"], name):
            return None
        if of_person and duty["every"] != "once" and not self.enough_service(duty, subject, start, due):
            return None
        if unit in self.unit and self.paused(duty["id"], self.unit[unit]["kind"], name):
            return None
        person = subject if of_person else ""
        dates = {"start": start, "last": last, "due": due, "limit": limit}
        return {"duty": duty, "period": name, "unit": unit, "person": person, **dates}

    def asked_on(self, duty: dict[str, Any], subject: str, day: date) -> str:
        """The unit to which the subject would owe the duty on that day; "" without service."""
        who = duty["who"]
        if "roles" in who:
            membership = self.serving(subject, day)
            return membership["unit_id"] if membership and membership["role"] in who["roles"] else ""
        unit = self.unit[subject]
        named = unit["kind"] in who.get("kinds", []) or bool(set(unit["tags"]) & set(who.get("tags", [])))
        return subject if named and self.unit_serves(unit, day) else ""

    def joined(self, duty: dict[str, Any], subject: str, due: date) -> date | None:
        """The first day after `due`, before `closes_on`, on which the subject is in service (in a role asked)."""
        begins = [row["from"] for row in self.persons[subject]] if "roles" in duty["who"] else []
        begins += [] if begins else [self.unit[subject]["opened_on"]]
        for day in sorted({due + DAY, *begins}):
            if due < day < self.closes and self.asked_on(duty, subject, day):
                return day
        return None

    def enough_service(self, duty: dict[str, Any], person: str, start: date, due: date) -> bool:
        days = [start + n * DAY for n in range((due - start).days + 1)]
        served = sum(self.serving(person, day) is not None for day in days)
        return served >= number(self.setting(duty, "min_service")) * len(days)
