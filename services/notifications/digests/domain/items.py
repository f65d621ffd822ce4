"""What a digest tells, item by item: inside the unit with the person, above it as a count only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from services.notifications.rules.stages import REPEATED

FINDING: Final = "finding"
SHEET: Final = "sheet"
RETURN: Final = "returned"
NOT_DUTIES: Final = (FINDING, SHEET, RETURN)


class DigestItem(NamedTuple):
    """One thing that a recipient is told, all text, as an event contains it.

    `topic` is a duty's id, `finding`, `sheet` or `returned`; `reference` a finding's id, a sheet's item, or what was
    returned (`work W1`), whose `period` is the day of the return; `quantity` how many the item stands for; `since` the
    first day on which it was to be told, which is the reason; `note` the progress (`1/2`), a sheet's points, by whom
    something was returned, or for the campaign office how many units the item counts."""

    stage: str
    topic: str
    period: str
    reference: str
    unit_id: str
    person_id: str
    due: str
    quantity: str
    since: str
    note: str

    @property
    def identity(self) -> str:
        """What is told once: the same for the same recipient, duty and stage, whatever the quantity.  A repetition is
        told once for each day from which it is to be."""
        parts = self.stage, self.topic, self.period, self.reference, self.unit_id, self.person_id, self.due
        return "|".join((*parts, self.since) if self.stage == REPEATED else parts)

    @property
    def number(self) -> int:
        return int(self.quantity)


def parse_items(items: Sequence[Sequence[str]]) -> list[DigestItem]:
    """The items of an event or a row."""
    return [DigestItem(*item) for item in items]
