"""A unit's clerk takes an article down at its page: ordered, or recorded as done; the service decides."""

from __future__ import annotations

import io
import re
import threading
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from console.publicity_words import STATES
from tests.console.conftest import OWN_PASSWORD, csrf, person_with
from tests.journeys.test_accessible import here, submit
from tests.support.chromium import Chromium
from tests.support.fake_gateway import Answer, FakeGateway, problem

ARTICLE: dict[str, Any] = {
    "article_id": "A1", "unit_id": "X1", "unit": "一小", "account": "district", "title": "读书", "works": ["W1"],
    "content": "c", "pictures": 0, "film": "", "drafted_on": "2022-12-01", "status": "published", "stop_wanted": "",
    "how": "api",
    "reason": "", "until": "", "publish_id": "", "platform_id": "p", "link": "https://mp.weixin.qq.com/s/abc",
    "evidence": "", "published_at": "2022-12-05T01:00:00.000000Z", "taken_down_at": "", "taken_down_by": "",
    "stop_at": "", "look_at": "", "looked_at": "", "finding": "", "readings": [], "appointed": [],
    "step": "", "stage": "", "names": {}, "api": False, "may": ["publish_for_unit", "see_proof"],
}  # fmt: skip
PATH = "/api/articles/A1/take-down"


def shown(services: FakeGateway, **cells: Any) -> None:
    services.on("GET", "/api/articles/A1", ARTICLE | cells)


@pytest.fixture
def clerk(app: Flask, services: FakeGateway) -> FlaskClient:
    shown(services)
    services.on("POST", PATH, {"changed": True, "positions": []})
    return person_with(app, services, "P00001", ["see_publicity", "publish_for_unit"], [("clerk", "X1", "一小")])


def send(browser: FlaskClient, **form: str) -> Any:
    sent = {"article": "A1", "reason": "误发", "csrf": csrf(browser, "/account")} | form
    return browser.post("/articles/take-down", data=sent)


def written(services: FakeGateway) -> list[tuple[str, Any]]:
    return [(call.path, call.json) for call in services.calls if call.method == "POST"]


def test_the_page_shows_what_became_of_it_and_offers_what_can_be_done(
    clerk: FlaskClient, services: FakeGateway
) -> None:
    page = clerk.get("/articles/article?article=A1").text
    assert "2022-12-05 09:00" in page and "由系统撤稿" in page and "登记撤稿" in page
    shown(services, how="hand")
    assert "列入待撤稿" in clerk.get("/articles/article?article=A1").text
    shown(services, status="taking_down")
    page = clerk.get("/articles/article?article=A1").text
    assert "登记撤稿" in page and 'value="order"' not in page
    shown(services, status="drafted")
    page = clerk.get("/articles/article?article=A1").text
    assert "停发" in page and 'value="done"' not in page
    shown(services, status="taken_down", taken_down_at="2022-12-06T01:00:00.000000Z", taken_down_by="person:P2")
    page = clerk.get("/articles/article?article=A1").text
    assert "<form method" not in page and "本人 P2" in page


@pytest.mark.parametrize("status", sorted(STATES))
def test_a_video_is_called_a_video_and_its_menu_is_lit(clerk: FlaskClient, services: FakeGateway, status: str) -> None:
    shown(services, film="f" * 64, status=status, how="hand", account="unit", works=[], step="publish", link="",
          may=["publish_for_unit", "see_proof", "confirm_publication", "appoint_readers"])  # fmt: skip
    for page in (clerk.get("/articles/article?article=A1&done=1").text, send(clerk, reason=" ").text):
        assert re.findall('<a href="([^"]+)" aria-current="page"', page) == ["/videos"]
        assert "videos.videos" in re.findall('class="help-link" href="([^"]+)"', page)[0]
        assert "推文" not in page.partition('<main id="main"')[2] and "文章" not in page.partition("<main")[2]


def test_an_order_is_sent_once_and_the_answer_is_a_redirect(clerk: FlaskClient, services: FakeGateway) -> None:
    answer = send(clerk, way="order")
    assert (answer.status_code, answer.location) == (303, "/articles/article?article=A1&done=1")
    assert written(services) == [(PATH, {"reason": "误发", "done": False})]
    shown(services, status="taking_down", reason="误发")
    assert "已列入待撤稿" in clerk.get(answer.location).text


def test_what_a_person_has_deleted_is_recorded_with_its_time(clerk: FlaskClient, services: FakeGateway) -> None:
    assert send(clerk, way="done", at="2022-12-06T10:30").status_code == 303
    assert send(clerk, way="done").status_code == 303
    assert written(services) == [
        (PATH, {"reason": "误发", "done": True, "at": "2022-12-06T10:30"}),
        (PATH, {"reason": "误发", "done": True}),
    ]


