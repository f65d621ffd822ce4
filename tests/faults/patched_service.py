"""Starts a service as `qihang up` does, with patches applied to its code: where it kills itself, what goes wrong.

`QIHANG_PATCHES="die=inbox.committed@3 heartbeat=4" python -m tests.faults.patched_service SERVICE`; the product has no
code for it.  Each patch names what it wraps, so it fails at start when that was renamed."""

from chassis.runtime import launcher  # isort: skip - patches before anything else is imported

import functools
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import amqp.channel
import structlog

from chassis.events import envelope
from chassis.messaging import broker
from chassis.messaging.consumer import Consumer
from chassis.messaging.inbox import Inbox
from chassis.store.projections import Projections
from chassis.store.unit_of_work import UnitOfWork

_log = structlog.get_logger(__name__)


def wrap(owner: Any, name: str, before: Callable[..., Any] | None = None, after: Any = None) -> None:
    """`owner.name`, with `before(*its arguments)` and `after(*its arguments)` around it."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def call(*arguments: Any, **more: Any) -> Any:
        if before is not None:
            before(*arguments)
        answer = original(*arguments, **more)
        if after is not None:
            after(*arguments)
        return answer

    setattr(owner, name, call)


def die(where: str) -> None:
    """`POINT@N`: kill -9 of itself when it comes to that point for the Nth time."""
    point, _, times = where.partition("@")
    left = [int(times or 1)]

    def reached(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            _log.warning("dies", point=point)
            os.kill(os.getpid(), signal.SIGKILL)

    POINTS[point](reached)


def _of(origin: str, reached: Callable[..., None]) -> Callable[..., None]:
    return lambda _consumer, subscription, _batch: reached() if subscription.origin == origin else None


def _when_recorded(reached: Callable[..., None]) -> Callable[[UnitOfWork], None]:
    return lambda work: reached() if work.recorded else None


def _if_events(reached: Callable[..., None]) -> Callable[..., None]:
    """Only the relay's own page of events, not receipts."""
    return lambda _sender, messages, *_: reached() if isinstance(messages, _Page) else None


class _Page(list[Any]):
    """Messages that are events."""


def _mark_pages() -> None:
    original = broker.Sender.send

    def send(self: broker.Sender, messages: Any) -> None:
        result = list(messages)
        original(self, _Page(result) if result and result[0].exchange == broker.EVENTS else result)

    broker.Sender.send = send  # type: ignore[method-assign]


POINTS: dict[str, Callable[[Callable[..., None]], None]] = {
    "inbox.before": lambda reached: wrap(Consumer, "_handle", before=_of("inbox", reached)),
    "inbox.inside": lambda reached: wrap(Inbox, "_move_cursor", before=reached),
    "inbox.committed": lambda reached: wrap(Consumer, "_handle", after=_of("inbox", reached)),
    "intake.before": lambda reached: wrap(Consumer, "_handle", before=_of("intake", reached)),
    "intake.inside": lambda reached: wrap(UnitOfWork, "flush", after=_when_recorded(reached)),
    "intake.committed": lambda reached: wrap(Consumer, "_handle", after=_of("intake", reached)),
    "acking": lambda reached: wrap(amqp.channel.Channel, "basic_ack", after=reached),
    "relay.before": lambda reached: (wrap(broker.Sender, "send", before=_if_events(reached)), _mark_pages()),
    "relay.unconfirmed": lambda reached: wrap(broker.Sender, "_await", before=reached),
    "relay.confirmed": lambda reached: (wrap(broker.Sender, "send", after=_if_events(reached)), _mark_pages()),
}  # fmt: skip


def heartbeat(seconds: str) -> None:
    """The broker's connection is given up after twice as long without a sign."""
    broker.HEARTBEAT = int(seconds)


def confirm(seconds: str) -> None:
    """How long the relay waits for the broker's confirms."""
    broker.CONFIRM_TIMEOUT = int(seconds)


def tenfold(seed: str) -> None:
    """Everything that the relay sends goes ten times, few events a message, in any order."""
    chance = random.Random(int(seed))
    envelope.MAX_EVENTS = 3
    original = broker.Sender.send

    def send(self: broker.Sender, messages: Any) -> None:
        many = [message for message in messages for _ in range(10)]
        chance.shuffle(many)
        original(self, many)

    broker.Sender.send = send  # type: ignore[method-assign]


def burn(seconds: str) -> None:
    """The first batch of another service's events costs that much CPU, all at once."""
    left = [float(seconds)]

    def use_cpu(*_: Any) -> None:
        until, left[0] = time.monotonic() + left[0], 0.0
        while time.monotonic() < until:
            pass

    wrap(Inbox, "apply_events", before=use_cpu)


def poison(word: str) -> None:
    """Projections fail on every event whose data contain that word."""

    def fail_on_word(_: Any, __: Any, batch: Any) -> None:
        for _event, about in batch:
            if word in about.data:
                raise ValueError(f"a fault of ours on {about.stream}")

    wrap(Projections, "apply", before=fail_on_word)


def older_versions(who: str) -> None:
    """The program before an upgrade, or after it; only what has upcasters of the older versions can read them.

    `writes`: it writes every version and reads them; `reads`: after the upgrade; `neither`: a consumer without
    upcasters."""
    if who == "neither":
        return
    from tests.faults import older_versions as versions

    versions.register_older_versions()
    if who == "writes":
        versions.write_older_versions()


PATCHES = {item.__name__: item for item in (die, heartbeat, confirm, tenfold, burn, poison, older_versions)}

if __name__ == "__main__":
    for given in os.environ.get("QIHANG_PATCHES", "").split():
        word, _, value = given.partition("=")
        PATCHES[word](value)
    sys.exit(launcher.main(sys.argv[1:]))
