"""Ends a process that makes no progress though nothing is known to be away, so that its keeper starts it anew."""

import os
import sys
import time

import eventlet.patcher

from chassis.runtime.service_runtime import ServiceRuntime

_threading = eventlet.patcher.original("threading")
_time = eventlet.patcher.original("time")


def watch(runtimes: list[ServiceRuntime], seconds: int) -> None:
    """A thread of the system, not of the hub: it sees a hub that stands still (hole 5)."""
    if seconds > 0:
        _threading.Thread(target=_look, args=(runtimes, seconds), daemon=True, name="watchdog").start()


def _look(runtimes: list[ServiceRuntime], seconds: int) -> None:
    while True:
        _time.sleep(min(10, seconds / 4))
        now = time.monotonic()
        for runtime in runtimes:
            still = [name for name, at in runtime.pulses.items() if now - at > seconds and not runtime.stopping]
            if still:
                sys.stderr.write(f"watchdog: {runtime.service} {still} without progress for {seconds} s, ending\n")
                sys.stderr.flush()
                os._exit(70)
