"""Every block of code of docs/xapi.md, as its reader would run it: the platform is registered, and its statements are
sent by curl."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.architecture.kept import ROOT
from tests.journeys.conftest import AnySystem
from tests.support.system import PORTS

TEXT = (ROOT / "docs" / "xapi.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
ADDRESS = "https://qihang.example.cn/s/participation"


def blocks(language: str) -> list[str]:
    return [code for given, code in BLOCKS if given == language]


def test_every_block_is_run_or_read() -> None:
    assert {language for language, _ in BLOCKS} == {"sh", "json", "yaml"}
    for code in blocks("json"):
        json.loads(code)
    (section,) = (yaml.safe_load(code) for code in blocks("yaml"))
    assert [each["source"] for each in section["xapi"]] == ["/moodle"]


def test_the_commands_register_the_platform_and_send_its_statements(small_system: AnySystem, tmp_path: Path) -> None:
    registering, sending = blocks("sh")
    words = registering.split()
    assert words[0] == "qihang"
    printed = small_system.qihang(*words[1:])
    token = next(line.removeprefix("token: ") for line in printed.splitlines() if line.startswith("token: "))
    statements = blocks("json")[0]
    (tmp_path / "statements.json").write_text(statements, encoding="utf-8")
    address = f"http://127.0.0.1:{small_system.base + PORTS['participation']}"
    code = sending.replace(ADDRESS, address)
    assert "example.cn" not in code

    def sent() -> Any:
        done = subprocess.run(["bash", "-euc", code], cwd=tmp_path, env={**os.environ, "TOKEN": token},
                              capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    first = sent()
    assert len(first) == len(json.loads(statements)) and sent() == first, "the same again is the same"
    groups = json.loads(small_system.qihang("xapi", "unmapped", "--publisher", "moodle", "--json"))["groups"]
    assert [(each["account"], each["count"]) for each in groups] == [("https://moodle.example.cn", len(first))]
