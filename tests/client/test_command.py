"""The command qihang-client: what it prints and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qihang_client.command import main

from tests.client.scripted_service import Reply, ScriptedService, problem, receipts

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command with settings that name this service."""

    def run_with(service: ScriptedService | None, *words: str) -> int:
        address = f"address = {service.address}\ntoken_file = token\n" if service else ""
        (tmp_path / "token").write_text("secret\n")
        (tmp_path / "c.ini").write_text(f"[qihang]\nsource = /hr.example\noutbox = o.sqlite\n{address}")
        return main(["--config", str(tmp_path / "c.ini"), *words])

    return run_with


def rows(folder: Path, *lines: str) -> str:
    (folder / "rows.jsonl").write_text("\n".join(lines))
    return str(folder / "rows.jsonl")


ROW = json.dumps({"type": "record.reported", "data": {"record_id": "R1"}, "id": "e1"})


def test_it_ends_by_what_became_of_the_events(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = {"outcome": "refused", "column": "person_id", "code": "unknown_person", "message": "人员不存在"}

    def refuse(events: list[dict[str, Any]]) -> Reply:
        data = [{"source": event["source"], "id": event["id"], **outcome} for event in events]
        return Reply(200, {"receipts": [{"data": each} for each in data]})

    assert run(None, "add", rows(tmp_path, "\ufeff" + ROW, "", ROW)) == 0
    with ScriptedService(refuse) as service:
        assert run(service, "send") == 1
    printed = capsys.readouterr().out
    assert (
        "未接收 1" in printed
        and "未接收 e1（qihang.record.reported.v1）person_id unknown_person：人员不存在" in printed
    )
    assert run(None, "status") == 1
    assert run(None, "again", "--code", "unknown_person") == 0
    with ScriptedService(lambda events: problem(503, "busy")) as service:
        assert run(service, "send", "--patience", "0.1") == 3
    assert "busy" in capsys.readouterr().out
    with ScriptedService(receipts) as service:
        assert run(service, "send") == 0
    assert capsys.readouterr().out == "已接收 1\n"


def test_what_is_wrong_is_named_and_nothing_is_added(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(None, "add", rows(tmp_path, ROW, '{"type": "record.reported"}')) == 2
    assert "第 2 行" in capsys.readouterr().out
    assert run(None, "add", rows(tmp_path, ROW, '{"type": "finding.reported", "data": {"points": 2}}')) == 2
    assert "第 2 行" in (printed := capsys.readouterr().out) and "points" in printed
    (tmp_path / "rows.jsonl").write_bytes(f"{ROW}\n{ROW.replace('R1', '总结')}".encode("gb18030"))
    assert run(None, "add", str(tmp_path / "rows.jsonl")) == 2
    assert "第 2 行：不是 UTF-8" in capsys.readouterr().out
    assert run(None, "status") == 0 and capsys.readouterr().out == "发件箱是空的\n"
    assert run(None, "reconcile", rows(tmp_path, ROW)) == 2 and "token_file" in capsys.readouterr().out
    with ScriptedService(lambda events: problem(401, "token_expired")) as service:
        assert run(None, "add", rows(tmp_path, ROW)) == 0 and run(service, "send") == 2
    assert "token_expired" in capsys.readouterr().out
    assert run(None, "add", str(tmp_path / "none.jsonl")) == 2 and "none.jsonl" in capsys.readouterr().out
    assert main(["--config", str(tmp_path / "none.ini"), "status"]) == 2
    (tmp_path / "bad.ini").write_text("[qihang]\noutbox = o.sqlite\n")
    assert main(["--config", str(tmp_path / "bad.ini"), "status"]) == 2 and "source" in capsys.readouterr().out
