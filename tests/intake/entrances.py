"""One running participation on RabbitMQ and PostgreSQL with a hostile publisher and a neighbour at its intake."""

from __future__ import annotations

import base64
import calendar
import http.client
import json
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp

from tests.intake.envelopes import END_OF_TIME
from tests.intake.kinds import SINGLE, SOURCE, Kind, body, event
from tests.support.processes import wait_until
from tests.support.system import PORTS, SAMPLES, DistrictSystem

INTAKE = "qihang.intake"


class Participation:
    """The service under attack, and what a test asks it."""

    def __init__(self, system: DistrictSystem) -> None:
        self.system = system
        system.start("participation")
        self.process = system.processes["participation"]
        self.pid = self.process.pid
        self.port = system.base + PORTS["participation"]
        self.call("POST", "/api/campaign", (SAMPLES / "campaign.yaml").read_bytes(), "application/yaml")
        self.hostile = self.json(
            "POST",
            "/api/publishers",
            {"name": "hostile", "types": ["qihang.*"], "sources": [SOURCE, "hostweb", "/qihang/district/*"]},
        )
        self.neighbour = self.json("POST", "/api/publishers", {"name": "neighbour", "types": ["qihang.*"]})
        unnamed = {"name": "nobody", "types": ["qihang.*"], "sources": ["nobody"], "unnamed": True}
        self.json("POST", "/api/publishers", unnamed)
        self.report(event("base", source="neighbour"), token=self.neighbour["token"])
        unit = {"unit_id": "H-base", "name": "学校", "kind": "school", "opened_on": "2010-09-01"}
        self.report(event("base-web", unit, source="neighbour"), token=self.neighbour["token"])

    def request(
        self, method: str, path: str, content: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers in lower case, body; a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, content, headers or {})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def call(self, method: str, path: str, content: bytes = b"", kind: str = "application/json") -> Any:
        """As the operator; the JSON answer of a request that must go well."""
        headers = {"Authorization": f"Bearer {self.system.token}", "Content-Type": kind}
        status, _, answer = self.request(method, path, content, headers)
        assert status < 300, (method, path, status, answer[:500], self.process.tail(20))
        return json.loads(answer) if answer else None

    def json(self, method: str, path: str, data: Any) -> Any:
        return self.call(method, path, json.dumps(data).encode())

    def report(self, *events: Any, token: str = "") -> list[dict[str, Any]]:
        """The receipts' data of good events by HTTP."""
        kind = SINGLE if len(events) == 1 else SINGLE.replace("+", "-batch+")
        headers = {"Authorization": f"Bearer {token or self.hostile['token']}", "Content-Type": kind}
        status, _, answer = self.request("POST", "/api/intake", body(*events), headers)
        assert status == 200, (status, answer[:500])
        return [receipt["data"] for receipt in json.loads(answer)["receipts"]]

    def raw(self, request: bytes) -> bytes:
        """What comes back on a connection whose writing end is closed after the request."""
        with socket.create_connection(("127.0.0.1", self.port), 30) as connection:
            connection.settimeout(30)
            result = b""
            try:
                connection.sendall(request.replace(b"%TOKEN%", self.hostile["token"].encode()))
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it had read enough
            try:
                while piece := connection.recv(65536):
                    result += piece
            except OSError:
                pass
            return result

    def status(self) -> dict[str, Any]:
        return self.call("GET", "/api/status")  # type: ignore[no-any-return]

    def settled(self, limit: float = 60) -> None:
        """Everything that was sent has been looked at, and every receipt is on its queue."""
        context = lambda: f"settled: {self.status()}\n{self.process.tail(30)}"  # noqa: E731
        wait_until(lambda: self.status()["settled"], limit, context)

    def units(self) -> set[str]:
        return {unit["unit_id"] for unit in self.call("GET", "/api/units")["units"]}

    def quarantine_entries(self) -> Iterator[Any]:
        """All that are open, page by page: other tests leave many there."""
        after = 0
        while page := self.call("GET", f"/api/quarantine?state=open&after={after}")["entries"]:
            yield from page
            after = page[-1]["id"]

    def quarantined(self) -> list[tuple[bytes, str]]:
        """(body, code) of everything that stands open."""
        result = []
        for entry in self.call("GET", "/api/quarantine?state=open")["entries"]:
            whole = self.call("GET", f"/api/quarantine/{entry['id']}")
            text = whole["body"]
            content = base64.b64decode(text) if whole["body_encoding"] == "base64" else text.encode()
            result.append((content, whole["code"]))
        return result

    def resident(self) -> int:
        """Bytes of memory in use."""
        with open(f"/proc/{self.pid}/statm") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * 4096

    def alive(self) -> None:
        """The same process, and it says that it is ready."""
        assert self.process.running and self.process.pid == self.pid, self.process.tail(40)
        wait_until(lambda: self.request("GET", "/readyz")[0] == 200, 30, lambda: f"ready\n{self.process.tail(40)}")
        assert self.request("GET", "/livez")[0] == 200


class Publisher:
    """A publisher's own connection to the broker, with whatever properties a kind asks for."""

    def __init__(self, system: DistrictSystem, given: dict[str, Any]) -> None:
        parts = urlsplit(system.amqp_url)
        self.name = given["user"]
        self.connection = amqp.Connection(
            f"{parts.hostname}:{parts.port}", given["user"], given["password"],
            virtual_host=unquote(parts.path[1:]), login_method="PLAIN", connect_timeout=10,
            read_timeout=60, write_timeout=60,
        )  # fmt: skip
        self.connection.connect()
        self._open()

    def _open(self) -> None:
        self.channel = self.connection.channel()
        self.channel.confirm_select()

    def send(self, kind: Kind) -> int:
        """0 when the broker took it, else the reply code with which it closed the channel."""
        properties: dict[str, Any] = {"content_type": kind.content_type, "user_id": self.name, "delivery_mode": 2}
        properties |= kind.properties
        given = {name: value for name, value in properties.items() if value is not None}
        return self.publish(kind.body, kind.key, **given)

    def publish(self, content: bytes, key: str, exchange: str = INTAKE, **properties: Any) -> int:
        try:
            with _any_depth():
                message = _Message(content, **properties)
                message.properties = properties
                self.channel.basic_publish_confirm(message, exchange=exchange, routing_key=key, confirm_timeout=30)
        except amqp.ChannelError as error:
            self._open()
            return int(error.reply_code)
        return 0

    def receipts(self, seen: Callable[[dict[str, Any]], None]) -> None:
        """Take what is on the publisher's queue now."""
        while (message := self.channel.basic_get(f"qihang.receipts.{self.name}", no_ack=True)) is not None:
            seen(json.loads(message.body)["data"])

    def close(self) -> None:
        self.connection.close()


class _Message(amqp.Message):  # type: ignore[misc]
    """A header's timestamp may be past the end of time, which amqp would not write."""

    def _serialize_properties(self) -> bytes:
        moment = struct.pack(">Q", calendar.timegm(END_OF_TIME.utctimetuple()))
        written: bytes = super()._serialize_properties()
        return written.replace(moment, b"\x7f" * 8)


@contextmanager
def _any_depth() -> Iterator[None]:
    """amqp writes nested tables by recursion."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(60_000)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
