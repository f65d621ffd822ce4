"""A unit's clerk takes an article down at its page: ordered, or recorded as done; the service decides."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from tests.console.conftest import OWN_PASSWORD, csrf, person_with
from tests.journeys.test_accessible import here, submit
from tests.support.chromium import Chromium
from tests.support.fake_gateway import Answer, FakeGateway, problem

ARTICLE: dict[str, Any] = {
    "article_id": "A1", "unit_id": "X1", "unit": "一小", "account": "district", "title": "读书", "works": ["W1"],
    "content": "c", "pictures": 0, "drafted_on": "2022-12-01", "status": "published", "stop_wanted": "", "how": "api",
    "reason": "", "until": "", "publish_id": "", "platform_id": "p", "link": "https://mp.weixin.qq.com/s/abc",
    "evidence": "", "published_at": "2022-12-05T01:00:00.000000Z", "taken_down_at": "", "taken_down_by": "",
    "stop_at": "", "look_at": "", "looked_at": "", "finding": "", "readings": [],
}  # fmt: skip
PATH = "/api/articles/A1/take-down"


def shown(services: FakeGateway, **cells: Any) -> None:
    services.on("GET", "/api/articles", {"articles": [ARTICLE | cells]})


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
    page = clerk.get("/articles?article=A1").text
    assert "2022-12-05 09:00" in page and "由系统撤稿" in page and "登记撤稿" in page
    shown(services, how="hand")
    assert "列入待撤稿" in clerk.get("/articles?article=A1").text
    shown(services, status="taking_down")
    page = clerk.get("/articles?article=A1").text
    assert "登记撤稿" in page and 'value="order"' not in page
    shown(services, status="drafted")
    page = clerk.get("/articles?article=A1").text
    assert "停发" in page and 'value="done"' not in page
    shown(services, status="taken_down", taken_down_at="2022-12-06T01:00:00.000000Z", taken_down_by="person:P2")
    page = clerk.get("/articles?article=A1").text
    assert "<form method" not in page and "本人 P2" in page


def test_an_order_is_sent_once_and_the_answer_is_a_redirect(clerk: FlaskClient, services: FakeGateway) -> None:
    answer = send(clerk, way="order")
    assert (answer.status_code, answer.location) == (303, "/articles?article=A1&done=1")
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
    assert "<form method" not in other.get("/articles?article=A1").text
    reader = person_with(app, services, "P00003", ["see_publicity"], [("clerk", "X1", "一小")])
    assert "<form method" not in reader.get("/articles?article=A1").text and send(reader).status_code == 403
    services.on("GET", "/api/articles", {"articles": []})
    assert clerk.get("/articles?article=A1").status_code == 404 == clerk.get("/articles").status_code
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
        chromium.open(f"{address}/articles?article=A1")
        result += here(chromium)
        chromium.run("document.querySelector('input[name=reason]').removeAttribute('required')")
        chromium.run("document.querySelector('button[name=way]').click()")
        chromium.wait_for_page(".alert")
        result += here(chromium)
    finally:
        chromium.close()
        server.shutdown()
        server.server_close()
    assert result == []
