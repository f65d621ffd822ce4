"""A disk that fills up and a broker that takes nothing: said by name within seconds, without a core or a log for it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chassis.children import Toy
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitMQ
from tests.support.small_disk import SmallDisk

pytestmark = pytest.mark.endurance

WATCHED_SECONDS = 8
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(toy: Toy) -> float:
    words = Path(f"/proc/{toy.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS


def reasons(toy: Toy) -> list[str]:
    _, answer = toy.get("/readyz")
    return list((answer or {}).get("reasons", ()))


def look_for(seconds: float) -> None:
    until = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > until, seconds + 5, "a while of looking")


def test_a_full_disk_is_shown_within_seconds_costs_next_to_nothing_and_loses_nothing(
    toy: Callable[..., Toy], small_disk: SmallDisk
) -> None:
    place = small_disk.place / "store.db"
    source = toy("participation").start()
    subscriber = toy("assessment", QIHANG_DATABASE_URL=f"sqlite:///{place}").subscribes_to(source).start()
    source.append(*[f"a{n}:{n}" for n in range(50)])
    subscriber.has({f"a{n}": str(n) for n in range(50)})
    small_disk.fill()
    wait_until(lambda: reasons(subscriber) == ["disk_full"], 30, "an idle service says it")
    assert reasons(source) == []
    for at in range(100):  # more than its journal has room for
        source.append(*[f"b{n}:{'y' * 3000}" for n in range(at * 20, at * 20 + 20)])
    before, lines = cpu_seconds(subscriber), len(subscriber.process.output().splitlines())
    look_for(WATCHED_SECONDS)
    assert reasons(subscriber) == ["disk_full"], "no flapping"
    assert cpu_seconds(subscriber) - before < WATCHED_SECONDS / 4
    assert len(subscriber.process.output().splitlines()) - lines < 12
    assert subscriber.get("/livez")[0] == 200
    small_disk.free()
    subscriber.wait_for("/readyz", 30)
    wait_until(lambda: len(subscriber.rows() or {}) == 2050, 60, "nothing is lost")
    assert subscriber.get("/toy/quarantine")[1] == []


def test_whoever_writes_on_a_full_disk_reads_why(toy: Callable[..., Toy], small_disk: SmallDisk) -> None:
    source = toy("participation", QIHANG_DATABASE_URL=f"sqlite:///{small_disk.place}/store.db").start()
    source.append("a:1")
    small_disk.fill()
    status, problem = source.post("/toy/things", " ".join(f"c{n}:{'y' * 3000}" for n in range(20)).encode())
    assert (status, problem["code"]) == (507, "disk_full")
    assert "磁盘已满" in problem["detail"]
    small_disk.free()
    source.append("c:1")


@pytest.mark.parametrize(
    ("on", "off", "reason"),
    [
        (("set_disk_free_limit", "900000GB"), ("set_disk_free_limit", "50MB"), "broker_disk"),
        (("set_vm_memory_high_watermark", "absolute", "1"), ("set_vm_memory_high_watermark", "absolute", "1GB"),
         "broker_memory"),
    ],
)  # fmt: skip
def test_an_alarm_of_the_broker_is_shown_by_name_without_traffic(
    toy: Callable[..., Toy], own_rabbitmq: RabbitMQ, on: tuple[str, ...], off: tuple[str, ...], reason: str
) -> None:
    source = toy("participation", own_rabbitmq.url(own_rabbitmq.create_vhost()), TOY_CONFIRM="3").start()
    try:
        own_rabbitmq.ctl(*on)
        wait_until(lambda: reasons(source) == [reason], 40, lambda: f"{reason}, not {reasons(source)}")
        lines = len(source.process.output().splitlines())
        look_for(WATCHED_SECONDS)
        assert reasons(source) == [reason], "no flapping while the connection is made anew"
        assert len(source.process.output().splitlines()) - lines < 6
    finally:
        own_rabbitmq.ctl(*off)
    source.wait_for("/readyz", 40)
