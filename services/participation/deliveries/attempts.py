"""Records the outcome of delivery attempts, and when the next one is due."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from chassis.events.canonical_json import instant, moment
from chassis.messaging.deliveries import ENDED, FRESH, STOPPED, Delivery, DeliveryLog
from services.participation.deliveries.domain.answers import (
    ATTEMPTS_OF_EVENT,
    AWAY_SECONDS,
    ClassifiedAnswer,
    Verdict,
    pause_after,
)
from services.participation.subscribers.queries import PublicEvent

TOO_LONG = "away_too_long"


class DeliveryChanged(RuntimeError):
    """The attempt is void: an operator changed or removed the delivery meanwhile."""


class Attempts:
    """The attempts of all deliveries.  `now`: the machine's clock even in rehearsals, since receivers have that too."""

    def __init__(self, log: DeliveryLog, now: Callable[[], datetime]) -> None:
        self._log, self.now = log, now

    def advance(self, delivery: Delivery, position: str, count: int, **columns: Any) -> Delivery:
        """Record that `count` more events were delivered, up to the cursor `position`.  Raises DeliveryChanged."""
        at = instant(self.now()) if count else delivery.last_at
        return self.write(
            delivery, **FRESH, position=position, delivered=delivery.delivered + count, last_at=at, **columns
        )

    def fail(self, delivery: Delivery, judged: ClassifiedAnswer, is_ours: bool = False) -> Delivery:
        """Record that nothing was delivered, and when to try again, or to stop.  With `is_ours` (a fault here, or of
        the broker) it is tried forever.  Raises DeliveryChanged."""
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
        """Record a fault here, or of the broker: it is tried forever.  Raises DeliveryChanged."""
        if (delivery := self._log.read(name)) is not None:
            self.fail(delivery, ClassifiedAnswer(Verdict.LATER, code, detail), is_ours=True)

    def refused(self, delivery: Delivery, event: PublicEvent, before: str, judged: ClassifiedAnswer) -> Delivery:
        """As `fail`; an event that was rejected often enough is given up, and the next one follows.  Raises
        DeliveryChanged."""
        failed = self.fail(delivery, judged)
        if failed.refusals < ATTEMPTS_OF_EVENT:
            return failed
        at = instant(self.now())
        if not self._log.give_up(failed, event.recorded.id, event.fact.type.wire, at, before, event.cursor):
            raise DeliveryChanged(delivery.name)
        return _with_columns(failed, {**FRESH, "position": event.cursor})

    def write(self, delivery: Delivery, **columns: Any) -> Delivery:
        """Update the delivery; returns it.  Raises DeliveryChanged."""
        if not self._log.write(delivery, **columns):
            raise DeliveryChanged(delivery.name)
        return _with_columns(delivery, columns)


def _with_columns(delivery: Delivery, columns: dict[str, Any]) -> Delivery:
    return Delivery(**{**vars(delivery), **columns})
