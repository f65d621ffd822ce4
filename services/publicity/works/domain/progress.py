"""Where a work stands on its way, in one word.  Pure."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from duties.publicity import Publicity
from services.publicity.reviews.domain import decimal, passes

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
"""In the order of a work's way: handed in by its author, put forward and without all its reviewers, with them, ..."""


def progress_of(work: Mapping[str, Any], rules: Publicity) -> str:
    """Of a row with its consent, reviews, return and selections (works/queries.py)."""
    if not work["levels"]:
        return WITHDRAWN
    if work["selected"]:
        return SELECTED_BY_DISTRICT if "district" in work["selected"] else SELECTED
    if work["returned"]:
        return RETURNED
    totals = totals_of(work)
    if len(totals) >= rules.reviewers:
        return (DESELECTED if work["deselected"] else PASSED) if passes(totals, rules) else BELOW
    if len(work["reviews"]) >= rules.reviewers:
        return IN_REVIEW
    return TO_ASSIGN if work["put_forward_on"] else HANDED_IN


def is_for_district(work: Mapping[str, Any]) -> bool:
    """Selected by its unit, and its author agrees to a use of the district: its office may read and choose it."""
    return "unit" in work["selected"] and bool(USES_OF_DISTRICT & set(work["levels"]))


def is_late(review: Mapping[str, str], today: str) -> bool:
    """Whether a reviewer owes marks since before today."""
    return bool(review["due_on"]) and not review["marked_on"] and review["due_on"] < today


def average_of(work: Mapping[str, Any]) -> str:
    """Of the marks that are there, to a tenth; empty: none.  Whether it passes is decided exactly."""
    totals = totals_of(work)
    return decimal(Fraction(round(sum(totals, Fraction(0)) / len(totals) * 10), 10)) if totals else ""


def totals_of(work: Mapping[str, Any]) -> list[Fraction]:
    return [Fraction(review["total"]) for review in work["reviews"] if review["marked_on"]]
