"""Random small campaigns and districts, crowded with edges."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from duties.campaign import Campaign
from duties.rules import ROLES, TAGS, UNIT_KINDS
from tests.domain.duties.oracle_of_instances import Facts

SEMESTERS = [
    {"id": "2022-autumn", "start": "2022-09-01", "end": "2023-02-01", "due": "2022-12-31"},
    {"id": "2023-spring", "start": "2023-02-01", "end": "2023-09-01", "due": "2023-07-10"},
    {"id": "2023-autumn", "start": "2023-09-01", "end": "2024-02-01", "due": "2023-12-31"},
]
REPEATED = [
    {"id": "autumn", "start": "09-01", "end": "02-01", "due": "12-31"},
    {"id": "spring", "start": "02-01", "end": "09-01", "due": "07-10"},
]
WRITTEN = {"id": "2023-spring", "start": "2023-02-06", "end": "2023-08-20", "due": "2023-06-30"}
PERIODS = {
    "once": ["once"],
    "month": ["2022-11", "2022-12", "2023-01", "2023-02", "2023-06", "2023-12", "2024-01"],
    "quarter": ["2022-Q4", "2023-Q1", "2023-Q2", "2023-Q4"],
    "semester": [semester["id"] for semester in SEMESTERS],
    "year": ["2022", "2023"],
}
_MONTHS = [(year, month) for year in (2022, 2023) for month in range(1, 13)][9:]
TYPICAL = {
    "once": {"once": date(2022, 10, 20)},
    "month": {f"{year}-{month:02}": date(year, month, 15) for year, month in _MONTHS},
    "quarter": {f"{year}-Q{month // 3}": date(year, month, 20) for year, month in _MONTHS if month % 3 == 0},
    "semester": {semester["id"]: date.fromisoformat(semester["start"]) + timedelta(days=80) for semester in SEMESTERS},
    "year": {str(year): date(year, 12, 1) for year in (2022, 2023)},
}
FIRST, LAST = date(2022, 10, 1), date(2024, 2, 10)
EDGES = [
    *(date(2022, 10, 31), date(2022, 11, 1), date(2022, 12, 31), date(2023, 1, 1), date(2023, 1, 31)),
    *(date(2023, 2, 1), date(2023, 7, 10), date(2023, 8, 31), date(2023, 12, 31), date(2024, 1, 1)),
]


def some_day(rng: Random) -> date:
    if rng.random() < 0.3:
        return rng.choice(EDGES) + timedelta(days=rng.choice([-1, 0, 0, 0, 1]))
    return FIRST + timedelta(days=rng.randrange((LAST - FIRST).days))


def some(rng: Random, among: Any, least: int = 1) -> list[str]:
    return rng.sample(list(among), rng.randint(least, len(among)))


def a_duty(rng: Random, number: int) -> dict[str, Any]:
    every = rng.choice(list(PERIODS))
    who: dict[str, Any] = {"roles": some(rng, ROLES)}
    if rng.random() < 0.5:
        who = {"kinds": some(rng, UNIT_KINDS, 3)}
        if rng.random() < 0.3:
            who["tags"] = some(rng, TAGS)
    duty = {"id": f"d{number}", "who": who, "every": every, "record": f"k{number}", "count": rng.choice([1, 1, 2, 3])}
    duty["weight"] = rng.choice([1, 2, 5, "1/3", "2.5"])
    if every == "once":
        duty["due"] = rng.choice(["2022-10-31", "2022-11-20", "2022-12-31", "2023-03-01"])
    maybe = {
        "due_days": rng.choice([0, 3, 5, 40]),
        "late_days": rng.choice([0, 2, 30, 365]),
        "late_credit": rng.choice([0, "1/3", "0.25", 1]),
        "min_service": rng.choice([0, "1/3", "9/10", 1]),
        "evidence": "required",
        "distinct": "content",
        "eligibility": False,
    }
    maybe |= newer_keys(rng, every)
    return duty | {key: value for key, value in maybe.items() if rng.random() < 0.25}


def newer_keys(rng: Random, every: str) -> dict[str, Any]:
    """What version 2 of scoring.md lets a duty say."""
    result: dict[str, Any] = {
        "report_days": rng.choice([0, 5, 60]),
        "from": rng.choice(["2022-09-01", "2022-12-01", "2023-02-01"]),
        "until": rng.choice(["2023-02-02", "2023-07-01", "2024-01-01"]),
    }
    if every == "once":
        return result | {"joiners_days": rng.choice([0, 10, 100])}
    if every == "year":
        result["due_on"] = rng.choice(["01-31", "02-29", "03-31", "11-10", "12-31"])
    return result | {"counts_in": "period"}


def a_campaign(rng: Random) -> dict[str, Any]:
    duties = [a_duty(rng, number) for number in range(rng.randint(3, 7))]
    pools = [["office", "secondary"], ["school"], ["kindergarten"]]
    records = [*(duty["record"] for duty in duties), "talk", "visit"]
    return {
        "campaign": "small",
        "version": 1,
        "title": "小活动",
        "timezone": "Asia/Shanghai",
        **({"prepares_on": rng.choice(["2022-01-01", "2022-10-08", "2022-11-01"])} if rng.random() < 0.5 else {}),
        "starts_on": rng.choice(["2022-11-01", "2022-11-15", "2023-01-01"]),
        "closes_on": rng.choice([None, None, "2023-06-10", "2023-07-01", "2023-12-31"]),
        "semesters": rng.choice([SEMESTERS, REPEATED, [*REPEATED, WRITTEN]]),
        "defaults": {"late_credit": "1/2", "late_days": 10, "min_service": "1/2"}
        | ({"report_days": rng.choice([0, 20])} if rng.random() < 0.2 else {}),
        "duties": duties,
        "pauses": [
            {"duties": [duty["id"]], "kinds": some(rng, UNIT_KINDS), "periods": [rng.choice(PERIODS[duty["every"]])]}
            for duty in duties
            if rng.random() < 0.2
        ],
        "records_without_duty": ["talk", "visit"],
        "findings": {"max_points": 5},
        "sheets": {
            "kinds": ["office"],
            "share": rng.choice(["3/10", 0, 1, "0.15"]),
            "items": [{"id": "a", "max": 40}, {"id": "b", "max": "12.5"}],
        },
        "awards": {
            **({"settle_days": rng.choice([0, 15, 40])} if rng.random() < 0.5 else {}),
            "units": {
                "kinds": some(rng, UNIT_KINDS, 3),
                "percent": rng.choice([0, 15, 33, 50, 100, "12.5"]),
                "rounding": rng.choice(["floor", "half_up", "ceil"]),
                "pass_line": rng.choice([0, 20, "50.5"]),
                "pools": rng.choice([None, pools, pools[:2], pools[::-1]]),
            },
            "individuals": {
                "seats": rng.choice([0, 1, 2, 3, 5, 40]),
                "roles": some(rng, ROLES, 2),
                "allocation": rng.choice(["by_unit", "open"]),
                "points": [
                    {"record": kind, "on_time": rng.choice([1, 5, "1.5"]), "late": rng.choice([0, 1]), "cap": 6}
                    for kind in some(rng, records, 2)
                ],
            },
        },
    }


def known_periods(campaign: dict[str, Any]) -> dict[str, Any]:
    """Drops pauses of periods that this campaign does not reach, which the file may not name."""
    reading = Campaign.from_data({**campaign, "pauses": []})
    duties = reading.duty_by_id
    reached = [
        pause for pause in campaign["pauses"] if reading.period_exists(duties[pause["duties"][0]], pause["periods"][0])
    ]
    return {**campaign, "pauses": reached}


def some_facts(seed: int) -> Facts:
    rng = Random(seed)
    facts = Facts(known_periods(a_campaign(rng)))
    for number in range(rng.randint(3, 7)):
        opened, closed = date(2010, 9, 1), None
        if rng.random() < 0.25:
            opened = some_day(rng)
        if rng.random() < 0.25:
            closed = max(some_day(rng), opened + timedelta(days=1))
        kind, tags = rng.choice(UNIT_KINDS), some(rng, TAGS, 0) if rng.random() < 0.3 else []
        facts.units.append(
            {"unit_id": f"U{number}", "kind": kind, "tags": tags, "opened_on": opened, "closed_on": closed}
        )
    units = [unit["unit_id"] for unit in facts.units]
    people = [f"P{number}" for number in range(rng.randint(2, 9))]
    for person in people:
        facts.people += some_memberships(rng, person, units)
    some_records(rng, facts, units, people)
    for duty in facts.campaign["duties"]:
        for _ in range(rng.choice([0, 0, 1, 2])):
            subject = {"person_id": rng.choice(people), "unit_id": ""}
            if rng.random() < 0.5:
                subject = {"person_id": "", "unit_id": rng.choice(units)}
            facts.exemptions.append({**subject, "duty": duty["id"], "period": rng.choice(PERIODS[duty["every"]])})
    some_marks(rng, facts, units)
    some_decisions(rng, facts, units, people)
    return facts


def some_decisions(rng: Random, facts: Facts, units: list[str], people: list[str]) -> None:
    for subject in rng.sample([*units, *people], rng.choice([0, 0, 3, len(units)])):
        row = {"kind": rng.choice(["choose", "choose", "veto", "decline"]), "year": rng.choice([2022, 2023])}
        row |= {"unit_id": subject if subject in units else "", "person_id": subject if subject in people else ""}
        facts.decisions.append(row)


def some_memberships(rng: Random, person: str, units: list[str]) -> list[dict[str, Any]]:
    """One after the other, with or without a gap between."""
    rows: list[dict[str, Any]] = []
    start = date(2015, 9, 1) if rng.random() < 0.6 else some_day(rng)
    for _ in range(rng.choice([1, 1, 2, 3])):
        end = start + timedelta(days=rng.randint(1, 200)) if start >= FIRST else some_day(rng)
        row = {"person_id": person, "unit_id": rng.choice(units), "role": rng.choice(ROLES), "from": start, "to": end}
        rows.append(row)
        start = end + timedelta(days=rng.choice([0, 0, 30]))
    if rng.random() < 0.7:
        rows[-1]["to"] = None
    return rows


def a_record(rng: Random, number: int, kinds: dict[str, str], units: list[str], people: list[str]) -> dict[str, Any]:
    kind = rng.choice(list(kinds))
    day = some_day(rng)
    return {
        "record_id": f"R{number:03}" if rng.random() < 0.9 else f"r{number}",
        "record": kind,
        "unit_id": rng.choice([*units, ""]),
        "person_id": rng.choice([*people, ""]),
        "day": day,
        "instant": day.toordinal() * 24 + rng.choice([0, 9, 9, 23]),
        "period": rng.choice(PERIODS[kinds[kind]]) if kinds[kind] and rng.random() < 0.6 else "",
        "content": rng.choice(["", "", "a", "A", "b"]),
        "evidence": rng.random() < 0.6,
        "reported": day + timedelta(days=rng.choice([0, 3, 5, 6, 40])) if rng.random() < 0.7 else None,
        "recorded": rng.randrange(100),
        "withdrawn": rng.randrange(100) if rng.random() < 0.1 else None,
    }


def some_records(rng: Random, facts: Facts, units: list[str], people: list[str]) -> None:
    kinds = {duty["record"]: duty["every"] for duty in facts.campaign["duties"]} | {"talk": "", "visit": ""}
    if rng.random() < 0.6:
        diligent_records(rng, facts, units, people)
    for number in range(len(facts.records), len(facts.records) + rng.choice([5, 60, 150, 400])):
        facts.records.append(a_record(rng, number, kinds, units, people))


def diligent_records(rng: Random, facts: Facts, units: list[str], people: list[str]) -> None:
    """Nearly everybody does nearly everything, so that there are candidates and ties."""
    share = rng.choice([0.8, 0.97, 1])
    for duty in facts.campaign["duties"]:
        for period, day in TYPICAL[duty["every"]].items():
            for subject in people if "roles" in duty["who"] else units:
                for _ in range(duty["count"] if rng.random() < share else 0):
                    row = a_record(rng, len(facts.records), {duty["record"]: duty["every"]}, units, people)
                    row |= {"unit_id" if subject in units else "person_id": subject, "period": period}
                    row |= {"day": day, "instant": day.toordinal() * 24 + rng.choice([0, 9]), "evidence": True}
                    if rng.random() < 0.05:
                        row |= {"day": day + timedelta(days=25), "instant": (day.toordinal() + 25) * 24}
                    facts.records.append(row | {"content": "", "withdrawn": None, "recorded": rng.randrange(30)})


def some_marks(rng: Random, facts: Facts, units: list[str]) -> None:
    for _ in range(rng.randint(0, 6)):
        result = some_day(rng)
        finding = {"unit_id": rng.choice(units), "found_on": result, "points": Fraction(rng.randint(0, 10), 2)}
        finding["deadline"] = some_day(rng) if rng.random() < 0.6 else None
        finding["rectified_on"] = some_day(rng) if rng.random() < 0.5 else None
        facts.findings.append(finding | {"recorded": rng.randrange(100)})
    for unit in units:
        for quarter in PERIODS["quarter"]:
            for item in "ab" if rng.random() < 0.3 else "a" if rng.random() < 0.2 else "":
                row = {"unit_id": unit, "period": quarter, "item": item, "assessed_on": some_day(rng)}
                row |= {"points": Fraction(rng.randint(0, 25), 2), "recorded": rng.randrange(100)}
                facts.sheets.append(row)
