"""Faults of the broker and of the wires to it."""

from __future__ import annotations

import time
from urllib.parse import quote

from tests.faults.experiment import Experiment, fault
from tests.faults.process_faults import heartbeat

INBOX = "qihang.assessment.participation.0"


@fault("5a", "broker restarted")
def restart(experiment: Experiment) -> None:
    experiment.start_load()
    experiment.sent(0.4)
    experiment.district.rabbitmq.restart()


@fault("5b", "broker killed -9 and started")
def kill(experiment: Experiment) -> None:
    experiment.start_load()
    experiment.sent(0.4)
    experiment.district.rabbitmq.kill()
    experiment.district.rabbitmq.resume_after_stop()


def alarm(experiment: Experiment, on: tuple[str, ...], off: tuple[str, ...], kind: str) -> None:
    """Publishers are blocked by the broker for 8 s; the feeds go on."""
    experiment.start_load()
    experiment.sent(0.3)
    rabbitmq = experiment.district.rabbitmq
    try:
        rabbitmq.ctl(*on)
        experiment.wait_for(lambda: kind in rabbitmq.ctl("eval", "rabbit_alarm:get_alarms()."), 20, "an alarm")
        time.sleep(8)
    finally:
        rabbitmq.ctl(*off)


@fault("5c", "broker's memory alarm")
def memory(experiment: Experiment) -> None:
    limit = ("set_vm_memory_high_watermark", "absolute")
    alarm(experiment, (*limit, "1"), (*limit, "1GB"), "memory")


@fault("5d", "broker's disk alarm")
def disk(experiment: Experiment) -> None:
    alarm(experiment, ("set_disk_free_limit", "900000GB"), ("set_disk_free_limit", "50MB"), "disk")


@fault("5e", "broker's data directory wiped")
def wipe(experiment: Experiment) -> None:
    system = experiment.district
    experiment.start_load()
    experiment.sent(0.4)
    system.rabbitmq.wipe()
    system.rabbitmq.create_vhost(system.vhost)  # what the broker's definitions file does for a district
    system.rabbitmq.create_user_as(system.user, system.user_url, system.vhost)
    unconfirmed_again(experiment)


@fault("5f", "every queue deleted under its consumer, the receipts' too")
def delete_queues(experiment: Experiment) -> None:
    system = experiment.district
    experiment.start_load()
    experiment.sent(0.4)
    names = [item["name"] for item in system.rabbitmq.api("GET", f"/api/queues/{system.vhost}")]
    for name in names:
        system.rabbitmq.api("DELETE", f"/api/queues/{system.vhost}/{quote(name, safe='')}")
    unconfirmed_again(experiment)
    experiment.note(f"{len(names)} queues")


def unconfirmed_again(experiment: Experiment) -> None:
    """What stood in a queue went with it.  Outside systems hold no receipt for it, so they send it again; an unreadable
    body never has one."""
    experiment.sent(1.0)
    assert experiment.load is not None
    experiment.load.closed -= {id for id in experiment.load.closed if id not in experiment.load.problems}
    experiment.note("unreadable bodies, which never have a receipt, sent again")


@fault("5g", "the services' broker user removed, after 10 s restored")
def remove_user(experiment: Experiment) -> None:
    system = experiment.district
    experiment.start_load()
    experiment.sent(0.4)
    system.rabbitmq.api("DELETE", f"/api/users/{system.user}")
    time.sleep(10)
    system.rabbitmq.create_user_as(system.user, system.user_url, system.vhost)


@fault("6a", "connections to the broker reset, five times")
def reset(experiment: Experiment) -> None:
    experiment.start_load()
    for number in range(5):
        experiment.sent(0.15 * (number + 1))
        for wire in experiment.district.brokers.values():
            wire.cut()


def silent(experiment: Experiment, up: bool, down: bool) -> None:
    """For longer than the heartbeat's patience; the connections stay open and nothing is told."""
    experiment.start_load()
    experiment.sent(0.3)
    for wire in experiment.district.brokers.values():
        wire.silence(up=up, down=down)
    time.sleep(2 * heartbeat(experiment) + 5)
    for wire in experiment.district.brokers.values():
        wire.heal()
    experiment.note(f"{2 * heartbeat(experiment) + 5} s, heartbeat {heartbeat(experiment)} s")


@fault("6b", "broker blackholed upwards")
def blackhole_up(experiment: Experiment) -> None:
    silent(experiment, up=True, down=False)


@fault("6c", "broker blackholed downwards")
def blackhole_down(experiment: Experiment) -> None:
    silent(experiment, up=False, down=True)


@fault("6d", "broker 200 ms away")
def latency(experiment: Experiment) -> None:
    for wire in experiment.district.brokers.values():
        wire.delay = 0.1
    experiment.start_load()
    experiment.sent(1.0)
    time.sleep(5)


@fault("6e", "half-open: the broker forgets the connections, nobody tells the services")
def half_open(experiment: Experiment) -> None:
    system = experiment.district
    experiment.start_load()
    experiment.sent(0.3)
    for wire in system.brokers.values():
        wire.silence(up=False, down=True)
    for item in system.rabbitmq.api("GET", f"/api/vhosts/{system.vhost}/connections"):
        if item["user"] == system.user:
            system.rabbitmq.api("DELETE", f"/api/connections/{quote(item['name'], safe='')}")
    for wire in system.brokers.values():
        wire.mend()  # what connects anew goes through
    experiment.sent(1.0)
    experiment.note("the broker closed its side behind a silent wire")


@fault("7a", "confirms missing: the broker stands still past the confirm's patience")
def no_confirm(experiment: Experiment) -> None:
    experiment.start_load()
    experiment.sent(0.4)
    experiment.district.rabbitmq.pause()
    time.sleep(8)
    experiment.district.rabbitmq.resume()


@fault("7b", "the broker refuses: a queue full with reject-publish, nobody takes from it")
def nack(experiment: Experiment) -> None:
    system = experiment.district
    policy = f"/api/policies/{system.vhost}/full"
    system.processes["assessment"].pause()
    system.rabbitmq.api("PUT", policy, {"pattern": f"^{INBOX}$", "apply-to": "queues",
                                       "definition": {"max-length": 1, "overflow": "reject-publish"}})  # fmt: skip
    try:
        experiment.start_load()
        experiment.sent(1.0)
        experiment.wait_for(lambda: experiment.logged("participation", "refused"), 20, "the relay receives a nack")
    finally:
        system.rabbitmq.api("DELETE", policy)
        system.processes["assessment"].resume()


@fault("7c", "unroutable: every binding taken away")
def unbound(experiment: Experiment) -> None:
    system = experiment.district
    experiment.start_load()
    experiment.sent(0.3)
    taken = [item for item in system.rabbitmq.api("GET", f"/api/bindings/{system.vhost}")
             if item["source"] in ("qihang.events", "qihang.receipts")]  # fmt: skip
    for item in taken:
        system.rabbitmq.api("DELETE", f"/api/bindings/{system.vhost}/e/{item['source']}/q/{item['destination']}/"
                                     f"{quote(item['properties_key'], safe='')}")  # fmt: skip
    experiment.note(f"{len(taken)} bindings")
