"""What a row is called above its history: what it is and what it is about, as far as its reader may know it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.participation.history.rendering import in_words

_SUBJECT: Final = ("unit_id", "person_id")
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "units": ("unit_id",), "people": ("person_id", "unit_id", "from"), "posts": ("unit_id", "post", "person_id"),
    "exemptions": (*_SUBJECT, "duty", "period"), "records": ("record", *_SUBJECT, "occurred_at", "title"),
    "withdrawals": ("record", *_SUBJECT, "occurred_at", "title"), "findings": ("unit_id", "category", "found_on"),
    "sheets": ("unit_id", "period", "item"), "decisions": ("kind", *_SUBJECT, "document"),
}  # fmt: skip
"""By table the columns that say what a row is about."""
_DAYS: Final = ("occurred_at",)


def title_of(table: str, row_id: str, entries: Iterable[Mapping[str, Any]]) -> str:
    """By its latest cells; of people `row_id` may be a person with several memberships, whose units are not named."""
    cells = {change["column"]: _value_text(table, change) for entry in entries for change in entry["changes"]}
    is_person = table == "people" and "/" not in row_id
    parts = ("person_id",) if is_person else _PARTS[table]
    return " ".join(filter(None, (cells.get(column, "") for column in parts)))


def _value_text(table: str, change: Mapping[str, Any]) -> str:
    """By name where there is one; an id that this reader cannot read by name stands in the heading already."""
    column, text = change["column"], str(change["after"])
    if column in _DAYS:
        return text[:10]
    return str(change["after_name"]) or ("" if column == "person_id" else in_words(table, column, text))
