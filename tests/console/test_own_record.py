"""我的记录 and the posts of 账号: what the services have of whoever is signed in, and nothing of others."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import person_with
from tests.console.test_page_registry import answer, line
from tests.console.test_todo import filing, filings
from tests.support.fake_gateway import Answer, FakeGateway

RECORD = {"record_id": "R1", "kind": "attendance", "unit_id": "X1", "day": "2023-02-03", "period": "2023-02",
          "title": "集中学习", "recorded_at": "2023-02-04T00:00:00Z", "withdrawn": False}  # fmt: skip
HELD = {"unit_id": "X1", "unit_name": "一小", "since": "2022-09-01", "until": "2023-09-01", "state": "serving",
        "voided": False}  # fmt: skip
SERVICE = {"today": "2023-02-05", "memberships": [HELD | {"role": "teacher", "name": "王小明"}],
           "posts": [HELD | {"post": "clerk"}]}  # fmt: skip
KINDS = {"kinds": [{"id": "attendance", "title": "参加学习", "fields": []}]}


def teacher(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on(
        "GET", "/api/duties", answer(line("note", "2023-01"), unit_id="", person_id="P1", name="", points="7.5")
    )
    services.on("GET", "/api/mine/filings", {**filings(filing(1, filing_id="F-0000001")), "records": [RECORD, RECORD]})
    services.on("GET", "/api/record-kinds", KINDS)
    services.on("GET", "/api/mine/service", SERVICE)
    return person_with(app, services, "P00001", ("see_duties", "see_records"))


def test_a_person_sees_duties_points_filings_attendance_and_where_they_serve(app: Flask, services: FakeGateway) -> None:
    page = teacher(app, services).get("/own-record?window=2023-spring").text
    asked: dict[str, Any] = services.called("GET", "/api/duties")[-1].query
    assert asked == {"person_id": "P00001", "window": "2023-spring"}
    for text in ("学习笔记", "7.5", "参加学习（2 条）", "集中学习", "填报员", "2023-09-01", "一小"):
        assert text in page
    assert 'href="/records/filing?filing=F-0000001"' in page
    assert 'href="/account/record.json"' in page and 'href="/account/record.html"' in page


def test_a_service_that_is_away_leaves_out_its_own_part_only(app: Flask, services: FakeGateway) -> None:
    browser = teacher(app, services)
    services.on("GET", "/api/duties", Answer(503, {}))
    services.on("GET", "/api/mine/service", Answer(503, {}))
    page = browser.get("/own-record").text
    assert "考核服务暂时没有答复" in page and "参加学习（2 条）" in page and "下载 JSON 文件" in page
    assert "暂时查不到您的岗位职务" in browser.get("/account").text


def test_the_account_says_from_when_to_when_a_post_is_held(app: Flask, services: FakeGateway) -> None:
    page = teacher(app, services).get("/account").text
    assert "填报员" in page and "2022-09-01" in page and "2023-09-01" in page and "/own-record" in page


def test_the_operator_is_no_person_and_has_no_record(operator: FlaskClient) -> None:
    assert operator.get("/own-record").status_code == 403
    assert "我的记录" not in operator.get("/account").text
