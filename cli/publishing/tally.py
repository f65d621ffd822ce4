"""The latest outcome of every event that was sent, by (source, id)."""

from collections import Counter
from enum import IntEnum
from typing import Any

from cli.publishing.event_file import key_of


class Outcome(IntEnum):
    """The outcomes of a receipt, and none yet."""

    none = 0
    waiting = 1
    accepted = 2
    unchanged = 3
    refused = 4


class Tally:
    """Outcomes by event; written by one thread while another reads what is missing."""

    def __init__(self) -> None:
        self._outcomes: dict[int, Outcome] = {}
        self._counts: Counter[Outcome] = Counter()
        self.lines = 0
        self.receipts = 0

    def expect(self, key: int) -> None:
        """Counts a line of the file; the same event twice is one event."""
        self.lines += 1
        if key not in self._outcomes:
            self._outcomes[key] = Outcome.none
            self._counts[Outcome.none] += 1

    def take(self, receipt: Any) -> None:
        """Records a receipt; one of an earlier run, or something that is no receipt, is ignored."""
        data = receipt.get("data") if isinstance(receipt, dict) else None
        if not isinstance(data, dict):
            return
        source, event_id, word = data.get("source"), data.get("id"), data.get("outcome")
        if not (isinstance(source, str) and isinstance(event_id, str) and isinstance(word, str)):
            return
        key = key_of(source, event_id)
        before = self._outcomes.get(key)
        if before is None or word not in Outcome.__members__:
            return
        after = _latest(before, Outcome[word])
        self._outcomes[key] = after
        self._counts[before] -= 1
        self._counts[after] += 1
        self.receipts += 1

    def lacks(self, key: int) -> bool:
        """Whether this event has had no receipt yet."""
        return self._outcomes.get(key) is Outcome.none

    @property
    def missing(self) -> int:
        return self._counts[Outcome.none]

    @property
    def waiting(self) -> int:
        return self._counts[Outcome.waiting]

    @property
    def events(self) -> int:
        return len(self._outcomes)

    def shown(self) -> str:
        """One line with every count."""
        words = (
            ("已接收", Outcome.accepted),
            ("无变化", Outcome.unchanged),
            ("未接收", Outcome.refused),
            ("待关联", Outcome.waiting),
        )
        return "，".join(f"{label} {outcome.name} {self._counts[outcome]}" for label, outcome in words)


def _latest(before: Outcome, now: Outcome) -> Outcome:
    # A repeat of what was accepted is answered `unchanged`: that does not make it less accepted.
    # A `waiting` that overtakes its own decision, or comes again, does not undo it.
    if before is Outcome.accepted and now is Outcome.unchanged:
        return before
    if now is Outcome.waiting and before is not Outcome.none:
        return before
    return now
