"""Who may read whose works, and on whose account they appear.  Pure: no clock, store or broker."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Reader:
    """Somebody who may be asked to review: where they serve on the day."""

    person_id: str
    unit_ids: Collection[str]


def may_review(reader: Reader, author_id: str, author_units: Collection[str]) -> bool:
    """Reviewers never judge authors of their own unit, nor themselves (domain.md, settled questions)."""
    return reader.person_id != author_id and not set(reader.unit_ids) & set(author_units)
