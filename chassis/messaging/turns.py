"""Fair scheduling of prefetched messages: a sender of many messages waits for senders of few, never the other way
round."""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

MOST_BESIDE_OTHERS = 100
"""The most messages of one sender in a batch shared with others, since a batch is answered as a whole."""


class HasBody(Protocol):
    """A message with a body."""

    @property
    def body(self) -> bytes: ...


Message = TypeVar("Message", bound=HasBody)


class Turns(Generic[Message]):
    """A queue of messages per sender, each in order.  `may(sender)`: whether that sender's messages may be taken now.

    A batch takes the next message of each sender before a second one of any, so that a message waits for at most one
    batch besides the messages of its own sender."""

    def __init__(self, may: Callable[[str], bool] = lambda _: True) -> None:
        self._may = may
        self._by_sender: OrderedDict[str, deque[Message]] = OrderedDict()
        self._bytes: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(map(len, self._by_sender.values()))

    @property
    def ready(self) -> int:
        """The number of messages that may be taken now."""
        return sum(len(messages) for sender, messages in self._by_sender.items() if self._may(sender))

    @property
    def ready_bytes(self) -> int:
        return sum(size for sender, size in self._bytes.items() if self._may(sender))

    def append(self, message: Message, sender: str = "") -> None:
        self._by_sender.setdefault(sender, deque()).append(message)
        self._bytes[sender] = self._bytes.get(sender, 0) + len(message.body)

    def drop(self, sender: str) -> None:
        """Forget all messages of a sender: they will be delivered again, or are not wanted any more."""
        self._by_sender.pop(sender, None)
        self._bytes.pop(sender, None)

    def take(self, most: int, most_bytes: int) -> list[Message]:
        """The next batch: at most `most` messages and `most_bytes` bytes, but at least one message.  Messages of a
        sender stay together, senders with the fewest first; of each there are at most MOST_BESIDE_OTHERS if there are
        several."""
        taken: dict[str, list[Message]] = {}
        waiting = deque(sender for sender in self._by_sender if self._may(sender))
        most_each = most if len(waiting) == 1 else MOST_BESIDE_OTHERS
        size = number = 0
        while waiting and number < most:
            sender = waiting.popleft()
            messages = self._by_sender[sender]
            size += len(messages[0].body)
            if number and size > most_bytes:
                break
            taken.setdefault(sender, []).append(self._next(sender))
            number += 1
            if sender in self._by_sender and len(taken[sender]) < most_each:
                waiting.append(sender)
        for sender in taken.keys() & self._by_sender.keys():
            self._by_sender.move_to_end(sender)
        return [message for messages in sorted(taken.values(), key=len) for message in messages]

    def _next(self, sender: str) -> Message:
        message = self._by_sender[sender].popleft()
        self._bytes[sender] -= len(message.body)
        if not self._by_sender[sender]:
            self.drop(sender)
        return message
