"""psycopg's wait function for eventlet: a socket that is ready is used at once, otherwise other greenlets run.

psycopg's own `wait_select`, monkey-patched, goes through eventlet's hub for every step of the protocol, even when the
socket is writable or the response has already arrived: that was half of the time of a short transaction
(docs/architecture.md, hole 11)."""

from collections.abc import Generator
from typing import Any

from eventlet import hubs, patcher
from eventlet.green.select import select
from psycopg import waiting

_select = patcher.original("select")
_READ, _WRITE = int(waiting.WAIT_R), int(waiting.WAIT_W)
_MASKS = {_READ: _select.POLLIN, _WRITE: _select.POLLOUT, _READ | _WRITE: _select.POLLIN | _select.POLLOUT}


def install() -> None:
    """Replace psycopg's wait function for all connections of this process; call it after eventlet's monkey patching."""
    waiting.wait = wait


def wait(gen: Generator[Any, Any, Any], fileno: int, interval: float = 0.1, timeout: float | None = None) -> Any:
    """psycopg.waiting.wait: drive the protocol of one connection until it has its result."""
    if timeout is not None:
        return waiting.wait_select(gen, fileno, interval, timeout)
    poller = _select.poll()
    try:
        wanted = int(next(gen))
        while True:
            poller.register(fileno, _MASKS[wanted])
            while not (ready := poller.poll(0)):
                _wait_for_socket(fileno, wanted)
            wanted = int(gen.send(_ready(ready[0][1], wanted)))
    except StopIteration as end:
        return end.value


def _wait_for_socket(fileno: int, wanted: int) -> None:
    """Other greenlets run until the socket may be ready."""
    if wanted == _READ | _WRITE:  # the hub waits for one of them at a time, its select for both
        select([fileno], [fileno], [])
    else:
        hubs.trampoline(fileno, read=wanted == _READ or None, write=wanted == _WRITE or None)


def _ready(events: int, wanted: int) -> int:
    """The events in psycopg's terms; a broken connection is ready for everything: using it raises what broke."""
    if events & ~(_select.POLLIN | _select.POLLOUT):
        return wanted
    return (_READ if events & _select.POLLIN else 0) | (_WRITE if events & _select.POLLOUT else 0)
