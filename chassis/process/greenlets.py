"""Waiting and yielding under eventlet, so that code outside the chassis need not import it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import eventlet
from eventlet.event import Event
from eventlet.timeout import Timeout

Value = TypeVar("Value")


class Wakeup:
    """An event that one loop waits for, with the methods of threading.Event; a `set` that comes while the loop is
    working ends its next `wait` at once."""

    def __init__(self) -> None:
        self._event = Event()

    def set(self) -> None:
        if not self._event.ready():
            self._event.send()

    def clear(self) -> None:
        """Call this before looking for work: only a `set` after this call ends the next `wait`."""
        self._event = Event()

    def wait(self, seconds: float) -> bool:
        """Wait for `set`, at most that long; returns whether it was set."""
        event = self._event
        with Timeout(seconds, False):
            event.wait()
        return bool(event.ready())


class ProgressSignal:
    """A condition variable without a lock: `advance` wakes every greenlet that is waiting at that moment."""

    def __init__(self) -> None:
        self._moved = Event()

    def advance(self) -> None:
        moved, self._moved = self._moved, Event()
        moved.send()

    def wait(self, seconds: float) -> None:
        """Wait for the next `advance`, at most that long."""
        with Timeout(seconds, False):
            self._moved.wait()


class Promise(Generic[Value]):
    """A value that another greenlet sends once (a future)."""

    def __init__(self) -> None:
        self._sent = Event()

    def send(self, value: Value) -> None:
        self._sent.send(value)

    def wait(self, seconds: float) -> Value | None:
        """The value; None when it was not sent within that time."""
        with Timeout(seconds, False):
            value: Value = self._sent.wait()
            return value
        return None


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeoutError inside the block when it takes longer than that in total.  A socket's own timeout starts anew
    with each byte received, so a server that sends single bytes slowly would never reach it."""
    with Timeout(max(0.0, seconds), TimeoutError(f"not done in {seconds:.0f} s")):
        yield


def sleep(seconds: float) -> None:
    """Suspend this greenlet; others run meanwhile."""
    with Timeout(seconds, False):
        Event().wait()


def yield_control() -> None:
    """Let every other greenlet run once.  Never call it inside a write transaction on SQLite (docs/architecture.md,
    hole 13)."""
    eventlet.sleep(0)


class GreenletGroup:
    """Greenlets that run concurrently, each under a unique name; `ended` is set whenever one of them ends."""

    def __init__(self, ended: Wakeup) -> None:
        self._ended = ended
        self._running: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self._running)

    def __contains__(self, name: str) -> bool:
        return name in self._running

    def start(self, name: str, function: Callable[[], object]) -> None:
        """Run the function in a new greenlet.  It must log its own errors."""
        self._running[name] = eventlet.spawn(self._run, name, function)

    def _run(self, name: str, function: Callable[[], object]) -> None:
        try:
            function()
        finally:
            self._running.pop(name, None)
            self._ended.set()

    def kill(self) -> None:
        """Kill all that are still running, wherever they are in their code."""
        for greenlet in list(self._running.values()):
            greenlet.kill()
        self._running.clear()
