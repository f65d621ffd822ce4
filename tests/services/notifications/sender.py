"""A process that sends, for tests to kill; its settings come as JSON.

`once`: until nothing waits.  `on`: its loop, until it is ended.  `each`: once for every line on stdin, in a child that
is there at once, since all it needs is loaded already; prints the child's id, and its status when it ended."""

from __future__ import annotations

import json
import os
import sys

from chassis.process.settings import Settings
from chassis.runtime.extensions import unstarted
from chassis.runtime.loops import Loop, Loops
from services.notifications.delivery.caught_up import SourcesCaughtUp
from services.notifications.delivery.schedule import TICK_SECONDS
from services.notifications.digests import handlers
from services.notifications.digests.decision import DecisionRequest, write_digests
from services.notifications.service import Service


class _Here:
    """Decisions in this process: it is short of time, not of memory."""

    @staticmethod
    def run_module(_module: str, given: DecisionRequest, **_: object) -> object:
        return write_digests(given)


class Sender:
    """All loops that remind, one after the other."""

    def __init__(self, service: Service) -> None:
        self.monitor, self.wakeup = service.schedule.monitor, service.schedule.wakeup
        self._loops = [service.schedule, *service.channel_loops.values()]

    def tick(self) -> None:
        for loop in self._loops:
            loop.tick()


def create_sender(settings: Settings) -> Sender:
    service = unstarted(Service, settings)
    service.runtime.store.install("notifications", "district")
    handlers.preloaded_workers = _Here  # type: ignore[assignment]
    SourcesCaughtUp.check = lambda *_: True  # type: ignore[method-assign]
    service.names.keys.fetch = lambda _: {}
    print("sending", flush=True)  # noqa: T201
    return Sender(service)


def run(sender: Sender) -> None:
    while not sender.monitor.stopping:
        sender.wakeup.clear()
        sender.tick()
        sender.wakeup.wait(TICK_SECONDS)


def each(settings: Settings) -> None:
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            create_sender(settings).tick()
            os._exit(0)
        print(pid, flush=True)  # noqa: T201
        print(os.waitpid(pid, 0)[1], flush=True)  # noqa: T201


if __name__ == "__main__":
    how, known = sys.argv[1], Settings(**json.loads(sys.argv[2]))
    if how == "each":
        each(known)
    elif how == "on":
        sender = create_sender(known)
        Loops([], sender.monitor).run_guarded(Loop("reminding", lambda: run(sender)))
    else:
        create_sender(known).tick()
