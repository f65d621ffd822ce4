"""Section 1 of scoring.md once more, from the page alone: every fault of a row among the rows that exist, in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from tests.domain.duties.oracle_of_cells import (
    IDS,
    REQUIRED,
    TABLES,
    UNITS,
    Row,
    as_date,
    as_instant,
    as_number,
    bad_text,
    malformed,
    tags_of,
)
from tests.domain.duties.oracle_of_periods import FAR, PeriodOracle, number

Fault = tuple[str, str]
"""(code, column)."""
no_row: Fault = ("", "")
CODES = [
    *("missing", "bad_text", "malformed", "unknown", "not_in_service", "bad_order", "overlapping", "one_of"),
    *("duplicate", "out_of_range", "self_assessment", "not_assigned"),
]


def covers(start: str, end: str, day: date) -> bool:
    """`[start, end)`; an empty end: for ever."""
    first, last = as_date(start), as_date(end) if end else FAR
    return bool(first and last and first <= day < last)


class RowOracle:
    def __init__(self, campaign: dict[str, Any], rows: dict[str, dict[str, Row]]) -> None:
        self.c = campaign
        self.rows = {table: every.values() for table, every in rows.items()}
        self.records = rows["records"]
        self.periods = PeriodOracle(campaign)
        self.zone = ZoneInfo(campaign["timezone"])
        self.units = rows["units"]
        self.duty = {duty["id"]: duty for duty in campaign["duties"]}
        self.counting = {duty["record"]: duty for duty in campaign["duties"]}

    def faults(self, table: str, row: Row, assumed: set[str]) -> list[Fault]:
        """`assumed`: units that exist besides; each fault once, in the order in which codes and columns are asked."""
        groups = [
            [("missing", column) for column in TABLES[table] if not row[column] and self.required(table, column, row)],
            [("bad_text", column) for column in TABLES[table] if bad_text(column, row[column])],
            self.bad_cells(table, row),
            [(code, column) for column in TABLES[table] if (code := self.unknown(table, column, row, assumed))],
            list(self.others(table, row)),
        ]
        return [fault for group in groups for fault in group]

    # what the campaign says of kinds
    def known_kinds(self) -> set[str]:
        return {*self.counting, *(self.c.get("records_without_duty") or []), *self.lines()}

    def lines(self) -> set[str]:
        individuals = (self.c.get("awards") or {}).get("individuals") or {}
        return {line["record"] for line in individuals.get("points") or []}

    def of_person(self, kind: str) -> bool:
        """Whether records of that kind are a person's."""
        if kind in self.counting:
            return "roles" in self.counting[kind]["who"]
        return kind in self.lines()

    def required(self, table: str, column: str, row: Row) -> bool:
        if column in REQUIRED or column in IDS[table]:
            return True
        if column == "period":
            duty = self.counting.get(row.get("record", ""), {})
            return table != "records" or duty.get("due_days", 0) > 0
        if column == "unit_id":
            return table in ("findings", "sheets") or (table == "records" and not self.of_person(row["record"]))
        return column == "person_id" and table == "records" and self.of_person(row["record"])

    def bad_cells(self, table: str, row: Row) -> list[Fault]:
        faults = [(code, column) for column in TABLES[table] if (code := malformed(table, column, row, self.zone))]
        if table == "corrections" and row["column"] == "*" and row["value"] not in ("", "restore"):
            faults.append(("bad_column", "value"))
        return faults

    def unknown(self, table: str, column: str, row: Row, assumed: set[str]) -> str:
        text = row[column]
        if table == "corrections" or not text:
            return ""
        if column in UNITS and not (table == "units" and column == "unit_id"):
            return "" if text in self.units or text in assumed else "unknown_unit"
        if column == "person_id" and table != "people":
            return "" if any(text == row["person_id"] for row in self.rows["people"]) else "unknown_person"
        if column == "record":
            return "" if text in self.known_kinds() else "unknown_record_kind"
        if column == "duty":
            return "" if text in self.duty else "unknown_duty"
        if column == "item":
            items = (self.c.get("sheets") or {}).get("items") or []
            return "" if any(text == item["id"] for item in items) else "unknown_item"
        if column == "period":
            return self.unknown_period(table, row)
        if table == "withdrawals" and column == "record_id":
            return "" if text in self.records else "unknown_record"
        return ""

    def unknown_period(self, table: str, row: Row) -> str:
        if table == "sheets":
            cadence = "quarter"
        elif table == "exemptions":
            if row["duty"] not in self.duty:
                return ""
            cadence = self.duty[row["duty"]]["every"]
        elif row["record"] not in self.counting:
            return "unknown_period"
        else:
            cadence = self.counting[row["record"]]["every"]
        return "" if self.periods.exists(cadence, row["period"]) else "unknown_period"

    def others(self, table: str, row: Row) -> Iterator[Fault]:
        """Every fault behind the unknown ones, in the order of the table of codes."""
        rest = {
            "units": self.of_unit,
            "people": self.of_membership,
            "exemptions": self.of_exemption,
            "records": self.of_record,
            "findings": self.of_finding,
            "sheets": self.of_sheet,
            "decisions": self.of_decision,
        }
        if table in rest:
            yield from rest[table](row)

    def of_unit(self, row: Row) -> Iterator[Fault]:
        opened, closed = as_date(row["opened_on"]), as_date(row["closed_on"])
        if opened and closed and closed <= opened:
            yield "bad_order", "closed_on"

    def of_membership(self, row: Row) -> Iterator[Fault]:
        start, end = as_date(row["from"]), as_date(row["to"]) if row["to"] else FAR
        if not start or not end:
            return
        if end <= start:
            yield "bad_order", "to"
        for rival in self.rows["people"]:
            other, until = as_date(rival["from"]), as_date(rival["to"]) or FAR
            if rival["person_id"] == row["person_id"] and other and start < until and other < end:
                yield "overlapping", "from"
                return

    def of_exemption(self, row: Row) -> Iterator[Fault]:
        if bool(row["person_id"]) == bool(row["unit_id"]):
            yield "one_of", "person_id"

    def of_decision(self, row: Row) -> Iterator[Fault]:
        yield from self.of_exemption(row)
        subject = ["kind", "year", "unit_id", "person_id"]
        if any(all(rival[column] == row[column] for column in subject) for rival in self.rows["decisions"]):
            yield "duplicate", "kind"

    def of_record(self, row: Row) -> Iterator[Fault]:
        moment = as_instant(row["occurred_at"], self.zone)
        if moment is None:
            return
        if self.of_person(row["record"]):
            rows = [m for m in self.rows["people"] if m["person_id"] == row["person_id"]]
            serves = any(covers(m["from"], m["to"], moment.date()) for m in rows)
            known = bool(rows)
        else:
            unit = self.units.get(row["unit_id"], {})
            serves = bool(unit) and covers(unit["opened_on"], unit["closed_on"], moment.date())
            known = bool(unit)
        if known and not serves:
            yield "not_in_service", "occurred_at"

    def of_finding(self, row: Row) -> Iterator[Fault]:
        most = (self.c.get("findings") or {}).get("max_points")
        yield from self.of_points(row, most)
        liaison = self.units.get(row["unit_id"], {}).get("liaison_id", "")
        yield from self.of_assessor(row, liaison)

    def of_sheet(self, row: Row) -> Iterator[Fault]:
        same = ["unit_id", "period", "item"]
        if any(all(rival[column] == row[column] for column in same) for rival in self.rows["sheets"]):
            yield "duplicate", "item"
        sheets = self.c.get("sheets") or {}
        yield from self.of_points(
            row, next((i["max"] for i in sheets.get("items", []) if i["id"] == row["item"]), None)
        )
        yield from self.of_assessor(row, "", sheets.get("kinds"))

    def of_points(self, row: Row, most: Any) -> Iterator[Fault]:
        points = as_number(row["points"])
        if points is not None and (points < 0 or (most is not None and points > number(most))):
            yield "out_of_range", "points"

    def of_assessor(self, row: Row, liaison: str, kinds: list[str] | None = None) -> Iterator[Fault]:
        if row["assessor_id"] and row["assessor_id"] == row["unit_id"]:
            yield "self_assessment", "assessor_id"
        unit, assessor = self.units.get(row["unit_id"]), self.units.get(row["assessor_id"])
        if kinds is not None and unit and unit["kind"] not in kinds:
            yield "not_assigned", "unit_id"
        if assessor and not (
            assessor["kind"] == "bureau"
            or "supervision_office" in tags_of(assessor["tags"])
            or assessor["unit_id"] == liaison
        ):
            yield "not_assigned", "assessor_id"
