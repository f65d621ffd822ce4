"""A service's own HTTP server: who is slow, or opens too much, keeps nobody else from an answer."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from chassis.http import server
from chassis.process import tokens
from tests.chassis.children import Toy
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitMQ
from tests.support.slow_clients import SlowClients, answer_seconds, exchange, send_on

RETRY = b"POST /api/quarantine/retry HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def service(rabbitmq: RabbitMQ, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toy]:
    vhost = rabbitmq.create_vhost()
    result = Toy("participation", tmp_path_factory.mktemp("slow"), rabbitmq.url(vhost)).start()
    yield result
    result.process.kill()
    rabbitmq.delete_vhost(vhost)


def test_slow_clients_hold_nobody_up(service: Toy) -> None:
    with SlowClients(service.port, bodies=0) as slow:
        assert answer_seconds(service.port) < 3
        assert slow.still_open() > 64


def test_a_head_that_trickles_in_is_not_waited_for_without_end() -> None:
    """The socket's timeout begins anew with every byte; the head's does not."""
    program = f"""
import eventlet; eventlet.monkey_patch()
from eventlet import wsgi
from chassis.http import server
from chassis.process import tokens
server.HEAD_SECONDS = 2
listener = eventlet.listen(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
def app(environ, start):
    start("200 OK", [("Content-Length", "0")])
    return [b""]
wsgi.server(listener, app, protocol=server.PatientProtocol, log_output=False, socket_timeout={server.SOCKET_SECONDS})
"""
    with subprocess.Popen([sys.executable, "-W", "ignore", "-c", program], stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            port = int(child.stdout.readline())
            with SlowClients(port, silent=2, heads=2, bodies=0) as slow:
                wait_until(lambda: slow.still_open() == 0, 20, "the trickling heads are closed")
            assert answer_seconds(port) < 3
        finally:
            child.kill()


def test_one_address_has_only_so_many_connections(service: Toy) -> None:
    with contextlib.ExitStack() as opened:
        answers = []
        for _ in range(server.MOST_OF_ADDRESS + 5):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=10))
            answers.append(connection)
        wait_until(lambda: b"503" in _peeked(answers[-1]), 10, "what is too much is refused")
        assert _peeked(answers[0]) == b""
    wait_until(lambda: answer_seconds(service.port, times=1) < 3, 10, "the places are free again")


BROKEN = [b"zz\r\nabc\r\n", b"-1\r\n\r\n", b"3\r\nabcde\r\n0\r\n\r\n"]


def operator_token(service: Toy) -> bytes:
    key = Path(service.folder) / "keys" / "operator.key"
    if not key.exists():
        tokens.make_keys(key, key.with_suffix(".pem"))
    return tokens.Signer("operator", "district", tokens.private_key(key)).issue("operator", ["operator"], 60).encode()


@pytest.mark.parametrize("chunk", BROKEN)
def test_a_body_with_broken_chunks_is_a_problem_of_the_caller(service: Toy, chunk: bytes) -> None:
    head = RETRY.replace(b"\r\n\r\n", b"\r\nAuthorization: Bearer " + operator_token(service) + b"\r\n\r\n")
    answer = exchange(service.port, head + chunk, 8)
    assert answer.split(b" ", 2)[1] in (b"400", b"413"), answer[:300]
    assert b"application/problem+json" in answer


@pytest.mark.parametrize("path", [b"//livez", b"///evil.example/..//livez", b"//evil.example//livez"])
def test_no_redirection_leads_to_the_host_that_a_caller_named(service: Toy, path: bytes) -> None:
    answer = exchange(service.port, b"GET " + path + b" HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    places = [line for line in answer.split(b"\r\n") if line.lower().startswith(b"location:")]
    assert all(b"://" not in place and not place.split(b": ")[1].startswith(b"//") for place in places), places


def head_of(service: Toy, *lines: bytes) -> bytes:
    token = b"Authorization: Bearer " + operator_token(service)
    return b"\r\n".join([b"POST /api/quarantine/retry HTTP/1.1", b"Host: a", token, *lines, b"", b""])


@pytest.mark.parametrize("close", [b"Connection: close", b"Connection: keep-alive"])
def test_who_still_sends_a_body_that_is_too_large_reads_that_it_is(service: Toy, close: bytes) -> None:
    for megabytes in (1, 64):
        length = b"Content-Length: %d" % (megabytes << 20)
        answer = send_on(service.port, head_of(service, length, close), megabytes)
        assert answer.startswith(b"HTTP/1.1 413 "), answer[:200]
        assert b"application/problem+json" in answer and b'"code": "too_large"' in answer


def test_it_is_answered_before_the_body_is_there(service: Toy) -> None:
    for more in ((b"Content-Length: 9000000",), (b"Content-Length: 9000000", b"Expect: 100-continue")):
        with socket.create_connection(("127.0.0.1", service.port), timeout=10) as connection:
            connection.sendall(head_of(service, *more))
            assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_body_in_chunks_that_is_too_large_is_answered_though_it_has_no_end(service: Toy) -> None:
    head = head_of(service, b"Transfer-Encoding: chunked") + b"4000000\r\n"
    assert send_on(service.port, head, 32).startswith(b"HTTP/1.1 413 ")


def test_ordinary_clients_read_the_refusal(service: Toy, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{service.port}/api/quarantine/retry"
    headers = {"Authorization": f"Bearer {operator_token(service).decode()}"}
    answer = requests.post(address, b"x" * (8 << 20), headers=headers, timeout=20)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    answer = requests.post(address, b"x" * (8 << 20), timeout=20)  # refused before anybody looks at its length
    assert (answer.status_code, answer.json()["code"]) == (401, "no_token")
    body = tmp_path / "body"
    body.write_bytes(b"x" * (8 << 20))
    command = ["curl", "--silent", "--show-error", "--data-binary", f"@{body}", "--header",
               f"Authorization: {headers['Authorization']}", "--write-out", " %{http_code}", address]  # fmt: skip
    for more in ((), ("--header", "Expect: 100-continue"), ("--header", "Transfer-Encoding: chunked"), ("--http1.0",)):
        done = subprocess.run([*command, *more], capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0 and done.stdout.endswith(" 413"), (more, done)


def _peeked(connection: socket.socket) -> bytes:
    connection.settimeout(0)
    try:
        return connection.recv(100, socket.MSG_PEEK)
    except BlockingIOError:
        return b""
    except ConnectionError:
        return b"503"


def test_metrics_ask_for_the_token_where_one_is_set(tmp_path: Path, rabbitmq: RabbitMQ) -> None:
    vhost = rabbitmq.create_vhost()
    toy = Toy("assessment", tmp_path, rabbitmq.url(vhost), QIHANG_SCRAPE_TOKEN="seen").start()
    try:
        for path in (b"/metrics", b"/openapi.json"):
            get = b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            given = (b"", b"Authorization: Bearer other\r\n", b"Authorization: Bearer seen\r\n")
            statuses = [exchange(toy.port, get + more + b"\r\n").split(b" ", 2)[1] for more in given]
            assert statuses == [b"401", b"401", b"200"], path
    finally:
        toy.process.kill()
        rabbitmq.delete_vhost(vhost)
