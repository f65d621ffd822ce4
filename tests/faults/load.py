"""The outside systems of a run: they send every body until each number has its receipt, as the promise to them says.

`who has no receipt sends again with the same id` (docs/intake.md); nothing here knows which fault is injected."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp

from tests.faults.numbered_events import Body

AGAIN_SECONDS = 5.0
LOST = (OSError, amqp.AMQPError)
Receipts = dict[str, dict[str, str]]  # number's id -> receipt's own id -> outcome


class Load:
    """One run's bodies on their way.  `received` holds every receipt, also those that came twice."""

    def __init__(self, bodies: list[Body], senders: dict[str, Callable[[Load, str], None]], seconds: float) -> None:
        self.bodies = bodies
        self.receipts: Receipts = defaultdict(dict)
        self.closed: set[str] = set()  # unreadable bodies that were confirmed or answered with a problem
        self.problems: set[str] = set()
        self.sent = 0
        self.ended = threading.Event()
        self._began = 0.0
        self._seconds = seconds
        self._last: dict[int, float] = {}
        self._threads = [
            threading.Thread(target=sender, args=(self, transport), daemon=True, name=f"sends by {transport}")
            for transport, sender in senders.items()
        ]

    def start_load(self) -> None:
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self.ended.set()
        for thread in self._threads:
            thread.join(30)

    @property
    def share(self) -> float:
        """How much was sent once, 0 to 1."""
        return len(self._last) / len(self.bodies)

    @property
    def open(self) -> list[str]:
        """Numbers that nobody has answered for yet."""
        return [
            number.id for body in self.bodies for number in body.numbers if not self._record_receipt(body, number.id)
        ]

    def forget(self, ids: set[str]) -> None:
        """What an operator asks an outside system to send again."""
        for id in ids:
            self.receipts.pop(id, None)

    def due(self, transport: str) -> list[tuple[int, Body]]:
        """Bodies of a way in to be sent now: their time has come, or no receipt has."""
        now = time.monotonic()
        result = []
        for at, body in enumerate(self.bodies):
            if body.transport != transport or now < self._began + self._seconds * at / len(self.bodies):
                continue
            if now - self._last.get(at, -AGAIN_SECONDS) >= AGAIN_SECONDS and not self._done(body):
                result.append((at, body))
        return result

    def mark_sent(self, at: int) -> None:
        self._last[at] = time.monotonic()
        self.sent += 1

    def receipt(self, item: dict[str, Any]) -> None:
        data = item["data"]
        self.receipts[data["id"]][item["id"]] = data["outcome"]

    def _done(self, body: Body) -> bool:
        return all(self._record_receipt(body, number.id) for number in body.numbers)

    def _record_receipt(self, body: Body, id: str) -> bool:
        return bool(self.receipts.get(id)) if body.readable else id in self.closed


def by_http(address: Callable[[], str], token: str) -> Callable[[Load, str], None]:
    """Sends at the HTTP route; the answer bears the receipts."""

    def run(load: Load, transport: str) -> None:
        while not load.ended.is_set():
            for at, body in load.due(transport):
                if load.ended.is_set():
                    return
                _post(load, at, body)
            load.ended.wait(0.05)

    def _post(load: Load, at: int, body: Body) -> None:
        request = urllib.request.Request(f"{address()}/api/intake", body.content, method="POST")
        request.add_header("Authorization", f"Bearer {token}")
        request.add_header("Content-Type", body.content_type)
        load.mark_sent(at)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                for item in json.loads(answer.read())["receipts"]:
                    load.receipt(item)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 400:
                    load.closed.add(body.numbers[0].id)
                    load.problems.add(body.numbers[0].id)
        except (OSError, ValueError):
            pass

    return run


def by_amqp(url: str) -> Callable[[Load, str], None]:
    """Sends to the broker with confirms, and takes receipts from the queue of its own."""

    def run(load: Load, transport: str) -> None:
        publisher = _Publisher(url)
        while not load.ended.is_set():
            try:
                publisher.round(load, transport)
            except LOST:
                publisher.close()
            load.ended.wait(0.05)
        publisher.close()

    return run


class _Publisher:
    """One connection at a time."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._connection: Any = None
        self._channel: Any = None

    def round(self, load: Load, transport: str) -> None:
        self._connect()
        for at, body in load.due(transport):
            message = amqp.Message(body.content, content_type=body.content_type, delivery_mode=2,
                                   user_id=self._parts.username)  # fmt: skip
            load.mark_sent(at)
            self._channel.basic_publish_confirm(message, exchange="qihang.intake", routing_key="reported",
                                                confirm_timeout=5)  # fmt: skip
            if not body.readable:
                load.closed.add(body.numbers[0].id)
        while (message := self._channel.basic_get(f"qihang.receipts.{self._parts.username}", no_ack=True)) is not None:
            load.receipt(json.loads(message.body))

    def _connect(self) -> None:
        if self._connection is not None:
            return
        self._connection = amqp.Connection(
            f"{self._parts.hostname}:{self._parts.port}", self._parts.username, unquote(self._parts.password or ""),
            virtual_host=unquote(self._parts.path[1:]), login_method="PLAIN", connect_timeout=5, read_timeout=8,
            write_timeout=8,
        )  # fmt: skip
        self._connection.connect()
        self._channel = self._connection.channel()
        self._channel.confirm_select()

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and connection.connected:
            with contextlib.suppress(*LOST):
                connection.transport.close()
