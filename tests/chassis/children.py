"""Child processes of these tests: a script of their own, or a toy service under the real launcher."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.support.forks import CHASSIS, ForkedProcess
from tests.support.processes import Process, free_ports, wait_until

ROOT = Path(__file__).resolve().parents[2]


def python(script: str, log: Path, *arguments: str | os.PathLike[str], **environment: str) -> Process:
    """`python -c script arguments`, at the root of the project."""
    env = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore", **environment}
    return Process([sys.executable, "-c", script, *arguments], log, cwd=ROOT, env=env)


class Toy:
    """One toy service as a process, with its routes."""

    def __init__(self, name: str, folder: Path, amqp_url: str, database_url: str = "", **environment: str) -> None:
        self.name, self.folder, self.port = name, folder, free_ports(1)[0]
        self._environment = {
            "QIHANG_DATA": str(folder), "QIHANG_AMQP_URL": amqp_url, "QIHANG_HTTP_PORT": str(self.port),
            "QIHANG_DATABASE_URL": database_url or f"sqlite:///{folder}/{name}.db", "PYTHONWARNINGS": "ignore",
            "PYTHONUNBUFFERED": "1", **environment,
        }  # fmt: skip
        self.starts = 0
        self.process: Process

    def subscribes_to(self, source: Toy) -> Toy:
        self._environment["QIHANG_PEERS"] = f"participation=http://127.0.0.1:{source.port}"
        return self

    def start(self, ready: bool = True) -> Toy:
        self.starts += 1
        log = self.folder / f"{self.name}-{self.port}.log"
        module = "tests.chassis.holes.ours"
        if "TOY_NO_PKG_RESOURCES" in self._environment:  # must hold before anything is loaded
            self.process = Process([sys.executable, "-m", module, self.name], log, cwd=ROOT, env=self._environment)
        else:
            self.process = ForkedProcess(module, [self.name], log, env=self._environment, loaded=CHASSIS)
        if ready:
            self.wait_for("/readyz", 60)
        return self

    def get(self, path: str, limit: float = 20) -> Any:
        """Status and body; 0 when nobody answers."""
        return self._ask(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}"), limit)

    def append(self, *pairs: str) -> None:
        """Participation only: `append("a:1")`."""
        status, content = self.post("/toy/things", " ".join(pairs).encode())
        assert status == 200, content

    def post(self, path: str, body: bytes) -> Any:
        """Status and body."""
        return self._ask(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, method="POST"), 20)

    def rows(self) -> dict[str, str]:
        return self.get("/toy/things")[1]  # type: ignore[no-any-return]

    def wait_for(self, path: str, limit: float = 30) -> None:
        wait_until(lambda: self.get(path)[0] == 200, limit, lambda: f"{self.name}{path}\n{self.process.tail(30)}")

    def has(self, expected: dict[str, str], limit: float = 30) -> None:
        wait_until(lambda: self.get("/toy/things")[1] == expected, limit,
                   lambda: f"{expected} instead of {self.get('/toy/things')}\n{self.process.tail(30)}")  # fmt: skip

    def _ask(self, asked: urllib.request.Request, limit: float) -> Any:
        try:
            with urllib.request.urlopen(asked, timeout=limit) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")
        except OSError:
            return 0, None


class Plain:
    """The same on plain nameko."""

    def __init__(self, scenario: str, folder: Path, amqp_url: str, **environment: str) -> None:
        self.port = free_ports(1)[0]
        env = {"AMQP_URI": amqp_url, "HTTP_PORT": str(self.port), "PYTHONWARNINGS": "ignore", **environment}
        command = [sys.executable, "-m", "tests.chassis.holes.plain", scenario]
        self.process = Process(command, folder / f"plain-{scenario}.log", cwd=ROOT, env=env)

    def ready(self) -> Plain:
        self.process.wait_for_output("ready")
        return self

    def answers(self) -> bool:
        """Whether its HTTP route says that it is fine."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def lines_with(self, word: str) -> list[str]:
        return [line for line in self.process.output().splitlines() if line.startswith(word)]
