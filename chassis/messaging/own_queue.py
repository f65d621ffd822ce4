"""The queue of a single outside system, consumed on a channel of its own, since an operator may delete it at any
time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import amqp.exceptions
import structlog

from chassis.messaging import broker
from chassis.messaging.broker import QueueSpec
from chassis.store.database import is_transient

_log = structlog.get_logger(__name__)
_GONE = (amqp.exceptions.NotFound, amqp.exceptions.AccessRefused, amqp.exceptions.RecoverableChannelError)
"""Channel errors for a queue that does not or no longer exist; they close the channel, not the connection."""
_AHEAD, _AHEAD_OF_LIMITED = 1000, 50
"""Prefetch counts: messages beyond the rate limit of a sender stay at the broker."""


class OwnSender(NamedTuple):
    """A sender with a queue of its own; `is_limited`: it has a rate limit."""

    name: str
    queue: QueueSpec
    is_limited: bool


@dataclass(frozen=True)
class SenderTurns:
    """Senders of a shared queue.  `sender_of`: the sender by a message's properties; `own_senders`: those with queues
    of their own at the moment; `may_send`: whether one of these is within its rate limit now."""

    sender_of: Callable[[Mapping[str, Any]], str]
    may_send: Callable[[str], bool]
    own_senders: Callable[[], Sequence[OwnSender]]

    def senders_now(self) -> Sequence[OwnSender]:
        """Senders with queues of their own; empty while the store is unavailable, the caller asks again."""
        try:
            return self.own_senders()
        except Exception as error:
            if not is_transient(error):
                raise
            return ()


class OwnQueue:
    """A queue that only one outside system publishes to."""

    def __init__(self, sender: OwnSender, connection: Any) -> None:
        self.name, self.sender, self._connection = sender.queue.name, sender.name, connection
        self._ahead = _AHEAD_OF_LIMITED if sender.is_limited else _AHEAD
        self._channel: Any = None

    def consume(self, received: Callable[[Any, Any], None], ended: Callable[[], object]) -> bool:
        """Start consuming; returns False if the queue does not exist.  `received` gets each message and its channel;
        `ended` is called when the queue is deleted."""
        try:
            with broker.reply_timeout():
                self._channel = self._connection.channel()
                self._channel.auto_decode = False
                self._channel.basic_qos(0, self._ahead, False)
                self._channel.basic_consume(
                    self.name, no_ack=False, consumer_tag=self.name, on_cancel=lambda _: ended(),
                    callback=lambda message: received(message, self._channel),
                )  # fmt: skip
        except _GONE as error:
            _log.warning("queue of an outside system is not there", queue=self.name, error=repr(error)[:200])
            return False
        return True

    def depth(self) -> int | None:
        """The number of ready messages; None if the queue does not exist any more."""
        try:
            with broker.reply_timeout():
                return int(self._channel.queue_declare(queue=self.name, passive=True).message_count)
        except _GONE:
            return None
