"""Messages in hand, taken in turns: whoever has sent many waits for whoever has sent few, never the other way round."""

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

MOST_BESIDE_OTHERS = 100
"""Messages of one sender in a batch with others: they are answered together."""


class Sized(Protocol):
    """What has a body."""

    @property
    def body(self) -> bytes: ...


Message = TypeVar("Message", bound=Sized)


class Turns(Generic[Message]):
    """A line of messages for each sender, in their order.  `may`: whose messages can be taken now.

    A batch has the next message of each sender before it has a second one of anybody, so that a message waits for at
    most one batch beside the messages of its own sender."""

    def __init__(self, may: Callable[[str], bool] = lambda _: True) -> None:
        self._may = may
        self._lines: OrderedDict[str, deque[Message]] = OrderedDict()
        self._bytes: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    @property
    def ready(self) -> int:
        """How many can be taken now."""
        return sum(len(line) for sender, line in self._lines.items() if self._may(sender))

    @property
    def ready_bytes(self) -> int:
        return sum(size for sender, size in self._bytes.items() if self._may(sender))

    def append(self, message: Message, sender: str = "") -> None:
        self._lines.setdefault(sender, deque()).append(message)
        self._bytes[sender] = self._bytes.get(sender, 0) + len(message.body)

    def drop(self, sender: str) -> None:
        """All of a sender's: they will come again, or nobody wants them any more."""
        self._lines.pop(sender, None)
        self._bytes.pop(sender, None)

    def take(self, most: int, most_bytes: int) -> list[Message]:
        """The next batch: at most so many messages, and one or so many bytes.  In it each sender's messages are
        together, the fewest first; of who has sent many there are few beside others', who would wait for them."""
        taken: dict[str, list[Message]] = {}
        waiting = deque(sender for sender in self._lines if self._may(sender))
        most_each = most if len(waiting) == 1 else MOST_BESIDE_OTHERS
        size = number = 0
        while waiting and number < most:
            sender = waiting.popleft()
            line = self._lines[sender]
            size += len(line[0].body)
            if number and size > most_bytes:
                break
            taken.setdefault(sender, []).append(self._next(sender))
            number += 1
            if sender in self._lines and len(taken[sender]) < most_each:
                waiting.append(sender)
        for sender in taken.keys() & self._lines.keys():
            self._lines.move_to_end(sender)
        return [message for messages in sorted(taken.values(), key=len) for message in messages]

    def _next(self, sender: str) -> Message:
        message = self._lines[sender].popleft()
        self._bytes[sender] -= len(message.body)
        if not self._lines[sender]:
            self.drop(sender)
        return message
