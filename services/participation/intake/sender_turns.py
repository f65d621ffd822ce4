"""Turns of the outside systems that send by the broker."""

from collections.abc import Mapping
from typing import Any

from chassis.intake.quotas import Quotas
from chassis.messaging import broker
from chassis.messaging.own_queue import OwnSender, SenderTurns
from chassis.store.database import Store
from services.participation.publishers.queries import read_publishers


def sender_of(properties: Mapping[str, Any]) -> str:
    """The user checked by the broker; empty if the message has none."""
    return str(properties.get("user_id", ""))


def sender_turns(store: Store, service: str, quotas: Quotas) -> SenderTurns:
    """Each sender has its turns; while a publisher's quota is used up, messages in its own queue stay at the broker."""

    def own_senders() -> list[OwnSender]:
        with store.autocommit() as connection:
            registered = read_publishers(connection)
        quotas.learn({publisher.name: publisher.limits for publisher in registered})
        return [
            OwnSender(publisher.name, broker.own_intake_queue(service, publisher.name), any(publisher.limits))
            for publisher in registered
            if publisher.amqp
        ]

    return SenderTurns(sender_of, quotas.may_send, own_senders)
