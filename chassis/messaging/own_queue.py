"""The queue of a single outside system: consumed on a channel of its own, since it may vanish at any time."""

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
"""What the broker says of a queue that is not there (any more), and closes the channel; the connection stays."""
_AHEAD, _AHEAD_OF_LIMITED = 1000, 50
"""Messages in hand at once: what a sender with limits may not send yet stays at the broker."""


class OwnSender(NamedTuple):
    """A sender with a queue of its own; whether its messages are limited."""

    name: str
    queue: QueueSpec
    is_limited: bool


@dataclass(frozen=True)
class SenderTurns:
    """Who sent a message of a common queue, by its properties; and the senders with queues of their own, which come and
    go, and of which each `may_send` now."""

    sender_of: Callable[[Mapping[str, Any]], str]
    may_send: Callable[[str], bool]
    own_senders: Callable[[], Sequence[OwnSender]]

    def senders_now(self) -> Sequence[OwnSender]:
        """None while the store is away: they are asked for again in a moment."""
        try:
            return self.own_senders()
        except Exception as error:
            if not is_transient(error):
                raise
            return ()


class OwnQueue:
    """One that an outside system alone fills."""

    def __init__(self, sender: OwnSender, connection: Any) -> None:
        self.name, self.sender, self._connection = sender.queue.name, sender.name, connection
        self._ahead = _AHEAD_OF_LIMITED if sender.is_limited else _AHEAD
        self._channel: Any = None

    def consume(self, received: Callable[[Any, Any], None], ended: Callable[[], object]) -> bool:
        """Whether it is there.  `received` gets each message and its channel; `ended` is called when it is deleted."""
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
        """Messages that wait at the broker; None: it is gone."""
        try:
            with broker.reply_timeout():
                return int(self._channel.queue_declare(queue=self.name, passive=True).message_count)
        except _GONE:
            return None
