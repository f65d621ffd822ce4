"""A service on plain nameko, as its documentation would have it; what it does is its output.

`python -m tests.chassis.holes.plain SCENARIO` with AMQP_URI (and HEARTBEAT) in the environment.
"""

from __future__ import annotations

import os
import sys

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

import kombu.message  # noqa: E402
from kombu import Exchange, Queue  # noqa: E402
from nameko.amqp.publish import Publisher  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from nameko.events import event_handler  # noqa: E402
from nameko.extensions import DependencyProvider  # noqa: E402
from nameko.messaging import Publisher as PublisherDependency  # noqa: E402
from nameko.messaging import consume  # noqa: E402
from nameko.web.handlers import http  # noqa: E402

SCENARIO = sys.argv[1]
QUEUE = Queue("plain.in", Exchange("plain", "topic", durable=True), routing_key="#", durable=True,
              queue_arguments={"x-queue-type": "quorum"} if SCENARIO == "quorum" else None)  # fmt: skip


def say(*words: Any) -> None:
    print(*words, flush=True)  # noqa: T201 - how the test learns of it


class Fragile(DependencyProvider):
    """Fails where the scenario says."""

    def get_dependency(self, worker_ctx: Any) -> str:
        self._fail("get_dependency")
        return "fragile"

    def worker_setup(self, worker_ctx: Any) -> None:
        self._fail("worker_setup")

    def worker_result(self, worker_ctx: Any, result: Any = None, exc_info: Any = None) -> None:
        self._fail("worker_result")

    def worker_teardown(self, worker_ctx: Any) -> None:
        self._fail("worker_teardown")

    def _fail(self, where: str) -> None:
        if where == SCENARIO:
            raise ValueError(where)


class Plain:
    name = "plain"
    fragile = Fragile()
    if SCENARIO == "publisher":
        publish = PublisherDependency()

    @consume(QUEUE, requeue_on_error=SCENARIO == "requeue")
    def take(self, body: Any) -> None:
        say("handled", json.dumps(body) if not isinstance(body, (str, bytes)) else repr(body))
        self._do(body.get("do") if isinstance(body, dict) else "")

    @event_handler("stranger", "happened")
    def receive(self, body: Any) -> None:
        say("received", json.dumps(body))
        self._do(body.get("do") if isinstance(body, dict) else "")

    @http("GET", "/livez")
    def livez(self, _: Any) -> str:
        return "fine"

    def _do(self, what: Any) -> None:
        if what == "raise":
            raise ValueError("a fault of this handler's")
        if what == "timeout":
            raise eventlet.Timeout(1)
        if what == "burn":
            until = time.monotonic() + 8
            while time.monotonic() < until:
                pass


def _break_acks() -> None:
    def ack(self: Any, multiple: bool = False) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    kombu.message.Message.ack = ack


def main() -> int:
    uri = os.environ["AMQP_URI"]
    if SCENARIO == "publish":
        publisher = Publisher(uri)
        publisher.publish("warm", exchange="", routing_key="nowhere")
        say("ready")
        while not os.path.exists(os.environ["GO"]):  # noqa: PTH110
            eventlet.sleep(0.02)
        say("publishing")
        publisher.publish("late", exchange="", routing_key="nowhere")
        say("published")
        return 0
    if SCENARIO == "ack":
        _break_acks()
    container = ServiceContainer(Plain, {
        "AMQP_URI": uri, "max_workers": 2, "HEARTBEAT": float(os.environ.get("HEARTBEAT", "60")),
        "WEB_SERVER_ADDRESS": f"127.0.0.1:{os.environ.get('HTTP_PORT', '0')}",
    })  # fmt: skip
    container.start()
    say("ready")
    try:
        container.wait()
    except BaseException as error:  # noqa: BLE001 - told to the test
        say("container ended:", type(error).__name__)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
