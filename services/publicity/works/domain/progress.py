"""The status of a work as one code.  Pure."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple

from duties.publicity import Publicity
from services.publicity.reviews.domain import decimal

WITHDRAWN: Final = "withdrawn"
RETURNED: Final = "returned"
HANDED_IN: Final = "handed_in"
TO_ASSIGN: Final = "to_assign"
IN_REVIEW: Final = "in_review"
PASSED: Final = "passed"
BELOW: Final = "below"
DESELECTED: Final = "deselected"
SELECTED: Final = "selected"
SELECTED_BY_DISTRICT: Final = "selected_by_district"
USES_OF_DISTRICT: Final = frozenset({"district", "print"})
PROGRESS_STATES: Final = (
    HANDED_IN, TO_ASSIGN, IN_REVIEW, RETURNED, PASSED, BELOW, SELECTED, SELECTED_BY_DISTRICT, DESELECTED, WITHDRAWN,
)  # fmt: skip
"""In order: submitted by its author; put forward but lacking reviewers; with all of them; ..."""


class WorkStages(NamedTuple):
    """What a work's status follows from.  `selected_by_...` is in force, `deselected`: one was undone; number of
    reviewers `asked` and of those who `marked`; `passes`: by their marks."""

    agreed: bool
    agreed_for_district: bool
    selected_by_unit: bool
    selected_by_district: bool
    deselected: bool
    returned: bool
    put_forward: bool
    asked: int
    marked: int
    passes: bool

    @property
    def is_for_district(self) -> bool:
        """As `is_for_district` of a row."""
        return self.selected_by_unit and self.agreed_for_district

    def awaits_marks(self, rules: Publicity) -> bool:
        return progress_of(self, rules) in (TO_ASSIGN, IN_REVIEW)


def progress_of(work: WorkStages, rules: Publicity) -> str:
    if not work.agreed:
        return WITHDRAWN
    if work.selected_by_unit or work.selected_by_district:
        return SELECTED_BY_DISTRICT if work.selected_by_district else SELECTED
    if work.returned:
        return RETURNED
    if work.marked >= rules.reviewers:
        return (DESELECTED if work.deselected else PASSED) if work.passes else BELOW
    if work.asked >= rules.reviewers:
        return IN_REVIEW
    return TO_ASSIGN if work.put_forward else HANDED_IN


def is_for_district(work: Mapping[str, Any]) -> bool:
    """Selected by its unit, and its author consents to a use of the district: its office may read and select it."""
    return "unit" in work["selected"] and bool(USES_OF_DISTRICT & set(work["levels"]))


def is_late(review: Mapping[str, str], today: str) -> bool:
    """Whether a reviewer's last day is past without marks."""
    return bool(review["due_on"]) and not review["marked_on"] and review["due_on"] < today


def average_of(work: Mapping[str, Any]) -> str:
    """The average of the existing marks, to a tenth; empty if none.  Whether it passes is decided exactly."""
    totals = totals_of(work)
    return decimal(Fraction(round(sum(totals, Fraction(0)) / len(totals) * 10), 10)) if totals else ""


def totals_of(work: Mapping[str, Any]) -> list[Fraction]:
    return [Fraction(review["total"]) for review in work["reviews"] if review["marked_on"]]
