"""Systems to be harmed: every service behind proxies of its own, to the broker and to its database."""

from __future__ import annotations

import contextlib
import re
import socket
import sys
import urllib.request
from pathlib import Path
from typing import Any

from tests.faults.load import by_amqp, by_http
from tests.faults.numbered_events import SOURCE
from tests.support.postgres import Postgres
from tests.support.processes import Process, free_ports, wait_until
from tests.support.proxy import Proxy
from tests.support.rabbitmq import RabbitMQ
from tests.support.system import PORTS, ROOT, SAMPLES, SERVICES, DistrictSystem, EmbeddedSystem, System

HEARTBEAT, CONFIRM = 4, 4  # seconds; a district's are 30 and 15 (chassis/messaging/broker.py)


class FaultyProxy(Proxy):
    """A proxy that can also keep back an answer and break its connection, each `cut_every`th time that words like
    `cut_at` stand in one: what was asked for is done, and who asked never learns of it.  `cuts`: the words cut off."""

    def __init__(self, target: int) -> None:
        super().__init__(target)
        self.cut_at: re.Pattern[bytes] | None = None
        self.cut_every = 1
        self.cuts: list[bytes] = []
        self.came_by = 0

    @property
    def whole(self) -> bool:
        """Whether new connections pass both ways."""
        return self._now.up and self._now.down

    def _pass(self, source: Any, sink: socket.socket, lane: Any, upward: bool) -> None:
        super()._pass(source if upward else _Watched(source, self), sink, lane, upward)


class _Watched:
    """The far end of a connection, whose answers are looked at on their way."""

    def __init__(self, far: socket.socket, wire: FaultyProxy) -> None:
        self._far, self._wire = far, wire

    def recv(self, size: int) -> bytes:
        piece = self._far.recv(size)
        if self._wire.cut_at and (match := self._wire.cut_at.search(piece)) and self._turn():
            self._wire.cuts.append(match[1])
            return b""  # as if the server had closed: both ends are
        return piece

    def _turn(self) -> bool:
        self._wire.came_by += 1
        return self._wire.came_by % self._wire.cut_every == 0

    def shutdown(self, how: int) -> None:
        with contextlib.suppress(OSError):
            self._far.shutdown(how)


class FaultySystem(DistrictSystem):
    """The district server; the patches of a service go to tests/faults/patched_service.py."""

    def __init__(self, data: Path, rabbitmq: RabbitMQ, vhost: str, postgres: Postgres) -> None:
        super().__init__(data, rabbitmq, vhost, postgres)
        self.brokers = {name: FaultyProxy(rabbitmq.port) for name in SERVICES}
        self.stores = {name: FaultyProxy(postgres.port) for name in SERVICES}
        self.user = f"system-{vhost}"
        self.user_url = rabbitmq.create_user(self.user, vhost, configure=".*", write=".*", read=".*")
        self.normal = f"heartbeat={HEARTBEAT} confirm={CONFIRM}"
        self.publisher: dict[str, Any] = {}
        self.patches: set[str] = set()

    def start(self, *names: str, wait: bool = True, patch: str = "") -> FaultySystem:
        self.patches = self.patches - set(names) | (set(names) if patch else set())
        for name in names or PORTS:
            module = "chassis.runtime.launcher" if name == "console" else "tests.faults.patched_service"
            self.processes[name] = Process(
                [sys.executable, "-W", "ignore", "-m", module, name], self.data / "logs" / f"{name}.log", cwd=ROOT,
                env=self._environment_of(name) | {"QIHANG_PATCHES": f"{self.normal} {patch}"},
            )  # fmt: skip
        if wait:
            self.ready(*(names or PORTS))
        return self

    def _environment_of(self, name: str) -> dict[str, str]:
        result = super()._environment_of(name)
        if name in SERVICES:
            result["QIHANG_AMQP_URL"] = self.user_url.replace(f":{self.rabbitmq.port}/", f":{self.brokers[name].port}/")
            result["QIHANG_DATABASE_URL"] = self.database_url_through_proxy(name)
        return result

    def database_url_through_proxy(self, name: str) -> str:
        """The service's database by its proxy."""
        return self.databases[name].replace(f":{self.postgres.port}/", f":{self.stores[name].port}/")

    def replica(self, name: str) -> None:
        """A second process of a service, at a port of its own, on the same store and queues; it serves."""
        (port,) = free_ports(1)
        env = self._environment_of(name) | {"QIHANG_HTTP_PORT": str(port), "QIHANG_PATCHES": self.normal}
        twin = Process([sys.executable, "-W", "ignore", "-m", "tests.faults.patched_service", name],
                       self.data / "logs" / f"{name}-twin.log", cwd=ROOT, env=env)  # fmt: skip
        self.processes[f"{name}-twin"] = twin
        wait_until(lambda: is_ready(port), 60, lambda: f"a second {name} ready\n{twin.tail()}", interval=0.1)

    def open(self) -> FaultySystem:
        """Started, with the campaign and the outside system."""
        self.start()
        prepare(self)
        return self

    def restart(self, *names: str, patch: str = "", wait: bool = True) -> None:
        """Stop, where it runs, and start."""
        for name in names:
            if self.processes[name].running:
                self.processes[name].resume()
                self.processes[name].stop()
        self.start(*names, patch=patch, wait=wait)

    def heal(self) -> None:
        for item in [*self.brokers.values(), *self.stores.values()]:
            item.delay, item.cut_at = 0.0, b""
            if not item.whole:
                item.heal()

    def discard(self) -> None:
        super().discard()
        for item in [*self.brokers.values(), *self.stores.values()]:
            item.__exit__()
        with contextlib.suppress(Exception):
            self.rabbitmq.delete_vhost(self.vhost)

    def senders(self) -> dict[str, Any]:
        url = self.rabbitmq.url_for(self.publisher["user"], self.publisher["password"], self.vhost)
        return {"amqp": by_amqp(url), "http": by_http(lambda: at(self, "participation"), self.publisher["token"])}


class SingleProcessSystem(EmbeddedSystem):
    """One process on SQLite; outside systems reach it by HTTP only."""

    def open(self) -> SingleProcessSystem:
        self.publisher: dict[str, Any] = {}
        self.start()
        self.ready()
        prepare(self)
        return self

    def restart(self) -> None:
        if self.processes["system"].running:
            self.processes["system"].stop()
        self.start()
        self.ready()

    def heal(self) -> None:
        """Nothing stands between."""

    def senders(self) -> dict[str, Any]:
        return {"http": by_http(lambda: at(self, "participation"), self.publisher["token"])}


def prepare(system: Any) -> None:
    """The sample campaign is launched, and the outside system may publish."""
    system.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    name = getattr(system, "vhost", "ledger")  # a broker's users are those of all its virtual hosts
    rights = {"name": name, "types": ["qihang.*"], "sources": [SOURCE]}
    status, system.publisher = system.ask("POST", "participation", "/api/publishers", rights)
    assert status == 201, system.publisher


def is_ready(port: int) -> bool:
    """Whether the service at that port says that it can do its work."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def at(system: System, service: str) -> str:
    """A service's own address, past the console."""
    return f"http://127.0.0.1:{system.base + PORTS[service]}"
