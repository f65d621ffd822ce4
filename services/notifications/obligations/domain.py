"""What units are told of beside what they owe: findings, sheet rows, what is returned for revision."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

from duties.days import Day

PUBLIC_ARTICLE: Final = "public_article"
"""The subject of what is to be taken down at the platform by somebody of the unit."""


REVIEW: Final = "review"
"""The subject of a work that a reviewer is asked to mark: `returned_by` is its last day, empty: none."""


class Finding(NamedTuple):
    """A shortcoming found in a unit; `deadline` and `rectified_on` None: not given; `learnt_at` in microseconds."""

    finding_id: str
    found_on: Day
    deadline: Day | None
    rectified_on: Day | None
    learnt_at: int


class SheetRow(NamedTuple):
    """One item of a quarter's sheet, as an assessor scored it; `learnt_at` in microseconds."""

    sheet_id: str
    quarter: str
    item: str
    points: Fraction
    assessed_on: Day
    learnt_at: int


class ReturnedSubmission(NamedTuple):
    """What was returned for revision on that day: a person's work, or a unit's article or anthology; or
    (PUBLIC_ARTICLE) an article that is to be taken down since then."""

    subject: str
    subject_id: str
    person_id: str
    returned_by: str
    day: Day
    learnt_at: int
