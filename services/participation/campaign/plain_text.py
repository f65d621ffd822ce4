"""Writes a campaign's data as a campaign file (YAML) that parses to the same data."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

_WIDTH: Final = 160
_ORDER: Final = (
    "campaign", "version", "id", "title", "timezone", "prepares_on", "starts_on", "closes_on", "semesters", "start",
    "end", "defaults", "of", "filed_by", "type", "who", "every", "from", "until", "due", "due_on", "due_days",
    "late_days", "count", "record", "weight", "duties", "kinds", "tags", "roles", "periods", "pauses",
    "records_without_duty", "records", "fields", "columns", "choices", "required", "private", "evidence", "min", "max",
    "types", "originals", "confirm", "files_with", "people", "work", "default", "findings",
    "sheets", "share", "items", "awards", "publicity", "notifications",
)  # fmt: skip
"""The order of keys for readers, since the log has them in alphabetical order; other keys come last."""
_PLACE: Final = {key: place for place, key in enumerate(_ORDER)}


def campaign_text(document: Mapping[str, Any]) -> str:
    """One value per line; without the comments of the original file."""
    text: str = yaml.safe_dump(_in_order(document), allow_unicode=True, sort_keys=False, width=_WIDTH)
    return text


def _in_order(value: Any) -> Any:
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: (_PLACE.get(key, len(_ORDER)), key))
        return {key: _in_order(value[key]) for key in keys}
    return [_in_order(each) for each in value] if isinstance(value, list) else value
