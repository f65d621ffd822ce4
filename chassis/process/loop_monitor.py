"""What is known of a service's loops: when each last made progress, and whether the service is stopping.

It runs nothing itself; health and the watchdog read it."""

import time


class LoopMonitor:
    """Progress of the loops by name, as moments of monotonic time."""

    def __init__(self) -> None:
        self.pulses: dict[str, float] = {}
        self.stopping = False

    def pulse(self, loop: str) -> None:
        """That loop completed a round."""
        self.pulses[loop] = time.monotonic()

    def outage(self, loop: str) -> None:
        """That loop waits for something known to be unavailable: no reason to end the process."""
        self.pulses[loop] = time.monotonic()

    def forget(self, loop: str) -> None:
        """That loop has ended as it should: it is not expected to make progress."""
        self.pulses.pop(loop, None)

    def ages(self) -> dict[str, float]:
        """Seconds since the last progress of each loop."""
        now = time.monotonic()
        return {name: now - at for name, at in self.pulses.items()}

    def stalled(self, seconds: float) -> list[str]:
        """The loops without progress for so long."""
        return [name for name, age in self.ages().items() if age > seconds]
