"""An office orders a report on the console and downloads it with names, as files or as one workbook."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from tests.console.conftest import csrf
from tests.console.test_pages import board, text_of
from tests.support.fake_gateway import Answer, Call, FakeGateway, problem

SCORES = "window,as_of,unit_id,score\n2023,2023-12-31,X001,96.85\n2023,2023-12-31,X9,80.00\n"
PEOPLE = "year,unit_id,person_id,points,status\n2023,X001,P1,3.00,awarded\n2023,X001,P2,2.00,tied\n"
FILES = {"unit_scores.csv": SCORES, "individuals.csv": PEOPLE}
NAMES = {"units": {"X001": "第1中学"}, "people": {"P1": "=许悦丽", "P2": ""}}
LINES = [
    {"what": "score", "id": "2023", "as_of": "2023-12-31"}, {"what": "award", "id": "2023", "as_of": "2023-12-31"},
    {"what": "outstanding", "id": "", "as_of": "2023-12-31"},
]  # fmt: skip


def names_of(call: Call) -> dict[str, Any]:
    wanted = call.json
    return {kind: {item: NAMES[kind][item] for item in wanted.get(kind, ()) if item in NAMES[kind]}
            for kind in ("units", "people")}  # fmt: skip


@pytest.fixture
def finished(services: FakeGateway) -> FakeGateway:
    """A report R-1 that is finished, of two files."""
    services.on("GET", "/api/scoreboard", board())
    services.on("GET", "/api/reports", {"reports": []})
    services.on("GET", "/api/record-kinds", {"kinds": [{"id": "video", "title": "视频展播", "duty": "video"}]})
    services.on("POST", "/api/reports", Answer(202, {"report_id": "R-1"}))
    state = {"state": "done", "done": 5, "total": 5, "detail": "", "files": list(FILES)}
    services.on("GET", "/api/reports/R-1", state)
    for name, text in FILES.items():
        services.on("GET", f"/api/reports/R-1/{name}", Answer(200, text.encode(), "text/csv"))
    services.on("POST", "/api/names", names_of)
    return services


def test_a_report_is_ordered_for_the_windows_that_were_chosen(operator: FlaskClient, finished: FakeGateway) -> None:
    form = {"window": ["2023"], "as_of": "2023-12-31", "awards": "yes", "outstanding": "yes", "known_at": ""}
    answer = operator.post("/reports", data={**form, "csrf": csrf(operator, "/reports")})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/reports/R-1?known_at=")
    assert finished.called("POST", "/api/reports")[0].json == {"windows": LINES}


def test_a_report_of_nothing_or_of_no_day_is_not_ordered(operator: FlaskClient, finished: FakeGateway) -> None:
    token = csrf(operator, "/reports")
    page = operator.post("/reports", data={"as_of": "2023-12-31", "csrf": token})
    assert page.status_code == 422 and 'id="e-window">请至少选择一个' in page.text and 'value="2023-12-31"' in page.text
    page = operator.post("/reports", data={"window": ["2023"], "as_of": "2023-02-30", "csrf": token})
    assert page.status_code == 422 and 'id="e-as_of">请选择截至日期' in page.text
    assert 'value="2023" checked' in page.text, "what was ticked stays"
    assert finished.called("POST", "/api/reports") == []


def test_the_form_shows_why_the_service_refuses(operator: FlaskClient, finished: FakeGateway) -> None:
    finished.on("POST", "/api/reports", problem(422, "invalid_windows", "没有 2031 这个时段"))
    form = {"window": ["2031"], "as_of": "2023-12-31", "csrf": csrf(operator, "/reports")}
    assert "没有 2031 这个时段" in operator.post("/reports", data=form).text


def test_a_report_that_is_not_ready_says_how_far_it_is(operator: FlaskClient, finished: FakeGateway) -> None:
    finished.on("GET", "/api/reports/R-1", {"state": "running", "done": 3, "total": 5, "detail": "", "files": []})
    assert "已完成 3 / 5" in text_of(operator.get("/reports/R-1").text)
    assert operator.get("/reports/R-1/report.xlsx").status_code == 409


def test_every_link_of_a_report_leads_to_its_file(operator: FlaskClient, finished: FakeGateway) -> None:
    page = operator.get("/reports/R-1?known_at=2024-01-09T10:00").text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)" download', page)]
    assert len(links) == 5 and all(operator.get(link).status_code == 200 for link in links)
    assert {call.json["known_at"] for call in finished.called("POST", "/api/names")} == {"2024-01-09T10:00"}


def test_a_file_has_names_behind_its_columns_and_its_figures_as_they_are(
    operator: FlaskClient, finished: FakeGateway
) -> None:
    text = operator.get("/reports/R-1/individuals.csv").text
    assert text.splitlines() == [
        "year,unit_id,person_id,points,status,unit_name,person_name",
        "2023,X001,P1,3.00,awarded,第1中学,'=许悦丽",
        "2023,X001,P2,2.00,tied,第1中学,",
    ]
    assert operator.get("/reports/R-1/unit_scores.csv").text.splitlines()[2] == "2023,2023-12-31,X9,80.00,"


def test_the_workbook_has_a_sheet_a_file_and_no_name_is_a_formula(operator: FlaskClient, finished: FakeGateway) -> None:
    answer = operator.get("/reports/R-1/report.xlsx")
    assert "filename=report.xlsx" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["单位得分", "拟表彰个人"]
    header, row, *_ = book["拟表彰个人"].iter_rows()
    assert [cell.value for cell in header] == ["年度", "单位编号", "人员编号", "积分", "结果", "单位", "姓名"]
    assert [cell.value for cell in row] == ["2023 年", "X001", "P1", 3, "拟表彰", "第1中学", "=许悦丽"]
    assert row[-1].data_type == "s" and row[3].data_type == "n"


def test_a_leader_gets_the_names_of_units_and_no_person_s(leader: FlaskClient, finished: FakeGateway) -> None:
    assert leader.get("/reports/R-1/individuals.csv").text.splitlines()[:2] == [
        "year,unit_id,person_id,points,status,unit_name", "2023,X001,P1,3.00,awarded,第1中学",
    ]  # fmt: skip
    assert all("people" not in call.json for call in finished.called("POST", "/api/names"))
    assert "姓名不出单位" in leader.get("/reports/R-1").text


def test_without_names_there_is_no_download(operator: FlaskClient, finished: FakeGateway) -> None:
    finished.on("POST", "/api/names", problem(502, "service_away"))
    assert operator.get("/reports/R-1/report.xlsx").status_code == 502


@pytest.mark.parametrize("path", ["/reports/..%2Fx", "/reports/R-1/x.txt", "/reports/R-1/..csv", "/reports/R-2/a.csv"])
def test_a_path_that_names_no_report_is_404(operator: FlaskClient, finished: FakeGateway, path: str) -> None:
    finished.on("GET", "/api/reports/R-2", problem(404, "unknown_report"))
    assert operator.get(path).status_code == 404


def test_nobody_else_orders_reports(browser: FlaskClient, finished: FakeGateway) -> None:
    assert browser.get("/reports").status_code == 302
    assert browser.get("/reports/R-1/report.xlsx").status_code == 302


def test_duties_are_named_besides_their_ids(operator: FlaskClient, finished: FakeGateway) -> None:
    files = ["outstanding.csv"]
    finished.on("GET", "/api/reports/R-1", {"state": "done", "done": 5, "total": 5, "detail": "", "files": files})
    owed = "as_of,duty,period,unit_id,person_id,due,counted,count,overdue\n"
    owed += "2023-12-31,video,2023-12,X001,,2023-12-31,0,1,no\n"
    finished.on("GET", "/api/reports/R-1/outstanding.csv", Answer(200, owed.encode(), "text/csv"))
    book = openpyxl.load_workbook(io.BytesIO(operator.get("/reports/R-1/report.xlsx").data))
    header, row = book["未完成事项"].iter_rows(values_only=True)
    assert dict(zip(header, row, strict=True)) == {
        "截至": "2023-12-31", "任务编号": "video", "周期": "2023 年 12 月", "单位编号": "X001", "人员编号": None,
        "截止日": "2023-12-31", "已有": 0, "应有": 1, "是否逾期": "否", "任务": "视频展播", "单位": "第1中学",
        "姓名": None}  # fmt: skip


def test_reports_of_the_last_hour_are_found_again(operator: FlaskClient, finished: FakeGateway) -> None:
    kept = {"report_id": "R-1", "state": "running", "done": 3, "total": 5, "began_at": "2024-01-09T01:00:00.000000Z",
            "windows": LINES, "known_at": "", "campaign": "x"}  # fmt: skip
    finished.on("GET", "/api/reports", {"reports": [kept]})
    page = operator.get("/reports").text
    assert "2023 年、2023 年拟表彰、未完成事项" in text_of(page) and "正在统计 3 / 5" in text_of(page)
    assert "/reports/R-1?known_at=" in page


SUMS = {"owed": 10, "done": 8, "punctual": 6, "completion": "0.8000", "on_time": "0.6000"}
OVERVIEW = {
    "window": "2022-Q4", "windows": ["2022", "2022-Q4"], "as_of": "2022-12-31", "units": 2, "whole": SUMS,
    "months": [{"month": "2022-11", **SUMS}, {"month": "2022-12", **SUMS, "owed": 4}],
    "duties": [{"duty": "video", "title": "视频展播", **SUMS, "months": [{"month": "2022-12", **SUMS}]}],
    "choices": {"kinds": ["office", "school"]},
}  # fmt: skip


def test_counts_go_upward_by_task_and_month(operator: FlaskClient, finished: FakeGateway) -> None:
    finished.on("GET", "/api/overview", OVERVIEW)
    text = text_of(operator.get("/reports/counts?window=2022-Q4&kind=school").text)
    assert finished.called("GET", "/api/overview")[-1].query["kind"] == "school"
    assert "2022 年第 4 季度，学校" in text and "视频展播 — 10/8/6 10/8/6" in text
    book = openpyxl.load_workbook(io.BytesIO(operator.get("/reports/counts.xlsx?window=2022-Q4").data))
    header, video, whole = book["任务完成情况"].iter_rows(values_only=True)
    assert header[:5] == ("任务", "应完成", "已完成", "按时完成", "2022 年 11 月 应完成")
    assert video == ("视频展播", 10, 8, 6, None, None, None, 10, 8, 6)
    assert whole[-3:] == (4, 8, 6)
