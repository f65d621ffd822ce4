"""What units are notified of besides what they owe: findings, sheet rows, submissions returned for revision."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

from duties.days import Day

PUBLIC_ARTICLE: Final = "public_article"
PUBLIC_VIDEO: Final = "public_video"
"""Subjects of something that the unit must take down by hand at the platform."""


REVIEW: Final = "review"
"""Subject of a work that a reviewer is asked to mark: `returned_by` is its last day, empty: none."""


READING: Final = "reading"
"""Subject of an article that a reader is appointed to read (三审三校): `returned_by` is the stage."""


FILING: Final = "filing"
"""Subject of a filing that was returned for changes."""


CHOSEN: Final = "chosen"
UNCHOSEN: Final = "unchosen"
"""Subjects of a work that was selected, or whose selection was undone: `returned_by` is the level."""


ANSWERED: Final = "answered"
SENT_BACK: Final = "returned"
DONE: Final = "closed"
"""The stages of a finding; empty: neither unit nor office has acted yet."""


class Finding(NamedTuple):
    """A finding at a unit; `deadline` and `rectified_on` None: not given; `learnt_at` in microseconds since 1970.
    `assessor_id`: the office that raised it; `stage`: since the day `stage_on`, known at the instant `stage_at`."""

    finding_id: str
    found_on: Day
    deadline: Day | None
    rectified_on: Day | None
    learnt_at: int
    assessor_id: str = ""
    stage: str = ""
    stage_on: Day = 0
    stage_at: int = 0

    def is_open(self, day: Day) -> bool:
        """Whether it was found by that day and is not rectified."""
        return self.found_on <= day and (self.rectified_on is None or self.rectified_on > day)


class SheetRow(NamedTuple):
    """One item of a quarter's sheet as scored by an assessor; `learnt_at` in microseconds since 1970."""

    sheet_id: str
    quarter: str
    item: str
    points: Fraction
    assessed_on: Day
    learnt_at: int


class ReturnedSubmission(NamedTuple):
    """What was returned for revision on that day: a person's work, a unit's article or anthology, a filing; or another
    event of these that somebody is notified of (PUBLIC_ARTICLE, PUBLIC_VIDEO, REVIEW, READING, CHOSEN, UNCHOSEN)."""

    subject: str
    subject_id: str
    person_id: str
    returned_by: str
    day: Day
    learnt_at: int
