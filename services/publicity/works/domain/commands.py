"""The commands to a work."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from services.publicity.reviews.domain import Reviewer


class _ToWork:
    __slots__ = ()
    work_id: str

    @property
    def stream(self) -> str:
        return f"work-{self.work_id}"


@dataclass(frozen=True, slots=True)
class NominateWork(_ToWork):
    """Put a work forward with its author's consent.  `in_service`: the units where the author serves on that day."""

    work_id: str
    author_id: str
    unit_id: str
    semester: str
    kind: str
    content: str
    size: int
    title: str
    on: str
    by: str
    levels: tuple[str, ...]
    how: str
    in_service: frozenset[str]
    left_out: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class GiveConsent(_ToWork):
    work_id: str
    levels: tuple[str, ...]
    on: str
    how: str


@dataclass(frozen=True, slots=True)
class WithdrawConsent(_ToWork):
    """No levels: all of them.  `cause`: author or erased."""

    work_id: str
    levels: tuple[str, ...]
    on: str
    cause: str = "author"


@dataclass(frozen=True, slots=True)
class AssignReviewer(_ToWork):
    """`author_units`: the units where the author serves on that day.  `assigned_by`: the person who does; empty: the
    operator.  `review_id`: drawn by chance."""

    work_id: str
    reviewer: Reviewer
    author_units: frozenset[str]
    on: str
    assigned_by: str = ""
    review_id: str = ""


@dataclass(frozen=True, slots=True)
class MarkWork(_ToWork):
    work_id: str
    reviewer: Reviewer
    author_units: frozenset[str]
    marks: Mapping[str, Fraction]
    on: str


@dataclass(frozen=True, slots=True)
class ReturnWork(_ToWork):
    """A reviewer of the work, or (`reviewer` None) its unit, asks the author to revise it."""

    work_id: str
    reviewer: Reviewer | None
    author_units: frozenset[str]
    reason: str
    on: str


@dataclass(frozen=True, slots=True)
class SelectWork(_ToWork):
    """`level`: unit or district.  `same_text`: a selected work of the same author with the same text."""

    work_id: str
    level: str
    at: str
    same_text: str = ""


@dataclass(frozen=True, slots=True)
class DeselectWork(_ToWork):
    work_id: str
    level: str
    reason: str
    at: str


WorkCommand: TypeAlias = (
    NominateWork | GiveConsent | WithdrawConsent | AssignReviewer | MarkWork | ReturnWork | SelectWork | DeselectWork
)
