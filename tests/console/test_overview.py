"""The district at a glance, the scoreboard's choices and one unit's page: as the services say it, in words, and as
files."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import LEADER, person_with
from tests.console.test_pages import board, text_of, unit
from tests.support.fake_gateway import DROP, FakeGateway, problem

SUPERVISION = ("see_figures", "see_duties", "see_records")


def sums(owed: int, done: int, punctual: int, **more: Any) -> dict[str, Any]:
    return {"owed": owed, "done": done, "punctual": punctual, "completion": "0.7500", "on_time": "0.5000", **more}


DUTY = {"duty": "video", "title": "视频展播", "record": "video", "every": "month", "of_persons": False}
ANSWER = {
    "campaign": "xue", "title": "学论述", "window": "2023", "as_of": "2023-03-15", "windows": ["2023", "2023-02"],
    "position": "", "units": 3, "whole": sums(16, 12, 8),
    "months": [sums(8, 6, 4, month="2023-01"), sums(8, 6, 4, month="2023-02")],
    "duties": [sums(16, 12, 8, **DUTY, months=[sums(8, 6, 4, month="2023-01"), sums(8, 8, 8, month="2023-02")])],
    "kinds": [sums(16, 12, 8, id="school", name="school", units=3)],
    "zones": [sums(12, 9, 6, id="X1", name="第一中学", units=2), sums(4, 3, 2, id="", name="", units=1)],
    "liaisons": [sums(16, 12, 8, id="O1", name="基础教育股", units=3)],
    "still": {"total": 1, "lines": [{"unit_id": "X3", "name": "实验小学", "kind": "school", "liaison_id": "O1",
                                     "last": "", "days": 70, "owed": 4, "done": 0}]},
    "choices": {"kinds": ["school"], "zones": [{"id": "X1", "name": "第一中学"}],
                "liaisons": [{"id": "O1", "name": "基础教育股"}], "duties": [{"id": "video", "name": "视频展播"}]},
}  # fmt: skip


@pytest.fixture
def bureau(app: Flask, services: FakeGateway) -> FlaskClient:
    rights = (*LEADER, "see_duties", "see_records")
    return person_with(app, services, "P00002", rights=rights, posts=[("leader", "B1", "教育局")])


def rows_of(data: bytes, sheet: int = 0) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return list(book.worksheets[sheet].iter_rows(values_only=True))


def test_the_overview_shows_what_was_owed_done_and_on_time_and_where_nothing_moves(
    bureau: FlaskClient, services: FakeGateway
) -> None:
    services.on("GET", "/api/overview", ANSWER)
    page = bureau.get("/overview").text
    text = text_of(page)
    for words in ("应完成 16", "已完成 12", "按时完成 8", "完成率 75.0%", "按时率 50.0%", "长期没有填报的单位：1 个",
                  "第一中学（2 个单位）", "不属于任何辖区（1 个单位）",
                  "基础教育股（3 个单位） 8 / 4 / 4"):  # fmt: skip
        assert words in text, words
    assert "/unit-detail?unit=X3&amp;window=2023" in page
    assert 'state-overdue">75.0%<small>6/8' in page and 'state-done">75.0%<small>8/8' in page


def test_what_was_chosen_is_asked_for_and_kept(bureau: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/overview", ANSWER)
    page = bureau.get("/overview?kind=school&zone=X1&liaison=O1&duty=video&as_of=2023-03-15&days=14").text
    assert services.calls[-1].query == {"kind": "school", "zone_id": "X1", "liaison_id": "O1", "duty": "video",
                                        "as_of": "2023-03-15", "still_days": "14"}  # fmt: skip
    assert '<option value="X1" selected>' in page and 'name="days" min="1" max="400" value="14"' in page
    bureau.get("/overview?days=99999999999999999999&as_of=x")
    assert services.calls[-1].query == {"still_days": "30"}


def test_every_table_can_be_taken_as_a_workbook_with_numbers(bureau: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/overview", ANSWER)
    months = rows_of(bureau.get("/overview/months.xlsx").data)
    assert months[0] == ("月份", "应完成", "已完成", "按时完成", "完成率", "按时率")
    assert months[1] == ("2023-01", 8, 6, 4, 0.75, 0.5)
    whole = openpyxl.load_workbook(io.BytesIO(bureau.get("/overview/all.xlsx?duty=video").data))
    assert whole.sheetnames == ["各月完成情况", "各项任务完成情况", "各项任务分月", "各类单位完成情况",
                                "各中心校辖区完成情况", "各包联股室完成情况", "长期没有填报的单位", "说明"]  # fmt: skip
    assert ("任务", "视频展播") in list(whole["说明"].iter_rows(values_only=True))
    assert bureau.get("/overview/other.xlsx").status_code == 404


@pytest.mark.parametrize(
    ("answer", "words"),
    [(problem(409, "no_campaign"), "还没有发布主题活动"), (problem(422, "bad_window", "没有这个时段"), "没有这个时段"),
     (DROP, "暂时没有答复"), ({**ANSWER, "whole": sums(0, 0, 0)}, "还没有到期的任务")],
)  # fmt: skip
def test_an_empty_overview_says_why(bureau: FlaskClient, services: FakeGateway, answer: Any, words: str) -> None:
    if answer == DROP:
        services.fault("/api/overview", DROP)
    else:
        services.on("GET", "/api/overview", answer)
    page = bureau.get("/overview")
    assert page.status_code == 200 and words in page.text


def test_the_supervision_office_opens_the_units_that_it_stands_over(app: Flask, services: FakeGateway) -> None:
    browser = person_with(app, services, "P00003", rights=SUPERVISION, posts=[("head", "O2", "督查室")])
    services.on("GET", "/api/scoreboard", board(unit("X1", 1), unit("O5", None, kind="office")))
    page = browser.get("/scoreboard").text
    assert "/unit-detail?unit=O5" in page and "/unit-detail?unit=X1" not in page


EXACT = {"score_exact": "2747/30", "base_exact": "97"}
POOLS = {"pools": [["office"], ["school", "kindergarten"]], "figures": "present", "freeze": None}


def test_the_scoreboard_is_narrowed_to_a_pool_searched_and_sorted(operator: FlaskClient, services: FakeGateway) -> None:
    units = [unit("X1", 1, on_time="0.2000"), unit("X2", 2, on_time="0.9000"), unit("O1", 3, kind="office")]
    services.on("GET", "/api/scoreboard", board(*units, **POOLS))
    text = text_of(operator.get("/scoreboard?pool=2&sort=on_time").text)
    assert "单位O1" not in text and text.index("单位X2") < text.index("单位X1")
    assert "学校、幼儿园" in text
    text = text_of(operator.get("/scoreboard?search=x2").text)
    assert "单位X2" in text and "单位X1" not in text
    assert "没有这样的单位" in operator.get("/scoreboard?search=none").text


def test_the_scoreboard_is_asked_as_known_at_an_instant(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/scoreboard", board(unit("X1", 1), **POOLS))
    page = operator.get("/scoreboard?known_at=2023-05-01T08:00").text
    assert services.calls[-1].query == {"known_at": "2023-05-01T08:00"}
    assert "/scoreboard/scoreboard.xlsx?known_at=2023-05-01T08:00" in page


@pytest.mark.parametrize("path", ["/duties?", "/score?", "/not-handed-in?", "/unit-detail?",
                                  "/duties/records?duty=video&period=2023-05&"])  # fmt: skip
def test_what_was_known_at_an_instant_leads_back_to_now_from_every_page(
    app: Flask, services: FakeGateway, path: str
) -> None:
    """Also from one that cannot be shown: nothing was launched by then."""
    who = person_with(app, services, "P00001", ("see_duties", "see_duties_by_person"), [("head", "X1", "一小")])
    for route in ("/api/duties", "/api/duties/people"):
        services.on("GET", route, problem(422, "before_the_campaign", "那时还没有启动活动方案，请填启动以后的时间。"))
    for typed in ("2023-05-01T08:00", "2023-05-01", "nonsense"):
        page = who.get(f"{path}unit=X1&window=2023&known_at={typed}").text
        assert f"数据时点 {typed.replace('T', ' ')}" in page and "那时还没有启动活动方案" in page
        link = re.search(r'<a class="notprinted" href="([^"]+)">看现在的数据</a>', page)
        assert link and link[1].startswith(path.split("?")[0]) and "known_at" not in link[1]
        assert ("duty=video&amp;" in link[1]) == ("duty=" in path)


def test_a_unit_opened_from_the_scoreboard_is_shown_as_known_then(operator: FlaskClient, services: FakeGateway) -> None:
    """As asked; of official figures as of the freeze, or the two pages tell different things."""
    services.on("GET", "/api/scoreboard", board(unit("X1", 1), **POOLS) | {"known_at": "2023-05-01T08:00"})
    page = operator.get("/scoreboard?known_at=2023-05-01T08:00").text
    assert re.search(r"/unit-detail\?unit=X1&amp;window=2023[^\"]*&amp;known_at=2023-05-01T08:00\"", page)
    services.on("GET", "/api/duties", problem(409, "no_campaign"))
    away = operator.get("/unit-detail?unit=X1&window=2023&known_at=2023-05-01T08:00").text
    assert "看现在的数据" in away and '/unit-detail?unit=X1&amp;window=2023"' in away
    assert '<p class="eyebrow">单位详情</p>' not in away, "the same as the heading"
    asked = services.called("GET", "/api/duties")[-1].query
    assert asked == {"unit_id": "X1", "window": "2023", "known_at": "2023-05-01T08:00"}
    freeze = {
        "known_at": "2024-01-06T00:00:00Z",
        "since": "2024-01-06T08:00",
        "actor": "operator",
        "admitted": 0,
    }
    services.on(
        "GET",
        "/api/scoreboard",
        board(unit("X1", 1), **POOLS) | {"known_at": None, "figures": "official", "freeze": freeze},
    )
    assert "known_at=2024-01-06T00:00:00Z" in operator.get("/scoreboard").text


def test_the_scoreboard_s_file_bears_the_exact_figures(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/scoreboard", board(unit("X1", 1, score="91.57", **EXACT), **POOLS))
    header, row = rows_of(operator.get("/scoreboard/scoreboard.xlsx").data)
    line = dict(zip(header, row, strict=True))
    assert (line["得分"], line["得分（精确值）"], line["任务完成分（精确值）"]) == (91.57, "2747/30", "97")
    assert (line["名次"], line["单位"], line["评选组别"]) == (1, "单位X1", "学校、幼儿园")


def test_a_unit_s_page_shows_its_parts_duties_findings_and_sheets(bureau: FlaskClient, services: FakeGateway) -> None:
    line = {"duty": "video", "title": "视频展播", "record": "video", "every": "month", "period": "2023-02", "needed": 1,
            "weight": "1.00", "worth": "5.00", "unit_id": "X1", "person_id": "", "start": "2023-02-01",
            "due": "2023-02-28", "done": 0, "state": "overdue", "excuse": "", "records": []}  # fmt: skip
    part = {"duty": "video", "title": "视频展播", "weight": "1.00", "instances": 4, "complete": 3, "on_time": 2,
            "late": 1,
            "credit": "0.6250", "points": "12.50", "most": "20.00"}  # fmt: skip
    figures = {"base": "97.10", "sheet": None, "deduction": "0.50", "score": "96.60", "completion": "0.9310",
               "on_time": "0.9000", "evidence": "0.5000"}  # fmt: skip
    finding = {"finding_id": "F7", "found_on": "2023-01-05", "points": "0.50", "deadline": "2023-01-20",
               "rectified_on": "", "deducts": True}  # fmt: skip
    sheet = {"period": "2023-Q1", "assessed": 2, "items": 5, "points": "8.00", "most": "10.00"}
    services.on("GET", "/api/duties", {
        "title": "学论述", "window": "2023", "as_of": "2023-03-15", "windows": ["2023"], "name": "第一中学",
        "unit_id": "X1",
        "duties": [line], "people": [], "figures": figures, "parts": [part], "findings": [finding], "sheets": [sheet],
        "ranking": {"rank": 3, "band": "front", "score": "96.60", "position": ""}, "points": None,
    })  # fmt: skip
    text = text_of(bureau.get("/unit-detail?unit=X1").text)
    for words in (
        "第一中学",
        "名次 3",
        "得分 96.60",
        "视频展播 4 3 2 1 12.50 20.00",
        "未整改，计入扣分",
        "待考核，暂不计分",
    ):
        assert words in text, words
    assert "请选择一个单位" in bureau.get("/unit-detail").text


def test_who_leads_begins_with_the_district_and_sees_there_what_waits_for_them(
    app: Flask, services: FakeGateway
) -> None:
    services.on("GET", "/api/overview", ANSWER)
    proposal = {"status": "waiting", "proposed_by": "P00009", "year": "2022"}
    services.on("GET", "/api/decision-proposals", {"proposals": [proposal]})
    rights = (*LEADER, "see_campaign", "confirm_decision")
    leader = person_with(app, services, "P00001", rights=rights, posts=[("leader", "B1", "教育局")])
    assert leader.get("/").location == "/overview"
    assert "等您复核： 2022 年度评选的决定 1 项" in text_of(leader.get("/overview").text)
