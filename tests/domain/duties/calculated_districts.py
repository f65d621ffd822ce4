"""The plain facts of a district as the values of duties/, calculated."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from random import Random
from typing import Any

from duties.campaign import Campaign
from duties.report_requests import AwardRequest, OutstandingRequest, ScoreRequest
from duties.score_calculation import ScoreCalculation
from duties.subjects import Decision, Exemption, Finding, Membership, Record, SheetRow, Unit
from tests.domain.duties.oracle_of_instances import Facts


def a_unit(row: dict[str, Any]) -> Unit:
    closed = row["closed_on"].toordinal() if row["closed_on"] else None
    return Unit(row["unit_id"], row["kind"], row["opened_on"].toordinal(), closed, frozenset(row["tags"]))


def a_deed(row: dict[str, Any]) -> Record:
    return Record(
        row["record_id"],
        row["record"],
        row["unit_id"],
        row["person_id"],
        row["day"].toordinal(),
        row["instant"],
        row["period"],
        row["content"],
        row["evidence"],
        _ordinal(row.get("reported")),
    )


def known(row: dict[str, Any], known_at: int | None) -> bool:
    """Whether the row exists as known at that instant (None: now)."""
    if known_at is None:
        return row.get("withdrawn") is None
    return row["recorded"] <= known_at and (row.get("withdrawn") is None or row["withdrawn"] > known_at)


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def calculated(
    facts: Facts,
    requests: list[ScoreRequest | AwardRequest | OutstandingRequest],
    known_at: int | None = None,
    order: int = 0,
) -> ScoreCalculation:
    """The whole district, its rows and subjects in an order of their own for each `order` but 0."""
    by: dict[str, dict[str, list[Any]]] = {key: defaultdict(list) for key in ("unit_id", "person_id", "post", "exempt")}
    for row in (row for row in facts.records if known(row, known_at)):
        for key in ("unit_id", "person_id"):
            by[key][row[key]].append(a_deed(row))
    for row in facts.people:
        to = _ordinal(row["to"])
        by["post"][row["person_id"]].append(Membership(row["unit_id"], row["role"], row["from"].toordinal(), to))
    for row in facts.exemptions:
        by["exempt"][row["person_id"] or row["unit_id"]].append(Exemption(row["duty"], row["period"]))
    rng = Random(order)

    def shuffle(rows: list[Any]) -> None:
        if order:
            rng.shuffle(rows)

    for group in by.values():
        for rows in group.values():
            shuffle(rows)
    units = [a_unit(row) for row in facts.units]
    shuffle(units)
    decisions = [
        Decision(f"D{number}", row["kind"], row["year"], row["unit_id"], row["person_id"])
        for number, row in enumerate(facts.decisions)
    ]
    shuffle(decisions)
    calculation = ScoreCalculation(Campaign.from_data(facts.campaign), units, requests, decisions)
    subjects: list[Any] = [*units, *by["post"]]
    shuffle(subjects)
    for subject in subjects:
        if isinstance(subject, Unit):
            name = subject.unit_id
            calculation.add_unit(subject, by["unit_id"][name], by["exempt"][name], *assessed(facts, name, known_at))
        else:
            calculation.add_person(subject, by["post"][subject], by["person_id"][subject], by["exempt"][subject])
    return calculation


def assessed(facts: Facts, unit_id: str, known_at: int | None) -> tuple[list[Finding], list[SheetRow]]:
    findings = [
        Finding(
            "F",
            row["found_on"].toordinal(),
            row["points"],
            _ordinal(row["deadline"]),
            _ordinal(row["rectified_on"]),
        )
        for row in facts.findings
        if row["unit_id"] == unit_id and known(row, known_at)
    ]
    sheets = [
        SheetRow("Q", row["period"], row["item"], row["points"], row["assessed_on"].toordinal())
        for row in facts.sheets
        if row["unit_id"] == unit_id and known(row, known_at)
    ]
    return findings, sheets
