"""The workspace that subjects run on: a private broker and PostgreSQL, a fresh part of both for each run."""

import contextlib
import functools
import json
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import amqp.basic_message
import kombu
import psycopg

from benchmarks import running
from chassis.messaging import broker
from tests.support.postgres import Postgres
from tests.support.processes import Process, wait_until
from tests.support.publisher_client import Publisher, register_publisher
from tests.support.rabbitmq import RabbitMQ
from tests.support.system import PORTS, DistrictSystem

CAMPAIGN = running.ROOT / "campaigns" / "xue-lun-shu.yaml"


class Workspace:
    """Both servers, each started for the first subject that needs it, and the most memory that any Python process of
    ours held (`peaks`, MiB by process)."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="qihang-bench-"))
        self._servers: list[RabbitMQ | Postgres] = []
        self.peaks: dict[str, float] = {}

    @functools.cached_property
    def rabbitmq(self) -> RabbitMQ:
        self._servers.append(result := RabbitMQ.start())
        return result

    @functools.cached_property
    def postgres(self) -> Postgres:
        self._servers.append(result := Postgres.start())
        return result

    def discard(self) -> None:
        for server in self._servers:
            server.discard()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """A fresh database's url, for as long as the block."""
        url = self.postgres.create_database()
        try:
            yield url
        finally:
            self.postgres.drop_database(url)

    @contextlib.contextmanager
    def vhost(self) -> Iterator[str]:
        """A fresh virtual host's url."""
        name = self.rabbitmq.create_vhost()
        try:
            yield self.rabbitmq.url(name)
        finally:
            self.rabbitmq.delete_vhost(name)

    @contextlib.contextmanager
    def system(self) -> Iterator["System"]:
        """A fresh Qihang, nothing started yet."""
        name = self.rabbitmq.create_vhost()
        system = System(Path(tempfile.mkdtemp(dir=self.folder)), self.rabbitmq, name, self.postgres)
        try:
            yield system
        finally:
            self._note_peaks(system.processes)
            system.discard()
            self.rabbitmq.delete_vhost(name)

    def _note_peaks(self, processes: dict[str, Process]) -> None:
        for name, process in processes.items():
            if process.running:
                self.peaks[name] = max(self.peaks.get(name, 0.0), running.peak_of(process.pid))


class System(DistrictSystem):
    """The real services, and a look into their stores that costs them next to nothing."""

    _publisher: Publisher | None = None

    def publisher(self) -> Publisher:
        """The outside system that reports at the broker, registered when it is first asked for."""
        if self._publisher is None:
            name = f"bench-{self.vhost}"  # a broker's users are those of all its virtual hosts
            rights = ("--types", "qihang.record.*", "--sources", "bench")
            self._publisher = register_publisher(self, name, *rights)
        return self._publisher

    def look(self, service: str) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.databases[service].replace("+psycopg", ""), autocommit=True)

    def direct(self, method: str, service: str, path: str) -> Any:
        """The JSON of a service's own route, without the console."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.base + PORTS[service]}{path}", method=method,
                                         headers={"Authorization": f"Bearer {self.token}"})  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def settle(self, units: int, people: int) -> None:
        """A launched campaign with so many units and people, applied by every service."""
        from benchmarks.district_rows import district

        folder = self.data / "district"
        folder.mkdir()
        for name, rows in district(units, people).items():
            lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
            (folder / name).write_text("\n".join(lines) + "\n")
        self.qihang("campaign", "launch", CAMPAIGN)
        self.qihang("import", folder)
        self.caught_up()

    @contextlib.contextmanager
    def looking(self, *services: str) -> Iterator[list["psycopg.Connection[Any]"]]:
        with contextlib.ExitStack() as stack:
            yield [stack.enter_context(self.look(service)) for service in services]

    def head(self) -> int:
        with self.look("participation") as connection:
            return head(connection)

    def moved(self, before: int) -> tuple[float, int]:
        """Waits until participation's log has grown past `before`: (moment, its head)."""
        with self.look("participation") as look:
            wait_until(lambda: head(look) > before, running.LIMIT, "the log to grow", interval=0.005)
            return time.monotonic(), head(look)

    def caught_up(self, limit: float = 120) -> None:
        head = self.head()
        for service in ("assessment", "publicity", "notifications"):
            with self.look(service) as connection:
                passed(connection, head, limit)


CURSOR = "SELECT position FROM inbox_cursors WHERE source = 'participation' AND partition = 0"


def _scalar(connection: "psycopg.Connection[Any]", query: str) -> Any:
    row = connection.execute(query).fetchone()
    return 0 if row is None else row[0]


def head(connection: "psycopg.Connection[Any]") -> int:
    """Where participation's log ends."""
    return int(_scalar(connection, "SELECT position FROM log_heads WHERE partition = 0"))


def cursor(connection: "psycopg.Connection[Any]") -> int:
    """How far a service has come; 0 before it has a store."""
    try:
        return int(_scalar(connection, CURSOR))
    except psycopg.errors.UndefinedTable:
        return 0


def passed(connection: "psycopg.Connection[Any]", position: int, limit: float = running.LIMIT) -> float:
    """Waits until a service's cursor is past it; the moment (monotonic)."""
    wait_until(lambda: cursor(connection) >= position, limit, f"the cursor to pass {position}", interval=0.005)
    return time.monotonic()


def fill(amqp_url: str, exchange: str, key: str, bodies: Iterable[bytes], content_type: str, **about: str) -> None:
    """Publishes, and waits until the broker has confirmed all; `about` is more properties, such as `user_id`."""
    with kombu.Connection(amqp_url) as connection:
        channel = connection.channel()
        channel.confirm_select()
        confirmed = 0

        def confirm(tag: int, _: bool) -> None:
            nonlocal confirmed
            confirmed = max(confirmed, tag)

        channel.events["basic_ack"].add(confirm)
        sent = 0
        for body in bodies:
            message = amqp.basic_message.Message(body, content_type=content_type, delivery_mode=2, **about)
            channel.basic_publish(message, exchange=exchange, routing_key=key)
            sent += 1
        while confirmed < sent:
            connection.drain_events(timeout=30)


def declare_plain(amqp_url: str, source: str, name: str) -> None:
    """The exchange and queue that nameko's event_handler of a plain service will find."""
    with kombu.Connection(amqp_url) as connection:
        exchange = kombu.Exchange(f"{source}.events", type="topic", durable=True)
        queue = f"evt-{source}-record_submitted--{name}.record_submitted"
        kombu.Queue(queue, exchange, routing_key="record_submitted", durable=True)(connection).declare()


def declare(amqp_url: str, inlets: Sequence[broker.QueueSpec]) -> None:
    with kombu.Connection(amqp_url) as connection:
        broker.declare(connection, inlets)
