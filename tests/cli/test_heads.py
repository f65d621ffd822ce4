"""Signed heads are fetched to be kept elsewhere; `verify --heads` names those that a log does not contain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Qihang
from tests.support.fake_gateway import Answer, Call, FakeGateway


def head(position: int, **more: Any) -> dict[str, Any]:
    return {"district": "d", "service": "assessment", "partition": 0, "position": position, "hash": f"h{position}",
            "epoch": "e", "day": "2023-01-01", "signature": "00", **more}  # fmt: skip


def test_heads_are_listed_and_kept_in_a_folder(qihang: Qihang, gateway: FakeGateway, tmp_path: Path) -> None:
    gateway.on("GET", "/s/assessment/api/heads", {"heads": [head(7), head(9, day="2023-01-02")]})
    gateway.on("POST", "/s/assessment/api/heads", Answer(201, {"heads": []}))
    folder = tmp_path / "heads"
    for _ in range(2):
        result = qihang("heads", "assessment", "--out", folder, "--since", "2023-01-01")
        assert result.code == 0 and "2023-01-02 assessment/0 9 h9" in " ".join(result.out.split())
    assert sorted(path.name for path in folder.iterdir()) == [
        "assessment-0-2023-01-01-7.head.json", "assessment-0-2023-01-02-9.head.json"
    ]  # fmt: skip
    assert json.loads((folder / "assessment-0-2023-01-01-7.head.json").read_text()) == head(7)
    assert {call.method for call in gateway.calls} == {"GET"}
    assert qihang("heads", "assessment", "--now").code == 0 and gateway.calls[-2].method == "POST"


def test_a_service_that_names_a_file_elsewhere_writes_nothing(
    qihang: Qihang, gateway: FakeGateway, tmp_path: Path
) -> None:
    gateway.on("GET", "/s/assessment/api/heads", {"heads": [head(7, service="../../assessment")]})
    assert qihang("heads", "assessment", "--out", tmp_path / "a" / "heads").code == 1
    assert not list(tmp_path.rglob("*.head.json"))


def keep_heads(folder: Path, *kept: dict[str, Any]) -> Path:
    folder.mkdir()
    for item in kept:
        path = folder / f"{item['service']}-{item['day']}-{item['position']}.head.json"
        path.write_text(json.dumps(item), encoding="utf-8")
    return folder


def test_verify_names_heads_that_the_log_does_not_contain(
    qihang: Qihang, gateway: FakeGateway, chain: dict[str, Any], tmp_path: Path
) -> None:
    folder = keep_heads(tmp_path / "heads", head(3), head(7, day="2023-01-02"), head(9, day="2023-01-03"))
    outcomes = {"7": "different"}

    def check(call: Call) -> dict[str, Any]:
        return {"results": [{"outcome": outcomes.get(str(item["position"]), "contained"), "detail": "the hash was"}
                            for item in call.json["heads"]]}  # fmt: skip

    gateway.on("POST", "/s/assessment/api/verify/heads", check)
    result = qihang("verify", "assessment", "--heads", folder)
    assert result.code == 1 and "assessment/0 日志头" in result.err
    assert result.out.splitlines()[1:] == [
        "assessment/0 日志头 broken 有 1 个不在现有日志中，相符的最近的是 2023-01-03 位置 9",
        "  2023-01-02 位置 7：现有日志在该位置的哈希不同，历史已被改写（the hash was）",
    ]
    outcomes.clear()
    result = qihang("verify", "assessment", "--heads", folder)
    assert result.code == 0
    assert result.out.splitlines()[1] == "assessment/0 日志头 一致，都在现有日志中，最近的是 2023-01-03 位置 9"


def test_verify_names_days_between_that_have_no_head(
    qihang: Qihang, gateway: FakeGateway, chain: dict[str, Any], tmp_path: Path
) -> None:
    days = ("2023-01-02", "2023-01-03", "2023-01-06", "2023-01-20")
    folder = keep_heads(tmp_path / "heads", *(head(at, day=day) for at, day in enumerate(days, 3)))
    gateway.on("POST", "/s/assessment/api/verify/heads", lambda call: {
        "results": [{"outcome": "contained", "detail": ""} for _ in call.json["heads"]]})  # fmt: skip
    result = qihang("verify", "assessment", "--heads", folder)
    named = "、".join(["2023-01-04", "2023-01-05", *(f"2023-01-{day:02}" for day in range(7, 12))])
    assert result.code == 0, "a service that was off all day writes none: who reads the line knows"
    assert result.out.splitlines()[1].endswith(f"；其间 15 天没有日志头：{named}等")


def test_heads_that_are_not_there_or_damaged_are_no_good_news(
    qihang: Qihang, gateway: FakeGateway, chain: dict[str, Any], tmp_path: Path
) -> None:
    folder = keep_heads(tmp_path / "heads")
    result = qihang("verify", "assessment", "--heads", folder)
    assert result.code == 1 and "assessment 日志头 无法核对：文件夹中没有这个服务的" in result.out
    gateway.on("GET", "/s/assessment/feed", {"partitions": [{"partition": 0, "position": 0, "hash": ""}]})
    result = qihang("verify", "assessment", "--heads", folder)
    assert result.code == 0 and "assessment 日志头 还没有：这个服务的日志是空的" in result.out
    (folder / "x.head.json").write_text("{")
    result = qihang("verify", "assessment", "--heads", folder)
    assert result.code == 1 and "x.head.json 不是日志头" in result.err
    assert qihang("verify", "--heads", tmp_path / "none").code == 2
