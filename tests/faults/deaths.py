"""Faults of processes: killed at exact points, ended, stopped, doubled."""

from __future__ import annotations

import functools
import signal
import time

from tests.faults.scene import Scene, fault
from tests.faults.systems import HEARTBEAT
from tests.support.system import SERVICES


@fault("0", "none", quick=True)
def none(scene: Scene) -> None:
    """How it looks when all is well."""


def kill_at(scene: Scene, service: str, point: str, times: tuple[int, ...] = (2, 1, 1)) -> None:
    """The same death three times over, each time a start on what the one before left."""
    scene.system.again(service, rehearse=f"die={point}@{times[0]}")
    scene.begin()
    for nth in (*times[1:], None):
        scene.killed(service)
        scene.district.start(service, rehearse=f"die={point}@{nth}" if nth else "", wait=not nth)
    scene.note(f"{len(times)} deaths")


for number, (service, point, name) in enumerate([
    ("assessment", "inbox.before", "kill -9 of a consumer before its transaction"),
    ("assessment", "inbox.inside", "kill -9 of a consumer inside its transaction"),
    ("assessment", "inbox.committed", "kill -9 of a consumer after the commit, before the ack"),
    ("assessment", "acking", "kill -9 of a consumer during the ack"),
    ("participation", "intake.before", "kill -9 of the intake before its transaction"),
    ("participation", "intake.inside", "kill -9 of the intake inside its transaction"),
    ("participation", "intake.committed", "kill -9 of the intake after the commit, before the ack"),
    ("participation", "acking", "kill -9 of the intake during the ack"),
]):  # fmt: skip
    fault(f"1{'abcdefgh'[number]}", name)(functools.partial(kill_at, service=service, point=point))

for number, (point, name) in enumerate([
    ("relay.before", "kill -9 of the relay before it publishes"),
    ("relay.unconfirmed", "kill -9 of the relay before the confirm"),
    ("relay.confirmed", "kill -9 of the relay before its cursor moves"),
]):  # fmt: skip
    fault(f"2{'abc'[number]}", name)(functools.partial(kill_at, service="participation", point=point))


@fault("3", "SIGTERM of every service under load")
def terminate(scene: Scene) -> None:
    scene.begin()
    slowest = 0.0
    for number, service in enumerate(SERVICES):
        scene.sent(0.2 * (number + 1))
        asked = time.monotonic()
        assert scene.system.processes[service].stop(20) == 0, scene.system.processes[service].tail()
        slowest = max(slowest, time.monotonic() - asked)
        scene.district.start(service, wait=False)
    scene.system.ready()
    scene.note(f"each ended with 0, the slowest in {slowest:.1f} s")


@fault("4", "SIGSTOP of consumer and intake past the heartbeat, then SIGCONT")
def freeze(scene: Scene) -> None:
    scene.begin()
    scene.sent(0.3)
    for service in ("assessment", "participation"):
        scene.system.processes[service].signal(signal.SIGSTOP)
    time.sleep(2 * heartbeat(scene) + 3)
    for service in ("assessment", "participation"):
        scene.system.processes[service].signal(signal.SIGCONT)
    scene.note(f"{2 * heartbeat(scene) + 3} s, heartbeat {heartbeat(scene)} s")


def heartbeat(scene: Scene) -> int:
    return 30 if scene.options.long else HEARTBEAT


@fault("9a", "everything delivered ten times, reordered, three events a message")
def tenfold(scene: Scene) -> None:
    scene.system.again(*SERVICES, rehearse="tenfold=7")
    scene.begin()


@fault("9b", "two of every service: two relays, two consumers of one partition")
def twins(scene: Scene) -> None:
    for service in SERVICES:
        scene.district.replica(service)
    scene.begin()
    scene.sent(0.5)
    scene.system.processes["assessment"].kill()  # its twin takes over
    scene.sent(1.0)
    scene.district.start("assessment")
    scene.note("one assessment killed -9 half way")


@fault("10", "a handler that burns CPU for a minute")
def burn(scene: Scene) -> None:
    scene.system.again("assessment", rehearse="burn=60")
    scene.begin()
