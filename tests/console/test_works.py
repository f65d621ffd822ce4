"""作品 and 授权: one's own and the unit's works with where they stand; handed in as text or file, put forward, sent
back; consent given and taken back by the author, each use by itself."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.support.fake_gateway import Answer, FakeGateway, problem

PATH, UNIT = "/api/works", ("clerk", "X1", "一小")
RULES = {"today": "2022-12-05", "levels": ["inside", "unit", "district", "print"], "reviewers": 2, "pass_mark": "60",
         "rubric": [{"id": "writing", "title": "文字表达", "max": "50"}], "semesters": ["2022-autumn", "2022-spring"],
         "semester": "2022-autumn"}  # fmt: skip
WORK: dict[str, Any] = {
    "work_id": "W1", "author_id": "P00002", "author": "李老师", "unit_id": "X1", "unit": "一小", "title": "做引路人",
    "kind": "text", "semester": "2022-autumn", "size": 900, "content": "0", "nominated_on": "2022-12-01",
    "by": "author", "levels": ["inside"], "reviews": [], "returned": None, "selected": [], "left_out": [],
    "same_text": [], "progress": "handed_in", "average": "", "put_forward_on": "", "comments": [], "choices": [],
    "consents": [{"level": "inside", "given_on": "2022-12-01", "withdrawn_on": ""},
                 {"level": "print", "given_on": "2022-12-01", "withdrawn_on": "2022-12-03"}],
    "shown": [{"subject": "article", "subject_id": "A1", "title": "教师选登", "is_public": True}],
}  # fmt: skip
TEXT = {"work_id": "W1", "kind": "text", "title": "做引路人", "blocks": [
    ["heading", "一、认识", ""], ["text", "正文<b>", ""],
                                                                  ["picture", "", "iVBORw0KGgo="]]}  # fmt: skip


def listed(*works: dict[str, Any], after: str = "") -> dict[str, Any]:
    return {"works": list(works), "total": len(works), "next": after, "rules": RULES}


@pytest.fixture
def clerk(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", PATH, listed(WORK))
    services.on("GET", f"{PATH}/W1/text", TEXT)
    return person_with(app, services, "P00001", ("see_work", "submit_work", "consent"), posts=[UNIT])


@pytest.fixture
def author(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", PATH, listed(WORK))
    services.on("GET", f"{PATH}/W1/text", TEXT)
    service = {"unit_id": "X1", "unit_name": "一小", "state": "serving"}
    services.on("GET", "/api/mine/service", {"today": "2022-12-05", "memberships": [service], "posts": []})
    return person_with(app, services, "P00002", ("see_work", "submit_work", "consent"))


def test_a_clerk_sees_the_unit_s_works_and_a_teacher_their_own(
    clerk: FlaskClient, author: FlaskClient, services: FakeGateway
) -> None:
    page = clerk.get("/works").text
    assert "做引路人" in page and "李老师" in page and "待单位推荐" in page and "0 / 2" in page
    assert services.called("GET", PATH)[-1].query == {"unit_id": "X1", "limit": "30"}
    clerk.get("/works?unit=mine")
    assert services.called("GET", PATH)[-1].query == {"author_id": "P00001", "limit": "30"}
    page = author.get("/works?progress=returned&semester=2022-autumn").text
    assert services.called("GET", PATH)[-1].query == {
        "author_id": "P00002", "limit": "30", "progress": "returned", "semester": "2022-autumn"}  # fmt: skip
    assert "交作品" in page and "推荐作品" not in page


def test_the_next_page_keeps_what_was_asked(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", PATH, listed(WORK, after="2022-12-01/W1"))
    page = clerk.get("/works?progress=handed_in").text
    assert "/works?after=2022-12-01/W1&amp;unit=X1&amp;progress=handed_in" in page
    clerk.get("/works?after=2022-12-01/W1&unit=X1")
    assert services.called("GET", PATH)[-1].query["after"] == "2022-12-01/W1"


def test_a_work_is_read_and_put_forward_by_its_unit(clerk: FlaskClient, services: FakeGateway) -> None:
    page = clerk.get("/works/work?work=W1").text
    assert "正文&lt;b&gt;" in page and "data:image/png;base64,iVBORw0KGgo=" in page and "推荐送评" in page
    services.on("POST", f"{PATH}/W1/put-forward", {"positions": [], "changed": True})
    answer = clerk.post("/works/put-forward", data={"csrf": csrf(clerk, "/works/work?work=W1"), "work": "W1"})
    assert (answer.status_code, answer.location) == (303, "/works/work?work=W1")
    assert "已推荐送评。" in clerk.get(answer.location).text


def test_an_author_does_not_put_their_own_forward(author: FlaskClient) -> None:
    page = author.get("/works/work?work=W1").text
    assert "推荐送评</button>" not in page and "等待本单位推荐送评。" in page and "更改授权" in page
    assert "退回的原因" not in page


def test_one_that_may_not_be_seen_is_not_there(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", PATH, listed())
    assert clerk.get("/works/work?work=W9").status_code == 404
    assert clerk.get("/works/work?work=../x").status_code == 404
    services.on("GET", PATH, listed(WORK))
    services.on("GET", f"{PATH}/W1/text", problem(410, "gone", "内容已不可读"))
    assert "内容已不可读" in clerk.get("/works/work?work=W1").text


def test_a_work_goes_back_with_a_reason(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("POST", f"{PATH}/W1/return", {"positions": [], "changed": True})
    form = {"csrf": csrf(clerk, "/works/work?work=W1"), "work": "W1"}
    answer = clerk.post("/works/return", data=form)
    assert answer.status_code == 422 and "请写明退回的原因" in answer.text
    assert clerk.post("/works/return", data=form | {"reason": "请补充\n事例"}).status_code == 303
    assert services.called("POST", f"{PATH}/W1/return")[-1].json == {"reason": "请补充 事例"}


def test_consent_on_paper_is_entered_and_what_was_taken_back_is_the_author_s_alone(
    clerk: FlaskClient, services: FakeGateway
) -> None:
    services.on("POST", f"{PATH}/W1/consent", problem(422, "author_only", "只能由作者本人重新授权。", column="levels"))
    form = {"csrf": csrf(clerk, "/works/work?work=W1"), "work": "W1", "way": "give"}
    assert "请先勾选授权范围。" in clerk.post("/works/consent", data=form).text
    answer = clerk.post("/works/consent", data=form | {"level": ["print"]})
    assert answer.status_code == 422 and "只能由作者本人重新授权。" in answer.text
    services.on("POST", f"{PATH}/W1/withdraw", {"positions": [], "changed": True})
    assert clerk.post("/works/consent", data=form | {"level": ["unit"], "way": "withdraw"}).status_code == 303
    assert services.called("POST", f"{PATH}/W1/withdraw")[-1].json == {"levels": ["unit"]}


def test_a_unit_of_the_author_is_missing_only_where_that_is_known(author: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/mine/service", {"memberships": []})
    assert "没有查到您在任的单位" in author.get("/works/hand-in").text
    services.on("GET", "/api/mine/service", problem(502, "service_away"))
    page = author.get("/works/hand-in").text
    assert "查不到您在任的单位，稍后刷新即可" in page and "没有查到" not in page


def test_an_author_hands_in_a_text(author: FlaskClient, services: FakeGateway) -> None:
    page = author.get("/works/hand-in").text
    assert "一小" in page and "我同意这件作品用于" in page and 'name="author"' not in page
    work_id = page.partition('name="work" value="')[2].partition('"')[0]
    handed_in = {"positions": [], "changed": True, "work_id": work_id, "kind": "text", "content": "0",
                 "left_out": ["页眉没有收入。"], "proof": ""}  # fmt: skip
    services.on("PUT", f"{PATH}/{work_id}", Answer(201, handed_in))
    form = {"csrf": csrf(author, "/works/hand-in"), "work": work_id, "own": "1", "unit": "X1", "title": "做 引路人",
            "text": "第一段。\r\n第二段。", "levels": ["inside", "district"]}  # fmt: skip
    answer = author.post("/works/hand-in", data=form)
    assert (answer.status_code, answer.location) == (303, f"/works/work?work={work_id}")
    sent = services.called("PUT", f"{PATH}/{work_id}")[-1]
    assert sent.body.decode() == "第一段。\n第二段。" and sent.headers["x-qihang-title"] == quote("做 引路人")
    assert sent.query == {"author_id": "P00002", "unit_id": "X1", "levels": "inside,district"}
    assert "页眉没有收入。" in author.get("/works/work?work=W1").text


def test_what_is_missing_stands_at_its_field_and_the_text_is_kept(author: FlaskClient, services: FakeGateway) -> None:
    form = {"csrf": csrf(author, "/works/hand-in"), "work": "W9", "own": "1", "unit": "X1", "text": "写好的正文"}
    answer = author.post("/works/hand-in", data=form)
    assert answer.status_code == 422 and "写好的正文" in answer.text
    assert "请写标题" in answer.text and "没有作者的授权不能推荐" in answer.text
    assert not services.called("PUT", f"{PATH}/W9")
    services.on("PUT", f"{PATH}/W9", problem(422, "macros", "文件（宏）带有宏，请另存。", column="file"))
    whole = form | {"title": "体会", "levels": "inside", "file": (io.BytesIO(b"PK"), "心得.docx")}
    answer = author.post("/works/hand-in", data=whole)
    assert answer.status_code == 422 and answer.text.count("带有宏") == 2  # above and at the file
    assert services.called("PUT", f"{PATH}/W9")[-1].body == b"PK"


def test_a_clerk_nominates_somebody_s_work_with_consent_on_paper(clerk: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", "/api/directory/people", {"people": [{"person_id": "P00002", "name": "李老师"}], "total": 1})
    page = clerk.get("/works/hand-in?unit=X1").text
    assert "李老师" in page and "已取得作者的书面授权" in page
    services.on("PUT", f"{PATH}/W8", Answer(201, {"positions": [], "changed": True, "left_out": []}))
    form = {"csrf": csrf(clerk, "/works/hand-in?unit=X1"), "work": "W8", "unit": "X1", "author": "P00002",
            "title": "体会", "text": "正文", "levels": "unit"}  # fmt: skip
    assert "请先取得作者的书面授权" in clerk.post("/works/hand-in", data=form).text
    assert clerk.post("/works/hand-in", data=form | {"paper": "1"}).status_code == 303
    assert services.called("PUT", f"{PATH}/W8")[-1].query["author_id"] == "P00002"
    assert clerk.get("/works/hand-in?unit=X2").status_code == 404


def test_a_returned_work_is_handed_in_again(author: FlaskClient, services: FakeGateway) -> None:
    back = {"on": "2022-12-04", "by": "reviewer", "reason": "请补充事例"}
    services.on("GET", PATH, listed(WORK | {"progress": "returned", "returned": back}))
    page = author.get("/works/work?work=W1").text
    assert "请补充事例" in page and "/works/hand-in?work=W1" in page
    page = author.get("/works/hand-in?work=W1").text
    assert 'name="again" value="1"' in page and 'value="做引路人"' in page and 'name="work" value="W1"' in page


def test_an_author_gives_and_takes_back_each_use(author: FlaskClient, services: FakeGateway) -> None:
    page = author.get("/permissions").text
    assert "已授权" in page and "已撤回" in page and "未授权" in page and "教师选登" in page and "已公开" in page
    services.on("POST", f"{PATH}/W1/consent", {"positions": [], "changed": True})
    services.on("POST", f"{PATH}/W1/withdraw", {"positions": [], "changed": True})
    form = {"csrf": csrf(author, "/permissions"), "work": "W1"}
    answer = author.post("/permissions", data=form | {"level": "district", "act": "give"})
    assert (answer.status_code, answer.location) == (303, "/permissions#work-W1")
    assert services.called("POST", f"{PATH}/W1/consent")[-1].json == {"levels": ["district"]}
    author.post("/permissions", data=form | {"level": "inside", "act": "withdraw"})
    assert services.called("POST", f"{PATH}/W1/withdraw")[-1].json == {"levels": ["inside"]}
    assert author.post("/permissions", data=form | {"level": "radio", "act": "give"}).status_code == 422


def test_while_publicity_is_away_the_pages_say_so(author: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", PATH, problem(503, "away"))
    for path in ("/works", "/permissions", "/works/hand-in"):
        answer = author.get(path)
        assert answer.status_code == 200, path
