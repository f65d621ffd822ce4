"""A small unit and its line, for tests that read as sentences."""

from __future__ import annotations

from duties.days import Day, day_of
from duties.outstanding import Outstanding
from duties.reminders import Reminders
from services.notifications.digests.domain.collector import Digest, DigestCollector
from services.notifications.digests.domain.items import DigestItem
from services.notifications.rules.escalation import EscalationPath
from services.notifications.rules.reminder_stages import Stages
from services.notifications.rules.working_days import WorkingDays

NEW_YEAR = WorkingDays(
    {day_of("2022-12-31"): False, day_of("2023-01-01"): False, day_of("2023-01-02"): False,
     **{day_of(f"2023-01-{n}"): False for n in range(21, 28)},
     day_of("2023-01-28"): True, day_of("2023-01-29"): True},
    frozenset({2022, 2023}),
)  # fmt: skip
"""The turn of the year as the State Council set it: 28 and 29 January are worked (调休)."""
LINES = {
    "X1": EscalationPath("X1", "O3"), "X2": EscalationPath("X2", "O3"), "O3": EscalationPath("O3", "O1"),
    "O1": EscalationPath("O1", ""),
}  # fmt: skip


class At:
    """One day on which it is asked who is told what."""

    def __init__(
        self, day: str, *expected: tuple[str, str], reminders: Reminders | None = None, launched_on: Day = 0
    ) -> None:
        self.day: Day = day_of(day)
        self.collector = DigestCollector(
            Stages(self.day, reminders or Reminders(), NEW_YEAR, launched_on),
            LINES,
            lambda who, key: (who, key) in expected,
        )
        self.own: list[Digest] = []

    def person(self, person_id: str, *owed: Outstanding, serves: str = "X1") -> At:
        result = self.collector.person_digest(person_id, serves, owed)
        self.own += [result] if result else []
        return self

    def unit(self, *owed: Outstanding) -> At:
        self.collector.add_unit_duties(owed)
        return self

    @property
    def digests(self) -> dict[str, list[DigestItem]]:
        return {item.recipient: item.items for item in [*self.own, *self.collector.post_digests()]}

    @property
    def messages(self) -> dict[str, list[str]]:
        """Recipient -> `stage what`, the shortest form of what they are told."""
        return {who: [f"{item.stage} {item.topic}" for item in items] for who, items in self.digests.items()}


def owed(
    duty: str, due: str, unit_id: str = "X1", person_id: str = "", counted: int = 0, needed: int = 1
) -> Outstanding:
    return Outstanding(0, due[:7], unit_id, person_id, duty, day_of(due), counted, needed, False)
