"""Sends an outbox by HTTP, until everything in it is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qihang_client.errors import BodyRefused
from qihang_client.outbox import MOST_BYTES, MOST_EVENTS, REFUSED, WAITING, Entry, Outbox, encoded
from qihang_client.patience import Patience
from qihang_client.reports import Answer
from qihang_client.service import Service

CURSOR = "receipts"
"""The mark up to which receipts that came later were read."""
DIVISIBLE = (400, 413, 415, 422)
WEEK = 7 * 86400.0
"""After so long what waits is refused, and after 30 days no receipt tells it any more."""


class HttpSender:
    """Sends batches, one after the other and in the order of the outbox.  A batch whose answer was lost is sent again:
    its events bear the same ids.  Ended at any moment, the next one goes on where it stopped."""

    def __init__(self, outbox: Outbox, service: Service, patience: Patience | None = None) -> None:
        self._outbox, self._service, self._patience = outbox, service, patience or Patience()

    def send(self, progress: Callable[[int], None] = lambda _: None, events: int = MOST_EVENTS,
             size: int = MOST_BYTES) -> int:  # fmt: skip
        """Sends everything that was not answered; how many events.  Unavailable: no answer in time, the rest stays."""
        number = again_after = 0
        while batch := self._outbox.take(again_after, events, size):
            self._outbox.answer(self._answers(batch))
            number += len(batch)
            again_after = max(again_after, batch[-1].seq)
            progress(len(batch))
        return number

    def fetch(self) -> int:
        """Reads what became of the events that waited; how many were answered.  What waited for a week without an
        answer is sent again, since receipts are kept for 30 days, and lost where Qihang is restored from a backup."""
        if not self._outbox.entries(WAITING, limit=1):
            return 0
        last: dict[tuple[str, str], Answer] = {}
        after = self._outbox.mark(CURSOR)
        while page := self._page(after):
            answers, after = page
            last.update(((each.source, each.id), each) for each in answers)
        answered = self._outbox.answer((each for each in last.values() if each.outcome != WAITING), only=(WAITING,))
        self._outbox.set_mark(CURSOR, after)
        if self._outbox.ask_again(WEEK):
            self.send()
        return answered

    def _page(self, after: int) -> tuple[list[Answer], int] | None:
        """The next receipts and the position past them; None: there are none yet."""
        answers, following = self._patience.until_answered(lambda: self._service.receipts(after))
        return (answers, following) if answers else None

    def _answers(self, batch: Sequence[Entry]) -> list[Answer]:
        """Of each event; where a whole body is refused, its halves are tried, so that one event stops no other."""
        bodies = [encoded(entry) for entry in batch]
        try:
            return self._patience.until_answered(lambda: self._service.submit(bodies))
        except BodyRefused as refused:
            if refused.status not in DIVISIBLE:
                raise
            if len(batch) == 1:
                (entry,) = batch
                return [Answer(entry.source, entry.id, REFUSED, "", refused.code, refused.detail, entry.revision)]
        half = len(batch) // 2
        return self._answers(batch[:half]) + self._answers(batch[half:])
