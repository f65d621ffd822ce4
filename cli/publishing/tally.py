"""What became of every event that was sent: the latest outcome of each, by (source, id)."""

import threading
from collections import Counter
from enum import IntEnum
from typing import Any

from cli.publishing.lines import key_of


class Outcome(IntEnum):
    """The outcomes of a receipt, and none yet."""

    none = 0
    waiting = 1
    accepted = 2
    unchanged = 3
    refused = 4


class Tally:
    """Outcomes by event; taken from by one thread and added to by another."""

    def __init__(self) -> None:
        self._outcomes: dict[int, Outcome] = {}
        self._lock = threading.Lock()
        self.lines = 0
        self.seen = 0

    def expect(self, key: int) -> None:
        """Counts a line of the file; the same event twice is one event."""
        self.lines += 1
        self._outcomes.setdefault(key, Outcome.none)

    def take(self, receipt: Any) -> bool:
        """Notes a receipt; False when it is none of ours (an earlier run's, or not a receipt at all)."""
        data = receipt.get("data") if isinstance(receipt, dict) else None
        if not isinstance(data, dict):
            return False
        source, event_id, word = data.get("source"), data.get("id"), data.get("outcome")
        if not (isinstance(source, str) and isinstance(event_id, str) and isinstance(word, str)):
            return False
        if word not in Outcome.__members__:
            return False
        key = key_of(source, event_id)
        with self._lock:
            before = self._outcomes.get(key)
            if before is None:
                return False
            self.seen += 1
            self._outcomes[key] = _latest(before, Outcome[word])
        return True

    def lacks(self, key: int) -> bool:
        return self._outcomes.get(key) is Outcome.none

    @property
    def missing(self) -> int:
        return self.counts()[Outcome.none]

    @property
    def events(self) -> int:
        return len(self._outcomes)

    def counts(self) -> Counter[Outcome]:
        with self._lock:
            return Counter(self._outcomes.values())

    def shown(self) -> str:
        """One line with every count."""
        counts = self.counts()
        words = (
            ("已接收", Outcome.accepted),
            ("无变化", Outcome.unchanged),
            ("未接收", Outcome.refused),
            ("待关联", Outcome.waiting),
        )
        return "，".join(f"{label} {outcome.name} {counts[outcome]}" for label, outcome in words)


def _latest(before: Outcome, now: Outcome) -> Outcome:
    # A repeat of what was accepted is answered `unchanged`: that does not make it less accepted.
    # A `waiting` that overtakes its own decision, or comes again, does not undo it.
    if before is Outcome.accepted and now is Outcome.unchanged:
        return before
    if now is Outcome.waiting and before is not Outcome.none:
        return before
    return now
