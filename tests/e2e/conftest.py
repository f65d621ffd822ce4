"""District servers in a real Docker engine, brought up and taken down by the words that people use."""

from __future__ import annotations

import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.process import tokens
from tests.support.processes import free_port_base

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "e2e"
UP_LIMIT, COMMAND_LIMIT = 1500, 400  # seconds; the first `up` makes base images, from Debian packages if it must


class Installation:
    """One district server: its own compose project, volumes, secrets and ports."""

    def __init__(self, name: str, environment: dict[str, str]) -> None:
        self._more = environment
        self.project = f"qihang-e2e-{name}"
        self.secrets = FOLDER / name / "secrets"
        self.port = free_port()

    def fill_in(self, name: str, text: str) -> None:
        """What a district writes into a file of its secrets."""
        self._run([ROOT / "deploy" / "make-secrets", self.secrets], 60)
        (self.secrets / name).write_text(text)

    def python(self, service: str, program: str) -> str:
        """What a program prints inside a container."""
        return self._run(["docker", "exec", self.inspect()[service]["Id"], "python", "-c", program], 60)

    def restart(self, service: str) -> None:
        """A container anew, until it is well again, as `make up` waits for it."""
        self._run(["docker", "restart", self.inspect()[service]["Id"]], 120)
        self._run(["bash", "-c", ". deploy/compose.sh && wait_healthy 120"], 180)

    def rotate_key(self, *words: str) -> None:
        """As an operator does on the host."""
        self._run([ROOT / "deploy" / "rotate-key", *words, self.secrets], 60)

    def token_of_person(self, person_id: str) -> str:
        """As the console signs it now."""
        key = tokens.private_key(self.secrets / "console.key")
        return tokens.Signer("console", "e2e", key).issue(person_id, ["person"], 300)

    def ask(self, path: str, token: str = "") -> tuple[int, Any]:
        """Status and JSON of an answer through the console; the operator asks where no token is given."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        request.add_header("Authorization", f"Bearer {token or (self.secrets / 'operator.token').read_text().strip()}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None

    def networks(self, service: str) -> dict[str, dict[str, str]]:
        """The networks of a container, by their name in the file, with their options."""
        names = self.inspect()[service]["NetworkSettings"]["Networks"]
        details = json.loads(self._run(["docker", "network", "inspect", *names], 60))
        return {item["Labels"]["com.docker.compose.network"]: item["Options"] | {"internal": str(item["Internal"])}
                for item in details}  # fmt: skip

    def up(self) -> str:
        return self._run([ROOT / "deploy" / "up"], UP_LIMIT)

    def down(self, *options: str) -> None:
        self._run([ROOT / "deploy" / "down", *options], COMMAND_LIMIT)

    def discard(self) -> None:
        """Containers, networks, volumes and secrets."""
        self.down("--volumes", "--yes")
        shutil.rmtree(self.secrets)

    def qihang(self, *words: str | Path) -> str:
        """The command as an operator runs it on the host; what it printed."""
        return self._run([Path(sys.executable).parent / "qihang", *words], COMMAND_LIMIT)

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """The same, however it ends."""
        command = [Path(sys.executable).parent / "qihang", *words]
        return subprocess.run(command, cwd=ROOT, env=self._clean(), capture_output=True, text=True,
                              timeout=COMMAND_LIMIT, check=False)  # fmt: skip

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """The same, not waited for."""
        command = [Path(sys.executable).parent / "qihang", *words]
        return subprocess.Popen(command, cwd=ROOT, env=self._clean(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)  # fmt: skip

    def containers(self) -> list[str]:
        ours = f"label=com.docker.compose.project={self.project}"
        return self._run(["docker", "ps", "--all", "--quiet", "--filter", ours], 60).split()

    def volumes(self) -> list[str]:
        ours = f"label=com.docker.compose.project={self.project}"
        return self._run(["docker", "volume", "ls", "--quiet", "--filter", ours], 60).split()

    def inspect(self) -> dict[str, Any]:
        """What Docker knows of every container, by service."""
        details = json.loads(self._run(["docker", "inspect", *self.containers()], 60))
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in details}

    def health(self) -> dict[str, str]:
        """What Docker itself thinks of every container, by service."""
        return {service: details["State"]["Health"]["Status"] for service, details in self.inspect().items()}

    def published(self) -> dict[str, dict[str, list[str]]]:
        """Of each container that has any: its ports that the host publishes, and at which addresses."""
        ports = {service: {port: [where["HostIp"] for where in bindings]
                           for port, bindings in details["NetworkSettings"]["Ports"].items() if bindings}
                 for service, details in self.inspect().items()}  # fmt: skip
        return {service: published for service, published in ports.items() if published}

    def _run(self, command: list[str | Path], limit: float) -> str:
        done = subprocess.run(command, cwd=ROOT, env=self._clean(), capture_output=True, text=True, timeout=limit,
                              check=False)  # fmt: skip
        if done.returncode:
            output = f"{done.stdout}\n{done.stderr}"
            raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{output}")
        return done.stdout

    def _clean(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if name in PASSED or not name.startswith("QIHANG_")}
        return {**clean, **self._environment()}

    def _environment(self) -> dict[str, str]:
        return {
            "QIHANG_PROJECT": self.project,
            "QIHANG_SECRETS": str(self.secrets),
            "QIHANG_PORT": str(self.port),
            "QIHANG_BIND": "127.0.0.1",
            "QIHANG_DISTRICT": "e2e",
            "QIHANG_MAIL_FROM": "tixing@edu.example.cn",
            "QIHANG_URL": f"http://127.0.0.1:{self.port}",
            "QIHANG_TOKEN_FILE": str(self.secrets / "operator.token"),
            **self._more,
        }


@functools.cache
def _ports() -> Iterator[int]:
    return iter(range(base := free_port_base(PORTS_OF_A_LANE), base + PORTS_OF_A_LANE))


def free_port() -> int:
    """Another at each call.  None that the kernel gives to who connects somewhere: what is published there is bound
    again at each start, and a connection may have taken it meanwhile."""
    return next(_ports())


def host_address() -> str:
    """This machine's own address, not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_way:
        any_way.connect(("192.0.2.1", 9))  # sends nothing
        return str(any_way.getsockname()[0])


