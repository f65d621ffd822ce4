"""A process that sends until nothing waits, for a test to kill; its settings come as JSON."""

import json
import sys

from chassis.settings import Settings
from services.notifications import deciding, sending
from services.notifications.sending import Sending
from services.notifications.service import Notifications


class _Here:
    """Decisions in this process: it is short of time, not of memory."""

    @staticmethod
    def run(_module: str, given: deciding.Order) -> object:
        return deciding.answered(given)


def main(settings: Settings) -> None:
    """Sends; says how long it took, by ending."""
    frame = Notifications(settings)
    frame.store.install("notifications", "district")
    sending.plain_process = _Here  # type: ignore[assignment]
    sender: Sending = frame.sending
    sender._caught_up = lambda: True  # type: ignore[method-assign]
    sender.posting.naming.fetch = lambda _: {}
    print("sending", flush=True)  # noqa: T201
    sender.tick()


if __name__ == "__main__":
    main(Settings(**json.loads(sys.argv[1])))
