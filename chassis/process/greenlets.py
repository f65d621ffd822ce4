"""Waiting and yielding under eventlet, so that code outside the chassis need not import it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import eventlet
from eventlet.event import Event
from eventlet.timeout import Timeout

Value = TypeVar("Value")


class Wakeup:
    """An event that one loop waits for, with the methods of threading.Event; a `set` during the loop's work is kept."""

    def __init__(self) -> None:
        self._event = Event()

    def set(self) -> None:
        if not self._event.ready():
            self._event.send()

    def clear(self) -> None:
        """To be called before the loop looks for work: only a `set` from here on ends the next `wait`."""
        self._event = Event()

    def wait(self, seconds: float) -> bool:
        """Whether it was set, and not just so long waited for."""
        event = self._event
        with Timeout(seconds, False):
            event.wait()
        return bool(event.ready())


class ProgressSignal:
    """Wakes everybody who waits for it, each time something moved on."""

    def __init__(self) -> None:
        self._moved = Event()

    def advance(self) -> None:
        moved, self._moved = self._moved, Event()
        moved.send()

    def wait(self, seconds: float) -> None:
        """Until the next progress, or so long."""
        with Timeout(seconds, False):
            self._moved.wait()


class Promise(Generic[Value]):
    """A value that another greenlet sends, once."""

    def __init__(self) -> None:
        self._sent = Event()

    def send(self, value: Value) -> None:
        self._sent.send(value)

    def wait(self, seconds: float) -> Value | None:
        """The value; None when it is not there within so long."""
        with Timeout(seconds, False):
            value: Value = self._sent.wait()
            return value
        return None


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """TimeoutError in whatever is waited for inside when it took longer in all: the limit of a socket begins anew with
    each byte, so that a server that says one now and then would never reach it."""
    with Timeout(max(0.0, seconds), TimeoutError(f"not done in {seconds:.0f} s")):
        yield


def sleep(seconds: float) -> None:
    """Other greenlets run meanwhile."""
    with Timeout(seconds, False):
        Event().wait()


def yield_control() -> None:
    """Lets every other greenlet run.  Never inside a write transaction on SQLite (hole 13)."""
    eventlet.sleep(0)


class GreenletGroup:
    """Functions that run side by side, each under a name of its own; `ended` is set whenever one has ended."""

    def __init__(self, ended: Wakeup) -> None:
        self._ended = ended
        self._running: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self._running)

    def __contains__(self, name: str) -> bool:
        return name in self._running

    def start(self, name: str, function: Callable[[], object]) -> None:
        """What the function raises is its own to log."""
        self._running[name] = eventlet.spawn(self._run, name, function)

    def _run(self, name: str, function: Callable[[], object]) -> None:
        try:
            function()
        finally:
            self._running.pop(name, None)
            self._ended.set()

    def kill(self) -> None:
        """End all that still run, wherever they are."""
        for greenlet in list(self._running.values()):
            greenlet.kill()
        self._running.clear()
