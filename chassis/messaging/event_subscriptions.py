"""The subscriptions through which a service receives other services' events."""

from collections.abc import Sequence

from chassis.messaging import broker
from chassis.messaging.catch_up import CatchUp
from chassis.messaging.consumer import Delivery, Subscription
from chassis.messaging.inbox import Inbox
from chassis.process.greenlets import ProgressSignal


def event_subscriptions(
    service: str, partitions: int, inbox: Inbox, catch_up: CatchUp, progress: ProgressSignal
) -> list[Subscription]:
    """One subscription per source and partition; a gap requests a catch-up."""

    def receive(batch: Sequence[Delivery]) -> None:
        complete = inbox.receive([delivery.body for delivery in batch])
        progress.advance()
        if not complete:
            catch_up.request()

    return [
        Subscription(broker.events_queue(service, source, partition), "inbox", receive)
        for source in inbox.sources
        for partition in range(partitions)
    ]
