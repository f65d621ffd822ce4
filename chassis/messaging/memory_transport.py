"""kombu's in-memory transport for a system in one process: readers are woken by a message instead of polling fifty
times a second (docs/decisions/0306)."""

import threading
import time
from typing import Any

from kombu.transport import memory


class _Arrivals:
    """Counts the messages that were put into queues of this process.  A Condition of green threads if eventlet patched
    the process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.count = 0

    def add(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait(self, seen: int, seconds: float | None) -> None:
        """Wait until the count differs from `seen`, or for `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self.count != seen, seconds)


_arrivals = _Arrivals()


class WakingChannel(memory.Channel):  # type: ignore[misc]
    """A channel that notifies waiting readers when a message is put into any queue."""

    def _put(self, queue: str, message: Any, **more: Any) -> None:
        super()._put(queue, message, **more)
        _arrivals.add()

    def _put_fanout(self, exchange: str, message: Any, routing_key: str | None = None, **more: Any) -> None:
        super()._put_fanout(exchange, message, routing_key, **more)
        _arrivals.add()


class WakingTransport(memory.Transport):  # type: ignore[misc]
    """A transport whose `drain_events` returns with the next message and raises TimeoutError when none comes, as other
    transports do."""

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
