"""The pages show the services' figures as they are, in Chinese, whole without scripts and without any other site."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import console
from console.labels import short_window_label, window_groups, window_label
from tests.support.fake_gateway import DROP, FakeGateway, problem

FOLDER = Path(console.__file__).parent
FIGURES = {
    "base": "97.10",
    "sheet": "",
    "deduction": "0.25",
    "score": "96.85",
    "completion": "0.9310",
    "on_time": "0.9000",
    "evidence": "0.5000",
}


def unit(unit_id: str, rank: int | None, **more: Any) -> dict[str, Any]:
    return {"unit_id": unit_id, "name": f"单位{unit_id}", "kind": "school", "band": "", "rank": rank, **FIGURES, **more}


def board(*units: dict[str, Any], **more: Any) -> dict[str, Any]:
    shown = {"window": "2023", "as_of": "2023-12-31", "known_at": "2024-01-09T10:00:00Z", "title": "学论述"}
    return {**shown, "windows": ["2023", "2023-spring"], "units": list(units), **more}


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_scoreboard_is_ordered_by_rank_with_unranked_units_apart(
    operator: FlaskClient, services: FakeGateway
) -> None:
    units = [unit("B1", None, kind="bureau"), unit("X3", 3), unit("X2", 1), unit("X1", 1)]
    services.on("GET", "/api/scoreboard", board(*units))
    text = text_of(operator.get("/scoreboard").text)
    places = [text.index(word) for word in ("单位X1", "单位X2", "单位X3", "不参加排名的单位", "单位B1")]
    assert places == sorted(places)
    assert "1 单位X1 X1 学校 96.85 97.10 0.25 93.10% 90.00% 50.00%" in text


def test_the_window_and_the_day_that_were_chosen_are_asked_for_and_shown(
    operator: FlaskClient, services: FakeGateway
) -> None:
    services.on("GET", "/api/scoreboard", board(unit("X1", None), window="2023-spring", as_of="2023-06-30"))
    page = operator.get("/scoreboard?window=2023-spring&as_of=2023-06-30").text
    assert services.calls[-1].query == {"window": "2023-spring", "as_of": "2023-06-30"}
    assert '<option value="2023-spring" selected>2023 年春季学期</option>' in page
    assert 'name="as_of" value="2023-06-30"' in page


def test_the_instant_that_was_asked_for_is_shown_as_it_was_typed(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/scoreboard", board(unit("X1", 1), known_at="2023-11-15T09:05"))
    assert "数据时点 2023-11-15 09:05" in text_of(operator.get("/scoreboard?known_at=2023-11-15T09:05").text)
    services.on("GET", "/api/scoreboard", board(unit("X1", 1)))
    assert "数据时点 2024-01-09 18:00" in text_of(operator.get("/scoreboard").text)


def test_a_day_that_is_none_is_not_asked_for(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/scoreboard", board())
    assert operator.get("/scoreboard?as_of=2023-02-30").status_code == 200
    assert "as_of" not in services.calls[-1].query


def test_names_are_never_markup(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/scoreboard", board(unit("X1", 1, name="<script>alert(1)</script>")))
    page = operator.get("/scoreboard").text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (problem(404, "no_campaign"), "还没有发布主题活动"),
        (problem(422, "unknown_window", "没有这个时段"), "没有这个时段"),
        (problem(502, "service_away"), "没有答复"),
        (DROP, "没有答复"),
        (board(), "还没有得分"),
    ],
)
def test_an_empty_scoreboard_says_why(operator: FlaskClient, services: FakeGateway, answer: Any, words: str) -> None:
    if answer == DROP:
        services.fault("/api/scoreboard", DROP)
    else:
        services.on("GET", "/api/scoreboard", answer)
    page = operator.get("/scoreboard")
    assert page.status_code == 200 and words in page.text


def test_the_status_page_shows_what_of_the_campaign_is_to_be_looked_at(
    operator: FlaskClient, services: FakeGateway
) -> None:
    message = "任务“论坛”没有学期可计"
    warnings = {"warnings": [{"code": "no_period_ahead", "duty": "forum", "message": message}]}
    services.on("GET", "/api/campaign/warnings", warnings)
    assert message in operator.get("/status").text
    assert message not in operator.get("/status?poll=1").text  # a refresh asks only what moves


def test_leaders_too_see_what_of_the_campaign_is_to_be_looked_at(leader: FlaskClient, services: FakeGateway) -> None:
    warning = {"code": "no_period_ahead", "duty": "forum", "message": "任务“论坛”没有学期可计"}
    answer = {"campaign": "xue", "title": "学论述", "warnings": [warning]}
    services.on("GET", "/api/campaign/warnings", answer)
    assert warning["message"] in leader.get("/campaign").text
    services.on("GET", "/api/campaign/warnings", {**answer, "warnings": []})
    assert "没有需要留意之处" in leader.get("/campaign").text
    services.on("GET", "/api/campaign/warnings", {"campaign": "", "title": "", "warnings": []})
    assert "还没有发布主题活动" in leader.get("/campaign").text


def test_the_status_page_shows_every_service_and_one_that_is_away(operator: FlaskClient, services: FakeGateway) -> None:
    cursor = {"source": "participation", "partition": 0, "position": 5, "head": 9, "lag_events": 4, "lag_seconds": 2}
    body = {
        "live": True,
        "ready": True,
        "heads": [{"partition": 0, "position": 9}],
        "cursors": [{**cursor, "state": "stopped", "reason": "hash_mismatch"}],
        "quarantine": 3,
        "waiting": 7,
        "broker": {"state": "up"},
        "store": {"kind": "sqlite", "state": "up"},
    }
    services.on("GET", "/api/status", body)
    services.fault("/api/status", DROP)
    text = text_of(operator.get("/status").text)
    for name in ("participation", "assessment", "publicity", "notifications"):
        assert name in text
    assert text.count("没有答复") >= 1 and text.count("请留意") == 3
    assert "异常件 3 待关联 7" in text and "已停止 hash_mismatch 5 9 4 2" in text


def test_the_status_page_shows_channels_and_what_was_not_delivered(
    operator: FlaskClient, services: FakeGateway
) -> None:
    channels = {
        "email": {"state": "open", "to": "smtps://mail.example.cn:465"}, "wecom": {"state": "off", "to": ""},
        "dingtalk": {"state": "on", "to": "https://oapi.dingtalk.com"},
    }  # fmt: skip
    body = {"live": True, "ready": True, "channels": channels, "reminders_waiting": 4, "reminders_given_up": 2,
            "reminders_unknown": 1}  # fmt: skip
    services.on("GET", "/api/status", body)
    text = text_of(operator.get("/status").text)
    assert "邮件 暂停：对方不接收，稍后自动再试 smtps://mail.example.cn:465" in text
    assert "企业微信群机器人 未设置" in text and "钉钉群机器人 可用 https://oapi.dingtalk.com" in text
    assert "待发送的提醒 4 份；近两周未能送达 2 份，不能确定是否送达 1 份" in text
    assert text.count("请留意") == 4, "a paused channel is to be looked at"


def test_pages_bear_the_headers_that_hold_a_browser_back(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/.*", board())
    for path in ("/scoreboard", "/signin", "/static/qihang.css", "/nothing", "/s/assessment/api/x", "/s/none/x"):
        headers = operator.get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == ("public, max-age=3600" if "static" in path else "no-store")


DOWNLOADED = {"person_record.html"}
"""Opened from a disk, where it has no other file: its style stands in it."""


def test_templates_need_no_inline_script_no_inline_style_and_no_other_site() -> None:
    for template in (FOLDER / "templates").rglob("*.html"):
        html = template.read_text(encoding="utf-8")
        assert not re.search(r"(https?:)?//[\w.-]+\.", html), template.name
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:", html), template.name
        assert template.name in DOWNLOADED or "<style" not in html, template.name
        assert not re.search(r"\{\{[^}]*\|\s*safe", html), template.name
    sheets = [path.read_text(encoding="utf-8") for path in (FOLDER / "static").glob("*.css")]
    assert len(sheets) > 1 and not any("url(" in styles or "@import" in styles for styles in sheets)


def test_every_vendored_file_is_listed_with_its_own_fingerprint() -> None:
    vendor = FOLDER / "static" / "vendor"
    listed = (vendor / "README.md").read_text(encoding="utf-8")
    files = list(vendor.rglob("*.min.*"))
    assert files
    for path in files:
        assert hashlib.sha256(path.read_bytes()).hexdigest() in listed
        assert path.relative_to(vendor).as_posix() in listed
        assert (path.parent / "LICENSE").exists()


def test_pages_are_in_chinese_and_lead_to_files_that_exist(operator: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/scoreboard", board(unit("X1", 1)))
    page = operator.get("/scoreboard").text
    assert '<html lang="zh-CN">' in page
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        assert operator.get(address).status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_needs_no_sign_in(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 200 and answer.json is not None and answer.json["status"] == "pass"


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("2023", "2023 年"),
        ("2022-11", "2022 年 11 月"),
        ("2022-Q4", "2022 年第 4 季度"),
        ("2023-autumn", "2023 年秋季学期"),
        ("2022-13", "2022-13"),
    ],
)
def test_windows_are_named_in_words(window: str, words: str) -> None:
    assert window_label(window) == words


def test_a_month_of_the_window_s_own_year_is_short() -> None:
    assert short_window_label("2023-01", "2023") == "1 月"
    assert short_window_label("2022-12", "2023") == "2022 年 12 月"
    assert short_window_label("2023-spring", "2023") == "2023 年春季学期"


def test_the_manual_names_every_setting() -> None:
    manual = (FOLDER.parent / "docs" / "console.md").read_text(encoding="utf-8")
    read = set(re.findall(r'"(QIHANG_[A-Z_]+)"', (FOLDER / "settings.py").read_text(encoding="utf-8")))
    assert set(re.findall(r"`(QIHANG_[A-Z_]+)`", manual)) == read


def test_windows_are_grouped_and_an_odd_id_is_a_semester() -> None:
    given = ["2022-11", "2023", "2023-spring", "2022-Q4", "summer-1", "2022"]
    assert window_groups(given) == {
        "年": ["2023", "2022"],
        "学期": ["2023-spring", "summer-1"],
        "季度": ["2022-Q4"],
        "月": ["2022-11"],
    }


FREEZE = {
    "known_at": "2024-01-08T01:30:00Z",
    "since": "2024-01-08T09:30+08:00",
    "actor": "operator:王主任",
    "admitted": 2,
}


def test_the_scoreboard_says_whether_figures_are_official_and_since_when(
    operator: FlaskClient, services: FakeGateway
) -> None:
    services.on("GET", "/api/scoreboard", board(unit("X1", 1), freeze=FREEZE, figures="official"))
    page = operator.get("/scoreboard?window=2023").text
    for words in ("正式数据", "运维 王主任 于 2024-01-08 09:30 锁定", "准予计入 2 项", "看当前数据"):
        assert words in text_of(page)
    assert 'href="/scoreboard/differences?window=2023&amp;as_of=2023-12-31"' in page
    services.on("GET", "/api/scoreboard", board(unit("X1", 1), freeze=FREEZE, figures="present"))
    assert "不作为正式结果" in operator.get("/scoreboard?window=2023&figures=present").text
    assert services.calls[-1].query["figures"] == "present"
    services.on("GET", "/api/scoreboard", board(unit("X1", 1), freeze=None, figures="present"))
    assert "锁定" not in operator.get("/scoreboard?window=2023").text


def test_a_difference_is_shown_with_what_made_it(operator: FlaskClient, services: FakeGateway) -> None:
    event = {"table": "findings", "row_id": "F1", "event": "participation.finding_corrected.v1", "reason": "核实",
             "position": "participation/0/7", "at": "2024-01-09T10:05+08:00", "actor": "operator:王主任",
             "reason_state": "shown"}  # fmt: skip
    figures = [{"figure": "deduction", "official": "5.00", "present": "2.00"},
               {"figure": "band", "official": "middle", "present": "below"}]  # fmt: skip
    moved = {"unit_id": "X1", "name": "<b>一小</b>", "official": "95.00", "present": "98.00", "figures": figures}
    units = [moved | {"events": [event]}, moved | {"unit_id": "X2", "figures": [], "events": []}]
    place = [{"figure": "status", "official": "awarded", "present": "reserve"},
             {"figure": "points", "official": "5.00", "present": "1.25"}]  # fmt: skip
    award = moved | {"official": "awarded", "present": "reserve", "figures": place[:1], "events": [event]}
    person = award | {"person_id": "P1", "figures": place, "events": []}
    body = {"window": "2023", "as_of": "2023-12-31", "since": FREEZE["since"], "actor": FREEZE["actor"], "units": units,
            "awards": [award], "people": [person]}  # fmt: skip
    services.on("POST", "/api/names", {"units": {}, "people": {"P1": "王老师"}})
    services.on("GET", "/api/differences", body)
    page = operator.get("/scoreboard/differences?window=2023").text
    assert "扣分 5.00 2.00 2024-01-09 10:05 运维 王主任 督查问题 F1 更正：核实" in text_of(page).replace("\u3000", " ")
    assert "因其他单位而变" in page and "below" not in page and "<b>一小" not in page
    assert "先进单位" in page and "结果 拟表彰 递补 2024-01-09" in text_of(page).replace("\u3000", " ")
    assert "王老师" in page and "因他人而变" in page and "1.25" not in page, "of persons no points are listed"
    services.on("GET", "/api/differences", problem(404, "not_frozen"))
    assert "尚未锁定" in operator.get("/scoreboard/differences?window=2023").text
