"""The page that deletes a person's data: nothing is done before the id was typed and it was asked once more."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import components_of, csrf, person_with
from tests.support.fake_gateway import FakeGateway, problem

OFFICE = ("erase_person", "keep_accounts", "see_names", "see_units")
NAMES = {"P1": "许悦", "P00001": "王小明"}
PAGE = "/accounts/person/erase"
ERASED = {"positions": ["participation/0/9"], "scrubbed": True,
          "erased": {"pending_reports": 1, "quarantine": 2, "import_rows": 3, "statements": 4}}  # fmt: skip
MENTION = {"stream": "finding-D1", "event": "", "label": "督查问题", "field": "description", "position": "",
           "recorded_at": "2022-12-01T00:00:00Z"}  # fmt: skip


@pytest.fixture
def office(app: Flask, services: FakeGateway) -> FlaskClient:
    """A browser of the campaign office."""
    services.on("POST", "/api/names", lambda call: {
        "units": {}, "people": {each: NAMES[each] for each in call.json["people"] if each in NAMES}
    })  # fmt: skip
    services.on("POST", "/api/people/P1/erase", ERASED)
    services.on("POST", "/api/mentions", {"mentions": [MENTION], "more": False, "quarantine": [7]})
    for path in ("freezes", "videos", "contacts"):
        services.on("GET", f"/api/{path}", {})
    return person_with(app, services, "P00001", OFFICE, [("campaign_office", "B1", "教育局")])


def post(browser: FlaskClient, **form: str) -> Any:
    return browser.post(PAGE, data={"person": "P1", **form, "csrf": csrf(browser, "/account")})


def erasures(services: FakeGateway) -> int:
    return sum(call.path.endswith("/erase") for call in services.calls)


def test_it_says_who_is_meant_and_asks_twice(app: Flask, office: FlaskClient, services: FakeGateway) -> None:
    components_of(app).accounts.create(["P1"])
    page = office.get(f"{PAGE}?person=P1").text
    assert "许悦" in page and "将保留" in page and "确定删除" not in page
    assert post(office, typed="P2", sure="yes").status_code == 422
    asked = post(office, typed="P1")
    assert asked.status_code == 200 and "确定删除" in asked.text
    assert erasures(services) == 0 and components_of(app).accounts.account("P1") is not None


def test_then_it_is_done_and_the_report_names_all(app: Flask, office: FlaskClient, services: FakeGateway) -> None:
    components_of(app).accounts.create(["P1"])
    page = post(office, typed="P1", sure="yes").text
    assert erasures(services) == 1 and components_of(app).accounts.account("P1") is None
    assert "待关联的报送 1、异常件 2、导入中的数据行 3、学习平台的学习记录 4" in page
    assert "finding-D1" in page and "异常件 7" in page and "许悦" not in page
    awaited = [call for call in services.calls if call.path in ("/api/freezes", "/api/videos")]
    waited = [call.headers.get("x-qihang-after") for call in awaited]
    assert waited == ["participation/0/9"] * 2
    entries = components_of(app).security_log.entries(event="erasure_ordered")
    assert [(entry.actor, entry.account_id) for entry in entries] == [("P00001", "P1")]


def test_a_service_that_has_not_applied_it_is_named(office: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/freezes", problem(503, "behind", "还没有跟上"))
    page = post(office, typed="P1", sure="yes").text
    assert page.count("还没有完成") == 1 and "有的服务还没有办完" in page


def test_nothing_is_claimed_when_participation_does_not_answer(
    app: Flask, office: FlaskClient, services: FakeGateway
) -> None:
    services.on("POST", "/api/people/P1/erase", problem(500, "failed", "故障"))
    components_of(app).accounts.create(["P1"])
    answer = post(office, typed="P1", sure="yes")
    assert answer.status_code == 502 and "没有确认已经删除" in answer.text
    assert components_of(app).accounts.account("P1") is not None
    assert components_of(app).security_log.entries(event="erasure_ordered") == []


def test_nobody_erases_themselves_or_the_operator_and_unknown_ids_are_no_persons(office: FlaskClient) -> None:
    assert [office.get(f"{PAGE}?person={each}").status_code for each in ("P00001", "operator", "P9", "")] == [
        403, 403, 404, 404
    ]  # fmt: skip