def test_what_is_missing_or_refused_is_shown_and_the_form_keeps_what_was_typed(
    clerk: FlaskClient, services: FakeGateway
) -> None:
    assert send(clerk, reason=" ").status_code == send(clerk, way="done", at="yesterday").status_code == 422
    assert written(services) == []
    services.on("POST", PATH, problem(422, "before_publication", "撤稿时间不能早于发布时间。"))
    answer = send(clerk, way="done", reason="误发一篇", at="2022-12-01T10:30")
    assert answer.status_code == 422 and "早于发布时间" in answer.text
    assert 'value="误发一篇"' in answer.text and 'value="2022-12-01T10:30"' in answer.text
    services.on("POST", PATH, Answer(503, {}))
    assert send(clerk).status_code == 502


def test_the_form_is_for_the_article_s_unit_and_no_form_is_taken_without_its_token(
    app: Flask, clerk: FlaskClient, services: FakeGateway
) -> None:
    other = person_with(app, services, "P00002", ["see_publicity", "publish_for_unit"], [("clerk", "X2", "二小")])
    shown(services, may=[])
    assert "<form method" not in other.get("/articles/article?article=A1").text
    reader = person_with(app, services, "P00003", ["see_publicity"], [("clerk", "X1", "一小")])
    assert "<form method" not in reader.get("/articles/article?article=A1").text and send(reader).status_code == 403
    services.on("GET", "/api/articles/A1", problem(404, "unknown_article", "没有这篇推文。"))
    assert clerk.get("/articles/article?article=A1").status_code == 404 == clerk.get("/articles/article").status_code
    assert send(clerk, csrf="").status_code in (302, 303, 400) and written(services) == []


def test_the_page_is_accessible_with_and_without_a_message(
    app: Flask, clerk: FlaskClient, services: FakeGateway
) -> None:
    server, chromium = make_server("127.0.0.1", 0, app, threaded=True), Chromium()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address, result = f"http://127.0.0.1:{server.server_port}", []
    try:
        with requests.Session() as session:
            session.trust_env = False
            submit(session, f"{address}/signin", user="P00001", password=OWN_PASSWORD)
            for cookie in session.cookies:
                chromium.call("Network.setCookie", name=cookie.name, value=cookie.value or "", url=address)
        chromium.width(1280)
        chromium.open(f"{address}/articles/article?article=A1")
        result += here(chromium)
        chromium.run("document.querySelector('input[name=reason]').removeAttribute('required')")
        chromium.run("document.querySelector('button[name=way]').click()")
        chromium.wait_for_page(".invalid-feedback")
        result += here(chromium)
    finally:
        chromium.close()
        server.shutdown()
        server.server_close()
    assert result == []


WORK = {
    "work_id": "W1", "title": "体会一", "author": "王小明", "unit_id": "X1", "unit": "一小", "semester": "2022-autumn",
    "kind": "text", "articles": 0, "anthologies": 0,
}  # fmt: skip


def test_a_draft_takes_the_ticked_works_in_the_order_of_their_numbers(
    clerk: FlaskClient, services: FakeGateway
) -> None:
    works = [WORK, WORK | {"work_id": "W2", "title": "体会二"}, WORK | {"work_id": "W3", "title": "体会三"}]
    services.on("GET", "/api/works-for-use", {"works": works})
    services.on("POST", "/api/articles", Answer(201, {"positions": [], "changed": True}))
    page = clerk.get("/articles/draft").text
    given_id = re.search(r'name="article_id" value="(AX1-[0-9]{6}-[0-9a-f]{6})"', page)
    assert given_id and "体会三" in page
    form = {"article_id": given_id[1], "unit_id": "X1", "account": "unit", "csrf": csrf(clerk, "/account"),
            "work": ["W1", "W2", "W3"], "order-W3": "1", "order-W2": "2"}  # fmt: skip
    empty = clerk.post("/articles/draft", data={**form, "title": " "})
    assert empty.status_code == 422 and "请填写标题" in empty.text and empty.text.count("checked") == 3
    assert clerk.post("/articles/draft", data={**form, "title": "读书"}).location.endswith(f"?article={given_id[1]}")
    assert written(services) == [("/api/articles", {"article_id": given_id[1], "unit_id": "X1", "account": "unit",
                                                    "title": "读书", "works": ["W3", "W2", "W1"]})]  # fmt: skip
    services.on("POST", "/api/articles", problem(422, "no_consent", "作者没有授权这一用途。", column="works"))
    assert "作者没有授权" in clerk.post("/articles/draft", data={**form, "title": "读书"}).text


def test_what_a_reading_sent_back_is_drafted_again_under_its_id(clerk: FlaskClient, services: FakeGateway) -> None:
    shown(services, status="returned", step="again", reason="第二段有误")
    services.on("GET", "/api/works-for-use", {"works": [WORK]})
    page = clerk.get("/articles/article?article=A1").text
    assert "第二段有误" in page and 'href="/articles/draft?article=A1"' in page
    page = clerk.get("/articles/draft?article=A1").text
    assert 'name="article_id" value="A1"' in page and 'value="读书"' in page and "checked" in page


