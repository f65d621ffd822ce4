"""An outside system as its own programmer would write it: a plain AMQP client with the secrets of `qihang
publisher`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

import amqp

from tests.support.processes import wait_until
from tests.support.system import DistrictSystem, System

EXCHANGE = "qihang.intake"


@dataclass(frozen=True)
class Publisher:
    """A registered publisher's secrets."""

    name: str
    token: str
    amqp_url: str = ""
    amqps_url: str = ""
    ca: str = ""
    """The certificate that was printed, PEM."""
    to_try: str = ""
    """The command that was printed, to try it."""


def register_publisher(system: System, name: str, *rights: str, word: str = "add") -> Publisher:
    """What `qihang publisher add NAME` (or rotate) printed; without rights every type of every unit, the source
    `NAME`."""
    if word == "add":
        rights = rights or ("--types", "qihang.*", "--sources", name)
    text = system.qihang("publisher", word, name, *rights)
    lines = text.splitlines()
    printed = dict(line.split(": ", 1) for line in lines if ": " in line)
    if not isinstance(system, DistrictSystem):
        return Publisher(name, printed["token"])
    user, password = printed["user"], printed["password"]
    assert printed["vhost"] == system.vhost
    return Publisher(
        name, printed["token"], system.rabbitmq.url_for(user, password, system.vhost),
        broker_url(printed),
        text[text.index("-----BEGIN") : text.index("-----END")] + "-----END CERTIFICATE-----\n",
        next(line.replace("$PASSWORD", password) for line in lines if "python3 -c" in line),
    )  # fmt: skip


def broker_url(printed: dict[str, str]) -> str:
    """Where an outside system finds the broker by TLS, of what the command printed for it."""
    vhost = quote(printed["vhost"], safe="")
    return f"amqps://{printed['user']}:{printed['password']}@{printed['amqps']}/{vhost}"


class PublisherClient:
    """One connection of a publisher."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.user = unquote(parts.username or "")
        self.receipts = f"qihang.receipts.{self.user}"
        self._connection = amqp.Connection(
            f"{parts.hostname}:{parts.port}", userid=self.user, password=unquote(parts.password or ""),
            virtual_host=unquote(parts.path[1:]), connect_timeout=5, read_timeout=30,
        )  # fmt: skip
        self._unconfirmed: set[int] = set()
        self._unread: list[dict[str, str]] = []
        self._sent = 0

    def __enter__(self) -> Self:
        self._connection.connect()
        self.channel = self._connection.channel()
        self.channel.confirm_select()
        self.channel.events["basic_ack"].add(self._confirmed)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.collect()

    def publish(self, body: Any, exchange: str = EXCHANGE, content_type: str = "application/cloudevents+json",
                **properties: Any) -> None:  # fmt: skip
        """Send one message without waiting; `body` is an event, or bytes as they are."""
        key = body.get("type", "") if isinstance(body, dict) else ""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        properties = {"user_id": self.user} | properties
        message = amqp.Message(raw, content_type=content_type, content_encoding="utf-8", delivery_mode=2, **properties)
        self._sent += 1
        self._unconfirmed.add(self._sent)
        self.channel.basic_publish(message, exchange=exchange, routing_key=key)

    def wait_for_confirms(self, limit: float = 60) -> None:
        wait_until(self._all_confirmed, limit, lambda: f"{len(self._unconfirmed)} messages are confirmed", interval=0)

    def _all_confirmed(self) -> bool:
        if self._unconfirmed:
            self._connection.drain_events(timeout=30)
        return not self._unconfirmed

    def _confirmed(self, tag: int, multiple: bool) -> None:
        self._unconfirmed -= {item for item in self._unconfirmed if item <= tag} if multiple else {tag}

    def receipt(self, id: str, limit: float = 30) -> dict[str, str]:
        """The next receipt of that event on the publisher's own queue; those of others are kept for later."""

        def matches() -> dict[str, str] | None:
            while message := self.channel.basic_get(self.receipts, no_ack=True):
                self._unread.append(json.loads(message.body)["data"])
            return next((data for data in self._unread if data["id"] == id), None)

        data = wait_until(matches, limit, f"a receipt of {id}")
        assert data is not None
        self._unread.remove(data)
        return data
