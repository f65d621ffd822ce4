"""The campaign office or a unit's head hands a post over at a page that shows what goes over; the services decide."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.support.fake_gateway import Answer, FakeGateway, problem

KEY = {"unit_id": "X1", "post": "clerk", "person_id": "P1", "since": "2022-09-01"}
HELD = KEY | {"unit_name": "一小", "name": "许悦", "until": "", "in_force": True}
READING = {"subject": "article", "subject_id": "A1", "kind": "article", "stage": "first", "title": "读书"}
VIDEO = READING | {"subject_id": "V1", "kind": "video", "title": "微党课"}


PEOPLE = [{"person_id": "P1", "name": "许悦"}, {"person_id": "P2", "name": "何青"}]


def look_up(call: Any) -> dict[str, Any]:
    """By id or name, as participation does."""
    wanted = call.json["text"]
    those = [
        each | {"unit_id": "X1", "unit_name": "一小"} for each in PEOPLE if wanted in each.values() or wanted == "q"
    ]
    return {"units": [], "people": those, "records": [], "imports": [], "more": []}


@pytest.fixture
def office(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/directory/unit-names", {"units": [{"unit_id": "X1", "name": "一小"}]})
    services.on("GET", "/api/posts", {"today": "2022-12-01", "posts": [HELD]})
    services.on("GET", "/api/units/X1/people", {"unit_name": "一小", "people": [{"person_id": "P2", "name": "何青"}]})
    services.on("GET", "/api/readers/open", {"readings": [READING, VIDEO]})
    services.on("POST", "/api/look-up", look_up)
    services.on("POST", "/api/posts/hand-over", {"outcome": "accepted", "positions": []})
    services.on("POST", "/api/readers/hand-over", {"stays": [], "changed": True, "positions": []})
    return person_with(app, services, "P00001", ["enter_facts", "keep_posts"])


def hand_over(browser: FlaskClient, **form: str) -> Any:
    sent = KEY | {"successor": "P2", "day": "2022-12-01", "csrf": csrf(browser, "/account")} | form
    return browser.post("/posts/hand-over", data=sent)


def written(services: FakeGateway) -> list[tuple[str, Any]]:
    return [(call.path, call.json) for call in services.calls if call.method == "POST" and call.path != "/api/look-up"]


def test_the_page_lists_posts_and_what_goes_over_with_one(office: FlaskClient) -> None:
    page = office.get("/posts?unit=X1").text
    assert "许悦" in page and "填报员" in page and "在岗" in page
    page = office.get(f"/posts/hand-over?{urlencode(KEY)}").text
    assert "推文“读书”的初审" in page and "视频“微党课”的初审" in page and "何青（P2）" in page
    assert office.get(f"/posts/hand-over?{urlencode(KEY | {'since': '2022-09-02'})}").status_code == 404


def test_a_post_goes_over_and_then_what_is_yet_to_be_read(office: FlaskClient, services: FakeGateway) -> None:
    assert hand_over(office).location == "/posts?done=now&unit=X1&successor=P2"
    assert written(services) == [
        ("/api/posts/hand-over", KEY | {"successor_id": "P2", "day": "2022-12-01"}),
        ("/api/readers/hand-over", {"unit_id": "X1", "person_id": "P1", "successor_id": "P2"}),
    ]


def test_before_the_day_has_come_readings_stay_with_the_predecessor(office: FlaskClient, services: FakeGateway) -> None:
    assert hand_over(office, day="2022-12-02").location == "/posts?done=later&unit=X1&successor=P2"
    assert [path for path, _ in written(services)] == ["/api/posts/hand-over"]


def test_what_a_service_refuses_or_leaves_is_shown(office: FlaskClient, services: FakeGateway) -> None:
    assert hand_over(office, day="soon").status_code == hand_over(office, successor="").status_code == 422
    assert written(services) == []
    services.on("POST", "/api/posts/hand-over", problem(422, "unknown_person", "没有这个人员"))
    answer = hand_over(office)
    assert answer.status_code == 422 and "没有这个人员" in answer.text and len(written(services)) == 1
    services.on("POST", "/api/posts/hand-over", {"outcome": "accepted", "positions": []})
    services.on("POST", "/api/readers/hand-over", Answer(503, {}))
    assert "请再移交一次" in hand_over(office).text
    stays = [READING | {"code": "same_reader", "reason": "已读过另一审。"}]
    services.on("POST", "/api/readers/hand-over", {"stays": stays, "changed": False, "positions": []})
    assert "已读过另一审。" in hand_over(office).text


def test_only_who_enters_facts_may_and_the_right_is_asked_anew(
    app: Flask, office: FlaskClient, services: FakeGateway
) -> None:
    clerk = person_with(app, services, "P00077", ["see_publicity"])
    assert clerk.get("/posts").status_code == hand_over(clerk).status_code == 403
    assert office.get("/posts").status_code == 200
    services.on("GET", "/api/me", {"subject": "P00001", "name": "", "posts": [], "rights": []})
    assert hand_over(office).status_code == 403 and written(services) == []


def test_a_head_hands_over_to_people_of_the_unit_and_opens_the_account(
    app: Flask, office: FlaskClient, services: FakeGateway
) -> None:
    head = person_with(app, services, "P00002", ["keep_posts"], posts=[("head", "X1", "一小")])
    assert '<option value="P2"' in head.get(f"/posts/hand-over?{urlencode(KEY)}").text
    new = HELD | {"person_id": "P2", "name": "何青", "since": "2022-12-01"}
    services.on("GET", "/api/posts", {"today": "2022-12-01", "posts": [HELD | {"until": "2022-12-01"}, new]})
    page = head.get("/posts?unit=X1&successor=P2&done=now").text
    assert "接任人 何青" in page and "还没有登录账号" in page

    def open_account(person: str) -> Any:
        form = {"unit_id": "X1", "person": person, "csrf": csrf(head, "/account")}
        return head.post("/posts/account", data=form)

    slip = open_account("P2")
    assert slip.status_code == 200 and "何青" in slip.text and "初始密码" in slip.text
    assert open_account("P2").status_code == 303, "whoever has an account gets no other password"
    assert open_account("P1").status_code == open_account("P7").status_code == 404
    assert "已有登录账号" in head.get("/posts?unit=X1&successor=P2").text


def test_a_successor_is_named_as_people_name_them(office: FlaskClient, services: FakeGateway) -> None:
    """By name, by what the list offers; a part of a name or its pinyin is asked back and nothing is typed again."""
    for typed in ("何青", "何青（P2）", "P2"):
        assert hand_over(office, successor=typed).status_code == 303, typed
        assert services.called("POST", "/api/posts/hand-over")[-1].json["successor_id"] == "P2"
    count = len(written(services))
    asked = hand_over(office, successor="q")
    assert asked.status_code == 422 and len(written(services)) == count
    assert "不止一个人符合" in asked.text and 'value="q"' in asked.text and asked.text.count("successor.ticked") == 2
    assert "没有这样的人员" in hand_over(office, successor="没有").text
    ticked = {"successor": "q", "successor.listed_for": "q", "successor.ticked": "P2"}
    assert hand_over(office, **ticked).status_code == 303
    assert hand_over(office, **ticked | {"successor": "没有"}).status_code == 422


def test_without_participation_the_form_keeps_who_was_typed(office: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", "/api/look-up", Answer(503, {}))
    answer = hand_over(office)
    assert answer.status_code == 422 and "查不到人员" in answer.text and 'value="P2"' in answer.text