def newest_broker() -> dict[str, str]:
    """RabbitMQ 4 out of Debian 13, where deploy/e2e.sh made that; else whatever `make up` chooses, as it is named."""
    if os.environ.get("QIHANG_RABBITMQ_IMAGE"):
        return {}
    inspected = subprocess.run(["docker", "image", "inspect", NEXT_BROKER], capture_output=True, check=False)
    return {"QIHANG_RABBITMQ_IMAGE": NEXT_BROKER} if inspected.returncode == 0 else {}


NEXT_BROKER = "qihang/rabbitmq:4.0-trixie"
PASSED = {"QIHANG_BASES", "QIHANG_HEALTHY_LIMIT", "QIHANG_RABBITMQ_IMAGE", "QIHANG_POSTGRES_IMAGE"}
PORTS_OF_A_LANE = 8
Install = Callable[..., Installation]


@pytest.fixture(scope="module")
def install() -> Iterator[Install]:
    """Brings up an installation of this name, with these files of its secrets (`smtp_url`) filled in; taken down with
    its data at the end of the file."""
    result: list[Installation] = []

    def install(name: str, environment: dict[str, str] | None = None, **filled_in: str) -> Installation:
        installation = Installation(name, environment or {})
        result.append(installation)
        if installation.secrets.exists():  # of a run that was interrupted
            installation.discard()
        for file, text in filled_in.items():
            installation.fill_in(file.replace("_", "."), text)
        installation.up()
        return installation

    yield install
    for installation in result:
        installation.discard()
