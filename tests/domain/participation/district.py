"""The sample campaign and district for these tests, and an import of files as the shell does it."""

import csv
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from duties.campaign import Campaign, campaign_data
from services.participation.batch.domain import decide_row
from services.participation.domain import (
    ROW_KINDS,
    Accepted,
    Decision,
    Ledger,
    Row,
    UnitRow,
    row_of,
)
from services.participation.registry.domain.units import decide_units

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@cache
def campaign_document() -> dict[str, Any]:
    return campaign_data(yaml.safe_load((SAMPLES / "campaign.yaml").read_text(encoding="utf-8")))


@cache
def sample_rules() -> Campaign:
    return Campaign.from_data(campaign_document())


def key_of(person_id: str) -> bytes:
    return f"key of {person_id}".encode()


def sample_rows(kind: str) -> Iterator[tuple[int, Row]]:
    """The rows of a sample file, each with the number of its first line; of a file that the sample lacks none."""
    if kind == "post":
        return
    with (SAMPLES / "district" / ROW_KINDS[kind].file).open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        line = reader.line_num + 1
        for cells in reader:
            yield line, row_of(kind, dict(zip(header, cells, strict=False)))
            line = reader.line_num + 1


def decide_file(rows: Sequence[Row], ledger: Ledger, rules: Campaign) -> list[Decision]:
    """Decides the rows of one file in their order; the ledger applies what is accepted."""
    units = [row for row in rows if isinstance(row, UnitRow)]
    if units:
        decisions = decide_units(units, ledger)
        for decision in decisions:
            apply_decision(decision, ledger)
        return decisions
    return [apply_decision(decide_row(row, ledger, rules, key_of), ledger) for row in rows]


def apply_decision(decision: Decision, ledger: Ledger) -> Decision:
    if isinstance(decision, Accepted):
        ledger.fold(decision.events)
    return decision
