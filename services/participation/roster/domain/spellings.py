"""Ids as spreadsheets change them: zeros before a number are lost, letters become capitals.  Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence


def spelling(person_id: str) -> str:
    """The same for ids that differ only by zeros before them or by case."""
    return person_id.lstrip("0").lower()


def spellings(person_ids: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The ids by their spelling, in their order."""
    result: dict[str, list[str]] = defaultdict(list)
    for person_id in sorted(person_ids):
        result[spelling(person_id)].append(person_id)
    return result
