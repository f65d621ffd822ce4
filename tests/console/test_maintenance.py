"""Rebuilding and verifying: each service's jobs with progress and result, begun for one or all."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.maintenance import percent, verdict
from tests.console.conftest import csrf, person_with
from tests.console.test_campaign import text_of
from tests.support.fake_gateway import FakeGateway, problem

CHAIN: dict[str, Any] = {"kind": "chain", "source": "participation", "partition": 0, "checked": 500, "position": 500,
                         "head": 1000, "broken": None, "detail": "", "away": False}  # fmt: skip
LOG = {"state": "done", "seconds": "1.000", "detail": "", "ended_at": "2022-11-30T16:05:00.000000Z",
       "places": [CHAIN, {**CHAIN, "kind": "inbox", "source": "publicity", "checked": 7}]}  # fmt: skip
IDLE = {"state": "idle", "events": 0, "total": 0, "seconds": "0.000", "detail": "", "ended_at": ""}
FILES: dict[str, Any] = {
    "state": "done", "seconds": "0.100", "detail": "", "ended_at": "2022-11-30T16:06:00.000000Z", "checked": 40,
    "erased": 1, "position": 900, "head": 900, "broken": 1, "orphans": 0,
    "problems": [{"position": 77, "stream": "work-W1", "file": "ab" * 32, "state": "missing"}],
}  # fmt: skip
HEAD = {"service": "publicity", "partition": 0, "day": "2022-11-30", "position": 31, "hash": "h"}
ROWS = {**IDLE, "tables": 0, "rows": 0, "different": 0, "differences": []}


@pytest.fixture
def jobs(services: FakeGateway) -> FakeGateway:
    services.on("GET", "/api/verify/log", LOG)
    services.on("GET", "/api/verify/rows", ROWS)
    services.on("GET", "/api/rebuild", IDLE)
    services.on("GET", "/api/verify/files/progress", FILES)
    return services


def test_results_are_shown_and_nothing_refreshes_what_rests(operator: FlaskClient, jobs: FakeGateway) -> None:
    page = operator.get("/maintenance").text
    assert "完好 2022-12-01 00:05，500 件事件，收件 7 件" in text_of(page)
    assert "还没有重建过" in page and "hx-trigger" not in page
    assert page.count("<dt>文件核对</dt>") == 2 and "1 个缺失或被改动" in page
    assert "缺失：事件 77" in page and "随个人信息删除" in page


def test_what_runs_has_a_progress_and_is_refreshed(operator: FlaskClient, jobs: FakeGateway) -> None:
    jobs.on("GET", "/api/rebuild", {**IDLE, "state": "running", "events": 300, "total": 1200})
    jobs.on("GET", "/api/verify/log", {**LOG, "state": "running"})
    page = operator.get("/maintenance").text
    assert 'value="25"' in page and "300 / 1200" in page and 'value="50"' in page and 'hx-trigger="every 2s"' in page


def test_what_does_not_hold_is_named_and_rows_that_differ_are_not_shown(
    operator: FlaskClient, jobs: FakeGateway
) -> None:
    broken = {**CHAIN, "broken": 77, "detail": "the hash is not that of the bytes before it"}
    away = {**CHAIN, "kind": "inbox", "source": "publicity", "away": True}
    jobs.on("GET", "/api/verify/log", {**LOG, "places": [broken, away]})
    difference = {"table": "records", "key": "R1", "kind": "changed", "column": "title", "kept": "王芳的总结",
                  "rebuilt": "李明的总结"}  # fmt: skip
    jobs.on("GET", "/api/verify/rows", {**ROWS, "state": "done", "different": 1, "differences": [difference]})
    page = text_of(operator.get("/maintenance").text)
    assert "不符" in page and "断开的位置 77" in page and "来源没有答复，没有核对" in page
    assert "records R1 被改动 title" in page and "王芳" not in page


@pytest.mark.parametrize(("what", "path"), [("log", "/api/verify/log"), ("rows", "/api/verify/rows"),
                                            ("rebuild", "/api/rebuild")])  # fmt: skip
def test_a_job_is_begun_for_one_service_or_for_all(
    operator: FlaskClient, jobs: FakeGateway, what: str, path: str
) -> None:
    jobs.on("POST", path, {"state": "running"})
    token = csrf(operator, "/maintenance")
    for service, times in (("assessment", 1), ("", 4)):
        before = len(jobs.called("POST", path))
        answer = operator.post("/maintenance", data={"csrf": token, "what": what, "service": service})
        assert answer.status_code == 303 and len(jobs.called("POST", path)) - before == times
    assert operator.post("/maintenance", data={"csrf": token, "what": "x", "service": ""}).status_code == 404


def test_services_that_are_away_are_named(operator: FlaskClient, jobs: FakeGateway) -> None:
    jobs.on("GET", "/api/.*", problem(502, "service_away", "服务没有答复"))
    page = operator.get("/maintenance").text
    assert page.count("看不到进行到哪里") == 4 and "已断开，截至" in page
    jobs.on("POST", "/api/rebuild", problem(502, "service_away", "服务没有答复"))
    form = {"csrf": csrf(operator, "/maintenance"), "what": "rebuild", "service": "publicity"}
    assert "宣传" in operator.post("/maintenance", data=form, follow_redirects=True).text


def test_nobody_else_may(app: Flask, services: FakeGateway) -> None:
    office = person_with(app, services, "P00001", ("keep_campaign",), [("campaign_office", "B1", "局")])
    assert office.get("/maintenance").status_code == 403


def test_a_percentage_and_a_verdict() -> None:
    assert (percent({"events": 0, "total": 0}), percent({"events": 9, "total": 3})) == (0, 100)
    assert [verdict([CHAIN]), verdict([{**CHAIN, "away": True}]), verdict([{**CHAIN, "broken": 1}])] == [
        "intact", "away", "broken"]  # fmt: skip


def test_files_are_compared_where_a_log_names_some(operator: FlaskClient, jobs: FakeGateway) -> None:
    jobs.on("POST", "/api/verify/files", FILES)
    form = {"what": "files", "service": "", "csrf": csrf(operator, "/maintenance")}
    assert operator.post("/maintenance", data=form).status_code == 303
    assert len(jobs.called("POST", "/api/verify/files")) == 2


def test_heads_are_signed_and_downloaded_and_later_held_against_the_logs(
    operator: FlaskClient, jobs: FakeGateway
) -> None:
    jobs.on("POST", "/api/heads", {"heads": [HEAD]})
    jobs.on("GET", "/api/heads", {"heads": [HEAD]})
    token = csrf(operator, "/maintenance")
    answer = operator.post("/maintenance/heads", data={"csrf": token})
    assert "qihang-heads-2022-11-30.json" in answer.headers["Content-Disposition"] and len(answer.json["heads"]) == 4
    checked = {"results": [{"outcome": "different", "detail": ""}] * 4}
    jobs.on("POST", "/api/verify/heads", checked)
    page = text_of(_check(operator, token, answer.data))
    assert "不符 4 个不在现有日志中" in page and "2022-11-30 0/31：现有日志在该位置的哈希不同" in page
    jobs.on("POST", "/api/verify/heads", {"results": [{"outcome": "contained", "detail": ""}] * 4})
    assert "一致 4 个都在现有日志中，最近的是 2022-11-30" in text_of(_check(operator, token, answer.data))
    assert "这不是日志头文件" in _check(operator, token, b"{}")
    assert "请选择以前下载的日志头文件" in _check(operator, token, b"")


def _check(operator: FlaskClient, token: str, content: bytes) -> str:
    data = {"csrf": token, "heads": (io.BytesIO(content), "heads.json")}
    return operator.post("/maintenance/heads/check", data=data, content_type="multipart/form-data").text
