"""Reads the sample district as accepted rows: drops what refused.csv lists and exact repeats, applies the accepted
corrections, checks nothing else."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import yaml

from duties.campaign import Campaign
from duties.days import Day, day_of, local_day, microseconds
from duties.report_requests import AwardRequest, OutstandingRequest, ScoreRequest
from duties.score_calculation import ScoreCalculation
from duties.subjects import Decision, Exemption, Finding, Membership, Record, SheetRow, Unit

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
Row = dict[str, str]


def campaign() -> Campaign:
    return Campaign.from_data(yaml.safe_load((SAMPLES / "campaign.yaml").read_bytes()))


def rows(name: str) -> Iterator[Row]:
    """The accepted rows of a file, each content once."""
    with (SAMPLES / "expected" / "refused.csv").open(encoding="utf-8") as file:
        refused = {int(row["line"]) for row in csv.DictReader(file) if row["file"] == name}
    seen: set[tuple[str, ...]] = set()
    with (SAMPLES / "district" / name).open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            content = tuple(row.values())
            if line not in refused and content not in seen:
                seen.add(content)
                yield row


KEYS = {
    "units": ("unit_id",),
    "people": ("person_id", "unit_id", "from"),
    "exemptions": ("exemption_id",),
    "records": ("record_id",),
    "findings": ("finding_id",),
    "sheets": ("sheet_id",),
    "decisions": ("decision_id",),
}


def corrected_tables() -> dict[str, list[Row]]:
    """The rows of every table that exist, as the accepted corrections left them."""
    tables = {table: {"/".join(row[key] for key in keys): row for row in rows(f"{table}.csv")}
              for table, keys in KEYS.items()}  # fmt: skip
    gone = {("records", row["record_id"]) for row in rows("withdrawals.csv")}
    for correction in rows("corrections.csv"):
        table, row_id, column = correction["table"], correction["row"], correction["column"]
        if column != "*":
            tables[table][row_id][column] = correction["value"]
        elif correction["value"] == "restore":
            gone.discard((table, row_id))
        else:
            gone.add((table, row_id))
    return {table: [row for row_id, row in by_id.items() if (table, row_id) not in gone]
            for table, by_id in tables.items()}  # fmt: skip


def optional_day(text: str) -> Day | None:
    return day_of(text) if text else None


class District:
    """Everything of the sample, by subject."""

    def __init__(self) -> None:
        self.campaign = campaign()
        self.tables = corrected_tables()
        self.decisions = [
            Decision(row["decision_id"], row["kind"], int(row["year"]), row["unit_id"], row["person_id"])  # type: ignore[arg-type]
            for row in self.tables["decisions"]
        ]
        self.units = [
            Unit(
                row["unit_id"],
                row["kind"],
                day_of(row["opened_on"]),
                optional_day(row["closed_on"]),
                frozenset(filter(None, row["tags"].split(";"))),
            )
            for row in self.tables["units"]
        ]
        self.memberships: dict[str, list[Membership]] = defaultdict(list)
        for row in self.tables["people"]:
            membership = Membership(row["unit_id"], row["role"], day_of(row["from"]), optional_day(row["to"]))
            self.memberships[row["person_id"]].append(membership)
        self.exemptions: dict[str, list[Exemption]] = defaultdict(list)
        for row in self.tables["exemptions"]:
            if not (row["person_id"] and row["unit_id"]):
                self.exemptions[row["person_id"] or row["unit_id"]].append(Exemption(row["duty"], row["period"]))
        self.findings: dict[str, list[Finding]] = defaultdict(list)
        for row in self.tables["findings"]:
            self.findings[row["unit_id"]].append(_finding(row))
        self.sheets: dict[str, list[SheetRow]] = defaultdict(list)
        for row in self.tables["sheets"]:
            self.sheets[row["unit_id"]].append(_sheet_row(row))
        self._read_records()

    def _read_records(self) -> None:
        self.of_units: dict[str, list[Record]] = defaultdict(list)
        self.of_persons: dict[str, list[Record]] = defaultdict(list)
        for row in self.tables["records"]:
            record = _record(self.campaign, row)
            if record.unit_id:
                self.of_units[record.unit_id].append(record)
            if record.person_id:
                self.of_persons[record.person_id].append(record)

    def calculate(self, requests: list[ScoreRequest | AwardRequest | OutstandingRequest]) -> ScoreCalculation:
        calculation = ScoreCalculation(self.campaign, self.units, requests, self.decisions)
        for unit in self.units:
            name = unit.unit_id
            records, exemptions = self.of_units[name], self.exemptions[name]
            calculation.add_unit(unit, records, exemptions, self.findings[name], self.sheets[name])
        for name, memberships in self.memberships.items():
            calculation.add_person(name, memberships, self.of_persons[name], self.exemptions[name])
        return calculation


def _finding(row: Row) -> Finding:
    deadline, rectified_on = optional_day(row["deadline"]), optional_day(row["rectified_on"])
    return Finding(row["finding_id"], day_of(row["found_on"]), Fraction(row["points"]), deadline, rectified_on)


def _sheet_row(row: Row) -> SheetRow:
    points = Fraction(row["points"])
    return SheetRow(row["sheet_id"], row["period"], row["item"], points, day_of(row["assessed_on"]))


def _record(campaign: Campaign, row: Row) -> Record:
    moment = datetime.fromisoformat(row["occurred_at"])
    instant = microseconds(moment if moment.tzinfo else moment.replace(tzinfo=campaign.zone))
    return Record(
        row["record_id"],
        row["record"],
        row["unit_id"],
        row["person_id"],
        local_day(instant, campaign.zone),
        instant,
        row["period"],
        row["content_sha256"],
        bool(row["evidence"]),
    )


def requests() -> list[ScoreRequest | AwardRequest | OutstandingRequest]:
    """The lines of windows.csv."""
    result: list[ScoreRequest | AwardRequest | OutstandingRequest] = []
    with (SAMPLES / "windows.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            match row["what"]:
                case "score":
                    result.append(ScoreRequest(row["id"], day_of(row["as_of"])))
                case "award":
                    result.append(AwardRequest(int(row["id"])))
                case _:
                    result.append(OutstandingRequest(day_of(row["as_of"])))
    return result
