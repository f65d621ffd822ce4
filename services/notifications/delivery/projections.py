"""Projects the deliveries' events into the rows of digests."""

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.notifications import (
    DeliveryCancelled,
    DeliveryEnded,
    DeliveryFailed,
    DeliveryReopened,
    DeliveryStarted,
    DeliverySucceeded,
)
from duties.days import day_of
from services.notifications.digests.projections import digests, items_text


def start_delivery(rows: Rows, event: DeliveryStarted, _: RecordedEvent) -> None:
    changed = {"items": items_text(event.items_left)} if event.items_left else {}
    _amend(rows, event.recipient, event.day, phase="sending", channel=event.channel, attempt=event.attempt, **changed)


def succeed_delivery(rows: Rows, event: DeliverySucceeded, recorded: RecordedEvent) -> None:
    _amend(
        rows, event.recipient, event.day, phase="ended", code="succeeded", again_at="", ended_at=recorded.recorded_at
    )


def fail_delivery(rows: Rows, event: DeliveryFailed, _: RecordedEvent) -> None:
    _amend(rows, event.recipient, event.day, phase="waiting", code=event.code, detail=event.detail,
           again_at=event.again_at)  # fmt: skip


def end_delivery(rows: Rows, event: DeliveryEnded, recorded: RecordedEvent) -> None:
    _amend(rows, event.recipient, event.day, phase="ended", code=event.code, again_at="",
           ended_at=recorded.recorded_at)  # fmt: skip


def cancel_delivery(rows: Rows, event: DeliveryCancelled, recorded: RecordedEvent) -> None:
    _amend(rows, event.recipient, event.day, phase="ended", code="cancelled", again_at="",
           ended_at=recorded.recorded_at)  # fmt: skip


def reopen_delivery(rows: Rows, event: DeliveryReopened, _: RecordedEvent) -> None:
    _amend(rows, event.recipient, event.day, phase="waiting", code="", detail="", again_at="", ended_at="")


def _amend(rows: Rows, recipient: str, day: str, **values: object) -> None:
    rows.amend(digests, {"recipient": recipient, "day": day_of(day)}, **values)
