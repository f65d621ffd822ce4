"""我的评审, 评审分派, 选用: read without author, marked, commented, declined; assigned several at once, taken back;
chosen with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.console.test_works import RULES, TEXT, WORK, listed
from tests.support.fake_gateway import FakeGateway, problem

PATH, WRITTEN = "/api/works", {"positions": [], "changed": True}
OWN = {"reviewer_id": "P00001", "assigned_on": "2022-12-01", "due_on": "2022-12-10", "total": "", "marked_on": "",
       "marks": {}, "comment": "", "waits": False, "is_late": False}  # fmt: skip
ASKED: dict[str, Any] = {"work_id": "R00000000abcd", "repeated": False, "kind": "text", "semester": "2022-autumn",
                         "size": 900, "own_review": OWN}  # fmt: skip
REVIEW = {"reviewer_id": "P00009", "name": "张老师", "unit": "二小", "assigned_on": "2022-12-01",
          "due_on": "2022-12-04", "total": "", "marked_on": "", "is_late": True}  # fmt: skip
ARRANGED: dict[str, Any] = {
    "work_id": "W1", "unit_id": "X1", "unit": "一小", "semester": "2022-autumn", "kind": "text", "size": 900,
    "nominated_on": "2022-12-01", "put_forward_on": "2022-12-01", "levels": ["inside"], "progress": "to_assign",
    "average": "", "repeated": False, "reviews": [REVIEW],
    "released": [{"reviewer_id": "P00008", "name": "赵老师", "cause": "acquainted", "released_on": "2022-12-02"}],
}  # fmt: skip
ALL = {"works": [ARRANGED], "total": 1, "next": "", "counts": {"to_assign": 1, "late": 1}, "units": {"X1": "一小"},
       "rules": RULES}  # fmt: skip
PEOPLE = {"people": [{"person_id": "P00007", "name": "钱老师", "unit_id": "X2", "unit": "二小", "waiting": 2}],
          "units": {"X1": "一小", "X2": "二小"}}  # fmt: skip


@pytest.fixture
def reviewer(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", PATH, listed(ASKED))
    services.on("GET", f"{PATH}/R00000000abcd/text", {**TEXT, "title": ""})
    return person_with(app, services, "P00001", ("review",))


@pytest.fixture
def office(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/reviews", ALL)
    services.on("GET", "/api/reviewers", PEOPLE)
    services.on(
        "GET", "/api/selections", {**listed(WORK | {"progress": "selected", "selected": ["unit"]}), "units": {}}
    )
    services.on("GET", f"{PATH}/W1/text", TEXT)
    rights = ("arrange_reviews", "select_work", "select_for_district")
    return person_with(app, services, "P00003", rights, posts=[("head", "S01", "教研室")])


def test_a_reviewer_sees_what_to_read_and_until_when(reviewer: FlaskClient, services: FakeGateway) -> None:
    page = reviewer.get("/reviews").text
    assert "文稿 ABCD" in page and "2022-12-10" in page and "待评审" in page
    assert services.called("GET", PATH)[-1].query == {"reviewer_id": "P00001"}
    services.on("GET", PATH, listed())
    assert "没有请您评审的作品" in reviewer.get("/reviews").text


def test_marks_and_a_comment_are_sent_once(reviewer: FlaskClient, services: FakeGateway) -> None:
    page = reviewer.get("/reviews/work?work=R00000000abcd").text
    assert "文字表达（0—50 分）" in page and "做引路人" not in page
    form = {"csrf": csrf(reviewer, "/reviews/work?work=R00000000abcd"), "work": "R00000000abcd"}
    answer = reviewer.post("/reviews/mark", data=form | {"mark.writing": "", "comment": "写得好"})
    assert answer.status_code == 422 and "请填分数。" in answer.text and "写得好" in answer.text
    path = f"{PATH}/R00000000abcd/marks"
    services.on(
        "POST", path, problem(422, "mark_out_of_range", "评分超出范围，文字表达为 0—50 分。", column="marks.writing")
    )
    answer = reviewer.post("/reviews/mark", data=form | {"mark.writing": "60"})
    assert answer.status_code == 422 and 'id="e-mark.writing">评分超出范围，文字表达' in answer.text
    services.on("POST", path, WRITTEN)
    answer = reviewer.post("/reviews/mark", data=form | {"mark.writing": "42.5", "comment": "写得好"})
    assert (answer.status_code, answer.location) == (303, "/reviews")
    sent = services.called("POST", path)[-1].json
    assert sent == {"reviewer_id": "P00001", "marks": {"writing": "42.5"}, "comment": "写得好"}


def test_what_is_marked_stands_and_offers_no_form(reviewer: FlaskClient, services: FakeGateway) -> None:
    marked = OWN | {"marked_on": "2022-12-05", "total": "42.5", "marks": {"writing": "42.5"}, "comment": "写得好"}
    services.on("GET", PATH, listed(ASKED | {"own_review": marked}))
    page = reviewer.get("/reviews/work?work=R00000000abcd").text
    assert "42.5" in page and "写得好" in page and "/reviews/mark" not in page and "/reviews/decline" not in page


def test_a_reviewer_sends_back_or_declines(reviewer: FlaskClient, services: FakeGateway) -> None:
    form = {"csrf": csrf(reviewer, "/reviews/work?work=R00000000abcd"), "work": "R00000000abcd"}
    assert "请选择回避的原因。" in reviewer.post("/reviews/decline", data=form).text
    services.on("POST", f"{PATH}/R00000000abcd/decline", WRITTEN)
    assert reviewer.post("/reviews/decline", data=form | {"cause": "acquainted"}).status_code == 303
    sent = services.called("POST", f"{PATH}/R00000000abcd/decline")[-1].json
    assert sent == {"reviewer_id": "P00001", "cause": "acquainted"}
    services.on("POST", f"{PATH}/R00000000abcd/return", WRITTEN)
    assert reviewer.post("/reviews/return", data=form).status_code == 422
    assert reviewer.post("/reviews/return", data=form | {"reason": "请补充事例"}).status_code == 303


def test_who_is_not_asked_finds_no_work(reviewer: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", PATH, listed())
    assert reviewer.get("/reviews/work?work=R9").status_code == 404


def test_the_office_assigns_several_works_at_once(office: FlaskClient, services: FakeGateway) -> None:
    page = office.get("/assignments?progress=to_assign").text
    assert services.called("GET", "/api/reviews")[-1].query == {"progress": "to_assign"}
    assert "张老师" in page and "逾期 2022-12-04" in page and "与作者相识" in page and "待评 2" in page
    assert 'name="due" value="2022-12-19"' in page and "做引路人" not in page
    form = {"csrf": csrf(office, "/assignments"), "due": "2022-12-20", "progress": "to_assign"}
    answer = office.post("/assignments", data=form | {"reviewer": "P00007"})
    assert answer.status_code == 422 and "请先勾选作品。" in answer.text
    answer = office.post("/assignments", data=form | {"work": "W1"})
    assert answer.status_code == 422 and "请先选择评审人。" in answer.text
    for name in ("W1", "W2"):
        services.on("POST", f"{PATH}/{name}/reviewers", WRITTEN)
    answer = office.post("/assignments", data=form | {"work": ["W1", "W2"], "reviewer": ["P00007"]})
    assert (answer.status_code, answer.location) == (303, "/assignments?progress=to_assign")
    sent = services.called("POST", f"{PATH}/W2/reviewers")[-1].json
    assert sent == {"reviewers": ["P00007"], "due_on": "2022-12-20"}


def test_people_of_a_unit_are_listed_and_what_was_ticked_stays(office: FlaskClient, services: FakeGateway) -> None:
    form = {"csrf": csrf(office, "/assignments"), "choose": "1", "people": "X2", "work": "W1"}
    page = office.post("/assignments", data=form).text
    assert services.called("GET", "/api/reviewers")[-1].query == {"unit_id": "X2"}
    assert 'value="W1" aria-label="第 1 件 一小" checked' in page.replace("\n", "")


def test_what_is_refused_stands_on_the_page_and_a_review_is_taken_back(
    office: FlaskClient, services: FakeGateway
) -> None:
    services.on("POST", f"{PATH}/W1/reviewers", problem(422, "reviewer_of_unit", "评审人不能评审本单位或本人的作品。"))
    form = {"csrf": csrf(office, "/assignments"), "work": "W1", "reviewer": "P00007"}
    answer = office.post("/assignments", data=form)
    assert answer.status_code == 303 and "不能评审本单位" in office.get(answer.location).text
    services.on("POST", f"{PATH}/W1/take-back", WRITTEN)
    answer = office.post("/assignments/take-back", data=form | {"reviewer": "P00009"})
    assert answer.status_code == 303 and services.called("POST", f"{PATH}/W1/take-back")[-1].json == {
        "reviewer_id": "P00009"}  # fmt: skip


def test_who_declined_is_named_where_they_are_asked_again(office: FlaskClient, services: FakeGateway) -> None:
    services.on(
        "POST", "/api/works/W1/reviewers", problem(409, "reviewer_declined", "P00007 已回避这件作品，请另选评审人。")
    )
    person = {"person_id": "P00007", "name": "钱老师", "unit_id": "X2", "unit": "二小", "waiting": 0}
    services.on("GET", "/api/reviewers", {**PEOPLE, "people": [person]})
    form = {"csrf": csrf(office, "/assignments"), "work": "W1", "reviewer": "P00007"}
    page = office.post("/assignments", data=form, follow_redirects=True).text
    assert "钱老师（P00007） 已回避这件作品" in page


def test_the_district_chooses_with_a_reason_and_undoes_with_one(office: FlaskClient, services: FakeGateway) -> None:
    page = office.get("/selections").text
    assert "做引路人" in page and "区级选用" in page and services.called("GET", "/api/selections")[-1].query == {
        "state": "open", "limit": "30"}  # fmt: skip
    page = office.get("/selections/work?work=W1&of=district").text
    assert "正文&lt;b&gt;" in page and "/selections/choose" in page and "/selections/undo" not in page
    services.on("POST", f"{PATH}/W1/select", WRITTEN)
    form = {"csrf": csrf(office, "/selections/work?work=W1&of=district"), "work": "W1", "of": "district"}
    answer = office.post("/selections/choose", data=form | {"reason": "事例可借鉴"})
    assert (answer.status_code, answer.location) == (303, "/selections?of=district")
    assert services.called("POST", f"{PATH}/W1/select")[-1].json == {"level": "district", "reason": "事例可借鉴"}
    chosen = WORK | {"progress": "selected_by_district", "selected": ["unit", "district"]}
    services.on("GET", "/api/selections", {**listed(chosen), "units": {}})
    answer = office.post("/selections/undo", data=form)
    assert answer.status_code == 422 and "请写明原因" in answer.text


def test_a_unit_chooses_from_what_passed(office: FlaskClient, services: FakeGateway) -> None:
    services.on("GET", PATH, listed(WORK | {"progress": "passed"}))
    page = office.get("/selections?of=S01").text
    assert services.called("GET", PATH)[-1].query == {"unit_id": "S01", "progress": "passed", "limit": "30"}
    assert "评审通过" in page
    assert "/selections/choose" in office.get("/selections/work?work=W1&of=S01").text
