"""The whole system under a test's control, in both ways of running; every part a real process."""

from __future__ import annotations

import json
import os
import secrets
import signal
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.support.command import run_command
from tests.support.forks import CONSOLE, ForkedProcess
from tests.support.processes import Process, free_port_base, wait_until

if TYPE_CHECKING:
    from tests.support.postgres import Postgres
    from tests.support.rabbitmq import RabbitMQ

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "samples"
SERVICES = ("participation", "assessment", "publicity", "notifications")
PORTS = {"console": 0, **{name: at for at, name in enumerate(SERVICES, 1)}}


class System:
    """Common to both: where it is, its token, and the `qihang` command against it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.base = free_port_base()
        self.settings: dict[str, str] = {}
        self.processes: dict[str, Process] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.base}"

    @property
    def token(self) -> str:
        return (self.data / "operator.token").read_text().strip()

    def token_of_person(self, person_id: str) -> str:
        """As the console signs it for a person who has signed in."""
        from chassis.process import tokens  # its modules are patched by eventlet only in the launcher

        signer = tokens.Signer("console", "district", tokens.private_key(self.data / "keys" / "console.key"))
        return signer.issue(person_id, ["person"], 300)

    def environment(self) -> dict[str, str]:
        return {"QIHANG_URL": self.address, "QIHANG_TOKEN": self.token}

    def qihang(self, *words: str | os.PathLike[str], limit: float = 120, fails: bool = False) -> str:
        """What the command printed; with `fails`, it must end with 1 and its error is answered too."""
        result = run_command([os.fspath(word) for word in words], self.environment(), limit)
        if result.code != int(fails):
            raise AssertionError(f"qihang {words} ended with {result.code}\n{result.out}\n{result.err}\n{self.logs()}")
        return result.out + result.err if fails else result.out

    def get(self, service: str, path: str, **query: str) -> Any:
        """The JSON of a route, requested by the operator through the console."""
        return self.ask("GET", service, f"{path}?{urlencode(query)}" if query else path)[1]

    def ask(
        self, method: str, service: str, path: str, body: Any = None, *, token: str = "", **headers: str
    ) -> tuple[int, Any]:
        """(status, JSON) of any answer; `body` is sent as JSON unless it is bytes."""
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/s/{service}{path}", raw, method=method)
        request.add_header("Authorization", f"Bearer {token or self.token}")
        request.add_header("Content-Type", "application/json")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, _decoded(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _decoded(error.read())

    def logs(self, lines: int = 30) -> str:
        return "\n".join(f"--- {name}\n{process.tail(lines)}" for name, process in self.processes.items())

    def answers(self, name: str, path: str = "/readyz") -> bool:
        path = "/livez" if name == "console" else path
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.base + PORTS[name]}{path}", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def ready(self, *names: str, limit: float = 60) -> None:
        def is_ready(name: str) -> bool:
            assert name not in self.processes or self.processes[name].running, f"{name} ended\n{self.logs()}"
            return self.answers(name)

        for name in names or PORTS:
            wait_until(partial(is_ready, name), limit, partial(self._not_ready, name))

    def _not_ready(self, name: str) -> str:
        return f"{name} ready: {self._says(name)}\n{self.logs()}"

    def _says(self, name: str) -> str:
        """Why it is not ready, in its own words."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.base + PORTS[name]}/readyz", timeout=5) as answer:
                return str(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode("utf-8", "replace")
        except OSError as error:
            return str(error)

    def kill(self) -> None:
        """kill -9 of everything, at once."""
        for process in self.processes.values():
            process.kill()

    def stop(self, limit: float = 40) -> None:
        """SIGTERM to everything."""
        for process in self.processes.values():
            process.signal(signal.SIGTERM)
        for process in self.processes.values():
            process.wait(limit)

    def matches(self, results: Path, *names: str) -> None:
        """The result files are those of tests/samples/expected, byte for byte."""
        for name in names:
            result, expected = (results / name).read_bytes(), (SAMPLES / "expected" / name).read_bytes()
            assert result == expected, f"{name} differs: {first_difference(result, expected)}"


class EmbeddedSystem(System):
    """What `qihang up --embedded` becomes: one process, SQLite, the in-memory broker, the console as its child."""

    def start(self) -> EmbeddedSystem:
        process = ForkedProcess(
            "chassis.runtime.launcher", ["embedded", "--data", self.data, "--port-base", str(self.base)],
            self.data.parent / f"{self.data.name}.log", env={"PYTHONUNBUFFERED": "1", **self.settings},
        )  # fmt: skip
        self.processes = {"system": process}
        process.wait_for_output("ready http", 60)
        return self

    def discard(self) -> None:
        self.kill()


class DistrictSystem(System):
    """A process each, on RabbitMQ and PostgreSQL."""

    def __init__(self, data: Path, rabbitmq: RabbitMQ, vhost: str, postgres: Postgres) -> None:
        super().__init__(data)
        self.rabbitmq, self.vhost, self.postgres = rabbitmq, vhost, postgres
        self.databases = {name: postgres.create_database() for name in (*SERVICES, "console")}
        self._make_secrets()

    @property
    def amqp_url(self) -> str:
        return self.rabbitmq.url(self.vhost)

    def _make_secrets(self) -> None:
        from chassis.process import tokens  # its modules are patched by eventlet only in the launcher

        keys = self.data / "keys"
        for name in ("operator", "console", *SERVICES):
            if not (keys / f"{name}.key").exists():
                tokens.make_keys(keys / f"{name}.key", keys / f"{name}.pem")
        (self.data / "operator.password").write_text("a-long-test-password")
        (self.data / "session.secret").write_text(secrets.token_urlsafe(32))
        signer = tokens.Signer("operator", "district", tokens.private_key(keys / "operator.key"))
        (self.data / "operator.token").write_text(signer.issue("operator", ["operator"], 24 * 3600))

    def start(self, *names: str, wait: bool = True) -> DistrictSystem:
        for name in names or PORTS:
            log, environment = self.data / "logs" / f"{name}.log", self._environment_of(name)
            if name == "console":  # what the launcher becomes, by exec of another Python
                self.processes[name] = ForkedProcess("console.server", [], log, env=environment, loaded=CONSOLE)
            else:
                self.processes[name] = ForkedProcess("chassis.runtime.launcher", [name], log, env=environment)
        if wait:
            self.ready(*(names or PORTS))
        return self

    def _environment_of(self, name: str) -> dict[str, str]:
        peers = ",".join(f"{service}=http://127.0.0.1:{self.base + PORTS[service]}" for service in SERVICES)
        common = {
            "QIHANG_DISTRICT": "district", "QIHANG_DATA": str(self.data), "QIHANG_PEERS": peers,
            "QIHANG_HTTP_PORT": str(self.base + PORTS[name]), "QIHANG_AMQP_URL": self.amqp_url,
            "QIHANG_SIGNING_KEY_FILE": str(self.data / "keys" / f"{name}.key"),
            "QIHANG_TRUSTED_KEYS": str(self.data / "keys"), "QIHANG_BROKER_API_URL": self.rabbitmq.api_url,
            "QIHANG_AMQPS_ADDRESS": self.rabbitmq.tls_address, "QIHANG_AMQPS_CA_FILE": str(self.rabbitmq.ca_file),
            "PYTHONUNBUFFERED": "1", **self.settings,
        }  # fmt: skip
        if name == "console":
            return common | {
                "QIHANG_OPERATOR_PASSWORD_FILE": str(self.data / "operator.password"),
                "QIHANG_DATABASE_URL": self.databases["console"],
                "QIHANG_SESSION_SECRET_FILE": str(self.data / "session.secret"),
            }
        return common | {"QIHANG_DATABASE_URL": self.databases[name]}

    def discard(self) -> None:
        self.kill()
        for url in self.databases.values():
            self.postgres.drop_database(url)


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")


def first_difference(body: bytes, expected: bytes) -> str:
    """The first line that differs."""
    ours, theirs = body.decode().splitlines(), expected.decode().splitlines()
    for at, (mine, other) in enumerate(zip(ours, theirs, strict=False), 1):
        if mine != other:
            return f"line {at}: {mine!r} instead of {other!r}"
    return f"{len(ours)} lines instead of {len(theirs)}"
