"""What a service class declares as nameko extensions is called, in a container that starts, drains and stops it."""

from __future__ import annotations

from tests.chassis.children import Toy
from tests.support.processes import wait_until


def test_subscriptions_and_timers_are_called_and_drained(both: tuple[Toy, Toy]) -> None:
    source, subscriber = both
    source.append("a:1", "b:2", "c:3")
    wait_until(lambda: subscriber.get("/toy/declared")[1]["handled"] == ["a", "b", "c"], 30, "the reaction")
    ticks = subscriber.get("/toy/declared")[1]["ticks"]
    wait_until(lambda: subscriber.get("/toy/declared")[1]["ticks"] > ticks, 30, "the timer goes on")
    assert subscriber.get("/readyz")[1]["checks"]["loops"].keys() >= {"ticking", "relay", "consumer", "catch_up"}
    assert subscriber.process.stop(30) == 0
