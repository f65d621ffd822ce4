"""Lets the hub go round in the middle of long work, so that code outside the chassis need not know of it."""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

import eventlet

Item = TypeVar("Item")
SECONDS = 0.02


def breathe() -> None:
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
