"""Operators' interventions in a delivery: pause, resume, replay, and handling of failures."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from chassis.events.canonical_json import instant
from chassis.messaging.deliveries import (
    FRESH,
    PAUSED,
    RUNNING,
    WANTED,
    Delivery,
    change_delivery,
    delivery_named,
    drop_undelivered,
    give_up,
    mark_undelivered,
    undelivered_of,
)
from chassis.process.tokens import Actor
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.participation.deliveries.changes import changing, lost_cursor, require_delivery, start_position
from services.participation.subscribers.domain.subscription import SUBSCRIPTIONS, ChangeDelivery, Subscription
from services.participation.subscribers.queries import LostCursor, PublicPage, public_page, subscription_named


class Interventions:
    """`now`: the machine's clock; `wake`: wakes the deliverer."""

    def __init__(self, units_of_work: UnitsOfWork, now: Callable[[], datetime], wake: Callable[[], None]) -> None:
        self._units_of_work, self._now, self._wake = units_of_work, now, wake

    def pause(self, name: str, actor: Actor, correlation: str) -> None:
        """Pause the delivery.  Problem 404."""
        self._change(name, "paused", actor, correlation, state=PAUSED)

    def resume(self, name: str, actor: Actor, correlation: str) -> None:
        """Resume it, even if a fault or its receiver stopped it; the receiver is asked again whether it accepts
        deliveries.  Problem 404."""
        with changing(self._units_of_work, name, actor, correlation) as (work, before):
            known = require_delivery(name, before)
            work.execute(SUBSCRIPTIONS, ChangeDelivery(name, "resumed"))
            asked = 0 if known.options.get("handshake") else known.allowed_rate
            change_delivery(work.connection, name, **{**FRESH, "allowed_rate": asked})
        self._wake()

    def replay(self, name: str, start: str, actor: Actor, correlation: str) -> None:
        """Send everything after a cursor again.  Problem 400, 404, 410."""
        with changing(self._units_of_work, name, actor, correlation) as (work, before):
            known = require_delivery(name, before)
            position = start_position(work.connection, start, work.now)
            work.execute(SUBSCRIPTIONS, ChangeDelivery(name, "replayed", position))
            state = PAUSED if known.state == PAUSED else RUNNING
            moved = {**FRESH, "state": state, "position": position, "read_position": position}
            change_delivery(work.connection, name, **moved)
        self._wake()

    def failures(self, name: str) -> list[dict[str, Any]]:
        """The events that were given up, oldest first.  Problem 404."""
        with self._units_of_work.store.reading() as connection:
            require_delivery(name, delivery_named(connection, name))
            return [{key: value for key, value in vars(each).items() if key not in ("name", "position")}
                    for each in undelivered_of(connection, name)]  # fmt: skip

    def retry(self, name: str, entries: Sequence[int], actor: Actor, correlation: str) -> int:
        """Try these given-up events again, or, if none are named, the next due event at once; returns how many.
        Problem 404."""
        with changing(self._units_of_work, name, actor, correlation) as (work, before):
            require_delivery(name, before)
            count = mark_undelivered(work.connection, name, entries, WANTED) if entries else 0
            work.execute(SUBSCRIPTIONS, ChangeDelivery(name, "retried", str(count)))
            change_delivery(work.connection, name, next_at="")
        self._wake()
        return count

    def skip(self, name: str, entries: Sequence[int], actor: Actor, correlation: str) -> int:
        """Delete these given-up events, or, if none are named, give up the next due event; returns how many.  Problem
        404."""
        with changing(self._units_of_work, name, actor, correlation) as (work, before):
            known = require_delivery(name, before)
            dropped = drop_undelivered(work.connection, name, entries) if entries else self._skip_next(work, known)
            work.execute(SUBSCRIPTIONS, ChangeDelivery(name, "skipped", str(dropped)))
        self._wake()
        return dropped

    def _skip_next(self, work: UnitOfWork, delivery: Delivery) -> int:
        subscription = subscription_named(work.connection, delivery.name)
        if subscription is None:
            return 0
        page = _page_from(work, subscription, delivery.position)
        for event in page.events:
            give_up(work.connection, delivery, event.recorded.id, event.fact.type.wire, instant(self._now()),
                    delivery.position, delivery.attempts, "skipped", delivery.code)  # fmt: skip
        state = PAUSED if delivery.state == PAUSED else RUNNING
        change_delivery(work.connection, delivery.name, **{**FRESH, "state": state, "position": page.cursor})
        return len(page.events)

    def _change(self, name: str, act: str, actor: Actor, correlation: str, **columns: Any) -> None:
        with changing(self._units_of_work, name, actor, correlation) as (work, before):
            require_delivery(name, before)
            work.execute(SUBSCRIPTIONS, ChangeDelivery(name, act))
            change_delivery(work.connection, name, **columns)


def _page_from(work: UnitOfWork, subscription: Subscription, position: str) -> PublicPage:
    try:
        return public_page(work.connection, subscription, position, 1)
    except LostCursor:
        raise lost_cursor() from None
