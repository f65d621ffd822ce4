"""Who did what, from the services' logs, and the security log of the console and the services, page by page."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from cli.security_log import SERVICE_EVENTS
from console import security_words
from console.audit import grouped
from tests.console.conftest import components_of
from tests.console.test_campaign import text_of
from tests.support.fake_gateway import FakeGateway, problem

AT = "2022-11-30T16:05:09.000000Z"


def act(place: str, **more: Any) -> dict[str, Any]:
    return {"at": AT, "type": "participation.record_submitted.v1", "label": "填报记录", "stream": f"record-R{place}",
            "actor": "clerk:P8@X1", "correlation": "c1", "place": f"0/{place}", **more}  # fmt: skip


def test_acts_say_when_what_and_by_whom_and_many_alike_are_one_line(
    operator: FlaskClient, services: FakeGateway
) -> None:
    acts = [act("9"), act("8"), act("7"), act("6", actor="operator:operator", label="", correlation="c2")]
    services.on("GET", "/api/acts", {"acts": acts, "next": "0/6"})
    page = operator.get("/audit?service=assessment&by=people&who=P8&since=2022-12-01&until=2022-12-02").text
    text = text_of(page)
    assert "2022-12-01 00:05:09 填报记录 3 件 record-R9 等 填报员 P8 X1 0/7—9" in text
    assert "participation.record_submitted.v1 record-R6 运维 operator 0/6" in text
    query = services.called("GET", "/api/acts")[-1].query
    assert (query["who"], query["by"]) == ("P8", "people")
    assert query["since"] == "2022-11-30T16:00:00.000000Z" and query["until"] == "2022-12-02T16:00:00.000000Z"
    assert "before=0/6" in page and "who=P8" in page
    assert [each.number for each in grouped(acts)] == [3, 1]


def test_a_part_without_any_says_that_there_is_more(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/acts", {"acts": [], "next": "0/100"})
    assert "再往前还有" in operator.get("/audit").text
    services.on("GET", "/api/acts", problem(502, "service_away"))
    assert "暂时没有答复" in operator.get("/audit").text


def test_the_security_log_has_the_console_s_entries_and_those_of_the_services(
    app: Flask, operator: FlaskClient, services: FakeGateway
) -> None:
    entry = {"at": AT, "event": "publisher_registered", "actor": "operator:operator", "place": "0/3",
             "detail": {"name": "oa", "types": "qihang.record.*"}}  # fmt: skip
    services.on("GET", "/api/security-events", lambda call: {"entries": [entry]})
    text = text_of(operator.get("/security-log").text)
    assert "登录" in text and text.count("接入系统登记 operator") == 4
    assert "2022-12-01 00:05:09 接入系统登记 operator 填报 0/3 名称 oa；类型 qihang.record.*" in text
    only = text_of(operator.get("/security-log?event=signin&account=operator").text)
    assert ("名称 oa" not in only and "密码" in only) or "登录" in only
    for number in range(250):
        components_of(app).security_log.write("signout", f"P{number:05}", at_all=str(number), from_request=False)
    page = operator.get("/security-log?event=signout").text
    assert page.count("P00") >= 200 and "until=" in page
    until = page.split("until=")[1].split("&")[0].split('"')[0]
    rest = operator.get(f"/security-log?event=signout&until={until}").text
    assert "P00000" in rest and "P00249" not in rest


def test_a_service_that_is_away_is_named_beside_what_is_known(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/security-events", problem(502, "service_away"))
    page = operator.get("/security-log").text
    assert page.count("已断开，截至") == 4 and "登录" in page


def test_words_are_those_of_the_command() -> None:
    assert SERVICE_EVENTS == security_words.SERVICE_EVENTS


def test_what_was_looked_at_is_named_by_its_page() -> None:
    name_of = security_words.page_words
    assert name_of("GET /registry unit=X1") == "单位与人员 unit=X1"
    assert name_of("GET /registry/person P1") == "单位与人员 person P1"
    assert name_of("/campaign/calendar") == "工作日历"
    assert name_of("GET /api/findings/F1") == "GET /api/findings/F1" and name_of("登记") == "登记"
