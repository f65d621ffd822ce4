"""Outside systems: what each may report and what became of it; secrets by the operator's token, shown once."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from console.publisher_types import CHOSEN, choices_of, types_of
from services.participation.publishers.domain import TYPES
from tests.console.conftest import csrf
from tests.console.test_campaign import text_of
from tests.support.fake_gateway import FakeGateway, problem

AT = "2022-11-30T16:05:00.000000Z"
OA: dict[str, Any] = {
    "name": "oa", "amqp": True, "types": ["qihang.record.*", "qihang.membership.reported.v1",
                                          "qihang.membership.ended.v1"],
    "units": ["X1", "X2"], "sources": ["/oa/*"], "unnamed": False, "last_at": AT, "waiting": 2,
    "token_expires_at": "2099-11-30T16:05:00.000000Z", "rows_a_minute": 600, "bytes_a_minute": 0,
    "answers": "receipts",
    "days": [{"day": "2022-12-01", "outcome": "accepted", "code": "", "count": 40},
             {"day": "2022-12-01", "outcome": "unauthorized", "code": "token_expired", "count": 7}],
    "outcomes": [{"outcome": "refused", "code": "not_your_unit", "count": 3, "last_at": AT},
                 {"outcome": "refused", "code": "strange", "count": 1, "last_at": AT},
                 {"outcome": "accepted", "code": "", "count": 40, "last_at": AT}],
}  # fmt: skip
SECRETS = {
    **OA,
    "vhost": "qihang",
    "exchange": "qihang.intake.oa",
    "receipts": "qihang.receipts.oa",
    "user": "oa",
    "password": "broker-pass",
    "amqps_address": "mq.example.cn:5671",
    "amqps_ca": "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n",
    "amqps_fingerprint": "ab" * 32,
    "token": "eyJ.year.token",
}
TOKEN = "eyJ.operator.token"


@pytest.fixture
def registered(services: FakeGateway) -> FakeGateway:
    services.on("GET", "/api/publishers", {"publishers": [OA]})
    return services


def post(browser: FlaskClient, deed: str, **form: Any) -> Any:
    kind = {"content_type": "multipart/form-data"} if any(isinstance(each, tuple) for each in form.values()) else {}
    return browser.post(f"/publishers/{deed}", data={"csrf": csrf(browser, "/publishers/new"), **form}, **kind)


def test_the_list_says_what_each_may_and_what_became_of_it(operator: FlaskClient, registered: FakeGateway) -> None:
    page = text_of(operator.get("/publishers").text)
    assert "oa 消息服务 填报记录（全部事项）、任职、任职结束 X1、X2 2022-12-01 00:05 40 0 4 2 " in page
    assert "2099-12-01 到期，近两周被拒 7 次" in page
    registered.on("GET", "/api/publishers", {"publishers": []})
    assert "还没有登记接入系统" in operator.get("/publishers").text


def test_one_shows_its_outcomes_by_code_and_its_rights(operator: FlaskClient, registered: FakeGateway) -> None:
    page = operator.get("/publishers/publisher?name=oa").text
    assert "未接收 不是登记的单位 not_your_unit 3 2022-12-01 00:05" in text_of(page)
    assert "strange 1" in text_of(page) and "已接收 40" in text_of(page)
    assert "2022-12-01 令牌无效 令牌已到期 token_expired 7" in text_of(page)
    assert "7 次报送因令牌无效被拒" in page and 'name="rows_a_minute" value="600"' in page
    assert '<option value="all" selected>' in page and "/oa/*" in page
    assert operator.get("/publishers/publisher?name=none").status_code == 404


def test_adding_asks_for_the_operator_s_token_passes_it_on_and_shows_the_secrets_once(
    operator: FlaskClient, registered: FakeGateway
) -> None:
    registered.on("POST", "/api/publishers", lambda call: SECRETS)
    form = {"name": "oa", "type-record": "all", "type-membership": "new", "units": "X1，X2", "sources": "/oa/*",
            "types_shown": "1"}  # fmt: skip
    refused = post(operator, "new", **form)
    assert refused.status_code == 422 and "请选择运维令牌文件" in refused.text and "X1 X2" in refused.text
    assert not registered.called("POST", "/api/publishers")
    shown = post(operator, "new", **form, token_file=(io.BytesIO(TOKEN.encode() + b"\n"), "operator.token"))
    call = registered.called("POST", "/api/publishers")[-1]
    assert call.headers["authorization"] == f"Bearer {TOKEN}"
    assert call.json == {"name": "oa", "types": ["qihang.record.*", "qihang.membership.reported.v1",
        "qihang.membership.ended.v1"], "units": ["X1", "X2"], "sources": ["/oa/*"], "unnamed": False,
        "rows_a_minute": 0, "bytes_a_minute": 0, "answers": "receipts"}  # fmt: skip
    assert "broker-pass" in shown.text and "eyJ.year.token" in shown.text and "只显示这一次" in shown.text
    assert "mq.example.cn:5671" in shown.text and "\nQUJD\n" in shown.text and "ab" * 32 in shown.text
    assert "no-store" in shown.headers["Cache-Control"] and TOKEN not in shown.text
    assert "broker-pass" not in operator.get("/publishers/publisher?name=oa").text


def test_a_refused_token_is_named_at_its_field_and_not_shown_again(
    operator: FlaskClient, registered: FakeGateway
) -> None:
    registered.on("POST", "/api/publishers/oa/rotate", problem(403, "operator_key_needed", "请用运维令牌"))
    page = post(operator, "rotate", name="oa", token=TOKEN)
    assert page.status_code == 422 and "运维令牌不对，或已过期" in page.text and TOKEN not in page.text
    registered.on("POST", "/api/publishers/oa/rotate", lambda call: SECRETS)
    assert "旧的立即失效" in post(operator, "rotate", name="oa", token=TOKEN).text


def test_rights_are_changed_and_a_wrong_unit_is_named_at_its_field(
    operator: FlaskClient, registered: FakeGateway
) -> None:
    wrong = problem(422, "bad_unit", "单位写法不对：X 1。", column="units")
    registered.on("POST", "/api/publishers/oa/change", wrong)
    form = {"name": "oa", "type-sheet": "new", "units": "", "sources": "", "types_shown": "1", "token": TOKEN}
    page = post(operator, "change", **form)
    assert page.status_code == 422 and 'id="e-units"' in page.text
    registered.on("POST", "/api/publishers/oa/change", lambda call: OA)
    assert post(operator, "change", **form).status_code == 303
    assert registered.called("POST", "/api/publishers/oa/change")[-1].json == {
        "types": ["qihang.sheet.reported.v1"], "units": ["all"], "sources": [], "unnamed": False,
        "rows_a_minute": 0, "bytes_a_minute": 0, "answers": "receipts"}  # fmt: skip


def test_removing_asks_for_the_name_and_needs_no_token(operator: FlaskClient, registered: FakeGateway) -> None:
    registered.on("DELETE", "/api/publishers/oa", {})
    assert post(operator, "remove", name="oa", typed="ao").status_code == 422
    assert not registered.called("DELETE", "/api/publishers/oa")
    answer = post(operator, "remove", name="oa", typed="oa")
    assert answer.status_code == 303 and registered.called("DELETE", "/api/publishers/oa")


def test_what_is_registered_comes_back_from_the_form_as_it_was() -> None:
    for types in (["qihang.record.*", "qihang.unit.reported.v1", "qihang.unit.closed.v1", "qihang.unit.related.v1"],
                  ["qihang.*"], ["qihang.unit.closed.v1"], []):  # fmt: skip
        chosen = choices_of(types)
        assert types_of(chosen.things, " ".join(chosen.more)) == types
    named = set(types_of(dict.fromkeys(CHOSEN, "new"), ""))
    assert named == {each for each in TYPES if each.split(".")[2] not in ("corrected", "voided", "restored")}


def test_a_service_that_is_away_is_named(operator: FlaskClient, registered: FakeGateway) -> None:
    registered.on("GET", "/api/publishers", problem(502, "service_away"))
    for path in ("/publishers", "/publishers/publisher?name=oa"):
        assert "填报服务暂时没有答复" in operator.get(path).text


def test_units_are_ticked_by_name_and_none_ticked_are_all(operator: FlaskClient, registered: FakeGateway) -> None:
    services = registered
    units = [{"unit_id": name, "name": f"第{name}小学", "closed_on": ""} for name in ("X1", "X3")]
    services.on("GET", "/api/units", {"units": units})
    page = operator.get("/publishers/publisher?name=oa").text
    assert 'value="X1" checked> 第X1小学' in page and 'value="X2" checked> X2' in page, "a closed one is not lost"
    assert 'name="unit" value="X3"> 第X3小学' in page and 'name="units"' not in page
    services.on("POST", "/api/publishers", SECRETS)
    form = {"name": "oa", "type-sheet": "new", "types_shown": "1", "token": TOKEN}
    for ticked, sent in ((["X3", "X1"], ["X3", "X1"]), ([], ["all"])):
        post(operator, "new", **form, unit=ticked)
        assert services.called("POST", "/api/publishers")[-1].json["units"] == sent
    services.on("GET", "/api/units", problem(502, "service_away"))
    assert 'name="units"' in operator.get("/publishers/new").text, "without the list ids are typed"
