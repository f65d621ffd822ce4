"""Every block of code of docs/subscriptions.md, as its reader would run it, against a running district with RabbitMQ:
the feed by curl, receivers of webhooks in Python and Node, a queue read by pika and amqplib."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import urllib.request
from pathlib import Path

import pytest

from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import report_events, teacher, unit
from tests.journeys.test_intake_page import ADDRESS, NODE_MODULES, RUNS, Block, blocks
from tests.support.processes import free_ports
from tests.support.publisher_client import broker_url
from tests.support.system import PORTS, DistrictSystem

PAGE = blocks("subscriptions.md")
CODE = [block for block in PAGE if block.language in RUNS]
BROKER = "amqps://subscription~office:PASSWORD@mq.example.cn:5671/qihang"
UNIT = "X031"
EVENTS = ["unit.registered", "membership.started"]


@pytest.fixture(scope="module")
def district(small_system: AnySystem) -> DistrictSystem:
    assert isinstance(small_system, DistrictSystem)
    return small_system


@pytest.fixture(scope="module")
def cursor(district: DistrictSystem) -> str:
    """The place in the log before the events that the page shows: other journeys' may be thousands."""
    result = _end_of_log(district)
    assert report_events(district, unit(UNIT), teacher("P031", UNIT)) == ["accepted"] * 2
    return result


def _end_of_log(district: DistrictSystem) -> str:
    text = district.qihang("subscription", "add", "before", "--types", "*", "--units", UNIT)
    token = next(line.removeprefix("token: ") for line in text.splitlines() if line.startswith("token: "))
    request = urllib.request.Request(
        f"http://127.0.0.1:{district.base + PORTS['participation']}/api/subscriptions/before/events?after=end",
        headers={"Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(answer.headers["X-Qihang-Next"])


def test_a_block_is_data_or_runs() -> None:
    for block in PAGE:
        assert block.language in {"json", *RUNS}, f"{block} is not run by this test"
        if block.language == "json":
            json.loads(block.code)
    assert {block.language for block in CODE} == set(RUNS) and len(CODE) == 5


@pytest.mark.parametrize("way", ["district"], indirect=True)
@pytest.mark.parametrize("block", CODE, ids=str)
def test_a_block_does_what_it_says(district: DistrictSystem, cursor: str, block: Block, tmp_path: Path) -> None:
    shown = _run(district, block, cursor, tmp_path)
    assert [shown.count(f"qihang.public.{each}.v1") > 0 for each in EVENTS] == [True, True], shown
    assert UNIT in shown and "P031" not in shown


def _run(district: DistrictSystem, block: Block, cursor: str, folder: Path) -> str:
    if "PORT" in block.code:
        return _receive(district, block, folder)
    name = "office" if BROKER in block.code else "dashboard"
    words = ["add", name, "--types", "*", "--units", UNIT, *(["--amqp"] if name == "office" else [])]
    text = district.qihang("subscription", *words)
    printed = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    code = block.code.replace(ADDRESS, f"http://127.0.0.1:{district.base + PORTS['participation']}")
    code = code.replace("/events?", f"/events?after={cursor}&")
    if name == "office":
        (folder / "qihang-ca.pem").write_text(district.rabbitmq.ca_file.read_text())
        code = code.replace(BROKER, broker_url(printed)).replace("mq.example.cn", "127.0.0.1")
    try:
        return _output(block, code, folder, TOKEN=printed["token"])
    finally:
        district.qihang("subscription", "revoke", name)


def _output(block: Block, code: str, folder: Path, **settings: str) -> str:
    assert "example.cn" not in code and "PASSWORD" not in code
    environment = {**os.environ, "NODE_PATH": str(NODE_MODULES), **settings}
    done = subprocess.run(
        RUNS[block.language](code), cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def _receive(district: DistrictSystem, block: Block, folder: Path) -> str:
    """What a receiver prints until it has both events."""
    (port,), name = free_ports(1), f"hook-{block.language}"
    given = district.qihang(
        "subscription", "add", name, "--types", "*", "--units", UNIT, "--webhook", f"http://127.0.0.1:{port}/qihang",
        "--allow-http", "--allow-local",
    )  # fmt: skip
    secret = next(line.removeprefix("secret: ") for line in given.splitlines() if line.startswith("secret: "))
    environment = {**os.environ, "SECRET": secret, "PORT": str(port)}
    command = RUNS[block.language](block.code)
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as receiver:
        late = threading.Timer(60, receiver.kill)
        late.start()
        try:
            assert receiver.stdout is not None
            return "".join(receiver.stdout.readline() for _ in EVENTS)
        finally:
            late.cancel()
            receiver.kill()
            district.qihang("subscription", "revoke", name)
