"""One publisher: an event a message by AMQP with confirms, to a queue that nobody reads or to the intake until the last
receipt; or batches by HTTP.  Events a second.  `waits`: for each confirm before the next message."""

import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import islice
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp

from benchmarks import district_rows, running
from chassis.intake.cloudevents import BATCH, SINGLE

DRAIN_EVERY, ACK_EVERY = 100, 500


def main() -> None:
    order = running.order()
    rows = district_rows.reports(order["first"], order["events"], people=order["people"], units=order["units"])
    bodies = [json.dumps(row, ensure_ascii=False).encode() for row in rows]
    began = time.monotonic()
    if "token" in order:
        _by_http(order, bodies)
    else:
        _Publisher(order).publish(bodies)
    running.answer(rate=len(bodies) / (time.monotonic() - began))


class _Publisher:
    """One connection; counts confirms and receipts."""

    def __init__(self, order: running.Figures) -> None:
        parts = urlsplit(order["amqp"])
        self._user, self._order = unquote(parts.username or ""), order
        self._connection = amqp.Connection(
            f"{parts.hostname}:{parts.port}", userid=self._user, password=unquote(parts.password or ""),
            virtual_host=unquote(parts.path[1:]), read_timeout=120,
        )  # fmt: skip
        self._connection.connect()
        self._channel, self._receiving = self._connection.channel(), self._connection.channel()
        self._confirmed = self._received = self._tag = 0
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._confirm)
        if order["receipts"]:
            self._receiving.basic_qos(0, 2 * ACK_EVERY, False)
            self._receiving.basic_consume(f"qihang.receipts.{self._user}", callback=self._take_receipt)

    def publish(self, bodies: list[bytes]) -> None:
        for number, body in enumerate(bodies, 1):
            message = amqp.Message(body, content_type=SINGLE, content_encoding="utf-8", delivery_mode=2,
                                   user_id=self._user)  # fmt: skip
            self._channel.basic_publish(message, exchange=self._order["exchange"], routing_key="records")
            if self._order.get("waits"):
                while self._confirmed < number:
                    self._connection.drain_events(timeout=120)
            elif number % DRAIN_EVERY == 0:
                self._drain()
        wanted = len(bodies) if self._order["receipts"] else 0
        while self._confirmed < len(bodies) or self._received < wanted:
            self._connection.drain_events(timeout=120)

    def _drain(self) -> None:
        try:
            while True:
                self._connection.drain_events(timeout=0)
        except TimeoutError:
            return

    def _confirm(self, tag: int, _: bool) -> None:
        self._confirmed = max(self._confirmed, tag)

    def _take_receipt(self, message: Any) -> None:
        if json.loads(message.body)["data"]["outcome"] != "accepted":
            raise running.SubjectFailed(message.body)
        self._received += 1
        if self._received % ACK_EVERY == 0 or self._received == self._order["events"]:
            self._receiving.basic_ack(message.delivery_tag, multiple=True)


def _by_http(order: running.Figures, bodies: list[bytes]) -> None:
    connection = HTTPConnection("127.0.0.1", order["port"], timeout=120)
    headers = {"Authorization": f"Bearer {order['token']}", "Content-Type": BATCH}
    for batch in _batches(bodies, order["batch"]):
        connection.request("POST", "/api/intake", b"[" + b",".join(batch) + b"]", headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200 or content.count(b'"accepted"') != len(batch):
            raise running.SubjectFailed(f"{answer.status} {content[:500]!r}")


def _batches(bodies: list[bytes], size: int) -> Iterator[list[bytes]]:
    rest = iter(bodies)
    while batch := list(islice(rest, size)):
        yield batch


if __name__ == "__main__":
    main()
