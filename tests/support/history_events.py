"""Acts of a history (tests/domain/duties) as the reports that outside systems would send."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tests.domain.duties.oracle_of_cells import IDS, Row
from tests.domain.duties.oracle_of_history import Act
from tests.domain.duties.oracle_of_import import Outcome
from tests.support.reported import Event

KINDS = {"units": "unit", "people": "membership", "exemptions": "exemption", "records": "record",
         "withdrawals": "withdrawal", "findings": "finding", "sheets": "sheet", "decisions": "decision"}  # fmt: skip
CHANGES = {("units", "closed_on"): "unit.closed", ("people", "to"): "membership.ended",
           ("findings", "rectified_on"): "finding.rectified"}  # fmt: skip
"""Corrections of these cells that fill an empty one may also be reported as the change that they are."""
Report = tuple[str, Row]
"""The type in short, as `record.reported`, and the data."""


def can_be_reported(act: Act, outcomes: Sequence[Outcome], spent_again: Collection[str]) -> bool:
    """Whether events bring about what the act does: nothing is refused (a report would wait), nothing is entered late,
    and no correction's id is spent twice (events bear none)."""
    if act.kind == "campaign" or act.late_entry or not all(isinstance(outcome, str) for outcome in outcomes):
        return False
    if act.kind != "corrections":
        return True
    return not any(row["column"] == "reason" or row["correction_id"] in spent_again for row in act.rows)


def reports_of(act: Act, fills: Collection[str] = ()) -> list[Report]:
    """The act's rows as reports; `fills`: the corrections to be reported as the changes that they are."""
    if act.kind != "corrections":
        return [(f"{KINDS[act.kind]}.reported", {key: cell for key, cell in row.items() if cell}) for row in act.rows]
    return [correction_report(row, fills) for row in act.rows]


def cloud_event(report: Report, id: str) -> Event:
    """An empty cell is sent: it empties the row's."""
    kind, data = report
    return {"specversion": "1.0", "type": f"qihang.{kind}.v1", "source": "test", "id": id, "data": data}


def correction_report(row: Row, fills: Collection[str]) -> Report:
    table, column = row["table"], row["column"]
    ids = dict(zip(IDS[table], row["row"].split("/"), strict=True))
    if row["correction_id"] in fills and (table, column) in CHANGES:
        return CHANGES[table, column], ids | {column: row["value"]}
    kind, data = KINDS[table], ids | {"reason": row["reason"]}
    if column == "*":
        return f"{kind}.{'restored' if row['value'] else 'voided'}", data
    return f"{kind}.corrected", data | {column: row["value"]}
