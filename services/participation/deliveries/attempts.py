"""Writes down what became of an attempt, and tells when the next one is due."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from chassis.events.canonical_json import instant, moment
from chassis.messaging.deliveries import ENDED, FRESH, STOPPED, Delivery, DeliveryLog
from services.participation.deliveries.domain.answers import (
    ATTEMPTS_OF_EVENT,
    AWAY_SECONDS,
    Judged,
    Verdict,
    pause_after,
)
from services.participation.subscribers.queries import PublicEvent

TOO_LONG = "away_too_long"


class DeliveryChanged(RuntimeError):
    """What was begun is void: an operator changed or removed the delivery meanwhile."""


class Attempts:
    """Of every delivery.  `now`: the real clock, which no rehearsal sets: the receivers have it too."""

    def __init__(self, log: DeliveryLog, now: Callable[[], datetime]) -> None:
        self._log, self.now = log, now

    def advance(self, delivery: Delivery, position: str, count: int, **columns: Any) -> Delivery:
        """So many more were delivered, to the cursor `position`.  DeliveryChanged."""
        at = instant(self.now()) if count else delivery.last_at
        return self.write(
            delivery, **FRESH, position=position, delivered=delivery.delivered + count, last_at=at, **columns
        )

    def fail(self, delivery: Delivery, judged: Judged, is_ours: bool = False) -> Delivery:
        """Nothing was delivered; it is tried again when its time has come, or no more.  What `is_ours` (a fault here,
        or of the broker) is tried for ever.  DeliveryChanged."""
        now = self.now()
        since = delivery.failing_since or instant(now)
        away = (now - moment(since)).total_seconds() > AWAY_SECONDS
        pause = pause_after(delivery.attempts + 1, secrets.randbelow(1001), judged.pause)
        failed = {
            "attempts": delivery.attempts + 1, "refusals": delivery.refusals + int(judged.verdict is Verdict.REFUSED),
            "failing_since": since, "code": judged.code, "detail": judged.detail,
            "next_at": instant(now + timedelta(milliseconds=pause)),
        }  # fmt: skip
        if judged.verdict is Verdict.GONE:
            failed["state"] = ENDED
        elif judged.verdict is Verdict.LATER and away and not is_ours:
            failed |= {"state": STOPPED, "detail": f"{TOO_LONG} {judged.detail}".strip()}
        return self.write(delivery, **failed)

    def note_fault(self, name: str, detail: str, code: str = "failed") -> None:
        """A fault of ours, or of the broker: it is tried again for ever.  DeliveryChanged."""
        if (delivery := self._log.read(name)) is not None:
            self.fail(delivery, Judged(Verdict.LATER, code, detail), is_ours=True)

    def refused(self, delivery: Delivery, event: PublicEvent, before: str, judged: Judged) -> Delivery:
        """As `fail`; an event that was refused often enough is given up, and the next one has its turn.
        DeliveryChanged."""
        failed = self.fail(delivery, judged)
        if failed.refusals < ATTEMPTS_OF_EVENT:
            return failed
        at = instant(self.now())
        if not self._log.give_up(failed, event.recorded.id, event.fact.type.wire, at, before, event.cursor):
            raise DeliveryChanged(delivery.name)
        return _with(failed, {**FRESH, "position": event.cursor})

    def write(self, delivery: Delivery, **columns: Any) -> Delivery:
        """The delivery as it is after that.  DeliveryChanged."""
        if not self._log.write(delivery, **columns):
            raise DeliveryChanged(delivery.name)
        return _with(delivery, columns)


def _with(delivery: Delivery, columns: dict[str, Any]) -> Delivery:
    return Delivery(**{**vars(delivery), **columns})
