"""What a digest says, item by item: in the unit with the person, above it as a count only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from duties.days import Day

FINDING: Final = "finding"
SHEET: Final = "sheet"
RETURN: Final = "returned"
NOT_DUTIES: Final = (FINDING, SHEET, RETURN)


class ReturnedSubmission(NamedTuple):
    """What went back for revision on that day: a person's work, or a unit's article or anthology."""

    subject: str
    subject_id: str
    person_id: str
    by: str
    day: Day
    learnt_at: int


class DigestItem(NamedTuple):
    """One thing that a recipient is told, all text, as an event bears it.

    `what` is a duty's id, `finding`, `sheet` or `returned`; `ref` a finding's id, a sheet's item, or what was returned
    (`work W1`), whose `period` is the day of that; `many` how many the item
    stands for; `since` the day on which it was to be told first, which is the reason; `note` how far it is (`1/2`),
    a sheet's points, or above all offices how many units it is of."""

    stage: str
    what: str
    period: str
    ref: str
    unit_id: str
    person_id: str
    due: str
    quantity: str
    since: str
    note: str

    @property
    def key(self) -> str:
        """What is told once: the same for the same recipient, duty and stage, however many."""
        return f"{self.stage}|{self.what}|{self.period}|{self.ref}|{self.unit_id}|{self.person_id}|{self.due}"

    @property
    def number(self) -> int:
        return int(self.quantity)


def parse_items(plain: Sequence[Sequence[str]]) -> list[DigestItem]:
    """The items of an event or a row."""
    return [DigestItem(*item) for item in plain]
