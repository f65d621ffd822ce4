"""The embedded broker: kombu's transport in memory, whose readers wait until something comes instead of looking fifty
times a second (docs/decisions/0306)."""

import threading
import time
from typing import Any

from kombu.transport import memory


class _Arrivals:
    """How many messages ever came into a queue of this process; green where the process is patched."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.count = 0

    def add(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait(self, seen: int, seconds: float | None) -> None:
        """Until more came than were seen."""
        with self._changed:
            self._changed.wait_for(lambda: self.count != seen, seconds)


_arrivals = _Arrivals()


class WakingChannel(memory.Channel):  # type: ignore[misc]
    """Says so when a message comes into any queue."""

    def _put(self, queue: str, message: Any, **more: Any) -> None:
        super()._put(queue, message, **more)
        _arrivals.add()

    def _put_fanout(self, exchange: str, message: Any, routing_key: str | None = None, **more: Any) -> None:
        super()._put_fanout(exchange, message, routing_key, **more)
        _arrivals.add()


class WakingTransport(memory.Transport):  # type: ignore[misc]
    """`drain_events` as of every transport: returns with the next message, raises TimeoutError where none came."""

    Channel = WakingChannel

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:  # noqa: ARG002 - as kombu calls it
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            seen = _arrivals.count
            try:
                self.cycle.get(self._deliver, timeout=timeout)
                return
            except self.cycle.predicate:
                left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError("nothing came")
            _arrivals.wait(seen, left)
