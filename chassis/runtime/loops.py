"""The loops of a service: started, guarded so that none ends by an error, and stopped after the batch in hand."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog

from chassis.process import greenlets
from chassis.process.loop_monitor import LoopMonitor
from chassis.store.database import is_transient
from chassis.store.unit_of_work import HANDLER_ERRORS

_log = structlog.get_logger(__name__)
RETRY_SECONDS = 1.0
WARN_SECONDS = 60.0
Spawn = Callable[[Callable[[], None], str], Any]
"""(function, name): runs it in a green thread of its own."""


def _nothing() -> None: ...


@dataclass(frozen=True)
class Loop:
    """`run` returns when the service stops; `wake` makes it look at once."""

    name: str
    run: Callable[[], None]
    wake: Callable[[], None] = _nothing


class Loops:
    """Runs the loops; one that raises is run again after a pause (in nameko it would end the container)."""

    def __init__(self, loops: Iterable[Loop], monitor: LoopMonitor) -> None:
        self._loops, self._monitor = list(loops), monitor
        self._running = 0
        self._warned: dict[str, float] = {}

    def start(self, spawn: Spawn) -> None:
        for loop in self._loops:
            self._monitor.pulse(loop.name)
            spawn(lambda loop=loop: self.run_guarded(loop), loop.name)  # type: ignore[misc]

    def run_guarded(self, loop: Loop) -> None:
        """Run the loop until the service stops, whatever it raises."""
        self._running += 1
        try:
            while not self._monitor.stopping:
                try:
                    loop.run()
                except HANDLER_ERRORS as error:
                    if is_transient(error):
                        self._store_away(loop.name, error)
                    else:
                        _log.exception("loop failed, it is run again", loop=loop.name)
                    greenlets.sleep(RETRY_SECONDS)
        finally:
            self._running -= 1

    def _store_away(self, loop: str, error: BaseException) -> None:
        """Every loop notices each second: it is logged once a minute."""
        self._monitor.outage(loop)
        if time.monotonic() - self._warned.get(loop, -WARN_SECONDS) >= WARN_SECONDS:
            self._warned[loop] = time.monotonic()
            _log.warning("store away, the loop waits", loop=loop, error=repr(error)[:500])

    def stop(self, seconds: float) -> None:
        """End every loop after the batch that it holds; wait for that so long at most."""
        self._monitor.stopping = True
        for loop in self._loops:
            loop.wake()
        limit = time.monotonic() + seconds
        while self._running and time.monotonic() < limit:
            greenlets.sleep(0.05)
