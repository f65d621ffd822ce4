"""Ids as spreadsheets change them: leading zeros are lost, letters become upper case.  Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence


def spelling(person_id: str) -> str:
    """Equal for ids that differ only by leading zeros or case."""
    return person_id.lstrip("0").lower()


def spellings(person_ids: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The ids by their spelling, in order."""
    result: dict[str, list[str]] = defaultdict(list)
    for person_id in sorted(person_ids):
        result[spelling(person_id)].append(person_id)
    return result
