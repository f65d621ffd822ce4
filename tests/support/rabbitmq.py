"""A private RabbitMQ node of Debian's rabbitmq-server under a test's control, as any user, root too."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from tests.support.processes import Process, wait_until
from tests.support.rabbitmq_setup import NODE, Setup

START_LIMIT = 60.0  # seconds; 5 on two idle cores
STOP_LIMIT = 30.0  # seconds; 6 on two idle cores
ONLY_OWN = "all lanes use this broker: a test that stops or wipes one takes `own_rabbitmq`"


class RabbitMQ:
    """One node with the management plugin.  `start()` gives a running one; ports and data survive `restart()`."""

    user = "tests"

    def __init__(self) -> None:
        self.password = secrets.token_hex(12)
        self._setup = Setup(self.user, self.password)
        self.folder = self._setup.folder
        self._epmd: Process | None = None
        self._node: Process | None = None
        self._shared = False

    def __getstate__(self) -> dict[str, Any]:
        """As a lane of the run gets it: for its addresses and administration, not for its life."""
        return {**vars(self), "_epmd": None, "_node": None, "_shared": True}

    @classmethod
    def start(cls) -> RabbitMQ:
        """A node that answers.  Tries other ports when one was taken in between."""
        for attempt in range(3):
            node = cls()
            try:
                node.resume_after_stop()
                return node
            except BaseException as problem:
                log = node.log_tail()
                node.discard()
                if attempt == 2 or not isinstance(problem, (AssertionError, RuntimeError)):
                    raise RuntimeError(f"RabbitMQ did not start: {problem}\n{log}") from problem
        raise AssertionError("unreachable")

    # addresses

    def url(self, vhost: str = "/") -> str:
        """amqp://... of the administrator on one virtual host."""
        return self.url_for(self.user, self.password, vhost)

    def url_for(self, user: str, password: str, vhost: str = "/") -> str:
        return f"amqp://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{quote(vhost, safe='')}"

    @property
    def api_url(self) -> str:
        """The management API with its credentials, as QIHANG_BROKER_API_URL_FILE holds it."""
        return f"http://{self.user}:{self.password}@127.0.0.1:{self.api_port}"

    @property
    def tls_address(self) -> str:
        """host:port, where its certificate is of `ca_file`."""
        return f"127.0.0.1:{self._setup.tls_port}"

    @property
    def ca_file(self) -> Path:
        return self.folder / "tls" / "amqps-ca.pem"

    # life

    def resume_after_stop(self) -> None:
        """Start on the data that is there, and wait until AMQP and the management API both answer."""
        assert not self._shared, ONLY_OWN
        # A foreground epmd of our own: the one that Erlang would start becomes a daemon and outlives the tests.
        if self._epmd is None or not self._epmd.running:
            self._epmd = Process(
                ["epmd", "-port", str(self._setup.epmd_port), "-address", "127.0.0.1"], self.folder / "log" / "epmd.log"
            )
            wait_until(lambda: self._accepts(self._setup.epmd_port), 10, "epmd listens")
        self._node = Process(
            self._setup.command("rabbitmq-server"),
            self.folder / "log" / "console.log",
            env=self._setup.environment(),
            cwd=self.folder,
        )
        wait_until(self._answers, START_LIMIT, lambda: f"RabbitMQ answers:\n{self.log_tail()}", interval=0.1)

    def stop(self) -> None:
        """Orderly: SIGTERM.  Durable queues and persistent messages stay on disk."""
        assert not self._shared, ONLY_OWN
        if self._node is not None and self._node.running:
            self._node.stop(STOP_LIMIT)

    def restart(self) -> None:
        self.stop()
        self.resume_after_stop()

    def kill(self) -> None:
        """kill -9, as a power cut would, once every queue that was declared is on disk."""
        if self.running:
            self._wait_for_quorum_queues_on_disk()
        self._kill_at_once()

    def _kill_at_once(self) -> None:
        assert not self._shared, ONLY_OWN
        if self._node is not None:
            self._node.kill()
        if self._epmd is not None:  # it would remember the dead node's name for a moment and refuse the next
            self._epmd.kill()

    def wipe(self) -> None:
        """Lose everything: kill -9, remove the data directory, start empty on the same ports.

        The administrator is there again; virtual hosts and users that tests made are not.
        """
        self._kill_at_once()
        shutil.rmtree(self.folder / "mnesia", ignore_errors=True)
        self.resume_after_stop()

    def empty(self) -> None:
        """As after `wipe`, for who is not connected meanwhile, without the 3.5 processor seconds of a start."""
        assert not self._shared, ONLY_OWN
        for each in self.api("GET", "/api/users"):
            if each["name"] != self.user:
                self.api("DELETE", f"/api/users/{quote(each['name'], safe='')}")
        for each in self.api("GET", "/api/vhosts"):
            self.api("DELETE", f"/api/vhosts/{quote(each['name'], safe='')}")
        self.create_vhost("/")

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing is answered."""
        assert self._node is not None
        self._node.pause()

    def resume(self) -> None:
        assert self._node is not None
        self._node.resume()

    def discard(self) -> None:
        """End it for good and remove its folder."""
        self._kill_at_once()
        self._setup.discard()

    @property
    def port(self) -> int:
        return self._setup.port

    @property
    def api_port(self) -> int:
        return self._setup.api_port

    @property
    def version(self) -> str:
        return str(self.api("GET", "/api/overview")["rabbitmq_version"])

    @property
    def running(self) -> bool:
        return self._node is not None and self._node.running

    def _wait_for_quorum_queues_on_disk(self) -> None:
        """Wait until every quorum queue that was declared survives a kill.

        3.10 writes the names of its Raft members (a dets table that saves itself) about a second after the
        declaration; a node that is killed before comes back with a queue that answers nothing (541 INTERNAL_ERROR, at
        once or after a minute) until it is deleted.
        """
        asked = time.time()

        def saved() -> bool:
            # Nothing says from outside that a change is still in memory: quiet for longer than the save takes, and
            # the table marked as properly closed (a 1 in its third word).
            (names,) = (self.folder / "mnesia").glob("*/quorum/*/names.dets")
            quiet = time.time() - max(asked, names.stat().st_mtime)
            return quiet > 1.5 and names.read_bytes()[8:12] == b"\x00\x00\x00\x01"

        wait_until(saved, 20, "the quorum queues' names are on disk")

    # administration

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the management API (`path` begins with /api/); the decoded answer or None."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.api_port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {self._basic()}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def create_vhost(self, name: str | None = None) -> str:
        """A fresh virtual host, so that tests share a node and nothing else; its name."""
        name = name or f"test-{secrets.token_hex(4)}"
        self.api("PUT", f"/api/vhosts/{quote(name, safe='')}", {})
        self.create_user_permissions(self.user, name)
        return name

    def delete_vhost(self, name: str) -> None:
        """AssertionError if a user may use another one too: two systems that run at once name a publisher alike, and
        each would set the other's password."""
        permissions = self.api("GET", "/api/permissions")
        users = {each["user"] for each in permissions if each["vhost"] == name} - {self.user}
        alike = {each["user"] for each in permissions if each["vhost"] != name} & users
        self.api("DELETE", f"/api/vhosts/{quote(name, safe='')}")
        assert not alike, f"users of two virtual hosts: {alike}"

    def create_user(
        self, name: str, vhost: str = "/", *, configure: str = "", write: str = "", read: str = "", tags: str = ""
    ) -> str:
        """A user with these permissions only (regular expressions, empty = none); its amqp url."""
        password = secrets.token_hex(12)
        self.api("PUT", f"/api/users/{quote(name, safe='')}", {"password": password, "tags": tags})
        self.create_user_permissions(name, vhost, configure=configure, write=write, read=read)
        return self.url_for(name, password, vhost)

    def create_user_as(self, name: str, url: str, vhost: str) -> None:
        """That user again, with the password of the address that it was given and every right on the virtual host."""
        password = unquote(urlsplit(url).password or "")
        self.api("PUT", f"/api/users/{quote(name, safe='')}", {"password": password, "tags": ""})
        self.create_user_permissions(name, vhost)

    def create_user_permissions(
        self, name: str, vhost: str, *, configure: str = ".*", write: str = ".*", read: str = ".*"
    ) -> None:
        self.api(
            "PUT",
            f"/api/permissions/{quote(vhost, safe='')}/{quote(name, safe='')}",
            {"configure": configure or "^$", "write": write or "^$", "read": read or "^$"},
        )

    def ctl(self, *args: str, limit: float = 60.0) -> str:
        """rabbitmqctl on this node, for what the API cannot do (alarms: `set_vm_memory_high_watermark 0`)."""
        done = subprocess.run(
            self._setup.command("rabbitmqctl", "--node", NODE, *args),
            env={**os.environ, **self._setup.environment()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit,
            check=False,
        )
        text = done.stdout.decode("utf-8", "replace")
        if done.returncode:
            raise RuntimeError(f"rabbitmqctl {' '.join(args)}: {text}")
        return text

    def log_tail(self, lines: int = 40) -> str:
        result = []
        for log in sorted((self.folder / "log").glob("*")):
            result += [f"--- {log.name}", *log.read_text("utf-8", "replace").splitlines()[-lines:]]
        return "\n".join(result)

    # whether it lives

    def _answers(self) -> bool:
        assert self._node is not None
        if not self._node.running:
            raise RuntimeError(f"RabbitMQ ended with {self._node.returncode}")
        if not self._accepts(self.port) or not self._greets():
            return False
        try:
            self.api("GET", f"/api/permissions/%2F/{self.user}")
        except (OSError, urllib.error.HTTPError):
            return False
        return True

    def _greets(self) -> bool:
        """Whether it opens the AMQP 0-9-1 conversation (a listening port alone is no broker yet)."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
                connection.settimeout(2)
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"  # a method frame: Connection.Start
        except OSError:
            return False

    @staticmethod
    def _accepts(port: int) -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    def _basic(self) -> str:
        return base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
