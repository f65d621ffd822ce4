"""The campaign office keeps exemptions, pauses, the calendar and freezes at pages, each after a second look."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.campaign_calendar import grid, notes_of, read_days
from tests.console.conftest import LEADER, csrf, person_with
from tests.console.test_campaign import PERIODS, PLAN, PREVIEW, text_of
from tests.support.fake_gateway import Answer, FakeGateway, problem

OFFICE = ("see_campaign", "keep_campaign", "enter_facts", "see_figures", "freeze_figures", "keep_calendar")
EXEMPTION = {"exemption_id": "X-1", "unit_id": "X1", "unit_name": "一小", "person_id": "", "person_name": "",
             "duty": "video", "title": "视频展播", "period": "2023-02", "recorded_at": "2023-01-05T01:00:00.000000Z",
             "reason": "校舍维修"}  # fmt: skip
OF_PERSON = {**EXEMPTION, "exemption_id": "X-2", "unit_id": "", "unit_name": "", "person_id": "P7",
             "person_name": "李雷", "reason": None}  # fmt: skip
CANDIDATES = [
    {"duty": "video", "title": "视频展播", "every": "month", "period": "2023-01", "start": "2023-01-01",
     "due": "2023-01-31", "exempt": True},
    {"duty": "video", "title": "视频展播", "every": "month", "period": "2023-02", "start": "2023-02-01",
     "due": "2023-02-28", "exempt": False},
    {"duty": "forum", "title": "专题论坛", "every": "semester", "period": "2023-spring", "start": "2023-02-01",
     "due": "2023-07-10", "exempt": False},
]  # fmt: skip
ACCEPTED = {"outcome": "accepted", "changed": 1, "positions": ["participation/0/9"]}


@pytest.fixture
def office(app: Flask, services: FakeGateway) -> FlaskClient:
    units = [{"unit_id": "X1", "name": "一小", "kind": "school"}]
    services.on("GET", "/api/units", {"units": units})
    services.on("GET", "/api/exemptions", {"exemptions": [EXEMPTION, OF_PERSON], "total": 2, "next": 0})
    services.on("GET", "/api/exemptions/candidates", {"candidates": CANDIDATES})
    services.on("GET", "/api/campaign", PLAN)
    services.on("GET", "/api/campaign/periods", PERIODS)
    services.on("POST", "/api/campaign/file", Answer(200, b"campaign: xue\nversion: 4\n", "application/yaml"))
    services.on("POST", "/api/campaign/preview", PREVIEW)
    days = [{"day": "2023-01-21", "kind": "rest", "name": "除夕", "by": "import"},
            {"day": "2023-01-28", "kind": "work", "name": "调休", "by": "hand"}]  # fmt: skip
    services.on("GET", r"/api/calendar/\d+", {"year": 2023, "known": True, "origin": "", "days": days})
    frozen = {"window": "2022-autumn", "known_at": "2023-02-01T01:00:00.000000Z", "admitted": [
        {"name": "records/R1", "decision": "3 号", "row": "", "position": "", "admitted_at": "", "actor": ""}],
        "actor": "campaign_office:P2@B1"}  # fmt: skip
    windows = [{"window": "2022-Q4", "last": "2022-12-31", "over": True},
               {"window": "2023", "last": "2023-12-31", "over": False}]  # fmt: skip
    services.on("GET", "/api/freezes", {"campaign": "xue", "freezes": [frozen], "open": windows})
    return person_with(app, services, "P00001", OFFICE, [("campaign_office", "B1", "教育局")])


def post(browser: FlaskClient, path: str, page: str = "", **form: Any) -> Any:
    multipart = any(isinstance(value, tuple) for value in form.values())
    kind = {"content_type": "multipart/form-data"} if multipart else {}
    return browser.post(path, data={"csrf": csrf(browser, page or path), **form}, **kind)


def test_exemptions_are_listed_with_whose_they_are_and_the_reason_of_a_unit(office: FlaskClient) -> None:
    page = text_of(office.get("/campaign/exemptions?unit=X1").text)
    assert "一小 X1 视频展播 2023 年 2 月 校舍维修 2023-01-05" in page
    assert "李雷 P7 视频展播 2023 年 2 月 仅本人可看" in page


def test_what_lies_within_the_days_is_ticked_and_what_is_exempt_cannot_be(office: FlaskClient) -> None:
    page = office.get("/campaign/exemptions/new?unit_id=X1&since=2023-01-01&until=2023-02-28").text
    ticked = re.findall(r'value="([^"]+\|[^"]+)"[^>]* checked', page)
    assert ticked == ["video|2023-02"] and "forum|2023-spring" in page and "video|2023-01" not in page
    assert "已免计" in page


def test_a_person_is_exempted_by_name_and_the_address_bears_the_id(office: FlaskClient, services: FakeGateway) -> None:
    person = {"person_id": "P7", "name": "许悦", "unit_id": "X1", "unit_name": "一小"}
    services.on("POST", "/api/look-up", {"people": [person]})
    page, days = "/campaign/exemptions/new", {"since": "2023-01-01", "until": "2023-02-28"}
    named = post(office, "/campaign/exemptions/whom", page, person="许悦", unit_id="X1", **days)
    assert named.location == "/campaign/exemptions/new?person_id=P7&since=2023-01-01&until=2023-02-28"
    assert "许悦（P7）" in text_of(office.get(named.location).text) or "许悦（P7）" in office.get(named.location).text
    part = post(office, "/campaign/exemptions/whom", page, person="xy", **days)
    assert part.status_code == 422 and "请看是不是这一位" in part.text and 'value="xy"' in part.text
    assert 'value="2023-01-01"' in part.text
    shown = post(office, "/campaign/exemptions", "/campaign/exemptions", person="许悦", unit="")
    assert shown.location == "/campaign/exemptions?person=P7"


def test_an_exemption_is_granted_with_a_reason_for_what_is_ticked(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/exemptions", ACCEPTED)
    form = {"unit_id": "X1", "since": "2023-01-01", "until": "2023-02-28", "entry": "entry-0001"}
    refused = post(office, "/campaign/exemptions/new", **form, item=["forum|2023-spring"], reason=" ")
    assert refused.status_code == 422 and "请写明免计的原因" in refused.text
    assert re.findall(r'value="([^"]+\|[^"]+)"[^>]* checked', refused.text) == ["forum|2023-spring"]
    done = post(office, "/campaign/exemptions/new", **form, item=["video|2023-02", "forum|2023-spring"], reason="维修")
    assert (done.status_code, done.location) == (303, "/campaign/exemptions?unit=X1")
    assert services.called("POST", "/api/exemptions")[-1].json == {
        "entry_id": "entry-0001", "unit_id": "X1", "person_id": "", "reason": "维修",
        "items": [{"duty": "video", "period": "2023-02"}, {"duty": "forum", "period": "2023-spring"}]}  # fmt: skip
    assert "已登记免计 2 项。" in office.get(done.location).text


def test_what_the_service_refuses_stands_above_the_form(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/exemptions", problem(422, "unknown_period", "没有这个周期。", column="period"))
    answer = post(office, "/campaign/exemptions/new", unit_id="X1", since="2023-01-01", until="2023-02-28",
                  item=["video|2023-02"], reason="维修")  # fmt: skip
    assert answer.status_code == 422 and "没有这个周期。" in answer.text and 'value="维修"' in answer.text


def test_exemptions_are_taken_back_with_a_reason(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/exemptions/end", ACCEPTED)
    path, page = "/campaign/exemptions/end", "/campaign/exemptions"
    assert post(office, path, page, exemption=["X-1"], reason="").status_code == 422
    assert post(office, path, page, exemption=["X-1"], reason="恢复").status_code == 303
    assert services.called("POST", path.replace("/campaign", "/api"))[-1].json == {
        "exemptions": ["X-1"], "reason": "恢复"}  # fmt: skip


def test_a_pause_is_a_new_version_of_the_plan_that_is_looked_at_first(
    office: FlaskClient, services: FakeGateway
) -> None:
    refused = post(office, "/campaign/pauses", duties=["video"])
    assert refused.status_code == 422 and 'id="e-kinds">请至少选择一类单位。' in refused.text
    answer = post(office, "/campaign/pauses", duties=["video"], kinds=["school"], periods=["2023-01", "2023-02"])
    assert answer.status_code == 200 and "发布新版本" in answer.text
    document = services.called("POST", "/api/campaign/file")[-1].json["document"]
    assert document["version"] == 4 and document["pauses"] == [
        *PLAN["pauses"], {"duties": ["video"], "kinds": ["school"], "periods": ["2023-01", "2023-02"]}]  # fmt: skip
    assert services.called("POST", "/api/campaign") == []


def test_a_pause_is_ended_by_a_new_version_without_it(office: FlaskClient, services: FakeGateway) -> None:
    assert "视频展播" in office.get("/campaign/pauses").text
    assert post(office, "/campaign/pauses/end", "/campaign/pauses", place="0").status_code == 200
    assert services.called("POST", "/api/campaign/file")[-1].json["document"]["pauses"] == []
    assert post(office, "/campaign/pauses/end", "/campaign/pauses", place="7").status_code == 404


def test_the_calendar_shows_days_off_worked_weekends_and_due_days(office: FlaskClient) -> None:
    page = office.get("/campaign/calendar?year=2023").text
    assert re.search(r'class="rests adjusted is-due">21<small>休</small><small class="due-mark">1 项', page)
    assert re.search(r'class="works adjusted">28<small>班</small>', page)
    assert "2023-01-28 上班 调休 手工改定" in text_of(page)


def test_a_day_is_set_and_a_year_imported(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/calendar/days", {"day": "2023-05-19", "kind": "rest", "positions": []})
    services.on("POST", "/api/calendar/2027", {"year": 2027, "days": 2, "outcome": "imported", "positions": []})
    page = "/campaign/calendar"
    assert post(office, f"{page}/day", page, day="2023-05-19", kind="rest", name="校庆").status_code == 303
    assert services.called("POST", "/api/calendar/days")[-1].json == {
        "day": "2023-05-19", "kind": "rest", "name": "校庆"}  # fmt: skip
    assert post(office, f"{page}/day", page, day="x", kind="rest").status_code == 422
    file = (
        io.BytesIO("日期,安排,名称\n2027-10-01,休息,国庆节\n2027-10-09,上班,国庆节\n".encode("gb18030")),
        "2027.csv",
    )
    assert post(office, f"{page}/year", page, file=file).location == "/campaign/calendar?year=2027"
    assert services.called("POST", "/api/calendar/2027")[-1].json == {
        "origin": "2027.csv",
        "days": [
            {"day": "2027-10-01", "kind": "rest", "name": "国庆节"},
            {"day": "2027-10-09", "kind": "work", "name": "国庆节"},
        ],
    }


def test_wrong_lines_of_a_year_are_named(office: FlaskClient, services: FakeGateway) -> None:
    faults = [{"line": 2, "column": "day", "code": "bad_date", "message": "第 2 行 day“2027-13-01”：不是有效日期"}]
    services.on("POST", "/api/calendar/2027", problem(422, "invalid_calendar", "日历有误。", problems=faults))
    answer = post(office, "/campaign/calendar/year", "/campaign/calendar", text="2027-13-01,休息,x")
    assert answer.status_code == 422 and "第 2 行" in answer.text and "2027-13-01,休息,x" in answer.text
    assert post(office, "/campaign/calendar/year", "/campaign/calendar", text="").status_code == 422


def test_lines_of_days_may_be_short_and_in_either_language() -> None:
    assert read_days("2027-10-01\n\n2027-10-09,work\n2027-10-02,放假,国庆,多\n2027-10-03,foo") == [
        {"day": "2027-10-01", "kind": "rest", "name": ""}, {"day": "2027-10-09", "kind": "work", "name": ""},
        {"day": "2027-10-02", "kind": "rest", "name": "国庆"},
        {"day": "2027-10-03", "kind": "foo", "name": ""}]  # fmt: skip


def test_freezes_say_since_when_by_whom_and_what_may_be_frozen(office: FlaskClient) -> None:
    page = text_of(office.get("/campaign/freezes").text)
    assert "2022 年秋季学期 锁定之后的变动 2023-02-01 09:00 活动领导小组办公室 P2 B1 填报记录 R1（3 号）" in page
    assert "2022 年第 4 季度 2022-12-31 锁定" in page and "2023 年 2023-12-31 尚未结束" in page


def test_a_window_is_frozen_after_a_second_look(office: FlaskClient, services: FakeGateway) -> None:
    outcome = {"campaign": "xue", "window": "2022-Q4", "known_at": "", "outcome": "frozen", "positions": []}
    services.on("POST", "/api/freezes", outcome)
    asked = post(office, "/campaign/freezes", window="2022-Q4")
    assert asked.status_code == 200 and "不能撤销" in asked.text and services.called("POST", "/api/freezes") == []
    assert post(office, "/campaign/freezes", window="2022-Q4", asked="yes").status_code == 422
    done = post(office, "/campaign/freezes", window="2022-Q4", asked="yes", agreed="yes")
    assert done.status_code == 303 and services.called("POST", "/api/freezes")[-1].json == {"window": "2022-Q4"}


def test_what_came_later_is_admitted_by_a_decision(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/admissions", {"campaign": "xue", "window": "2022-autumn", "rows": [], "positions": [],
                                            "outcome": "admitted"})  # fmt: skip
    path, page = "/campaign/freezes/admit", "/campaign/freezes"
    assert post(office, path, page, window="2022-autumn", rows="R1", decision="").status_code == 422
    assert post(office, path, page, window="2022-autumn", rows="R1\nR2", decision="5 号").status_code == 303
    assert services.called("POST", "/api/admissions")[-1].json == {
        "window": "2022-autumn", "rows": ["R1", "R2"], "decision": "5 号"}  # fmt: skip


@pytest.mark.usefixtures("office")
def test_leaders_see_calendar_freezes_and_pauses_and_keep_none(app: Flask, services: FakeGateway) -> None:
    leader = person_with(app, services, "P00009", LEADER, [("leader", "B1", "教育局")])
    for path in ("calendar?year=2023", "freezes", "pauses"):
        page = leader.get(f"/campaign/{path}").text
        assert 'method="post" action="/campaign' not in page and "2023" in page
    assert leader.get("/campaign/exemptions").status_code == 403


def test_adjoining_days_off_of_one_name_are_one_line() -> None:
    known = {f"2023-10-0{day}": {"kind": "rest", "by": "import", "name": "国庆节"} for day in (2, 3, 4)}
    known["2023-10-07"] = {"kind": "work", "by": "import", "name": "国庆节"}
    october = grid(2023, known, {"2023-10-31": [("集中学习", "2023-10")]})[9][1]
    assert [(when, day.name, bool(day.due)) for when, day in notes_of(october)] == [
        ("10-02 至 10-04", "国庆节", False), ("10-07", "国庆节", False), ("10-31", "", True)]  # fmt: skip


def test_what_is_ticked_among_the_changes_since_the_freeze_is_admitted(
    office: FlaskClient, services: FakeGateway
) -> None:
    event = {"table": "records", "row_id": "R1", "event": "participation.record_submitted.v1", "reason": "",
             "position": "participation/0/12", "recorded_at": "", "at": "2023-02-02T09:00:00+08:00",
             "actor": "clerk:P1@X1", "reason_state": "shown"}  # fmt: skip
    of_plan = {**event, "table": "campaigns", "row_id": "c", "position": "participation/0/13"}
    line = {"unit_id": "X1", "name": "一小", "official": "90", "present": "91", "events": [event, of_plan],
            "figures": [{"figure": "score", "official": "90", "present": "91"},
                        {"figure": "completion", "official": "0.8308", "present": ""}]}  # fmt: skip
    services.on("GET", "/api/differences", {
        "campaign": "c", "window": "2022", "as_of": "2023-02-03", "known_at": "", "since": "2023-02-01T09:00:00+08:00",
        "actor": "campaign_office:P1@B1", "units": [line], "awards": [line], "people": []})  # fmt: skip
    page = office.get("/scoreboard/differences?window=2022")
    assert 'name="rows" value="participation/0/12" aria-label="准予计入 填报记录 R1"' in page.text
    assert "完成率 83.08% —" in text_of(page.text)
    assert 'participation/0/13" aria-label' not in page.text, "the plan is no row"
    assert "/scoreboard/differences?window=2022-autumn" in office.get("/campaign/freezes").text
    assert "填报记录 R1（3 号）" in office.get("/campaign/freezes").text
    services.on("POST", "/api/admissions", {"campaign": "c", "window": "2022", "rows": [], "positions": [],
                                            "outcome": "admitted"})  # fmt: skip
    form = {"csrf": csrf(office, "/campaign/freezes"), "window": "2022", "rows": ["participation/0/12"] * 2}
    assert office.post("/campaign/freezes/admit", data={**form, "decision": "4 号"}).status_code == 303
    assert services.called("POST", "/api/admissions")[-1].json["rows"] == ["participation/0/12"]
    refused = office.post("/campaign/freezes/admit", data={**form, "decision": ""})
    assert refused.status_code == 422 and "participation/0/12</textarea>" in refused.text
