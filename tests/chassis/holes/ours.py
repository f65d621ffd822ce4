"""A toy service under the chassis's own launcher: `python -m tests.chassis.holes.ours participation|assessment`.

QIHANG_ settings as for any service; TOY_HEARTBEAT, TOY_CONFIRM shorten what would take minutes, TOY_CURE names a file
that cures the poison, TOY_BREAK_ACK breaks the first acknowledgement.
"""

import os
import sys
import types
from collections.abc import Sequence
from typing import Any

if os.environ.get("TOY_NO_PKG_RESOURCES"):
    sys.modules["pkg_resources"] = None  # type: ignore[assignment]

from chassis.runtime import launcher  # noqa: I001 - it patches before anything else is imported

from pathlib import Path

import amqp
import eventlet

from chassis.messaging import broker
from chassis.runtime import health
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.runtime.extensions import FeatureProvider, RuntimeProvider, every, subscribe
from chassis.messaging.reactions import HandledEvent
from chassis.store.unit_of_work import UnitOfWork
from chassis.http.operator_routes import OperatorRoutes
from tests.chassis import toys, worlds

broker.HEARTBEAT = int(os.environ.get("TOY_HEARTBEAT", broker.HEARTBEAT))
broker.CONFIRM_TIMEOUT = int(os.environ.get("TOY_CONFIRM", broker.CONFIRM_TIMEOUT))
health.STALLED_SECONDS = int(os.environ.get("TOY_SLOW", health.STALLED_SECONDS))
launcher.WORKERS = int(os.environ.get("TOY_WORKERS", launcher.WORKERS))
HELD: list[int] = []


def poison() -> toys.Poison:
    poisoned = toys.Poison()
    poisoned.cure = Path(os.environ.get("TOY_CURE", "never"))
    poisoned.acts["freeze"] = _freeze
    poisoned.acts["sleep"] = lambda: eventlet.sleep(3600)
    return poisoned


def _freeze() -> None:
    while True:
        pass


class Toy(OperatorRoutes):
    """What both toy services have: a few routes to append and to look."""

    runtime: ServiceRuntime

    @route("POST", "/toy/things", public=True)
    def append(self, request: RouteRequest) -> Any:
        """ReportThing things: one `id:text` a line."""
        return {"positions": worlds.append(self.runtime, *worlds.things(*request.body.decode().split()))}

    @route("GET", "/toy/things", public=True)
    def things(self, _: RouteRequest) -> Any:
        """Every row."""
        return worlds.rows(self.runtime)

    @route("GET", "/toy/seen")
    def seen(self, _: RouteRequest) -> Any:
        """The same for who has a token."""
        return worlds.rows(self.runtime)

    @route("GET", "/toy/quarantine", public=True)
    def quarantined(self, _: RouteRequest) -> Any:
        """What stands in quarantine."""
        return worlds.entries(self.runtime)

    @route("GET", "/toy/state", public=True)
    def state(self, _: RouteRequest) -> Any:
        """Cursor, and how many rows the inbox holds."""
        return {"position": worlds.cursor(self.runtime).position, "kept": worlds.kept(self.runtime)}

    @route("GET", "/toy/fail", public=True)
    def fail(self, _: RouteRequest) -> Any:
        """A route whose handler fails."""
        raise RuntimeError("a fault of this route's")

    @route("GET", "/toy/late", public=True)
    def late(self, _: RouteRequest) -> Any:
        """A route whose handler runs into a timeout of its own."""
        raise eventlet.Timeout(1)

    @route("GET", "/toy/slow", public=True)
    def slow(self, request: RouteRequest) -> Any:
        """Takes `ms`, and tells how many requests were in hand at most."""
        HELD.append(1)
        most = len(HELD)
        eventlet.sleep(int(request.http_request.args.get("ms", "100")) / 1000)
        HELD.pop()
        return {"most": most}

    @route("GET", "/toy/stuck", public=True)
    def stuck(self, _: RouteRequest) -> Any:
        """The relay's loop hangs from now on, while everything else goes on."""
        self.runtime.relay.publish_batch = lambda: eventlet.sleep(3600)
        self.runtime.relay.wake()
        return {}


class Participation(Toy):
    """Appends."""

    name = "participation"
    runtime = RuntimeProvider(toys.source_rows, toys.source_projections())


class Assessment(Toy):
    """Projects what participation appends, and counts the reactions to it."""

    name = "assessment"
    runtime = RuntimeProvider(toys.subscriber_rows, toys.subscriber_projections(poison()))
    handled = FeatureProvider(list)
    ticks = FeatureProvider(list)

    @subscribe(toys.ThingReported)
    def count_things(self, unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
        self.handled.extend(event.thing_id for event, _ in batch)  # type: ignore[attr-defined]

    @every(seconds=0.05, name="ticking")
    def tick(self) -> None:
        self.ticks.append(1)  # type: ignore[attr-defined]

    @route("GET", "/toy/declared", public=True)
    def declared(self, _: RouteRequest) -> Any:
        """What came in through the other entrypoints."""
        return {"handled": sorted(self.handled), "ticks": len(self.ticks)}  # type: ignore[attr-defined,call-overload]


def _break_first_ack() -> None:
    whole = amqp.Channel.basic_ack

    def basic_ack(self: Any, *arguments: Any, **named: Any) -> Any:
        amqp.Channel.basic_ack = whole
        raise BrokenPipeError(32, "Broken pipe")

    amqp.Channel.basic_ack = basic_ack


if __name__ == "__main__":
    NAME = sys.argv[1]
    if os.environ.get("TOY_BREAK_ACK"):
        _break_first_ack()
    room = types.ModuleType(f"services.{NAME}.service")
    room.Service = {item.name: item for item in (Participation, Assessment)}[NAME]  # type: ignore[attr-defined]
    sys.modules[room.__name__] = room
    with toys.known():
        sys.exit(launcher.main([NAME]))
