"""Section 1 of scoring.md once more, from the page alone: the tables, and what makes a cell malformed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

COLUMNS = {
    "units": "unit_id name kind tags zone_id community_id liaison_id opened_on closed_on",
    "people": "person_id name role unit_id from to",
    "exemptions": "exemption_id person_id unit_id duty period reason",
    "records": "record_id record unit_id person_id occurred_at period title content_sha256 evidence",
    "withdrawals": "record_id withdrawn_at reason",
    "findings": "finding_id unit_id assessor_id found_on deadline points rectified_on",
    "sheets": "sheet_id unit_id assessor_id period item points assessed_on",
    "decisions": "decision_id kind year unit_id person_id document decided_on reason",
    "corrections": "correction_id table row column value reason",
}
TABLES = {table: columns.split() for table, columns in COLUMNS.items()}
IDS = {table: columns[:1] for table, columns in TABLES.items()} | {"people": ["person_id", "unit_id", "from"]}
CORRECTED = [table for table in TABLES if table not in ("withdrawals", "corrections")]
REQUIRED = {
    *("name", "kind", "role", "from", "opened_on", "record", "occurred_at", "found_on", "points", "assessor_id"),
    *("withdrawn_at", "reason", "duty", "item", "assessed_on", "year", "document", "decided_on"),
    *("table", "row", "column"),
}
DATES = {"opened_on", "closed_on", "from", "to", "found_on", "deadline", "rectified_on", "assessed_on", "decided_on"}
KINDS = ["bureau", "office", "secondary", "school", "kindergarten"]
TAGS = ["central_school", "community_core", "research_office", "supervision_office"]
ROLES = ["cadre", "teacher", "other"]
DECISIONS = ["veto", "decline", "choose"]
UNITS = {"unit_id", "zone_id", "community_id", "liaison_id", "assessor_id"}

Row = dict[str, str]


def id_of(table: str, row: Row) -> str:
    return "/".join(row[column] for column in IDS[table])


def tags_of(text: str) -> list[str]:
    return [tag for tag in text.split(";") if tag]


def as_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def as_instant(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T|$)", text) else None
        if moment is not None:
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(zone)
    except (ValueError, OverflowError):
        pass
    return None


def as_number(text: str) -> Fraction | None:
    return Fraction(text) if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) else None


def bad_text(column: str, text: str) -> bool:
    if column.endswith("_id") and text:
        signs = all(letter.isalnum() or letter in "-_.:@/,()#+'&*=!?%~$[]{}^ " for letter in text)
        steps = "/" in text and not {"", ".", ".."}.isdisjoint(text.split("/")[1:])
        blanks = "  " in text or text.endswith(" ")
        first = text[0].isalnum() or text[0] == "_"
        return not (signs and first) or blanks or steps or len(text) > 128 or unicodedata.normalize("NFC", text) != text
    breaks = column in ("name", "document") and not {"\t", "\n", "\r"}.isdisjoint(text)
    return breaks or len(text) > 4000 or any(map(_never, text))


def _never(letter: str) -> bool:
    code = ord(letter)
    return (
        (unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") and letter not in "\t\n\r")
        or 0x202A <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
        or 0xFFF9 <= code <= 0xFFFB
        or 0xE0000 <= code <= 0xE007F
        or 0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE
    )


def malformed(table: str, column: str, row: Row, zone: ZoneInfo) -> str:
    """The code that the cell's form deserves; "" when it is well formed or empty."""
    text = row[column]
    kinds = {"units": KINDS, "decisions": DECISIONS}
    wrong: dict[str, Any] = {
        "kind": lambda: text not in kinds.get(table, []) and "bad_kind",
        "role": lambda: text not in ROLES and "bad_role",
        "tags": lambda: set(tags_of(text)) - set(TAGS) and "bad_tag",
        "content_sha256": lambda: not re.fullmatch(r"[0-9a-fA-F]{64}", text) and "bad_sha256",
        "points": lambda: as_number(text) is None and "bad_number",
        "year": lambda: not re.fullmatch(r"[0-9]{4}", text) and "bad_year",
        "occurred_at": lambda: as_instant(text, zone) is None and "bad_instant",
        "withdrawn_at": lambda: as_instant(text, zone) is None and "bad_instant",
        "table": lambda: text not in CORRECTED and "bad_table",
        "column": lambda: row["table"] in CORRECTED and text not in corrected_columns(row["table"]) and "bad_column",
    }
    if not text:
        return ""
    if column in DATES:
        return "" if as_date(text) else "bad_date"
    return (wrong[column]() or "") if column in wrong else ""


def corrected_columns(table: str) -> list[str]:
    return ["*", *(column for column in TABLES[table] if column not in IDS[table])]
