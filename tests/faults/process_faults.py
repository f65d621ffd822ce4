"""Faults of processes: killed at exact points, ended, stopped, doubled."""

from __future__ import annotations

import functools
import signal
import time

from tests.faults.experiment import Experiment, fault
from tests.faults.systems import HEARTBEAT
from tests.support.system import SERVICES


@fault("0", "none", quick=True)
def none(experiment: Experiment) -> None:
    """How it looks when all is well."""


def kill_at(experiment: Experiment, service: str, point: str, times: tuple[int, ...] = (2, 1, 1)) -> None:
    """The same death three times over, each time a start on what the one before left."""
    experiment.system.restart(service, patch=f"die={point}@{times[0]}")
    experiment.start_load()
    for nth in (*times[1:], None):
        experiment.wait_until_killed(service)
        experiment.district.start(service, patch=f"die={point}@{nth}" if nth else "", wait=not nth)
    experiment.note(f"{len(times)} deaths")


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
def terminate(experiment: Experiment) -> None:
    experiment.start_load()
    slowest = 0.0
    for number, service in enumerate(SERVICES):
        experiment.sent(0.2 * (number + 1))
        asked = time.monotonic()
        assert experiment.system.processes[service].stop(20) == 0, experiment.system.processes[service].tail()
        slowest = max(slowest, time.monotonic() - asked)
        experiment.district.start(service, wait=False)
    experiment.system.ready()
    experiment.note(f"each ended with 0, the slowest in {slowest:.1f} s")


@fault("4", "SIGSTOP of consumer and intake past the heartbeat, then SIGCONT")
def freeze(experiment: Experiment) -> None:
    experiment.start_load()
    experiment.sent(0.3)
    for service in ("assessment", "participation"):
        experiment.system.processes[service].signal(signal.SIGSTOP)
    time.sleep(2 * heartbeat(experiment) + 3)
    for service in ("assessment", "participation"):
        experiment.system.processes[service].signal(signal.SIGCONT)
    experiment.note(f"{2 * heartbeat(experiment) + 3} s, heartbeat {heartbeat(experiment)} s")


def heartbeat(experiment: Experiment) -> int:
    return 30 if experiment.options.long else HEARTBEAT


@fault("9a", "everything delivered ten times, reordered, three events a message")
def tenfold(experiment: Experiment) -> None:
    experiment.system.restart(*SERVICES, patch="tenfold=7")
    experiment.start_load()


@fault("9b", "two of every service: two relays, two consumers of one partition")
def two_processes(experiment: Experiment) -> None:
    for service in SERVICES:
        experiment.district.replica(service)
    experiment.start_load()
    experiment.sent(0.5)
    experiment.system.processes["assessment"].kill()  # its twin takes over
    experiment.sent(1.0)
    experiment.district.start("assessment")
    experiment.note("one assessment killed -9 half way")


@fault("10", "a handler that burns CPU for a minute")
def burn(experiment: Experiment) -> None:
    experiment.system.restart("assessment", patch="burn=60")
    experiment.start_load()
