"""The candidates of a year: pools with the cut, ties and reserve, people with names; and decisions by two hands."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.commendation_words import Reasons
from tests.console.conftest import csrf, person_with
from tests.console.test_pages import text_of
from tests.support.fake_gateway import FakeGateway, problem

OFFICE = ("see_candidates", "propose_decision", "confirm_decision", "freeze_figures", "see_figures", "see_row")


def unit(unit_id: str, status: str, position: int, score: str = "100.00") -> dict[str, Any]:
    return {"unit_id": unit_id, "name": f"单位{unit_id}", "kind": "school", "status": status, "position": position,
            "score": score, "score_exact": "100", "completion": "1.0000", "on_time": "1.0000"}  # fmt: skip


ANSWER = {
    "campaign": "xue", "title": "学论述", "year": "2023", "years": ["2023"], "figures": "present", "freeze": None,
    "settled_on": "2023-12-31", "settled": True, "calculating": False, "known_at": "2024-01-18T01:30:00.000000Z",
    "percent": "15", "pass_line": "80.00",
    "pools": [{"pool": 1, "kinds": ["school"], "members": 20, "seats": 3, "lines": [
        unit("X1", "awarded", 1), unit("X2", "awarded", 2), unit("X3", "tied", 3), unit("X4", "tied", 3),
        unit("X5", "reserve", 5, "91.00")]}],
    "people": {"seats": 2, "allocation": "by_unit", "eligible": 9, "units": [
        {"unit_id": "X1", "name": "单位X1", "eligible": 5, "quota": 2, "lines": [
            {"person_id": "P1", "points": "61.00", "status": "awarded"}]}]},
    "decisions": [{"decision_id": "D1", "kind": "veto", "unit_id": "X9", "name": "单位X9", "person_id": "",
                   "document": "纪要1号", "binds": False}],
}  # fmt: skip
WAITING = {
    "proposal_id": "proposal-1", "act": "sign", "decision_id": "award-decision-1", "kind": "choose", "unit_id": "X3",
    "unit_name": "单位X3", "person_id": "", "person_name": "", "document": "纪要2号", "decided_on": "2024-01-18",
    "reason": "并列评定", "proposed_by": "P00002", "proposer_name": "李一",
    "proposed_at": "2024-01-18T01:00:00.000000Z",
    "status": "waiting", "settled_by": "", "settled_at": "", "returned_because": "",
}  # fmt: skip


@pytest.fixture
def office(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/candidates", ANSWER)
    services.on("GET", "/api/decision-proposals", {"proposals": [WAITING]})
    services.on("POST", "/api/candidate-names", {"people": {"P1": "张三"}})
    person = {"person_id": "P1", "name": "张三", "unit_id": "X3", "unit_name": "单位X3"}
    services.on("POST", "/api/look-up", {"people": [person]})
    services.on("GET", "/api/units", {"units": [{"unit_id": "X3", "name": "单位X3", "closed_on": ""}]})
    return person_with(app, services, "P00002", rights=OFFICE, posts=[("campaign_office", "B1", "教育局")])


def test_candidates_stand_with_the_cut_ties_reserve_names_and_reasons(office: FlaskClient) -> None:
    text = text_of(office.get("/commendation").text)
    for words in ("参评单位 20", "名额 3", "最低分 100.00",
                  "2 个单位得分、完成率、按时率都相同，争 1 个名额，待会议评定",
                  "名额到此为止，以下为递补名单 5 单位X5", "名额之后第 2 位，依次递补", "张三", "名额 2/5 人", "61.00",
                  "锁定之后签署，未计入", "截至 2024-01-18 09:30 已经报来的数据"):  # fmt: skip
        assert words in text, words


def test_whoever_entered_a_decision_is_not_offered_to_confirm_it(
    app: Flask, services: FakeGateway, office: FlaskClient
) -> None:
    own = office.get("/commendation").text
    assert "待复核的决定 1 项" in own and "复核通过</button>" not in own and "撤回</button>" in own
    leader = person_with(app, services, "P00001", rights=("see_candidates", "confirm_decision"), name="局长",
                         posts=[("leader", "B1", "教育局")])  # fmt: skip
    page = leader.get("/commendation").text
    assert "复核通过</button>" in page and "提出决定" not in page and "李一" in page
    services.on("POST", "/api/decision-proposals/.+", {"positions": ["participation/0/9"]})
    form = {"csrf": csrf(leader, "/commendation"), "proposal": "proposal-1", "year": "2023"}
    assert leader.post("/commendation/confirm", data=form).status_code == 303
    posted = [call.path for call in services.calls if call.method == "POST" and "proposals" in call.path]
    assert posted == ["/api/decision-proposals/proposal-1/confirm"]


def test_a_decision_is_entered_with_the_minutes_and_refused_at_its_fields(
    office: FlaskClient, services: FakeGateway
) -> None:
    page = "/commendation/decide?year=2023&unit_id=X3&kind=choose"
    form = {"csrf": csrf(office, page), "proposal": "proposal-7", "kind": "choose", "year": "2023", "unit_id": "X3"}
    missing = office.post("/commendation/decide", data=form)
    assert missing.status_code == 422
    for name, text in (("document", "会议纪要文号"), ("decided_on", "决定日期"), ("reason", "理由")):
        assert f'<a href="#e-{name}">请填写{text}。' in missing.text and f'id="e-{name}">请填写{text}。' in missing.text
    whole = {**form, "document": "纪要2号", "decided_on": "2024-01-18", "reason": "并列评定"}
    no_day = office.post("/commendation/decide", data={**whole, "decided_on": "2024-02-30"})
    assert no_day.status_code == 422 and "“2024-02-30”不是有效日期" in no_day.text
    assert "请选择一个单位" in office.post("/commendation/decide", data={**whole, "person_id": "P1"}).text
    services.on("POST", "/api/decision-proposals", problem(422, "duplicate", "已有同样的决定。", column="kind"))
    assert "已有同样的决定。" in office.post("/commendation/decide", data=whole).text
    services.on("POST", "/api/decision-proposals", {"positions": []})
    assert office.post("/commendation/decide", data=whole).status_code == 303
    assert services.calls[-1].json == {
        "proposal_id": "proposal-7", "act": "sign", "decision_id": "", "kind": "choose", "year": "2023",
        "unit_id": "X3", "person_id": "", "document": "纪要2号", "decided_on": "2024-01-18", "reason": "并列评定",
    }  # fmt: skip


def test_a_decision_that_came_after_the_freeze_is_admitted_with_its_minutes(
    office: FlaskClient, services: FakeGateway
) -> None:
    services.on("POST", "/api/admissions", {"positions": []})
    form = {"csrf": csrf(office, "/commendation"), "year": "2023", "decision_id": "D1", "document": "纪要1号"}
    assert office.post("/commendation/admit", data=form).status_code == 303
    assert services.calls[-1].json == {"window": "2023", "decision": "纪要1号", "rows": ["decisions/D1"]}


def test_candidates_are_taken_as_a_workbook_with_names(office: FlaskClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(office.get("/commendation/commendation.xlsx").data))
    assert book.sheetnames == ["先进单位第 1 组", "先进个人", "决定", "说明"]
    rows = list(book["先进个人"].iter_rows(values_only=True))
    assert rows[1][:6] == ("X1", "单位X1", "P1", "张三", 61, "拟表彰")


def test_what_is_still_calculated_says_so(office: FlaskClient, services: FakeGateway) -> None:
    services.on(
        "GET",
        "/api/candidates",
        {**ANSWER, "calculating": True, "known_at": None, "pools": [], "people": None, "decisions": []},
    )
    page = office.get("/commendation").text
    assert "正在计算评选结果" in page and "方案没有表彰" not in page


def test_without_participation_the_candidates_are_shown_without_names(
    office: FlaskClient, services: FakeGateway
) -> None:
    services.on("GET", "/api/decision-proposals", problem(502, "service_away"))
    services.on("POST", "/api/candidate-names", problem(502, "service_away"))
    text = text_of(office.get("/commendation").text)
    assert "待复核的决定和姓名看不到" in text and "（姓名暂时看不到） P1" in text and "单位X5" in text


def test_who_was_not_chosen_of_a_tie_is_the_first_reserve() -> None:
    pool = {"seats": 1, "lines": [unit("K1", "reserve", 1), unit("K2", "awarded", 1), unit("K3", "reserve", 3)]}
    assert [Reasons({}).of_unit(pool, line) for line in pool["lines"]] == [
        "名额之后第 1 位，依次递补", "在 1 个名额之内", "名额之后第 2 位，依次递补"]  # fmt: skip
