"""Under its real server the console passes large bodies both ways without holding them in memory."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from console.settings import Settings
from tests.support.fake_gateway import Answer, Call, FakeGateway
from tests.support.processes import free_ports, wait_until
from tests.support.slow_clients import send_on

MIB = 1024**2
LARGE = 96 * MIB
HEADROOM = 24 * MIB  # far less than a body: whoever reads one whole is found out


class Running:
    """A console under its server, as the launcher starts it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{port}"
        for name, content in (("key", settings.signing_key), ("secret", settings.session_secret)):
            (folder / name).write_bytes(content)
        environment = {
            "QIHANG_DISTRICT": settings.district,
            "QIHANG_PEERS": ",".join(f"{name}={address}" for name, address in settings.peers.items()),
            "QIHANG_SIGNING_KEY_FILE": str(folder / "key"),
            "QIHANG_SESSION_SECRET_FILE": str(folder / "secret"),
            "QIHANG_OPERATOR_PASSWORD_FILE": str(settings.password_file),
            "QIHANG_DATABASE_URL": settings.database_url,
            "QIHANG_UPLOAD_LIMIT": str(LARGE + MIB),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "console.server"],
            env={**os.environ, **environment, "QIHANG_HTTP_PORT": str(port)},
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, 30, "the console answers")

    def peak(self) -> int:
        """The most memory that the worker ever held, in bytes."""
        match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self._process.pid}/status").read_text())
        assert match
        return int(match[1]) * 1024

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _answers(self) -> bool:
        try:
            return requests.get(self.url + "/livez", timeout=2).ok
        except (requests.ConnectionError, requests.Timeout):  # a busy machine takes long to load the console
            return False


@pytest.fixture
def running(settings: Settings, tmp_path: Path) -> Iterator[Running]:
    console = Running(settings, tmp_path)
    yield console
    console.stop()


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
def test_a_large_upload_passes_in_pieces(running: Running, services: FakeGateway, chunked: bool) -> None:
    seen: list[str] = []

    def keep(call: Call) -> Answer:
        seen.append(hashlib.sha256(call.body).hexdigest())
        return Answer(204, b"")

    services.on("PUT", "/.*", keep)
    before = running.peak()
    with tempfile.TemporaryFile() as file:
        digest = hashlib.sha256()
        for _ in range(LARGE // MIB):
            piece = os.urandom(MIB)
            digest.update(piece)
            file.write(piece)
        file.seek(0)
        body = iter(lambda: file.read(MIB), b"") if chunked else file
        answer = requests.put(running.url + "/s/participation/api/imports/i1/files/records.csv", data=body, timeout=60)
    assert answer.status_code == 204
    assert seen == [digest.hexdigest()]
    assert running.peak() - before < HEADROOM


def test_a_large_answer_passes_in_pieces(running: Running, services: FakeGateway) -> None:
    content = os.urandom(LARGE)
    services.on("GET", "/.*", Answer(200, content, "text/csv"))
    before = running.peak()
    digest = hashlib.sha256()
    with requests.get(running.url + "/s/assessment/api/reports/1/a.csv", stream=True, timeout=60) as answer:
        assert int(answer.headers["Content-Length"]) == LARGE
        for piece in answer.iter_content(MIB):
            digest.update(piece)
    assert digest.digest() == hashlib.sha256(content).digest()
    assert running.peak() - before < HEADROOM


def test_a_body_in_chunks_cannot_pass_the_limit_unseen(running: Running, services: FakeGateway) -> None:
    services.on("POST", "/.*", {})
    pieces = (b"x" * 65536 for _ in range(40))
    answer = requests.post(running.url + "/s/participation/api/intake", data=pieces, timeout=30)
    assert answer.status_code == 413 and answer.json()["code"] == "body_too_large"
    assert services.called("POST", "/.*") == []


def test_who_still_sends_more_than_any_upload_may_be_reads_that_it_is_too_large(running: Running) -> None:
    port = int(running.url.rsplit(":", 1)[1])
    path = "/s/participation/api/imports/i1/files/records.csv"
    head = f"PUT {path} HTTP/1.1\r\nHost: localhost\r\n".encode()
    megabytes = (LARGE + 2 * MIB) // MIB
    length = b"Content-Length: %d\r\n" % (megabytes * MIB)
    for more in (length, length + b"Connection: close\r\n"):
        answer = send_on(port, head + more + b"\r\n", megabytes)
        assert answer.startswith(b"HTTP/1.1 413 "), answer[:200]
        assert b"application/problem+json" in answer and b"body_too_large" in answer
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head + length + b"Expect: 100-continue\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 "), "no leave to send what is refused"
    pieces = (b"x" * MIB for _ in range(megabytes))
    answer = requests.put(running.url + path, data=pieces, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_an_answer_that_breaks_off_is_not_passed_on_as_whole(running: Running, services: FakeGateway) -> None:
    broken = Answer(200, b"x" * 1000, "text/csv")
    services.on("GET", "/.*", broken)
    services.cut_short = 500
    with pytest.raises(requests.RequestException):
        requests.get(running.url + "/s/assessment/api/reports/1/a.csv", timeout=30)