def test_readers_are_chosen_by_name_and_a_refusal_stands_at_its_stage(app: Flask, services: FakeGateway) -> None:
    shown(services, status="drafted", step="appoint", stage="first", may=["appoint_readers"])
    person = {"person_id": "P7", "name": "李四", "unit_id": "X1", "unit": "一小", "stage": ""}
    services.on("GET", "/api/readers/candidates", {"people": [person], "more": False, "units": {}})
    rights = ["see_publicity", "appoint_readers", "publish_for_unit"]
    head = person_with(app, services, "P00005", rights, [("head", "X1", "一小")])
    page = head.get("/articles/article?article=A1").text
    assert "请指定初审的审读人" in page and page.count(">李四</option>") == 3
    services.on("POST", "/api/readers", lambda call: (
        problem(422, "same_reader", "三审应当由三位不同的人员负责。") if call.json["stage"] == "second"
        else {"positions": [], "changed": True}))  # fmt: skip
    form = {"article": "A1", "first": "P7", "second": "P7", "csrf": csrf(head, "/account")}
    answer = head.post("/articles/readers", data=form)
    assert answer.status_code == 422 and 'id="e-second">三审应当' in answer.text and "e-first" not in answer.text
    assert head.post("/articles/readers", data={**form, "second": ""}).status_code == 303


def test_published_by_hand_bears_link_and_screenshot(clerk: FlaskClient, services: FakeGateway) -> None:
    shown(services, status="drafted", step="publish", account="unit")
    services.on("PUT", "/api/articles/A1/confirmation", {"positions": [], "changed": True})
    clerk.get("/articles/article?article=A1")
    rights_page = clerk.get("/articles/article?article=A1").text
    assert "请手工发布" in rights_page and "/package" in rights_page
    token = csrf(clerk, "/account")
    assert clerk.post("/articles/confirm", data={"article": "A1", "csrf": token}).status_code == 403, "no such right"


def test_who_publishes_sends_the_screenshot_on_and_sees_what_is_wrong(app: Flask, services: FakeGateway) -> None:
    rights = ["see_publicity", "publish_for_unit", "confirm_publication"]
    clerk = person_with(app, services, "P00006", rights, [("clerk", "X1", "一小")])
    shown(services, status="drafted", step="publish", account="unit")
    services.on("PUT", "/api/articles/A1/confirmation", {"positions": [], "changed": True})
    token = csrf(clerk, "/account")
    wrong = clerk.post("/articles/confirm", data={"article": "A1", "csrf": token, "link": "", "at": "x"})
    assert wrong.status_code == 422 and 'id="e-link"' in wrong.text and 'id="e-screenshot"' in wrong.text
    link = "https://mp.weixin.qq.com/s/abc"
    form = {"article": "A1", "csrf": token, "link": link, "at": "2022-12-05T10:00"}
    sent = clerk.post("/articles/confirm", data={**form, "screenshot": (io.BytesIO(b"picture"), "a.png")})
    assert sent.status_code == 303
    (call,) = services.called("PUT", "/api/articles/A1/confirmation")
    assert call.body == b"picture" and call.query == {"link": link, "at": "2022-12-05T10:00"}
    services.on("PUT", "/api/articles/A1/confirmation", problem(422, "link_taken", "这个链接已经登记。", column="link"))
    again = clerk.post("/articles/confirm", data={**form, "screenshot": (io.BytesIO(b"p"), "a.png")})
    assert again.status_code == 422 and 'id="e-link">这个链接已经登记。' in again.text and link in again.text


def test_the_list_says_what_is_next_and_an_account_with_an_api_is_offered_it(
    clerk: FlaskClient, services: FakeGateway
) -> None:
    row = ARTICLE | {"status": "drafted", "step": "read", "stage": "second", "account": "unit"}
    services.on("GET", "/api/articles", {"articles": [row], "next": "A1"})
    page = clerk.get("/articles").text
    assert "等待复审" in page and "after=A1" in page and "group=open" in page
    shown(services, status="drafted", step="publish", account="unit", api=True)
    assert "提交平台发布" in clerk.get("/articles/article?article=A1").text
    shown(services, status="failed", step="settle", account="unit", api=True, reason="submit: 48001")
    page = clerk.get("/articles/article?article=A1").text
    assert "重新提交平台" in page and "提交发布：这个公众号没有发布接口的权限" in page
    shown(services, status="drafted", step="publish", account="district")
    assert "三审三校已完成，由活动领导小组办公室在区级公众号上发布" in clerk.get("/articles/article?article=A1").text
