"""Who did what, from the services' logs, and the security log of the console and the services, page by page."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
from flask import Flask
from flask.testing import FlaskClient

from cli.security_log import SERVICE_EVENTS
from console import security_words
from console.audit import grouped
from tests.console.conftest import components_of, csrf
from tests.console.test_campaign import text_of
from tests.support.fake_gateway import FakeGateway, problem

NAMES = {"units": {"X1": "一小"}, "people": {"P8": "许悦"}}
PERSON = {"person_id": "P8", "name": "许悦", "unit_id": "X1", "unit_name": "一小", "role": "teacher"}
AT = "2022-11-30T16:05:09.000000Z"


def act(place: str, **more: Any) -> dict[str, Any]:
    return {"at": AT, "type": "participation.record_submitted.v1", "label": "填报记录", "stream": f"record-R{place}",
            "actor": "clerk:P8@X1", "correlation": "c1", "place": f"0/{place}", **more}  # fmt: skip


def test_acts_say_when_what_and_by_whom_and_many_alike_are_one_line(
    operator: FlaskClient, services: FakeGateway
) -> None:
    acts = [act("9"), act("8"), act("7"), act("6", actor="operator:operator", label="", correlation="c2")]
    services.on("GET", "/api/acts", {"acts": acts, "next": "0/6"})
    services.on("POST", "/api/names", NAMES)
    page = operator.get("/audit?service=assessment&by=people&who=P8&since=2022-12-01&until=2022-12-02").text
    text = text_of(page)
    assert "2022-12-01 00:05:09 填报记录 3 件 填报记录 R9 等 许悦 填报员 P8 一小 0/7—9" in text
    assert "participation.record_submitted.v1 填报记录 R6 运维 operator 0/6" in text
    assert 'href="/history?table=records&amp;id=R9"' in page
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
    assert "登录" in text and text.count("接入系统登记 运维") == 4
    assert "2022-12-01 00:05:09 接入系统登记 运维 填报 0/3 名称 oa；类型 qihang.record.*" in text
    only = text_of(operator.get("/security-log?event=signin&account=operator").text)
    assert ("名称 oa" not in only and "密码" in only) or "登录" in only
    for number in range(250):
        components_of(app).security_log.write("signout", f"P{number:05}", at_all=str(number), from_request=False)
    page = operator.get("/security-log?event=signout").text
    assert page.count("P00") >= 200 and "before=" in page
    before = page.split("before=")[1].split("&")[0].split('"')[0]
    rest = operator.get(f"/security-log?event=signout&before={before}").text
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
    assert name_of("GET /api/findings/F1") == "督查问题 F1" and name_of("登记") == "登记"
    assert name_of("POST participation/api/names P1,P2") == "查看姓名 P1、P2"
    assert name_of("GET notifications/api/contacts?beginning=&after=") == "联系人 beginning=&after="
    assert name_of("GET other/api/x") == "GET other/api/x"


def test_who_did_it_is_looked_for_by_name_and_the_address_bears_the_id(
    operator: FlaskClient, services: FakeGateway
) -> None:
    services.on("GET", "/api/acts", {"acts": [], "types": [], "next": ""})
    services.on("POST", "/api/names", NAMES)
    for path, name in (("/audit", "who"), ("/security-log", "account")):
        services.on("POST", "/api/look-up", {"people": [PERSON]})
        sent = operator.post(path, data={"csrf": csrf(operator, path), name: "许悦", "since": "2022.12.1"})
        assert sent.status_code == 303 and f"{name}=P8" in sent.location and "since=2022-12-01" in sent.location
        assert 'value="许悦（P8）"' in operator.get(sent.location).text
        services.on("POST", "/api/look-up", {"people": [PERSON, {**PERSON, "person_id": "P9"}]})
        asked = operator.post(path, data={"csrf": csrf(operator, path), name: "许悦"})
        assert asked.status_code == 422 and "不止一个人符合" in asked.text
        services.on("POST", "/api/look-up", {"people": []})
        assert operator.post(path, data={"csrf": csrf(operator, path), name: "谁"}).status_code == 422
        services.on("GET", "/api/publishers", {"publishers": [{"name": "oa"}]})
        for text, taken in (("运维", "operator"), ("oa", "oa"), ("notifications", "notifications")):
            sent = operator.post(path, data={"csrf": csrf(operator, path), name: text})
            assert f"{name}={taken}" in sent.location, "programs by what they are called"
        refused = operator.post(path, data={"csrf": csrf(operator, path), name: "xuyuee"})
        assert refused.status_code == 422, "what nobody is called so may be part of a name: no address bears it"
        assert 'value="xuyuee"' in refused.text and f"{name}=xuyuee" not in refused.text


def test_an_act_leads_to_the_page_of_the_filing_or_the_import(operator: FlaskClient, services: FakeGateway) -> None:
    acts = [act("9", stream="filing-F-0000001", type="a"), act("8", stream="import-I-1", type="b")]
    services.on("GET", "/api/acts", {"acts": acts, "types": [], "next": ""})
    page = operator.get("/audit").text
    assert 'href="/records/filing?filing=F-0000001"' in page and 'href="/imports/import?import_id=I-1"' in page


def test_acts_are_narrowed_to_one_type_and_to_one_thing(operator: FlaskClient, services: FakeGateway) -> None:
    types = [{"type": "participation.record_submitted", "label": "填报记录"}]
    services.on("GET", "/api/acts", {"acts": [], "types": types, "next": ""})
    page = operator.get("/audit?type=participation.record_submitted&kind=record&id=R1").text
    query = services.called("GET", "/api/acts")[-1].query
    assert (query["type"], query["stream"]) == ("participation.record_submitted", "record-R1")
    assert '<option value="participation.record_submitted" selected>填报记录</option>' in page


def test_the_security_log_is_narrowed_to_the_page_that_was_looked_at_and_names_whom_it_is_about(
    app: Flask, operator: FlaskClient, services: FakeGateway
) -> None:
    services.on("POST", "/api/names", NAMES)
    log = components_of(app).security_log
    for what in ("GET /registry unit=X1", "GET /registry/person P8", "/registry", "GET /registryx", "GET /accounts"):
        log.write("export", "P8", from_request=False, what=what)
    text = text_of(operator.get("/security-log?page=/registry").text)
    assert text.count("查看或导出个人信息 许悦 P8") == 3 and "单位与人员 unit=X1" in text
    entry = {"at": AT, "event": "post_assigned", "actor": "clerk:P8@X1", "place": "0/3",
             "detail": {"unit_id": "X1", "post": "clerk", "person_id": "P8"}}  # fmt: skip
    services.on("GET", "/api/security-events", lambda call: {"entries": [entry]})
    text = text_of(operator.get("/security-log?event=post_assigned&until=2022-12-01").text)
    assert "单位 一小（X1）；岗位职务 填报员；人员编号 许悦（P8）" in text
    assert services.called("GET", "/api/security-events")[-1].query["until"] == "2022-12-01T16:00:00.000000Z"


def test_whose_names_somebody_saw_stands_in_the_security_log_by_name(
    app: Flask, operator: FlaskClient, services: FakeGateway
) -> None:
    services.on("POST", "/api/names", NAMES)
    what = "POST participation/api/names P8,P9"
    components_of(app).security_log.write("export", "P1", from_request=False, what=what)
    assert "内容 查看姓名 许悦（P8）、P9" in text_of(operator.get("/security-log?event=export").text)


def test_both_are_downloaded_with_names_and_that_is_written_down(
    app: Flask, operator: FlaskClient, services: FakeGateway
) -> None:
    services.on("POST", "/api/names", NAMES)
    pages = iter(
        [{"acts": [act("9"), act("8")], "types": [], "next": "0/8"}, {"acts": [act("7")], "types": [], "next": ""}]
    )
    services.on("GET", "/api/acts", lambda call: next(pages))
    sheet = openpyxl.load_workbook(io.BytesIO(operator.get("/audit/audit.xlsx?service=assessment").data)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 4 and rows[1][2:4] == ("填报记录", "R9") and rows[1][5:9] == ("填报员", "许悦", "P8", "一小")
    components_of(app).security_log.write("export", "P8", from_request=False, what="GET /registry")
    file = operator.get("/security-log/security-log.xlsx?event=export")
    rows = list(openpyxl.load_workbook(io.BytesIO(file.data)).worksheets[0].iter_rows(values_only=True))
    assert ("P8", "许悦") in {row[2:4] for row in rows} and "单位与人员" in {
        row[8].removeprefix("内容 ") for row in rows
    }
    written = [each.detail["what"] for each in components_of(app).security_log.entries(event="export")]
    assert {"/audit service=assessment", "/security-log"} <= set(written)


def test_what_a_download_was_narrowed_to_stands_in_the_security_log(
    app: Flask, operator: FlaskClient, services: FakeGateway
) -> None:
    services.on("POST", "/api/names", NAMES)
    services.on("GET", "/api/acts", {"acts": [], "types": [], "next": ""})
    operator.get("/audit/audit.xlsx?service=assessment&by=&who=P8&kind=record&id=R1&since=2022-12-01")
    operator.get("/security-log/security-log.xlsx?event=signin&account=P8&until=2022-12-02")
    log, account = components_of(app).security_log.about("P8")
    assert log.detail == {"what": "/security-log", "log_event": "signin", "person_id": "P8", "until": "2022-12-02"}
    assert account.detail == {"what": "/audit service=assessment", "person_id": "P8", "stream_kind": "record",
                              "stream_id": "R1", "since": "2022-12-01"}  # fmt: skip
    text = text_of(operator.get("/security-log?event=export").text)
    assert "人员编号 许悦（P8）" in text and "数据编号 R1；数据 填报记录" in text and "事项 登录" in text
