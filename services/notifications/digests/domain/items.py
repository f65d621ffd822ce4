"""The items of a digest: inside the unit with the person's id, above it as counts only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from services.notifications.rules.reminder_stages import REPEATED

FINDING: Final = "finding"
SHEET: Final = "sheet"
RETURN: Final = "returned"
NOT_DUTIES: Final = (FINDING, SHEET, RETURN)


class DigestItem(NamedTuple):
    """One item of a digest; all fields are texts, as in an event.

    `topic`: a duty's id, `finding`, `sheet` or `returned`; `reference`: a finding's id, a sheet's item, or what was
    returned (`work W1`), whose `period` is the day of the return; `quantity`: the number of items it stands for;
    `since`: the first day on which it was due to be sent, which is the reason; `note`: progress (`1/2`), a sheet's
    points, who returned it, or for the campaign office the number of units."""

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
        """The identity under which an item is sent only once: the same for a recipient, duty and stage, whatever the
        quantity; a repetition has one per day from which it is due."""
        parts = self.stage, self.topic, self.period, self.reference, self.unit_id, self.person_id, self.due
        return "|".join((*parts, self.since) if self.stage == REPEATED else parts)

    @property
    def number(self) -> int:
        return int(self.quantity)


def parse_items(items: Sequence[Sequence[str]]) -> list[DigestItem]:
    """The items in an event or a row."""
    return [DigestItem(*item) for item in items]
