"""Heartbeats of a service's background loops: when each last made progress, and whether the service is stopping.

It starts nothing itself; the health route and the watchdog read it."""

import time


class LoopMonitor:
    """The time (of time.monotonic) of the last heartbeat of each loop, by the loop's name."""

    def __init__(self) -> None:
        self.pulses: dict[str, float] = {}
        self.stopping = False

    def pulse(self, loop: str) -> None:
        """The loop has completed a round."""
        self.pulses[loop] = time.monotonic()

    def outage(self, loop: str) -> None:
        """The loop is waiting for something known to be unavailable (broker, store): no reason to end the process."""
        self.pulses[loop] = time.monotonic()

    def forget(self, loop: str) -> None:
        """The loop has ended normally: no heartbeat is expected from it any more."""
        self.pulses.pop(loop, None)

    def ages(self) -> dict[str, float]:
        """Seconds since the last progress of each loop."""
        now = time.monotonic()
        return {name: now - at for name, at in self.pulses.items()}

    def stalled(self, seconds: float) -> list[str]:
        """The names of loops without a heartbeat for more than that many seconds."""
        return [name for name, age in self.ages().items() if age > seconds]
