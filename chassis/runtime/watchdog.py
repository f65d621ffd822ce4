"""Ends a process that makes no progress although nothing is known to be unavailable, so that its supervisor restarts
it."""

import os
import sys
from collections.abc import Mapping

import eventlet.patcher

from chassis.process.loop_monitor import LoopMonitor

_threading = eventlet.patcher.original("threading")
_time = eventlet.patcher.original("time")


def watch(monitors: Mapping[str, LoopMonitor], seconds: int) -> None:
    """Watch the monitors of all services (by name) in a native thread, which notices a blocked hub too (hole 5)."""
    if seconds > 0:
        _threading.Thread(target=_watch, args=(monitors, seconds), daemon=True, name="watchdog").start()


def _watch(monitors: Mapping[str, LoopMonitor], seconds: int) -> None:
    while True:
        _time.sleep(min(10, seconds / 4))
        for service, monitor in monitors.items():
            stalled = monitor.stalled(seconds)
            if stalled and not monitor.stopping:
                sys.stderr.write(f"watchdog: {service} {stalled} without progress for {seconds} s, ending\n")
                sys.stderr.flush()
                os._exit(70)
