"""Ends a process that makes no progress though nothing is known to be away, so that its keeper starts it anew."""

import os
import sys
import time

import eventlet.patcher

from chassis.frame import Frame

_threading = eventlet.patcher.original("threading")
_time = eventlet.patcher.original("time")


def watch(frames: list[Frame], seconds: int) -> None:
    """A thread of the system, not of the hub: it sees a hub that stands still (hole 5)."""
    if seconds > 0:
        _threading.Thread(target=_look, args=(frames, seconds), daemon=True, name="watchdog").start()


def _look(frames: list[Frame], seconds: int) -> None:
    while True:
        _time.sleep(min(10, seconds / 4))
        now = time.monotonic()
        for frame in frames:
            still = [name for name, at in frame.pulses.items() if now - at > seconds and not frame.stopping]
            if still:
                sys.stderr.write(f"watchdog: {frame.service} {still} without progress for {seconds} s, ending\n")
                sys.stderr.flush()
                os._exit(70)
