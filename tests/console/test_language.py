"""Pages are in Chinese, and in English for whoever switches."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, session
from flask.testing import FlaskClient

from chassis.events.definition import REGISTRY
from docs.generate import english
from tests.console.conftest import csrf, person_with
from tests.support.fake_gateway import FakeGateway


def switch(browser: FlaskClient, language: str, page: str = "/signin", **form: str) -> Any:
    return browser.post("/language", data={"language": language, "csrf": csrf(browser, page), **form})


def test_pages_are_in_chinese_until_somebody_switches(browser: FlaskClient) -> None:
    assert '<html lang="zh-CN">' in browser.get("/signin").text
    assert switch(browser, "en", next="/signin?next=/account").location == "/signin?next=/account"
    page = browser.get("/signin").text
    assert '<html lang="en">' in page and ">Sign in</button>" in page
    switch(browser, "zh")
    assert ">登录</button>" in browser.get("/signin").text


def test_the_language_outlives_sign_in_and_sign_out(app: Flask, services: FakeGateway) -> None:
    browser = person_with(app, services, "P00001", posts=[("clerk", "X1", "一小")], name="王小明")
    switch(browser, "en", "/account")
    page = browser.get("/account").text
    assert "Sign out everywhere" in page and "王小明" in page, "names of people are no text of ours"
    browser.post("/signout", data={"csrf": csrf(browser, "/account")})
    assert '<html lang="en">' in browser.get("/signin").text


def test_nothing_but_a_known_language_and_a_page_of_ours_is_taken(browser: FlaskClient) -> None:
    assert switch(browser, "fr", next="//elsewhere.example/").location == "/"
    assert '<html lang="zh-CN">' in browser.get("/signin").text


def test_a_page_asked_in_english_first_is_chinese_for_the_next_one(app: Flask) -> None:
    first, second = app.test_client(), app.test_client()
    switch(first, "en")
    assert "Sign in" in first.get("/signin").text
    assert ">登录</button>" in second.get("/signin").text and ">Sign in</button>" in first.get("/signin").text


def test_every_text_of_the_catalogue_has_english_that_fits_into_a_page() -> None:
    kept = [message for message in english.catalogue() if message.id]
    assert len(kept) > 700
    assert [message.id for message in kept if not message.string] == [], "python -m docs.generate english"
    for message in kept:
        chinese, translation = str(message.id), str(message.string)
        assert not re.search(r'[<>"]', translation) or re.search(r'[<>"]', chinese), translation
        assert sorted(re.findall(r"\{\w+\}", chinese)) == sorted(re.findall(r"\{\w+\}", translation)), chinese


def test_the_compiled_catalogue_is_that_of_the_texts() -> None:
    assert (english.FOLDER / "messages.mo").read_bytes() == english.compiled(english.catalogue())


def test_english_has_a_space_where_a_link_touches_it(app: Flask) -> None:
    page = app.jinja_env.from_string("看<a>得分榜</a>或<a>得分榜</a>。")
    with app.test_request_context():
        assert page.render() == "看<a>得分榜</a>或<a>得分榜</a>。"
        session["language"] = "en"
        assert re.search(r"\w <a>Scoreboard</a> or <a>Scoreboard</a>", page.render())


def test_the_choice_of_acts_and_a_refusal_of_a_service_are_in_english(
    operator: FlaskClient, services: FakeGateway
) -> None:
    services.on("GET", "/api/acts", {"acts": [], "types": [{"type": "x.y", "label": "会议决定更正"}], "next": ""})
    switch(operator, "en", "/account")
    assert ">Decision corrected</option>" in operator.get("/audit").text
    assert {cls.label for cls in REGISTRY.classes.values()} <= {str(each.id) for each in english.catalogue()}
    assert "那时还没有启动活动方案，请填启动以后的时间。" in english.texts()


def test_the_history_of_a_row_is_in_english(operator: FlaskClient, services: FakeGateway) -> None:
    change = {"column": "points", "label": "分值", "before": "1", "before_state": "shown", "before_name": "",
              "after": "2", "after_state": "shown", "after_name": ""}  # fmt: skip
    who = {"role": "clerk", "name": "P1@X1", "source": "", "publisher": "", "display_name": "许悦"}
    entry = {"row": "S1", "row_name": "", "what": "corrected", "at": "2022-12-01T08:05:00+08:00", "who": who,
             "changes": [change], "reason": "录错", "reason_state": "shown", "late_entry": "", "correction_id": "C1",
             "sentence": "中文句子。"}  # fmt: skip
    answer = {"table": "sheets", "id": "S1", "title": "一票否决 一小", "entries": [entry]}
    services.on("GET", "/api/history/sheets/S1", answer)
    assert "中文句子。" in operator.get("/history?table=sheets&id=S1").text
    switch(operator, "en", "/account")
    page = operator.get("/history?table=sheets&id=S1").text
    assert ("2022-12-01 08:05, Clerk P1@X1 (许悦): corrected: Points from “1” to “2”. Reason: 录错 "
            "(correction C1).") in page  # fmt: skip
    assert "中文句子" not in page and "季考核表" not in page and "数据沿革" not in page
