"""Under its real server the console passes large bodies both ways without holding them in memory."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.console.conftest import settings_in
from tests.console.served import Running
from tests.support.fake_gateway import Answer, Call, FakeGateway
from tests.support.slow_clients import send_on

MIB = 1024**2
LARGE = 96 * MIB
HEADROOM = 24 * MIB  # far less than a body: whoever reads one whole is found out


@pytest.fixture(scope="module")
def gateway() -> Iterator[FakeGateway]:
    result = FakeGateway()
    result.token = None
    yield result
    result.close()


@pytest.fixture(scope="module")
def running(gateway: FakeGateway, empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests of this file, none of which signs anybody in: a start takes 1.4 s of processor time."""
    console = Running(settings_in(tmp_path_factory.mktemp("console"), gateway, empty_store), LARGE + MIB)
    yield console
    console.stop()


@pytest.fixture
def services(gateway: FakeGateway) -> Iterator[FakeGateway]:
    """As if it were new."""
    yield gateway
    gateway.calls.clear()
    gateway.cut_short = None


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "in chunks"])
def test_a_large_upload_passes_in_pieces(running: Running, services: FakeGateway, chunked: bool) -> None:
    seen: list[str] = []

    def keep(call: Call) -> Answer:
        seen.append(hashlib.sha256(call.body).hexdigest())
        return Answer(204, b"")

    services.on("PUT", "/.*", keep)
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
    assert running.growth() < HEADROOM


def test_a_large_answer_passes_in_pieces(running: Running, services: FakeGateway) -> None:
    content = os.urandom(LARGE)
    services.on("GET", "/.*", Answer(200, content, "text/csv"))
    digest = hashlib.sha256()
    with requests.get(running.url + "/s/assessment/api/reports/1/a.csv", stream=True, timeout=60) as answer:
        assert int(answer.headers["Content-Length"]) == LARGE
        for piece in answer.iter_content(MIB):
            digest.update(piece)
    assert digest.digest() == hashlib.sha256(content).digest()
    assert running.growth() < HEADROOM


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
