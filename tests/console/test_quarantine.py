"""Quarantined messages by reason, one whole, tried again, corrected and given up; pending reports by what they
await."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.report_words import awaited, type_label
from contracts.intake import REPORT_TYPES
from tests.console.conftest import components_of, csrf, person_with
from tests.console.test_campaign import text_of
from tests.support.fake_gateway import FakeGateway, problem

AT = "2022-11-30T16:05:00.000000Z"
GROUPS = [
    {"code": "bad_json", "origin": "intake", "state": "open", "count": 2, "since": AT, "until": AT},
    {"code": "handler_failed", "origin": "inbox", "state": "open", "count": 1, "since": AT, "until": AT},
    {"code": "behind", "origin": "inbox", "state": "parked", "count": 3, "since": AT, "until": AT},
    {"code": "bad_json", "origin": "intake", "state": "discarded", "count": 5, "since": AT, "until": AT},
]
ENTRY: dict[str, Any] = {
    "id": 7, "origin": "intake", "state": "open", "source": "hr", "type": "application/cloudevents+json", "stream": "",
    "partition": 0, "position": 0, "code": "bad_json", "detail": "body: Expecting value", "attempts": 2, "at": AT,
    "publisher": "hr", "body": '{"name": "王芳"', "body_encoding": "utf-8", "trace": "",
}  # fmt: skip
SERVICE = "service=participation&entry=7"
FORM = {"service": "participation", "entry": "7"}


@pytest.fixture
def held(services: FakeGateway) -> FakeGateway:
    services.on("GET", "/api/quarantine/groups", {"groups": GROUPS})
    services.on("GET", "/api/quarantine", {"entries": [ENTRY], "more": False})
    services.on("GET", "/api/quarantine/7", ENTRY)
    return services


def post(browser: FlaskClient, deed: str, **form: Any) -> Any:
    return browser.post(f"/quarantine/{deed}", data={"csrf": csrf(browser, f"/quarantine/entry?{SERVICE}"), **form})


def test_groups_say_in_words_why_and_how_many(operator: FlaskClient, held: FakeGateway) -> None:
    page = text_of(operator.get("/quarantine").text)
    assert "不是 JSON bad_json 填报 接入系统 2 0 2022-12-01 00:05" in page
    assert "处理时出错 handler_failed 填报 服务之间 1 0" in page and "排在前一件之后 behind 填报 服务之间 0 3" in page
    assert "王芳" not in page and "重试这一组" in page
    closed = text_of(operator.get("/quarantine?closed=1").text)
    assert "不是 JSON bad_json 填报 接入系统 0 5" in closed and "重试" not in closed


def test_a_group_lists_its_entries_with_what_to_do_and_no_body(operator: FlaskClient, held: FakeGateway) -> None:
    page = text_of(operator.get("/quarantine?service=participation&code=bad_json").text)
    assert "填报 7" in page and "body: Expecting value" in page and "请接入系统改正后重新报送" in page
    assert "王芳" not in page
    asked = held.called("GET", "/api/quarantine")[-1].query
    assert asked["code"] == "bad_json" and asked["limit"] == "200"


def test_who_opens_a_body_stands_in_the_security_log(app: Flask, operator: FlaskClient, held: FakeGateway) -> None:
    page = operator.get(f"/quarantine/entry?{SERVICE}").text
    assert "王芳" in page and "更正并重新提交" in page
    (written,) = components_of(app).security_log.entries(event="export")
    assert written.detail["what"] == "GET participation/api/quarantine/7"
    file = operator.get(f"/quarantine/body?{SERVICE}")
    assert file.text == ENTRY["body"] and "participation-7.txt" in file.headers["Content-Disposition"]


def test_one_a_group_or_all_are_tried_again(operator: FlaskClient, held: FakeGateway) -> None:
    held.on("POST", "/api/quarantine/retry", {"retried": 1, "still": 0})
    for form, sent, services in (
        (FORM, {"ids": [7]}, 1),
        ({"service": "participation", "code": "bad_json"}, {"code": "bad_json"}, 1),
        ({"all": "1"}, {"all": True}, 4),
    ):
        before = len(held.called("POST", "/api/quarantine/retry"))
        answer = post(operator, "retry", **form)
        calls = held.called("POST", "/api/quarantine/retry")[before:]
        assert answer.status_code == 303 and [call.json for call in calls] == [sent] * services
        assert f"重试了 {services} 件，仍是异常件 0 件。" in operator.get(answer.location).text


def test_what_fails_again_is_shown_again(operator: FlaskClient, held: FakeGateway) -> None:
    held.on("POST", "/api/quarantine/retry", {"retried": 0, "still": 1})
    assert post(operator, "retry", **FORM).location == f"/quarantine/entry?{SERVICE}"


def test_a_corrected_body_is_taken_in_and_a_wrong_one_stays_in_its_field(
    operator: FlaskClient, held: FakeGateway
) -> None:
    held.on("POST", "/api/quarantine/7/edit", problem(422, "still_bad", "修改后的内容仍无法读取。", column="body"))
    refused = post(operator, "edit", **FORM, body='{"name":\r\n1')
    assert refused.status_code == 422 and 'aria-describedby="e-body"' in refused.text
    assert held.called("POST", "/api/quarantine/7/edit")[-1].json == {"body": '{"name":\n1'}
    held.on("POST", "/api/quarantine/7/edit", {"outcome": "retried"})
    taken = post(operator, "edit", **FORM, file=(io.BytesIO(b'{"a": 1}'), "good.json"))
    assert taken.status_code == 303 and "已更正并接收" in operator.get(taken.location).text
    assert held.called("POST", "/api/quarantine/7/edit")[-1].json == {"body": '{"a": 1}'}
    assert post(operator, "edit", **FORM, body=" ").status_code == 422


def test_what_is_given_up_needs_a_reason(operator: FlaskClient, held: FakeGateway) -> None:
    held.on("POST", "/api/quarantine/7/discard", {"discarded": 1})
    assert "请写明放弃的理由" in post(operator, "discard", **FORM, reason=" ").text
    assert not held.called("POST", "/api/quarantine/7/discard")
    assert post(operator, "discard", **FORM, reason="测试报文").status_code == 303
    assert held.called("POST", "/api/quarantine/7/discard")[-1].json == {"reason": "测试报文"}


def test_events_between_services_cannot_be_edited_and_what_is_closed_not_at_all(
    operator: FlaskClient, held: FakeGateway
) -> None:
    held.on("GET", "/api/quarantine/7", {**ENTRY, "origin": "inbox", "trace": "Traceback: boom"})
    page = operator.get(f"/quarantine/entry?{SERVICE}").text
    assert "更正并重新提交" not in page and "Traceback: boom" in page and "放弃这一件" in page
    held.on("GET", "/api/quarantine/7", {**ENTRY, "state": "discarded"})
    page = operator.get(f"/quarantine/entry?{SERVICE}").text
    assert "重试</button>" not in page and "放弃这一件" not in page
    for address in ("service=none&entry=7", "service=participation&entry=x", "service=participation&entry=8"):
        assert operator.get(f"/quarantine/entry?{address}").status_code == 404


def test_a_service_that_is_away_is_named_and_the_others_are_shown(operator: FlaskClient, held: FakeGateway) -> None:
    held.on("GET", "/api/quarantine/groups", problem(502, "service_away", "服务没有答复"))
    page = operator.get("/quarantine").text
    assert page.count("已断开，截至") == 4 and "这里只看到有答复的服务" in page


WAITING = {
    "total": 3, "patience_seconds": 604800, "more": True,
    "groups": [
        {"type": "qihang.record.reported.v1", "code": "unknown_unit", "column": "unit_id", "count": 2, "since": AT},
        {"type": "qihang.record.reported.v1", "code": "behind", "column": "", "count": 1, "since": AT}],
    "waiting": [
        {"seq": 4, "source": "oa", "id": "e1", "type": "qihang.record.reported.v1", "publisher": "oa",
         "awaits": ["unit:X9"], "since": AT, "code": "unknown_unit", "column": "unit_id"},
        {"seq": 5, "source": "oa", "id": "e2", "type": "qihang.record.reported.v1", "publisher": "",
         "awaits": ["hold:record:R1"], "since": AT, "code": "behind", "column": ""}],
}  # fmt: skip


def test_pending_reports_say_for_what_since_when_until_when_and_by_whom(
    operator: FlaskClient, services: FakeGateway
) -> None:
    services.on("GET", "/api/waiting", WAITING)
    page = text_of(operator.get("/waiting").text)
    assert "填报记录 单位编号 所说的单位还没有接收 2 2022-12-01 00:05" in page
    assert "填报记录 e1 单位 X9 单位编号 所说的单位还没有接收 oa oa 2022-12-01 00:05 2022-12-08 00:05" in page
    assert "先到的同编号数据 填报记录 R1" in page and "运维 oa" in page and "等了 7 天" in page
    assert "after=5" in operator.get("/waiting").text
    chosen = "type=qihang.record.reported.v1&code=unknown_unit&column=unit_id"
    page = text_of(operator.get(f"/waiting?{chosen}").text)
    assert "e1" in page and "e2" not in page
    assert services.called("GET", "/api/waiting")[-1].query["code"] == "unknown_unit"


def test_without_any_it_says_what_would_stand_there(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/waiting", {"total": 0, "groups": [], "waiting": [], "more": False, "patience_seconds": 9})
    assert "没有待关联的数据" in operator.get("/waiting").text


def test_nobody_else_sees_either(app: Flask, services: FakeGateway) -> None:
    office = person_with(app, services, "P00001", ("keep_campaign", "keep_accounts"), [("campaign_office", "B1", "局")])
    assert [office.get(path).status_code for path in ("/quarantine", "/waiting")] == [403, 403]


def test_every_type_of_report_and_what_it_awaits_has_words() -> None:
    assert [each.wire for each in REPORT_TYPES if type_label(each.wire) == each.wire] == []
    assert type_label("qihang.unit.*") == "单位（全部事项）" and type_label("x.y") == "x.y"
    assert awaited("campaign") == "活动方案发布" and awaited("person:P1") == "人员 P1"
