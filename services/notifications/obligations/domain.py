"""What is returned for revision, beside the facts that `duties` defines."""

from __future__ import annotations

from typing import NamedTuple

from duties.days import Day


class ReturnedSubmission(NamedTuple):
    """What was returned for revision on that day: a person's work, or a unit's article or anthology."""

    subject: str
    subject_id: str
    person_id: str
    returned_by: str
    day: Day
    learnt_at: int
