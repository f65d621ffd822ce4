"""What units are told of beside what they owe: findings, sheet rows, what is returned for revision."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

from duties.days import Day

PUBLIC_ARTICLE: Final = "public_article"
PUBLIC_VIDEO: Final = "public_video"
"""The subjects of what is to be taken down at the platform by somebody of the unit."""


REVIEW: Final = "review"
"""The subject of a work that a reviewer is asked to mark: `returned_by` is its last day, empty: none."""


READING: Final = "reading"
"""The subject of what a reader is appointed to read (三审三校): `returned_by` is the stage."""


FILING: Final = "filing"
"""The subject of a filing that was given back to be changed."""


CHOSEN: Final = "chosen"
UNCHOSEN: Final = "unchosen"
"""The subjects of a work that was selected, or whose selection was undone: `returned_by` is the level."""


ANSWERED: Final = "answered"
SENT_BACK: Final = "returned"
DONE: Final = "closed"
"""How far unit and office are with a finding: its `stage`, empty: neither has done anything yet."""


class Finding(NamedTuple):
    """A shortcoming found in a unit; `deadline` and `rectified_on` None: not given; `learnt_at` in microseconds.
    `assessor_id`: the office that raised it; `stage`: since `stage_on`, known at `stage_at`."""

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
    """One item of a quarter's sheet, as an assessor scored it; `learnt_at` in microseconds."""

    sheet_id: str
    quarter: str
    item: str
    points: Fraction
    assessed_on: Day
    learnt_at: int


class ReturnedSubmission(NamedTuple):
    """What was returned for revision on that day: a person's work, a unit's article or anthology, a filing; or what
    else is told of such things since then (PUBLIC_ARTICLE, PUBLIC_VIDEO, REVIEW, READING, CHOSEN, UNCHOSEN)."""

    subject: str
    subject_id: str
    person_id: str
    returned_by: str
    day: Day
    learnt_at: int
