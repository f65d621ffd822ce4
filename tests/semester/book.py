"""The sample district's book as the check reads it: the rows of its files, as far as participation's log has them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from tests.domain.duties.oracle_of_instances import Facts
from tests.semester.calendar import instant, local
from tests.semester.evidence import Event

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "semester" / "samples"  # a district whose rows stay as they were accepted
CAMPAIGN = ROOT / "campaigns" / "xue-lun-shu-in-full.yaml"
Row = dict[str, str]


def accepted(name: str) -> Iterator[Row]:
    """The rows of a file without those that refused.csv lists, each content once."""
    with (SAMPLES / "expected" / "refused.csv").open(encoding="utf-8") as file:
        refused = {int(row["line"]) for row in csv.DictReader(file) if row["file"] == name}
    with (SAMPLES / "district" / name).open(encoding="utf-8", newline="") as file:
        rows = [row for line, row in enumerate(csv.DictReader(file), 2) if line not in refused]
    seen = {tuple(row.values()): row for row in reversed(rows)}
    yield from reversed(seen.values())


def book(logs: dict[str, list[Event]]) -> Facts:
    """What participation's log says is known, and when, with the cells that the files give."""
    log = Log(logs["participation"])
    facts = Facts(_plain(_campaign()))
    facts.units = [{**row, "tags": list(filter(None, row["tags"].split(";"))), "opened_on": _day(row["opened_on"]),
                    "closed_on": _day(row["closed_on"])} for row in accepted("units.csv")]  # fmt: skip
    facts.people = [{**row, "from": _day(row["from"]), "to": _day(row["to"])} for row in accepted("people.csv")]
    facts.exemptions = list(accepted("exemptions.csv"))
    facts.records = [_record(row, log) for row in accepted("records.csv") if row["record_id"] in log.records]
    facts.records += [_our_own(data, log) for data in log.records.values() if _is_our_own(data)]
    facts.findings = [_finding(row, log) for row in accepted("findings.csv") if row["finding_id"] in log.findings]
    facts.sheets = [{**row, "points": Fraction(row["points"]), "assessed_on": _day(row["assessed_on"]),
                     "recorded": log.sheets[row["sheet_id"]]}
                    for row in accepted("sheets.csv") if row["sheet_id"] in log.sheets]  # fmt: skip
    return facts


def _campaign() -> dict[str, Any]:
    """The shipped campaign in full: its own keys over those of the file that it extends."""
    own: dict[str, Any] = yaml.safe_load(CAMPAIGN.read_text(encoding="utf-8"))
    extended: dict[str, Any] = yaml.safe_load((CAMPAIGN.parent / own.pop("extends")).read_text(encoding="utf-8"))
    return extended | own


class Log:
    """When participation learnt of what (microseconds), by id."""

    def __init__(self, events: list[Event]) -> None:
        def events_of(wire: str) -> Iterator[tuple[int, dict[str, Any]]]:
            return ((instant(event["recordedat"]), event["data"]) for event in events
                    if event["type"].rpartition(".v")[0].endswith(f"participation.{wire}"))  # fmt: skip

        self.records = {data["record_id"]: {**data, "recorded": at} for at, data in events_of("record_submitted")}
        self.withdrawn = {data["record_id"]: at for at, data in events_of("record_withdrawn")}
        self.findings = {data["finding_id"]: at for at, data in events_of("finding_reported")}
        self.rectified = {data["finding_id"]: at for at, data in events_of("rectification_reported")}
        self.sheets = {data["sheet_id"]: at for at, data in events_of("sheet_reported")}


def _record(row: Row, log: Log) -> dict[str, Any]:
    name, at = row["record_id"], instant(row["occurred_at"])
    return {"record_id": name, "record": row["record"], "unit_id": row["unit_id"], "person_id": row["person_id"],
            "day": local(at).date(), "instant": at, "period": row["period"], "content": row["content_sha256"],
            "evidence": bool(row["evidence"]), "recorded": log.records[name]["recorded"],
            "withdrawn": log.withdrawn.get(name)}  # fmt: skip


def _is_our_own(data: dict[str, Any]) -> bool:
    return str(data["record_id"]).startswith("publicity-")


def _our_own(data: dict[str, Any], log: Log) -> dict[str, Any]:
    """A deed that publicity made: no file has it."""
    at = instant(data["done_at"])
    return {"record_id": data["record_id"], "record": data["kind"], "unit_id": data["unit_id"],
            "person_id": data["person_id"], "day": local(at).date(), "instant": at, "period": data["period"],
            "content": data["content"], "evidence": bool(data["evidence"]), "recorded": data["recorded"],
            "withdrawn": log.withdrawn.get(data["record_id"])}  # fmt: skip


def _finding(row: Row, log: Log) -> dict[str, Any]:
    righted = log.rectified.get(row["finding_id"])
    return {"finding_id": row["finding_id"], "unit_id": row["unit_id"], "found_on": _day(row["found_on"]),
            "deadline": _day(row["deadline"]), "points": Fraction(row["points"]),
            "rectified_on": _day(row["rectified_on"]) if righted else None, "rectified_recorded": righted,
            "recorded": log.findings[row["finding_id"]]}  # fmt: skip


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _plain(value: Any) -> Any:
    """Days as text, as the oracle takes them."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case date():
            return value.isoformat()
    return value
