"""单位与人员: lists by what is searched for, one person and one unit, changes previewed in words and then stored."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.support.fake_gateway import Answer, FakeGateway, problem

RIGHTS = ("see_directory", "keep_people")
UNIT = {"unit_id": "X1", "name": "一小", "kind": "school", "tags": ["central_school"], "zone_id": "", "zone_name": "",
        "community_id": "", "community_name": "", "liaison_id": "O1", "liaison_name": "督导股", "people": 2,
        "opened_on": "2010-09-01", "closed_on": ""}  # fmt: skip
MEMBER = {"unit_id": "X1", "unit_name": "一小", "role": "teacher", "name": "张三", "since": "2015-09-01", "until": "",
          "state": "serving", "voided": False}  # fmt: skip
PERSON = {"person_id": "P2", "name": "张三", "erased": False, "today": "2022-12-01", "memberships": [MEMBER],
          "posts": [], "history": [{"sentence": "2022-12-01 报送。"}], "keeps": ["X1"], "keeps_posts": []}  # fmt: skip
PREVIEW = {"outcome": "preview", "sentences": ["李新（P9）从 2022-11-01 起在一小任教师。"], "left": [], "positions": []}
JOIN = {"what": "join", "unit_id": "X1", "person_id": "P9", "name": "李新", "role": "teacher", "since": "2022-11-01"}


def clerk(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/directory/unit-names", {"units": [UNIT, UNIT | {"unit_id": "X2", "name": "二小"}]})
    services.on("GET", "/api/directory/people", {"people": [MEMBER | {"person_id": "P2", "posts": ["clerk"]}],
                                                 "next": "P2", "total": 2})  # fmt: skip
    services.on("GET", "/api/directory/people/P2", PERSON)
    services.on("GET", "/api/directory/people/P9", PERSON | {"person_id": "P9", "name": "李新"})
    services.on("POST", "/api/directory/memberships", PREVIEW)
    return person_with(app, services, "P00001", RIGHTS, posts=[("clerk", "X1", "一小")])


def send(browser: FlaskClient, **form: str) -> Any:
    token = csrf(browser, "/registry/change?what=join&unit_id=X1")
    return browser.post("/registry/change", data={**form, "csrf": token})


def sent(services: FakeGateway) -> list[dict[str, Any]]:
    return [call.json for call in services.called("POST", "/api/directory/.+")]


def test_the_list_is_of_the_own_unit_and_asks_for_what_was_filled_in(app: Flask, services: FakeGateway) -> None:
    page = clerk(app, services).get("/registry?text=zs&state=all&role=teacher").text
    assert services.called("GET", "/api/directory/people")[-1].query == {
        "unit_id": "X1", "text": "zs", "state": "all", "role": "teacher"}  # fmt: skip
    assert 'href="/registry/person?person=P2"' in page and "填报员" in page and "新增人员" in page
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following and "after=P2" in following[1] and "text=zs" in following[1]


def test_a_person_is_shown_with_what_may_be_done_and_what_became_of_it(app: Flask, services: FakeGateway) -> None:
    page = clerk(app, services).get("/registry/person?person=P2").text
    for what in ("transfer", "leave", "role", "correct", "void"):
        assert f"what={what}&amp;person_id=P2&amp;unit_id=X1&amp;since=2015-09-01" in page
    assert "2022-12-01 报送。" in page
    browser = clerk(app, services)
    services.on("GET", "/api/directory/people/P2", PERSON | {"keeps": []})
    assert "what=transfer" not in browser.get("/registry/person?person=P2").text


def test_a_change_is_previewed_before_it_is_stored_once(app: Flask, services: FakeGateway) -> None:
    browser = clerk(app, services)
    answer = send(browser, **JOIN)
    assert answer.status_code == 200 and PREVIEW["sentences"][0] in answer.text
    assert sent(services) == [{"change": "join", "unit_id": "X1", "person_id": "P9", "name": "李新", "role": "teacher",
                               "since": "2022-11-01", "preview": True}]  # fmt: skip
    done = {"outcome": "accepted", "positions": ["participation/0/8"], "left": ["请另外办理移交。"]}
    services.on("POST", "/api/directory/memberships", PREVIEW | done)
    answer = send(browser, **JOIN, step="store")
    assert answer.status_code == 303 and answer.location == "/registry/person?person=P9"
    page = browser.get(answer.location).text
    assert "已保存。" in page and "请另外办理移交。" in page
    assert services.called("GET", "/api/directory/people/P9")[-1].headers["x-qihang-after"] == "participation/0/8"
    assert len(sent(services)) == 2


def test_what_is_missing_or_refused_stands_at_its_field_and_the_rest_is_kept(app: Flask, services: FakeGateway) -> None:
    browser = clerk(app, services)
    answer = send(browser, **JOIN | {"name": " "})
    assert answer.status_code == 422 and "请填写“姓名”。" in answer.text and sent(services) == []
    services.on("POST", "/api/directory/memberships", problem(422, "other_name", "请核对工号。", column="person_id"))
    answer = send(browser, **JOIN)
    assert answer.status_code == 422 and 'value="李新"' in answer.text
    assert re.search(r'id="e-person_id">请核对工号。', answer.text)
    back = send(browser, **JOIN, step="back")
    assert back.status_code == 200 and 'value="李新"' in back.text


def test_a_correction_begins_with_what_is_registered_and_says_an_empty_end(app: Flask, services: FakeGateway) -> None:
    browser = clerk(app, services)
    page = browser.get("/registry/change?what=correct&person_id=P2&unit_id=X1&since=2015-09-01").text
    assert 'value="张三"' in page and re.search(r'name="new_since"[^>]*value="2015-09-01"', page)
    send(browser, what="correct", person_id="P2", unit_id="X1", since="2015-09-01", name="张三", role="teacher",
         new_since="2016-09-01", until="", reason_code="typing", reason="")  # fmt: skip
    assert sent(services)[-1] == {
        "change": "correct", "person_id": "P2", "unit_id": "X1", "since": "2015-09-01", "name": "张三",
        "role": "teacher", "new_since": "2016-09-01", "until": "", "reason_code": "typing", "preview": True,
    }  # fmt: skip
    gone = browser.get("/registry/change?what=correct&person_id=P2&unit_id=X1&since=1999-09-01")
    assert gone.status_code == 404 == browser.get("/registry/change?what=anything").status_code


def test_the_office_lists_units_and_corrects_one(app: Flask, services: FakeGateway) -> None:
    clerk(app, services)
    services.on("GET", "/api/directory/units", {"units": [UNIT], "next": "", "total": 1})
    services.on("GET", "/api/directory/units/X1", {
        "unit": UNIT, "today": "2022-12-01", "posts": [], "offices": [], "history": [], "keeps_posts": True,
        "keeps_unit": True})  # fmt: skip
    services.on("POST", "/api/directory/units", PREVIEW)
    office = person_with(app, services, "P00002", (*RIGHTS, "enter_facts"), posts=[("campaign_office", "B1", "教育局")])
    assert "登记单位" in office.get("/registry/units?text=yx").text
    assert services.called("GET", "/api/directory/units")[-1].query == {"text": "yx"}
    assert "改变所属关系" in office.get("/registry/unit?unit=X1").text
    assert "二小" in office.get("/registry").text
    send(office, what="correct-unit", unit_id="X1", name="第一小学", kind="school", tags="central_school",
         opened_on="2010-09-01", reason_code="typing")  # fmt: skip
    body = sent(services)[-1]
    assert (body["change"], body["cells"]["name"], body["cells"]["tags"]) == ("correct", "第一小学", "central_school")


def test_whoever_keeps_nobody_is_offered_neither_page_nor_form(app: Flask, services: FakeGateway) -> None:
    clerk(app, services)
    teacher = person_with(app, services, "P00003")
    for address in ("/registry", "/registry/units", "/registry/unit?unit=X1", "/registry/person?person=P2",
                    "/registry/change?what=join&unit_id=X1"):  # fmt: skip
        assert teacher.get(address).status_code == 403
    assert "单位与人员" not in teacher.get("/account").text


def test_what_the_service_s_schema_refuses_stands_at_its_field_in_words(app: Flask, services: FakeGateway) -> None:
    browser = clerk(app, services)
    refused = {"code": "bad_body", "detail": "members are missing, unknown or malformed",
               "problems": {"name": ["Longer than maximum length 80."]}}  # fmt: skip
    services.on("POST", "/api/directory/memberships", Answer(422, refused))
    text = send(browser, **JOIN).text
    assert 'id="e-name">写得太长了，最多 80（字或项）。' in text and "malformed" not in text
    refused["problems"] = {"name": ["Length must be between 1 and 60."]}
    assert 'id="e-name">不能空着，最多 60（字或项）。' in send(browser, **JOIN).text


def test_the_form_says_whose_post_it_ends_and_which(app: Flask, services: FakeGateway) -> None:
    browser = clerk(app, services)
    posts = [{"unit_id": "B1", "unit_name": "教育局", "post": "leader", "since": "2022-09-01", "until": ""},
             {"unit_id": "X1", "unit_name": "一小", "post": "clerk", "since": "2022-09-01", "until": ""}]  # fmt: skip
    services.on("GET", "/api/directory/people/P2", PERSON | {"posts": posts})
    of_post = "person_id=P2&since=2022-09-01"
    for what in ("end-post", "correct-post", "void-post", "restore-post"):
        page = browser.get(f"/registry/change?what={what}&unit_id=B1&post=leader&{of_post}").text
        assert '<p class="lead">张三 P2 教育局 局领导</p>' in page
    page = browser.get("/registry/change?what=void&unit_id=X1&person_id=P2&since=2015-09-01").text
    assert '<p class="lead">张三 P2 一小</p>' in page
