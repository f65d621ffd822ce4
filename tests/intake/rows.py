"""One bad cell in a good row of each type that the intake takes."""
# ruff: noqa: E501 - a table: one kind a line

from __future__ import annotations

from typing import Any

from tests.intake.kinds import SOURCE, Kind, faulty

GOOD: dict[str, dict[str, str]] = {
    "membership.reported": {"person_id": "P-bad", "name": "张三", "role": "teacher", "unit_id": "U-base", "from": "2015-09-01"},
    "post.reported": {"unit_id": "U-base", "post": "head", "person_id": "P-bad", "from": "2015-09-01"},
    "report.cancelled": {"source": SOURCE, "id": "never-came"},
    "membership.ended": {"person_id": "P-bad", "unit_id": "U-base", "from": "2015-09-01", "to": "2020-08-31"},
    "exemption.reported": {"exemption_id": "E-bad", "unit_id": "U-base", "duty": "video", "period": "2023-05", "reason": "病假"},
    "withdrawal.reported": {"record_id": "W-bad", "withdrawn_at": "2023-11-14", "reason": "重复"},
    "finding.reported": {"finding_id": "F-bad", "unit_id": "U-base", "assessor_id": "B-base", "found_on": "2023-10-07",
                         "deadline": "2023-10-30", "points": "3"},
    "finding.rectified": {"finding_id": "F-bad", "rectified_on": "2023-10-20"},
    "sheet.reported": {"sheet_id": "S-bad", "unit_id": "U-base", "assessor_id": "B-base", "period": "2023-Q3",
                       "item": "organisation", "points": "21", "assessed_on": "2023-10-04"},
    "unit.closed": {"unit_id": "U-base", "closed_on": "2031-09-01"},
    "unit.related": {"unit_id": "U-base", "zone_id": "U-base", "from": "2023-09-01"},
}  # fmt: skip


def bad(kind: str, column: str, code: str, value: Any, how: str) -> Kind:
    """That row with this value in that column; None: the column is left out."""
    cells = {name: cell for name, cell in (GOOD[kind] | {column: value}).items() if cell is not None}
    return faulty(f"{kind}: {column} {how}", column, code, data=cells, type=f"qihang.{kind}.v1")


def missing(kind: str, *columns: str) -> list[Kind]:
    return [bad(kind, column, "missing", None, "left out") for column in columns]


def unwritable(kind: str, column: str) -> list[Kind]:
    """What no store could keep, or nobody could read."""
    return [
        bad(kind, column, "bad_text", "a\0b", "with a NUL"),
        bad(kind, column, "bad_text", "a\udc80b", "with a lone surrogate"),
        bad(kind, column, "bad_text", "a\x1b[2Jb", "with an escape sequence"),
        bad(kind, column, "bad_text", "a\u202eb", "with an override of direction"),
        bad(kind, column, "bad_text", "长" * 4001, "of 4,001 characters"),
        bad(kind, column, "bad_event", 5, "as a number"),
        bad(kind, column, "bad_event", ["a"], "as a list"),
    ]


def no_day(kind: str, column: str, code: str = "bad_date") -> list[Kind]:
    return [
        bad(kind, column, code, "2023-13-01", "in month 13"),
        bad(kind, column, code, "2023-02-29", "on a day that is not"),
        bad(kind, column, code, "20230207", "without its dashes"),
        bad(kind, column, code, "2023-W05-1", "by its week"),
        bad(kind, column, code, "-001-01-01", "before the year 0"),
        bad(kind, column, code, "明天", "in words"),
    ]


def no_number(kind: str, column: str) -> list[Kind]:
    return [
        bad(kind, column, "bad_number", "1e3", "with an exponent"),
        bad(kind, column, "bad_number", "NaN", "that is NaN"),
        bad(kind, column, "bad_number", "Infinity", "without an end"),
        bad(kind, column, "bad_number", "1,5", "with a comma"),
        bad(kind, column, "bad_number", "１", "in full width"),
        bad(kind, column, "bad_number", "1/2", "as a fraction"),
        bad(kind, column, "bad_number", "0x1f", "in hexadecimal"),
        bad(kind, column, "bad_number", "9" * 4000, "of 4,000 digits"),
        bad(kind, column, "bad_number", "1_000", "with an underscore"),
    ]


ROWS: list[Kind] = [
    *missing("membership.reported", "person_id", "name", "role", "unit_id", "from"),
    *unwritable("membership.reported", "name"),
    *no_day("membership.reported", "from"),
    bad("membership.reported", "role", "bad_role", "king", "of another world"),
    bad("post.reported", "post", "bad_post", "king", "of another world"),
    bad("membership.reported", "person_id", "bad_text", "P" * 129, "of 129 characters"),
    bad("membership.reported", "to", "bad_order", "2014-08-31", "before it began"),
    *missing("membership.ended", "person_id", "to"),
    *no_day("membership.ended", "to"),
    *missing("exemption.reported", "exemption_id", "duty", "period", "reason"),
    *unwritable("exemption.reported", "reason"),
    bad("exemption.reported", "duty", "unknown_duty", "castle", "of another world"),
    bad("exemption.reported", "period", "unknown_period", "2023-Q9", "of another world"),
    *missing("withdrawal.reported", "record_id", "withdrawn_at", "reason"),
    *unwritable("withdrawal.reported", "reason"),
    *no_day("withdrawal.reported", "withdrawn_at", "bad_instant"),
    *missing("finding.reported", "finding_id", "unit_id", "assessor_id", "found_on", "points"),
    *no_day("finding.reported", "deadline"),
    *no_number("finding.reported", "points"),
    *unwritable("finding.reported", "description"),
    *missing("finding.rectified", "finding_id", "rectified_on"),
    *missing("sheet.reported", "sheet_id", "period", "item", "points"),
    *no_day("sheet.reported", "assessed_on"),
    *no_number("sheet.reported", "points"),
    *missing("unit.closed", "unit_id", "closed_on"),
    *no_day("unit.closed", "closed_on"),
    bad("unit.closed", "closed_on", "bad_order", "2009-01-01", "before it opened"),
    *missing("unit.related", "unit_id", "from"),
    *no_day("unit.related", "from"),
    *missing("report.cancelled", "source", "id"),
    *unwritable("report.cancelled", "source"),
    *unwritable("report.cancelled", "id"),
    bad("report.cancelled", "id", "not_waiting", "never-came", "that never came"),
]  # fmt: skip
