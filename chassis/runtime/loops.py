"""The loops of a service: started, restarted after an error, and stopped after the batch in hand."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog

from chassis.process import greenlets
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.quiet_log import QuietLog
from chassis.store.database import is_transient
from chassis.store.unit_of_work import HANDLER_ERRORS
from chassis.store.write_health import write_fault

_log = structlog.get_logger(__name__)
RETRY_SECONDS, MOST_RETRY_SECONDS = 1.0, 15.0
Spawn = Callable[[Callable[[], None], str], Any]
"""(function, name): run the function in a green thread of its own."""


def _do_nothing() -> None: ...


@dataclass(frozen=True)
class Loop:
    """`run` returns when the service stops; `wake` ends its pause."""

    name: str
    run: Callable[[], None]
    wake: Callable[[], None] = _do_nothing


class Loops:
    """Runs the loops; one that raises is run again after a pause (in nameko it would end the container)."""

    def __init__(self, loops: Iterable[Loop], monitor: LoopMonitor) -> None:
        self._loops, self._monitor = list(loops), monitor
        self._running = 0
        self._warnings = QuietLog(_log)

    def start(self, spawn: Spawn) -> None:
        for loop in self._loops:
            self._monitor.pulse(loop.name)
            spawn(lambda loop=loop: self.run_guarded(loop), loop.name)  # type: ignore[misc]

    def run_guarded(self, loop: Loop) -> None:
        """Run the loop until the service stops, whatever it raises; the pause between failures grows."""
        self._running += 1
        pause = RETRY_SECONDS
        try:
            while not self._monitor.stopping:
                began = time.monotonic()
                try:
                    loop.run()
                except HANDLER_ERRORS as error:
                    self._handle_failure(loop.name, error)
                    if time.monotonic() - began > 2 * pause:
                        pause = RETRY_SECONDS
                    self._wait(pause)
                    pause = min(pause * 2, MOST_RETRY_SECONDS)
        finally:
            self._running -= 1

    def _handle_failure(self, loop: str, error: BaseException) -> None:
        if is_transient(error) or write_fault(error):
            self._monitor.outage(loop)
            self._warnings.warning("store away, the loop waits", loop, error=repr(error)[:500])
        else:
            self._warnings.exception("loop failed, it is run again", f"{loop}: {type(error).__name__}")

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._monitor.stopping and (left := until - time.monotonic()) > 0:
            greenlets.sleep(min(left, 0.2))

    def stop(self, seconds: float) -> None:
        """Stop every loop after its batch in hand; wait for that at most `seconds`."""
        self._monitor.stopping = True
        for loop in self._loops:
            loop.wake()
        limit = time.monotonic() + seconds
        while self._running and time.monotonic() < limit:
            greenlets.sleep(0.05)
