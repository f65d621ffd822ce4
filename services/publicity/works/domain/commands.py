"""The commands to a work."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from services.publicity.reviews.domain import Reviewer

CAUSES: Final = ("acquainted", "involved", "unable")
"""Why a reviewer declines: they know the author, had a part in the work, or are otherwise unable."""
OFFICE: Final = "office"


class _ToWork:
    __slots__ = ()
    work_id: str

    @property
    def stream(self) -> str:
        return f"work-{self.work_id}"


@dataclass(frozen=True, slots=True)
class NominateWork(_ToWork):
    """Nominate a work with its author's consent.  `in_service`: the units where the author serves on that day."""

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
class PutWorkForward(_ToWork):
    """The unit puts a work that its author submitted forward for review."""

    work_id: str
    on: str


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
    """`author_units`: the units where the author serves on that day.  `assigned_by`: a person; empty: the operator.
    `review_id`: random.  `due_on`: the last day; for an existing reviewer a new one."""

    work_id: str
    reviewer: Reviewer
    author_units: frozenset[str]
    on: str
    assigned_by: str = ""
    review_id: str = ""
    due_on: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseReviewer(_ToWork):
    """`cause`: one of CAUSES if the reviewer declines; OFFICE if the office takes the work back."""

    work_id: str
    reviewer_id: str
    cause: str
    on: str


@dataclass(frozen=True, slots=True)
class MarkWork(_ToWork):
    """`comment`: for the author; may be empty."""

    work_id: str
    reviewer: Reviewer
    author_units: frozenset[str]
    marks: Mapping[str, Fraction]
    on: str
    comment: str = ""


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
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeselectWork(_ToWork):
    work_id: str
    level: str
    reason: str
    at: str


WorkCommand: TypeAlias = (
    NominateWork | PutWorkForward | GiveConsent | WithdrawConsent
    | AssignReviewer | ReleaseReviewer | MarkWork | ReturnWork | SelectWork | DeselectWork
)  # fmt: skip
