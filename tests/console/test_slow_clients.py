"""Who begins a request and does not end it keeps nobody else from the console; and it leads nobody elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.app import create_app
from console.settings import Settings
from tests.console.conftest import settings_in
from tests.console.served import Running
from tests.support.fake_gateway import FakeGateway
from tests.support.slow_clients import SlowClients, answer_seconds, exchange


@pytest.fixture(scope="module")
def console(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests of this file that need a port."""
    gateway = FakeGateway()
    running = Running(settings_in(tmp_path_factory.mktemp("console"), gateway, empty_store), 97 * 1024**2)
    yield running
    running.stop()
    gateway.close()


def test_a_hundred_and_more_slow_clients_hold_nobody_up(console: Running) -> None:
    port = int(console.url.rsplit(":", 1)[1])
    with SlowClients(port) as slow:
        assert answer_seconds(port) < 3
        assert answer_seconds(port, "/signin") < 3
        assert slow.still_open() > 64, "they would have held the threads"


@pytest.mark.parametrize("chunk", [b"zz\r\nabc\r\n", b"-1\r\n\r\n", b"3\r\nabcde\r\n"])
def test_a_body_with_broken_chunks_is_refused_as_the_callers_fault(console: Running, chunk: bytes) -> None:
    head = b"POST /s/participation/api/imports HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = exchange(int(console.url.rsplit(":", 1)[1]), head + chunk + b"0\r\n\r\n", 5)
    assert answer.split(b" ", 2)[1] in (b"400", b"413"), answer[:200]


@pytest.mark.parametrize("path", ["//signin", "///signin", "//x.example/..//signin"])
def test_no_redirection_leads_to_the_host_that_a_caller_named(settings: Settings, path: str) -> None:
    answer = create_app(settings).test_client().get(path, headers={"Host": "evil.example"})
    assert "evil.example" not in answer.headers.get("Location", "")
    assert not answer.headers.get("Location", "").startswith("//")


def test_only_hosts_that_are_named_are_answered(settings: Settings) -> None:
    browser = create_app(dataclasses.replace(settings, hosts=("qihang.example", ".edu.example"))).test_client()
    answers = {host: browser.get("/signin", headers={"Host": host}).status_code
               for host in ("qihang.example", "a.edu.example", "127.0.0.1:8000", "evil.example")}  # fmt: skip
    assert answers == {"qihang.example": 200, "a.edu.example": 200, "127.0.0.1:8000": 200, "evil.example": 400}


@pytest.mark.parametrize(
    "path", ["metrics", "readyz", "livez", "openapi.json", "/metrics", "./metrics", "api/../metrics"]
)
def test_what_is_for_machines_inside_is_not_passed_on(settings: Settings, services: FakeGateway, path: str) -> None:
    before = len(services.calls)
    answer = create_app(settings).test_client().get(f"/s/participation/{path}")
    assert answer.status_code in (404, 308)
    assert len(services.calls) == before
