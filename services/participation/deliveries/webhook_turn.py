"""A webhook's turn: sends what is due in the order of the log, until nothing is left, something fails or the time is
over; progress is recorded at least every second."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from chassis.events.canonical_json import instant
from chassis.messaging.deliveries import WANTED, Delivery, DeliveryLog, UndeliveredEvent, delivery_named, undelivered_of
from chassis.process.greenlets import sleep
from chassis.store.database import Store
from services.participation.deliveries.attempts import Attempts
from services.participation.deliveries.domain.answers import ClassifiedAnswer, Verdict
from services.participation.deliveries.webhook import Webhook
from services.participation.subscribers.queries import (
    LostCursor,
    PublicEvent,
    PublicPage,
    public_page,
    subscription_named,
)

TURN_SECONDS, WRITTEN_SECONDS, LONGEST_WAIT = 10.0, 1.0, 5.0
PAGE = 500
LOST = ClassifiedAnswer(Verdict.GONE, "lost_cursor")


class WebhookTurn:
    """For one delivery.  `stopping`: called before each request."""

    def __init__(
        self, store: Store, attempts: Attempts, log: DeliveryLog, make: Callable[[Delivery], Webhook],
        stopping: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._store, self._attempts, self._log, self._make, self._stopping = store, attempts, log, make, stopping

    def run(self, name: str) -> None:
        """Send what is due to the subscription's URL.  Raises DeliveryChanged if it was set anew meanwhile."""
        with self._store.reading() as connection:
            delivery = delivery_named(connection, name)
        if delivery is None:
            return
        webhook = self._make(delivery)
        try:
            self._run(delivery, webhook, time.monotonic() + TURN_SECONDS)
        finally:
            webhook.close()

    def _run(self, delivery: Delivery, webhook: Webhook, until: float) -> None:
        if not delivery.allowed_rate:
            judged, rate = webhook.shake_hands()
            if judged.verdict is not Verdict.DELIVERED:
                self._attempts.fail(delivery, judged)
                return
            delivery = self._attempts.write(delivery, allowed_rate=rate)
        if not self._send_wanted(delivery, webhook):
            return
        more = True
        while more and time.monotonic() < until and not self._stopping():
            after, page = delivery.position, self._page(delivery)
            if page is None:
                self._attempts.fail(delivery, LOST)
                return
            delivery, more = self._send_page(delivery, webhook, after, page, until)

    def _page(self, delivery: Delivery, after: str | None = None, limit: int = PAGE) -> PublicPage | None:
        """None if the cursor is of a log that was lost (restored from a backup); an empty page if the subscriber may
        not read any more."""
        with self._store.reading() as connection:
            subscription = subscription_named(connection, delivery.name)
            if subscription is None:
                return PublicPage([], delivery.position, more=False)
            try:
                return public_page(connection, subscription, delivery.position if after is None else after, limit)
            except LostCursor:
                return None

    def _send_page(
        self, delivery: Delivery, webhook: Webhook, after: str, page: PublicPage, until: float
    ) -> tuple[Delivery, bool]:
        """The delivery after the page, and whether to continue."""
        events, count, written = page.events, 0, time.monotonic()
        while events:
            if not self._may_send(webhook, delivery, until):
                return self._wait_for_rate(self._advance(delivery, after, count), webhook), False
            webhook.renew(delivery)
            group = events[: webhook.at_once]
            judged = webhook.send(group)
            if judged.verdict is not Verdict.DELIVERED:
                return self._record_failure(self._advance(delivery, after, count), group, after, judged), False
            events, after, count = events[len(group) :], group[-1].cursor, count + len(group)
            if delivery.attempts or time.monotonic() - written > WRITTEN_SECONDS:
                delivery, count, written = self._attempts.advance(delivery, after, count), 0, time.monotonic()
        return self._attempts.advance(delivery, page.cursor, count), page.more

    def _advance(self, delivery: Delivery, position: str, count: int) -> Delivery:
        return self._attempts.advance(delivery, position, count) if count else delivery

    def _wait_for_rate(self, delivery: Delivery, webhook: Webhook) -> Delivery:
        """Wait until the next request may be sent."""
        if (wait := webhook.wait(delivery.allowed_rate)) <= LONGEST_WAIT:
            return delivery
        return self._attempts.write(delivery, next_at=instant(self._attempts.now() + timedelta(seconds=wait)))

    def _record_failure(
        self, delivery: Delivery, group: Sequence[PublicEvent], before: str, judged: ClassifiedAnswer
    ) -> Delivery:
        if judged.verdict is Verdict.REFUSED and len(group) == 1:
            return self._attempts.refused(delivery, group[0], before, judged)
        return self._attempts.fail(delivery, judged)

    def _may_send(self, webhook: Webhook, delivery: Delivery, until: float) -> bool:
        """Wait for the receiver's rate limit, if that is short; returns whether to send."""
        if (wait := webhook.wait(delivery.allowed_rate)) > LONGEST_WAIT:
            return False
        sleep(wait)
        return time.monotonic() < until and not self._stopping()

    def _send_wanted(self, delivery: Delivery, webhook: Webhook) -> bool:
        """Try once each event that an operator wants retried; returns False if the receiver accepts nothing now."""
        with self._store.reading() as connection:
            wanted = undelivered_of(connection, delivery.name, WANTED)
        for entry in wanted:
            if self._stopping():
                return False
            judged = self._send_again(delivery, webhook, entry)
            delivered = judged.verdict is Verdict.DELIVERED
            self._log.settle(entry, delivered, instant(self._attempts.now()), judged.code, judged.detail)
            if judged.verdict in (Verdict.LATER, Verdict.GONE):
                self._attempts.fail(delivery, judged)
                return False
        return True

    def _send_again(self, delivery: Delivery, webhook: Webhook, entry: UndeliveredEvent) -> ClassifiedAnswer:
        """An event that the subscriber may not read any more counts as delivered."""
        page = self._page(delivery, entry.position, 1)
        if page is None:
            return ClassifiedAnswer(Verdict.REFUSED, LOST.code)
        event = page.events[0] if page.events else None
        if event is None or event.recorded.id != entry.event_id:
            return ClassifiedAnswer(Verdict.DELIVERED)
        return webhook.send([event])
