"""Totals that are kept and changed part by part give, figure for figure, what a calculation of everything gives."""

from __future__ import annotations

from collections.abc import Collection
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from duties.campaign import Campaign
from duties.days import day_of, iso
from duties.kept_totals import KeptTotals
from duties.ranking import ranked
from duties.report_requests import ScoreRequest
from duties.subjects import Exemption, Membership
from tests.domain.duties.calculated_districts import a_deed, a_unit, assessed, calculated, known
from tests.domain.duties.oracle_of_instances import Facts
from tests.domain.duties.small_districts import some_facts

REQUESTS = [ScoreRequest(window, day_of(day)) for window, day in (
    ("2022-autumn", "2023-01-20"), ("2022-Q4", "2022-12-20"), ("2023", "2023-07-12"), ("2023", "2024-01-20"),
)]  # fmt: skip
CHANGING = ("records", "people", "exemptions", "findings", "sheets")


def changed(facts: Facts, away: dict[str, list[Any]], rng: Random) -> list[dict[str, Any]]:
    """Takes some rows away and brings others back; they are answered."""
    moved = []
    for _ in range(rng.randint(1, 5)):
        name = rng.choice(CHANGING)
        here, there = getattr(facts, name), away[name]
        source, target = (here, there) if rng.random() < 0.5 else (there, here)
        if source:
            row = source.pop(rng.randrange(len(source)))
            target.append(row)
            moved.append(row)
    return moved


def give_units(totals: KeptTotals, facts: Facts, unit_ids: Collection[str]) -> None:
    for unit_id in unit_ids:
        records = [a_deed(row) for row in facts.records if row["unit_id"] == unit_id and known(row, None)]
        exempt = [Exemption(row["duty"], row["period"]) for row in facts.exemptions
                  if row["unit_id"] == unit_id and not row["person_id"]]  # fmt: skip
        totals.replace_unit(unit_id, records, exempt, *assessed(facts, unit_id, None))


def give_person(totals: KeptTotals, facts: Facts, person_id: str, served: Collection[str]) -> None:
    memberships = [
        Membership(row["unit_id"], row["role"], row["from"].toordinal(), row["to"] and row["to"].toordinal())
        for row in facts.people if row["person_id"] == person_id
    ]  # fmt: skip
    records = [a_deed(row) for row in facts.records if row["person_id"] == person_id and known(row, None)]
    exempt = [Exemption(row["duty"], row["period"]) for row in facts.exemptions if row["person_id"] == person_id]
    totals.replace_person(person_id, served, memberships, records, exempt)


def by_duty(totals: KeptTotals, request: ScoreRequest) -> dict[tuple[str, str], list[int]]:
    """Of each unit and duty: instances, complete, on time, late, evidence, all months together."""
    result: dict[tuple[str, str], list[int]] = {}
    for unit_id in totals.units:
        for line in totals.figures([unit_id]):
            last = min(totals.window.last, request.as_of)
            assert iso(totals.window.first)[:7] <= line.month <= iso(last)[:7]
            assert line.complete >= line.punctual >= 0
            sums = result.setdefault((unit_id, line.duty.id), [0] * 5)
            of_month = (line.instances, line.complete, line.on_time, line.late, line.evidence)
            result[unit_id, line.duty.id] = [before + more for before, more in zip(sums, of_month, strict=True)]
    return result


def by_duty_of_all(facts: Facts, request: ScoreRequest) -> dict[tuple[str, str], list[int]]:
    """The same of a calculation of everything."""
    calculation = calculated(facts, [request])
    totals = calculation._window_totals[request]
    return {(unit_id, line.duty.id): [*line[1:]] for unit_id in calculation.units for line in totals.of_unit(unit_id)}


def last_records(facts: Facts, totals: KeptTotals, request: ScoreRequest) -> dict[str, int]:
    """Of each unit the day of the last record of its own, or of somebody's while they served there."""
    result = dict.fromkeys(totals.units, 0)
    for row in facts.records:
        day = a_deed(row).day
        if day > request.as_of or not known(row, None):
            continue
        served = [
            member["unit_id"]
            for member in facts.people
            if member["person_id"] == row["person_id"]
            and member["from"].toordinal() <= day
            and (not member["to"] or day < member["to"].toordinal())
        ]
        for unit_id in {row["unit_id"], *served} & result.keys():
            result[unit_id] = max(result[unit_id], day)
    return result


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1 << 32), st.sampled_from(REQUESTS), st.sampled_from([0, 1, 3, 1000]))
def test_after_any_changes_the_kept_scores_are_those_of_a_whole_calculation(
    seed: int, request: ScoreRequest, most_parts: int
) -> None:
    facts, rng = some_facts(seed), Random(seed)
    served: dict[str, set[str]] = {row["person_id"]: set() for row in facts.people}
    for row in facts.people:
        served[row["person_id"]].add(row["unit_id"])
    away: dict[str, list[Any]] = {name: [] for name in CHANGING}
    totals = KeptTotals(Campaign.from_data(facts.campaign), map(a_unit, facts.units), request, most_parts)
    touched, units, filled = set(served), set(totals.units), set(totals.units)
    for _ in range(6):
        totals.begin_filling(filled)
        give_units(totals, facts, filled | units)
        for person_id in served:
            if person_id in touched or served[person_id] & filled:
                give_person(totals, facts, person_id, served[person_id])
        totals.end_filling()
        decisions = calculated(facts, [request]).decisions
        kept = ranked(totals.campaign, totals.window, request.as_of, totals.units, totals.scores(), decisions)
        assert kept == calculated(facts, [request]).scores(request)
        assert by_duty(totals, request) == by_duty_of_all(facts, request)
        assert {unit: totals.last_record(unit) for unit in totals.units} == last_records(facts, totals, request)
        moved = changed(facts, away, rng)
        touched = {row["person_id"] for row in moved if row.get("person_id")}
        units = {row["unit_id"] for row in moved if row.get("unit_id")}
        filled = {unit for person in touched for unit in served.get(person, ()) if not totals.holds(unit)}
