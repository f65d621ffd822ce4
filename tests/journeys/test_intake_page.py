"""Every block of code of docs/intake.md, as its reader would run it: shell, Python with kombu, pika, the SDK of
CloudEvents and qihang-client, Node with amqplib and the SDK; against a running district with RabbitMQ."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.journeys.conftest import AnySystem
from tests.journeys.small_district import report_events, unit
from tests.support.publisher_client import Publisher, register_publisher
from tests.support.system import PORTS, DistrictSystem

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = ROOT / "tests" / "vendor" / "node"
ADDRESS, BROKER = "https://qihang.example.cn/s/participation", "amqps://hr:PASSWORD@mq.example.cn:5671/qihang"
RUNS: dict[str, Callable[[str], list[str]]] = {
    "sh": lambda code: ["bash", "-euc", code],
    "python": lambda code: [sys.executable, "-c", code],
    "js": lambda code: ["node", "-e", code],
}


class Block(NamedTuple):
    """A block of code, and the line where it begins."""

    line: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.language} at line {self.line}"


def blocks(page: str) -> list[Block]:
    text = (ROOT / "docs" / page).read_text("utf-8")
    matches = re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(text.count("\n", 0, match.start()) + 1, match[1], match[2]) for match in matches]


BLOCKS = blocks("intake.md")
REPORTS = [block for block in BLOCKS if block.language in RUNS]


@pytest.fixture(scope="module")
def hr(small_system: AnySystem, tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    assert report_events(small_system, unit("X007")) == ["accepted"]
    given = register_publisher(small_system, "hr", "--types", "qihang.*", "--sources", "/hr.example")
    events = [json.loads(block.code) for block in BLOCKS if '"specversion"' in block.code and block.language == "json"]
    folder = tmp_path_factory.getbasetemp()
    (folder / "events.json").write_text(json.dumps([each for each in events if "receipts" not in each]))
    (folder / "qihang-ca.pem").write_text(given.ca)
    return given


def test_a_block_is_data_or_runs() -> None:
    for block in BLOCKS:
        assert block.language in {"json", *RUNS}, f"{block} is not run by this test"
        if block.language == "json":
            json.loads(block.code)
    assert {block.language for block in REPORTS} == set(RUNS)


def test_events_of_the_examples_have_ids_of_their_own() -> None:
    ids = [each for block in BLOCKS for each in re.findall(r"2022-12-0\d-\d{4}", block.code)]
    cancelled = "2022-12-02-0017"  # which has a receipt, and is cancelled, in other examples
    assert len(set(ids)) > 6 and all(ids.count(each) == 1 for each in set(ids) - {cancelled})


@pytest.mark.parametrize("way", ["district"], indirect=True)
@pytest.mark.parametrize("block", REPORTS, ids=str)
def test_a_block_does_what_it_says(
    small_system: AnySystem, hr: Publisher, block: Block, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert isinstance(small_system, DistrictSystem)
    address = f"http://127.0.0.1:{small_system.base + PORTS['participation']}"
    code = block.code.replace(ADDRESS, address).replace(BROKER, hr.amqps_url).replace("mq.example.cn", "127.0.0.1")
    assert "example.cn" not in code and "PASSWORD" not in code
    paths = {"NODE_PATH": str(NODE_MODULES), "PYTHONPATH": str(ROOT / "client" / "src")}
    environment = {**os.environ, "TOKEN": hr.token, **paths}
    done = subprocess.run(
        RUNS[block.language](code), cwd=tmp_path_factory.getbasetemp(), env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    if "OPTIONS" in code:
        assert "webhook-allowed-rate: 120" in done.stdout.lower()
    elif "/hr.example" in code:
        assert re.search(r"outcome['\"]?: ['\"]accepted", done.stdout), done.stdout[-2000:]
    elif "events.json" in code:
        assert done.stdout.count('"outcome"') == len(
            json.loads((tmp_path_factory.getbasetemp() / "events.json").read_text())
        )
