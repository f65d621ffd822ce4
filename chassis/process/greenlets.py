"""Lets the hub go round in the middle of long work, and loops sleep until something is there, so that code outside
the chassis need not know of it."""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

import eventlet
from eventlet.event import Event
from eventlet.timeout import Timeout

Item = TypeVar("Item")
SECONDS = 0.02


class Wakeup:
    """Wakes one loop before its time; a ring while the loop works is not lost."""

    def __init__(self) -> None:
        self._rung = Event()

    def ring(self) -> None:
        if not self._rung.ready():
            self._rung.send()

    def quiet(self) -> None:
        """The loop looks now: only rings from here on count."""
        self._rung = Event()

    def wait(self, seconds: float) -> None:
        with Timeout(seconds, False):
            self._rung.wait()


class Progress:
    """Wakes everybody who waits for it, each time something moved on."""

    def __init__(self) -> None:
        self._moved = Event()

    def made(self) -> None:
        moved, self._moved = self._moved, Event()
        moved.send()

    def wait(self, seconds: float) -> None:
        """Until the next progress, or so long."""
        with Timeout(seconds, False):
            self._moved.wait()


def sleep(seconds: float) -> None:
    """Other greenlets run meanwhile."""
    with Timeout(seconds, False):
        Event().wait()


def yield_control() -> None:
    """Give every other greenlet its turn.  Never inside a write transaction on SQLite (hole 13)."""
    eventlet.sleep(0)


def paced(items: Iterable[Item]) -> Iterator[Item]:
    """The same items, with a breath every 20 ms."""
    last = time.monotonic()
    for item in items:
        yield item
        if time.monotonic() - last > SECONDS:
            eventlet.sleep(0)
            last = time.monotonic()
