"""活动方案: the plan in force as tables; a file is checked, its problems stand by line, what it changes in words, and
it is launched only after a second look."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.support.fake_gateway import Answer, FakeGateway, problem

AFTER = "participation/0/9"
OFFICE = ("see_campaign", "keep_campaign")
PLAN: dict[str, Any] = {
    "campaign": "xue", "version": 3, "title": "学论述", "starts_on": "2022-11-01", "closes_on": None,
    "semesters": [{"id": "autumn", "start": "09-01", "end": "02-01", "due": "12-31"}],
    "duties": [{"id": "video", "title": "视频展播", "record": "video"}],
    "records": [{"id": "video", "title": "视频", "fields": [{"title": "链接", "required": True}], "confirm": "head"}],
    "awards": {"units": {"percent": 15, "pass_line": 80}, "individuals": {"seats": 100, "points": [
        {"record": "video", "on_time": 5, "late": 2, "cap": None}]}},
    "pauses": [{"duties": ["video"], "kinds": ["school"], "periods": ["2023-07"]}],
}  # fmt: skip
DUTY = {"duty": "video", "title": "视频展播", "every": "month", "who": "学校", "of_persons": False, "count": 1,
        "weight": "10", "record": "video", "late_credit": "1/2", "evidence_required": False, "periods": [
            {"period": "2023-01", "start": "2023-01-01", "due": "2023-01-21", "late_limit": "2023-02-10"},
            {"period": "2023-02", "start": "2023-02-01", "due": "2023-02-28", "late_limit": "2023-03-10"}]}  # fmt: skip
PERIODS = {"campaign": "xue", "version": 3, "title": "学论述", "since": "2023-01-05", "until": "2024-01-06",
           "duties": [DUTY]}  # fmt: skip
DIFFERENCE = {"section": "duties", "item": "video", "title": "视频展播", "change": "changed", "field": "截止日",
              "before": "15", "after": "20", "message": "任务“视频展播”：截止日由“15”改为“20”"}  # fmt: skip
PREVIEW = {**PERIODS, "version": 4, "warnings": [], "outcome": "amended", "refusal": "", "base": "xue/3",
           "differences": [DIFFERENCE], "document": {}}  # fmt: skip


@pytest.fixture
def office(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/campaign/warnings", {"campaign": "xue", "title": "学论述", "warnings": []})
    services.on("GET", "/api/campaign", PLAN)
    services.on("GET", "/api/campaign/periods", PERIODS)
    services.on("GET", "/api/campaign/file", Answer(200, b"campaign: xue\nversion: 4\n", "application/yaml"))
    days = [{"day": "2023-01-21", "kind": "rest", "name": "除夕", "by": "import"}]
    services.on("GET", "/api/calendar/.*", {"year": 2023, "known": True, "origin": "", "days": days})
    services.on("POST", "/api/campaign/preview", PREVIEW)
    return person_with(app, services, "P00001", OFFICE, [("campaign_office", "B1", "教育局")])


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def send(browser: FlaskClient, path: str = "/campaign/revise", **form: Any) -> Any:
    token = csrf(browser, "/campaign/revise")
    return browser.post(path, data={"csrf": token, **form}, content_type="multipart/form-data")


def test_the_plan_in_force_is_read_as_tables(office: FlaskClient) -> None:
    page = text_of(office.get("/campaign").text)
    assert "视频展播 学校 每月 1 10 1/2 2023-01-21 2023 年 1 月" in page
    assert "2023-01-21 周六 除夕" in page and "2023-02-28 周二 视频展播（2023 年 2 月）" in page
    assert "秋季学期 09-01 02-01 12-31" in page and "视频 5 2 不封顶" in page
    assert "链接（必填）" in page and "视频展播：学校，2023 年 7 月" in page


def test_a_due_day_on_a_day_off_by_its_weekday_says_so_where_no_calendar_answers(
    office: FlaskClient, services: FakeGateway
) -> None:
    services.on("GET", "/api/calendar/.*", problem(403, "not_allowed"))
    page = text_of(office.get("/campaign").text)
    assert "2023-01-21 周六 休息日" in page and "除夕" not in page


def test_leaders_read_the_plan_and_do_not_revise_it(office: FlaskClient, leader: FlaskClient) -> None:
    page = leader.get("/campaign").text
    assert "视频展播" in page and "修改方案" not in page and "修改和发布" not in page
    assert leader.get("/campaign/revise").status_code == 403
    assert leader.get("/campaign/file").status_code == 200


def test_the_plan_in_force_comes_as_a_file_and_as_a_text_to_change(office: FlaskClient, services: FakeGateway) -> None:
    answer = office.get("/campaign/file")
    assert answer.data == b"campaign: xue\nversion: 4\n" and "campaign.yaml" in answer.headers["Content-Disposition"]
    assert services.called("GET", "/api/campaign/file")[-1].query == {"revise": "true"}
    assert "campaign: xue\nversion: 4\n</textarea>" in office.get("/campaign/revise").text


def test_problems_of_a_file_stand_by_line_with_what_stood_there_and_the_remedy(
    office: FlaskClient, services: FakeGateway
) -> None:
    faults = [{"line": 7, "column": 5, "path": "duties.0.wieght", "code": "unknown_key", "remedy": "请核对拼写",
               "message": "第 7 行：“wieght”不是认识的项目", "text": "    wieght: 12"}]  # fmt: skip
    services.on("POST", "/api/campaign/preview", problem(422, "invalid_campaign", "有 1 处问题。", problems=faults))
    answer = send(office, file=(io.BytesIO("campaign: 坏\n".encode()), "plan.yaml"), text="kept")
    page = text_of(answer.text)
    assert answer.status_code == 422 and "7 5 wieght: 12 “wieght”不是认识的项目 请核对拼写" in page
    assert "campaign: 坏\n</textarea>" in answer.text, "what was sent stays to be mended"
    sent = services.called("POST", "/api/campaign/preview")[-1]
    assert sent.body == "campaign: 坏\n".encode() and sent.headers["content-type"] == "application/yaml"


def test_a_good_file_shows_what_it_changes_and_launches_nothing(office: FlaskClient, services: FakeGateway) -> None:
    answer = send(office, text="campaign: xue\nversion: 4\n")
    page = text_of(answer.text)
    assert answer.status_code == 200 and DIFFERENCE["message"] in page and "2023-01-21、2023-02-28" in page
    assert 'name="base" value="xue/3"' in answer.text and "发布新版本" in page
    assert services.called("POST", "/api/campaign") == []


def test_it_is_launched_with_the_tick_only(office: FlaskClient, services: FakeGateway) -> None:
    outcome = {
        "campaign": "xue",
        "version": 4,
        "outcome": "amended",
        "warnings": [],
        "positions": ["participation/0/9"],
    }
    services.on("POST", "/api/campaign", outcome)
    form = {"text": "campaign: xue\r\nversion: 4\r\n", "base": "xue/3"}
    answer = send(office, "/campaign/launch", **form)
    assert answer.status_code == 422 and "请先核对变化" in answer.text
    assert services.called("POST", "/api/campaign") == []
    answer = send(office, "/campaign/launch", **form, agreed="yes")
    assert (answer.status_code, answer.location) == (303, "/campaign")
    assert services.called("POST", "/api/campaign")[-1].body == form["text"].encode()
    assert "活动方案已更新。" in office.get("/campaign").text
    assert services.called("GET", "/api/campaign/warnings")[-1].headers["x-qihang-after"] == AFTER


def test_a_plan_that_came_into_force_meanwhile_is_to_be_looked_at_first(
    office: FlaskClient, services: FakeGateway
) -> None:
    answer = send(office, "/campaign/launch", text="campaign: xue\n", base="xue/2", agreed="yes")
    assert answer.status_code == 422 and "请重新核对" in answer.text and services.called("POST", "/api/campaign") == []


def test_a_refused_launch_says_why_and_keeps_the_text(office: FlaskClient, services: FakeGateway) -> None:
    refused = {**PREVIEW, "outcome": "refused", "refusal": "请把方案文件的 version 加 1", "version": 3}
    services.on("POST", "/api/campaign/preview", refused)
    page = send(office, text="campaign: xue\nversion: 3\n").text
    assert "version 加 1" in page and 'name="agreed"' not in page and "campaign: xue\nversion: 3\n</textarea>" in page


def test_a_file_as_large_as_allowed_is_taken_and_a_larger_form_is_not(
    office: FlaskClient, services: FakeGateway
) -> None:
    assert send(office, text="x" * 128 * 1024).status_code == 200
    assert len(services.called("POST", "/api/campaign/preview")[-1].body) == 128 * 1024
    assert send(office, text="x" * 400 * 1024).status_code == 413


def test_nothing_sent_is_asked_for(office: FlaskClient) -> None:
    answer = send(office, text="  ")
    assert answer.status_code == 422 and "请选择方案文件" in answer.text


def test_versions_say_who_when_and_what(office: FlaskClient, services: FakeGateway) -> None:
    versions = [
        {"version": 4, "outcome": "amended", "recorded_at": "2023-01-06T01:02:03.000000Z",
         "actor": "campaign_office:P00002@B1", "closed_on": "", "differences": [DIFFERENCE["message"]]},
        {"version": 3, "outcome": "launched", "recorded_at": "2022-11-01T01:02:03.000000Z", "actor": "operator:ops",
         "closed_on": "", "differences": []},
    ]  # fmt: skip
    services.on("GET", "/api/campaign/versions", {"campaign": "xue", "title": "学论述", "versions": versions})
    page = text_of(office.get("/campaign/versions").text)
    assert "方案版本 4 修改 2023-01-06 09:02，活动领导小组办公室 P00002 任务“视频展播”：截止日" in page
    assert "方案版本 3 发布" in page and "运维 ops" in page


def test_without_a_campaign_the_office_is_shown_where_to_publish(office: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/campaign/warnings", {"campaign": "", "title": "", "warnings": []})
    services.on("GET", "/api/campaign/file", problem(404, "no_campaign"))
    assert "发布活动方案" in office.get("/campaign").text
    assert "检查方案" in office.get("/campaign/revise").text


OWED = {"subjects": 24, "changed": 9, "more": 0, "less": 2, "due_changed": 7}
CUT = {"seats": [3, 3], "cut": ["88.00", "86.50"], "tied": [0, 1], "in": 1, "out": 1}
EFFECT = {
    "as_of": "2023-01-05", "owed": {"units": OWED, "people": {**OWED, "subjects": 400}},
    "overdue": {"units": [12, 5], "people": [40, 40]},
    "windows": [{"window": "2023", "units": 24, "changed": 9, "risen": 8, "fallen": 1, "score": ["71.20", "73.00"],
                 "completion": ["0.7000", "0.7300"], "frozen": True}],
    "units": [{"unit_id": "X1", "name": "一小", "before": "70.00", "after": "75.00"}],
    "awards": {"year": "2023", "units": CUT, "people": {**CUT, "cut": ["", ""]}},
}  # fmt: skip
STATE = {"effect_id": "2023-01-05-1f", "state": "done", "done": 424, "total": 424, "detail": "", "effect": EFFECT}


def test_the_effect_on_figures_is_shown_before_launching(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/campaign/effects", STATE)
    services.on("POST", "/api/campaign/preview", {**PREVIEW, "document": {"campaign": "xue"}})
    page = text_of(send(office, text="campaign: xue\n").text)
    assert "单位 24 9 0 2 7 12 → 5" in page and "人员 400 9 0 2 7 40 → 40" in page
    assert "2023 年 已锁定，正式数据不变 9/24 8 1 71.20 → 73.00 0.7000 → 0.7300" in page
    assert "先进单位 2023 年 3 → 3 88.00 → 86.50 0 → 1 1 1" in page and "先进个人 2023 年 3 → 3 — → —" in page
    assert "一小 X1 70.00 75.00" in page
    assert services.called("POST", "/api/campaign/effects")[-1].json == {"document": {"campaign": "xue"}}


def test_an_effect_that_takes_longer_shows_how_far_it_is(office: FlaskClient, services: FakeGateway) -> None:
    running = {**STATE, "state": "running", "done": 100, "effect": None}
    services.on("POST", "/api/campaign/effects", running)
    page = send(office, text="campaign: xue\n").text
    assert "已算 100/424" in text_of(page) and 'hx-get="/campaign/effect?effect=2023-01-05-1f&amp;poll=1"' in page
    services.on("GET", "/api/campaign/effects/2023-01-05-1f", running)
    whole = office.get("/campaign/effect?effect=2023-01-05-1f").text
    assert "刷新" in whole and "<html" in whole
    services.on("GET", "/api/campaign/effects/2023-01-05-1f", STATE)
    part = office.get("/campaign/effect?effect=2023-01-05-1f&poll=1", headers={"HX-Request": "true"}).text
    assert "<html" not in part and "71.20 → 73.00" in part and "hx-get" not in part
    assert office.get("/campaign/effect?effect=../x").status_code == 404


def test_without_assessment_the_plan_can_still_be_looked_at(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/campaign/effects", problem(503, "unavailable", "考核服务正在重建数据"))
    page = text_of(send(office, text="campaign: xue\n").text)
    assert "考核服务正在重建数据，暂时不能试算" in page and "发布新版本" in page


def test_a_new_campaign_has_no_figures_to_compare(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/campaign/preview", {**PREVIEW, "outcome": "launched", "differences": [], "base": ""})
    page = text_of(send(office, text="campaign: new\n").text)
    assert "新的主题活动，共 1 项任务" in page and "对数据的影响" not in page
    assert services.called("POST", "/api/campaign/effects") == []
