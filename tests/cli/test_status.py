"""`qihang status`, and how the commands that ask every service look at those that answer."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import pytest

from cli import concurrent_calls
from tests.cli.conftest import SERVICES, Qihang
from tests.support.fake_gateway import FakeGateway


def test_status_shows_every_service_and_those_that_do_not_answer(qihang: Qihang, gateway: FakeGateway) -> None:
    cursor = {"source": "participation", "partition": 0, "position": 5, "head": 9, "lag_events": 4, "lag_seconds": 2}
    status = {"live": True, "ready": True, "quarantine": 3, "cursors": [{**cursor, "state": "running", "reason": ""}]}
    gateway.on("GET", "/s/assessment/api/status", status)
    shown = qihang("status")
    assert shown.code == 4 and "没有答复：participation、publicity、notifications" in shown.err
    assert "assessment participation/0 运行 5 9 4 2" in " ".join(shown.out.split())
    services = json.loads(qihang("status", "--json").out)["services"]
    assert list(services) == list(SERVICES)
    assert services["assessment"] == status and services["publicity"]["live"] is False


def test_status_shows_which_channels_are_not_set(qihang: Qihang, gateway: FakeGateway) -> None:
    channels = {"email": {"state": "off", "to": ""}, "wecom": {"state": "on", "to": "https://qyapi.example.cn"}}
    gateway.on("GET", "/s/notifications/api/status", {"live": True, "ready": True, "channels": channels})
    shown = " ".join(qihang("status").out.split())
    assert "notifications 邮件 未设置：提醒不发邮件（QIHANG_SMTP_URL）" in shown
    assert "notifications 企业微信群机器人 https://qyapi.example.cn" in shown


def test_status_says_in_words_and_exit_code_why_a_service_is_not_ready(qihang: Qihang, gateway: FakeGateway) -> None:
    ready = {"live": True, "ready": True, "reasons": [], "store": {"kind": "sqlite", "state": "up", "fault": ""}}
    for service in SERVICES:
        gateway.on("GET", f"/s/{service}/api/status", {**ready, "service": service})
    assert qihang("status").code == 0
    full = {"kind": "sqlite", "state": "up", "fault": "disk_full", "detail": "database or disk is full"}
    not_ready = {"ready": False, "reasons": ["disk_full", "broker_disk"], "store": full}
    gateway.on("GET", "/s/publicity/api/status", {**ready, **not_ready})
    result = qihang("status")
    assert result.code == 3 and "没有就绪：publicity" in result.err
    assert "publicity：没有就绪，磁盘已满，无法写入（disk_full）：database or disk is full" in result.out
    assert "publicity：没有就绪，消息服务磁盘不足，暂停接收（broker_disk）" in result.out
    assert qihang("status", "--json").code == 3


@pytest.mark.parametrize("words", [("status",), ("verify",), ("quarantine", "list")])
def test_a_service_that_is_silent_holds_up_nobody_s_look_at_the_others(
    qihang: Qihang, gateway: FakeGateway, chain: dict[str, Any], words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(concurrent_calls, "SECONDS", 0.5)
    for service in SERVICES:
        gateway.on(
            "GET",
            f"/s/{service}/api/quarantine",
            {"entries": [{"id": 7, "origin": "inbox", "type": "t", "code": "boom", "state": "open"}]},
        )
        gateway.on("GET", f"/s/{service}/api/status", {"live": True, "ready": True, "cursors": []})
    with contextlib.ExitStack() as silent:
        for service in ("participation", "publicity"):
            silent.enter_context(gateway.silence(f"/s/{service}/(feed|api/status|api/quarantine)"))
        began = time.monotonic()
        result = qihang(*words)
        assert time.monotonic() - began < 8, "one after the other"
    assert result.code == 4 and "没有答复：participation、publicity" in result.err
    assert "assessment" in result.out and "notifications" in result.out


def test_status_of_a_system_that_is_away_fails(qihang: Qihang) -> None:
    assert qihang("status", QIHANG_URL="http://127.0.0.1:9").code == 1
