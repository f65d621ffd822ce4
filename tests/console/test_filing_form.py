"""填报: the form of each kind as its description says, several deeds in one entry, problems at their fields."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import person_with
from tests.support.fake_gateway import Answer, Call, FakeGateway, problem

NO = {"field": "", "codes": []}


def item(name: str, title: str, type_: str, **more: Any) -> dict[str, Any]:
    choices = [{"code": code, "label": label} for code, label in more.pop("choices", {}).items()]
    return {"id": name, "title": title, "type": type_, "choices": choices, "required": False, "max": 400, "help": "",
            "private": False, "record": "", "columns": [], "when": NO, "default": [], **more}  # fmt: skip


def kind(name: str, title: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "title": title, "of": "unit", "filed_by": "unit", "duty": name, "every": "month",
            "period_required": False, "periods": ["2022-11", "2022-12"], "fields": list(fields),
            "evidence": {"min": 0, "max": 20, "types": [], "originals": False}, "confirm": "none",
            "files_with": [], "people": "chosen", "work": "optional", "help": "", "offered": True,
            **more}  # fmt: skip


SESSION = kind(
    "study_session", "集中学习",
    item("line", "线上或线下", "choice", required=True, choices={"online": "线上", "offline": "线下"}),
    item("place", "地点", "text", when={"field": "line", "codes": ["offline"]}),
    item("headcount", "参加人数", "number"), item("until", "计划到", "date"),
    item("readings", "学习书目", "lines", max=5, columns=[
        item("title", "篇目", "text", required=True), item("by", "完成时间", "date")]),
    item("leaders", "组长", "people", max=3), item("hosts", "主办单位", "units"),
    item("material", "即讲即学的内容", "record", record="new_material"),
    files_with=["discussion_day", "attendance"],
)  # fmt: skip
DISCUSSION = kind(
    "discussion_day", "研讨日",
    item("parts", "研讨环节", "choices", required=True, choices={"gains": "谈收获", "plans": "谈打算"}),
)  # fmt: skip
ATTENDANCE = kind("attendance", "参加研讨", of="person", evidence={"min": 0, "max": 5, "types": [], "originals": False})
SUMMARY = kind("summary", "思想总结", item("text", "正文", "long_text", private=True, max=20000), of="person",
               filed_by="person", period_required=True, every="semester", periods=["2022-autumn"])  # fmt: skip
KINDS = {"campaign": "c", "version": 1, "today": "2022-12-05", "kinds": [SESSION, DISCUSSION, ATTENDANCE, SUMMARY]}
PEOPLE = {"unit_id": "X1", "unit_name": "一小",
          "people": [{"person_id": f"P{number:05}", "name": name} for number, name in
                     enumerate(["王小明", "李娜", "张伟", "张伟"], 1)]}  # fmt: skip


@pytest.fixture
def kinds(services: FakeGateway) -> FakeGateway:
    services.on("GET", "/api/record-kinds", KINDS)
    services.on("GET", "/api/units/X1/people", PEOPLE)
    services.on("GET", "/api/directory/unit-names", {"units": [{"unit_id": "X2", "name": "二小", "kind": "school"}]})
    listed = {"filings": [{"filing_id": "issued-0001", "title": "新要求", "unit_name": "教育局", "day": "2022-12-01"}]}
    services.on(
        "GET", "/api/filings", lambda call: listed if call.query.get("kind") == "new_material" else {"filings": []}
    )
    services.on("GET", "/api/mine/filings", {"filings": [], "records": []})
    services.on("POST", "/api/filings", filed)
    services.on("GET", "/api/duties", {"as_of": "2022-12-05", "duties": [], "people": []})
    return services


def filed(call: Call) -> Any:
    states = [{"filing_id": f"entry-000{number}-1", "status": "submitted", "awaits": "", "counts": call.json["submit"],
               "revision": 2} for number, _ in enumerate(call.json["deeds"], 1)]  # fmt: skip
    return {"filings": states, "outcome": "accepted", "positions": ["participation/0/7"]}


def clerk(app: Flask, services: FakeGateway) -> FlaskClient:
    return person_with(app, services, "P00001", ("see_records", "file_record"), posts=[("clerk", "X1", "一小")])


def inputs(page: str) -> dict[str, Any]:
    """What a browser without script would send of the form: its hidden inputs."""
    form = page[page.index('<form class="filing"') :]
    return dict(re.findall(r'<input (?:type="hidden" )?name="([^"]+)" value="([^"]*)"', form))


def sent(services: FakeGateway) -> dict[str, Any]:
    body: dict[str, Any] = services.called("POST", "/api/filings")[-1].json
    return body


ADDRESS = "/file/form?kind=study_session&unit=X1&period=2022-12"


def test_a_form_asks_what_the_kind_describes(app: Flask, kinds: FakeGateway) -> None:
    page = clerk(app, kinds).get(ADDRESS).text
    for text in ("集中学习", 'type="radio" name="study_session.line" value="online"', 'name="study_session.place"',
                 'type="number"', 'name="study_session.readings.0.title"',
                 'name="study_session.leaders.ticked" value="P00001"',
                 'name="study_session.hosts" value="X2"', '<option value="issued-0001">新要求 2022-12-01</option>',
                 'data-when="study_session.line" data-codes="offline"', 'name="with" value="discussion_day"',
                 'name="day" value="2022-12-05"', "一并填报：参加研讨", "本单位全部 4 人", 'type="file"'):  # fmt: skip
        assert text in page, text
    assert kinds.called("GET", "/api/units/X1/people")[-1].query == {"on": "2022-12-05"}


def test_one_form_submits_several_deeds(app: Flask, kinds: FakeGateway) -> None:
    browser = clerk(app, kinds)
    hidden = inputs(browser.get(ADDRESS).text)
    data = hidden | {
        "act": "submit", "day": "2022-12-02", "title": "第三次学习", "with": ["discussion_day", "attendance"],
        "study_session.line": "online", "study_session.place": "不问", "study_session.headcount": "12",
        "study_session.readings.1.title": "第二篇", "study_session.readings.0.title": "第一篇",
        "study_session.readings.0.by": "2022-12-09", "study_session.readings.2.title": " ",
        "study_session.leaders.pasted": "王 小明、P00002", "study_session.hosts": ["X2"], "evidence": ["ab" * 32],
        "discussion_day.parts": ["gains", "plans"], "attendance.people.mode": "except",
        "attendance.people.ticked": ["P00004"],
    }  # fmt: skip
    answer = browser.post("/file/form", data=data)
    assert (answer.status_code, answer.location) == (303, "/records/filing?filing=entry-0001-1")
    body = sent(kinds)
    session, discussion, attendance = body["deeds"]
    assert (body["submit"], body["entry_id"]) == (True, hidden["entry_id"])
    assert session["fields"] == {
        "line": "online", "headcount": 12, "leaders": ["P00001", "P00002"], "hosts": ["X2"],
        "readings": [{"title": "第一篇", "by": "2022-12-09"}, {"title": "第二篇"}]}  # fmt: skip
    assert (session["occurred_at"], session["title"], session["evidence"]) == ("2022-12-02", "第三次学习", ["ab" * 32])
    assert (discussion["fields"], discussion["evidence"]) == ({"parts": ["gains", "plans"]}, ["ab" * 32])
    assert (attendance["people"], attendance["evidence"]) == (["P00001", "P00002", "P00003"], [])


def test_problems_stand_at_their_fields_and_the_first_has_the_focus(app: Flask, kinds: FakeGateway) -> None:
    kinds.on("POST", "/api/filings", problem(422, "bad_fields", "请填写线上或线下", column="line", problems=[
        {"field": "line", "code": "missing", "message": "请填写线上或线下", "deed": 1},
        {"field": "readings.0.title", "code": "missing", "message": "请填写篇目", "deed": 1},
        {"field": "parts", "code": "missing", "message": "请填写研讨环节", "deed": 2}]))  # fmt: skip
    browser = clerk(app, kinds)
    given = {"act": "submit", "day": "2022-12-02", "title": "留着"}
    data = inputs(browser.get(ADDRESS).text) | given | {
        "with": "discussion_day", "study_session.readings.0.by": "2022-12-09"}  # fmt: skip
    answer = browser.post("/file/form", data=data)
    page = answer.text
    assert answer.status_code == 422 and "有 3 处要修改" in page and 'value="留着"' in page
    for name, text in (("study_session.line", "请填写线上或线下"), ("study_session.readings.0.title", "请填写篇目"),
                       ("discussion_day.parts", "请填写研讨环节")):  # fmt: skip
        assert f'id="e-{name}">{text}<' in page
    assert re.findall(r'name="([^"]+)"[^>]*\sautofocus', page) == ["study_session.line"]
    assert re.search(r'name="with" value="discussion_day" checked', page)
    assert inputs(page)["entry_id"] == data["entry_id"], "sent again it is the same entry"


def test_names_that_nobody_or_several_bear_are_not_sent(app: Flask, kinds: FakeGateway) -> None:
    browser = clerk(app, kinds)
    data = inputs(browser.get(ADDRESS).text) | {
        "act": "submit", "with": "attendance", "attendance.people.mode": "these",
        "attendance.people.pasted": "李娜\n张伟\n赵六"}  # fmt: skip
    answer = browser.post("/file/form", data=data)
    assert answer.status_code == 422 and "有同名的人" in answer.text and kinds.called("POST", "/api/filings") == []
    assert re.search(r'value="P00002" checked', answer.text) and "张伟（P00003）" in answer.text


def test_of_thousands_only_those_who_are_searched_for_have_a_box(app: Flask, kinds: FakeGateway) -> None:
    crowd = [{"person_id": f"Q{number:05}", "name": f"教师{number}"} for number in range(3000)]
    kinds.on("GET", "/api/units/X1/people", {**PEOPLE, "people": crowd})
    browser = clerk(app, kinds)
    page = browser.get("/file/form?kind=attendance&unit=X1").text
    assert "本单位全部 3000 人" in page and 'name="attendance.people.ticked"' not in page and len(page) < 40_000
    names = "、".join(f"教师{number}" for number in range(500))
    data = inputs(page) | {"act": "stay", "attendance.people.search": "教师299", "attendance.people.pasted": names}
    page = browser.post("/file/form", data=data).text
    assert 'value="Q02990"' in page and page.count('name="attendance.people.ticked"') < 150
    data = inputs(page) | {"act": "submit", "attendance.people.ticked": ["Q02990"], "attendance.people.mode": "except"}
    ticked = re.findall(r'name="attendance.people.ticked" value="([^"]+)" checked', page)
    browser.post("/file/form", data=data | {"attendance.people.ticked": ["Q02990", *ticked]})
    assert len(sent(kinds)["deeds"][0]["people"]) == 3000 - 501


def test_a_person_files_their_own_and_a_clerk_in_their_place_without_the_private_text(
    app: Flask, kinds: FakeGateway
) -> None:
    browser = person_with(app, kinds, "P00009", ("see_records", "file_record"))
    page = browser.get("/file/form?kind=summary&period=2022-autumn").text
    assert "只有本人能看" in page and "代填" not in page and 'value="2022-autumn" selected' in page
    text = "字" * 20_000
    given = {"act": "submit", "day": "2022-12-05", "summary.text": text, "summary.period": "2022-autumn"}
    assert browser.post("/file/form", data=inputs(page) | given).status_code == 303
    (deed,) = sent(kinds)["deeds"]
    assert (deed["unit_id"], deed["people"], deed["period"], deed["fields"]) == ("", [], "2022-autumn", {"text": text})
    page = clerk(app, kinds).get("/file/form?kind=summary&unit=X1&person=P00002").text
    assert 'name="summary.text"' not in page and "代填" in page and 'value="P00002" checked' in page


def test_what_is_not_the_users_to_file_or_unknown_is_no_form(app: Flask, kinds: FakeGateway) -> None:
    teacher = person_with(app, kinds, "P00009", ("see_records", "file_record"))
    page = teacher.get("/file/form?kind=study_session").text
    assert "由本单位的填报员填报" in page and '<form class="filing"' not in page
    assert teacher.get("/file/form?kind=nothing").status_code == 404
    assert teacher.get("/file/form?filing=x").status_code == 404
    page = teacher.get("/file").text
    assert "思想总结" in page and "集中学习" not in page
    page = clerk(app, kinds).get("/file").text
    assert "集中学习" in page and "代填思想总结" in page


def test_a_service_that_is_away_keeps_what_was_filled_in(app: Flask, kinds: FakeGateway) -> None:
    kinds.on("POST", "/api/filings", Answer(503, {}))
    browser = clerk(app, kinds)
    answer = browser.post("/file/form", data=inputs(browser.get(ADDRESS).text) | {"act": "draft", "title": "留着"})
    assert answer.status_code == 502 and 'value="留着"' in answer.text and "填写的内容还在" in answer.text


WHOLE = {"filing_id": "entry-0001-1", "entry_id": "entry-0001", "kind": "study_session", "unit_id": "X1",
         "unit_name": "一小", "people": [], "people_count": 0, "occurred_at": "2022-12-02T15:00", "period": "",
         "title": "第三次学习", "content_sha256": "", "evidence": ["ab" * 32],
         "fields": {"line": "online", "leaders": ["P00002"]},
         "private_fields": [], "on_behalf": False, "may": ["edit", "submit", "withdraw"], "status": "draft",
         "awaits": "", "counts": False, "revision": 3, "history": []}  # fmt: skip


def test_a_draft_is_resumed_with_the_drafts_of_its_entry(app: Flask, kinds: FakeGateway) -> None:
    other = {**WHOLE, "filing_id": "entry-0001-2", "kind": "attendance", "revision": 5, "fields": {}, "evidence": [],
             "people": [{"person_id": each["person_id"], "name": ""} for each in PEOPLE["people"]]}  # fmt: skip
    kinds.on("GET", "/api/filings/entry-0001-1", WHOLE)
    kinds.on("GET", "/api/filings/entry-0001-2", other)
    drafts = {"filings": [{"filing_id": "entry-0001-2"}, {"filing_id": "entry-0001-1"}]}
    kinds.on("GET", "/api/filings", lambda call: drafts if "entry_id" in call.query else {"filings": []})
    browser = clerk(app, kinds)
    page = browser.get("/file/form?filing=entry-0001-1").text
    assert 'value="第三次学习"' in page and 'value="online" checked' in page and f'value="{"ab" * 32}"' in page
    assert re.search(r'value="attendance" checked', page) and re.search(r'people.mode" value="all" checked', page)
    data = inputs(page) | {"act": "draft", "day": "2022-12-02", "title": "改过", "with": "attendance",
                           "study_session.line": "online", "study_session.leaders.ticked": "P00002",
                           "attendance.people.mode": "all"}  # fmt: skip
    assert browser.post("/file/form", data=data).location == "/file/form?filing=entry-0001-1"
    body = sent(kinds)
    assert (body["entry_id"], body["submit"]) == ("entry-0001", False)
    assert [(deed["kind"], deed["revision"]) for deed in body["deeds"]] == [("study_session", 3), ("attendance", 5)]
    assert body["deeds"][0]["occurred_at"] == "2022-12-02T15:00", "the hour stays while the day does"
    assert "草稿已保存。" in browser.get("/file/form?filing=entry-0001-1").text


@pytest.mark.parametrize(("status", "may", "reason", "again"), [
    ("returned", ["edit", "submit"], "", True), ("confirmed", ["correct", "withdraw"], "日期写错", False)])  # fmt: skip
def test_one_filing_is_changed_by_put(
    app: Flask, kinds: FakeGateway, status: str, may: list[str], reason: str, again: bool
) -> None:
    history = [{"event": "participation.filing_returned", "reason": "请补签到表"}]
    kinds.on("GET", "/api/filings/entry-0001-1", {**WHOLE, "status": status, "may": may, "history": history})
    kinds.on(
        "PUT", "/api/filings/entry-0001-1", lambda call: filed(Call("POST", "", {}, {}, b'{"submit":true,"deeds":[1]}'))
    )
    browser = clerk(app, kinds)
    page = browser.get("/file/form?filing=entry-0001-1").text
    assert ("请补签到表" in page) == again and ("更正的原因" in page) != again and 'name="with"' not in page
    data = inputs(page) | {"act": "submit", "day": "2022-12-03", "reason": reason, "study_session.line": "offline"}
    assert browser.post("/file/form", data=data).location == "/records/filing?filing=entry-0001-1"
    body = kinds.called("PUT", "/api/filings/entry-0001-1")[-1].json
    assert (body["revision"], body["reason"], body["submit"]) == (3, reason, again)
    assert (body["content"]["occurred_at"], body["content"]["fields"]) == ("2022-12-03", {"line": "offline"})
    kinds.on(
        "PUT",
        "/api/filings/entry-0001-1",
        problem(409, "changed_meanwhile", "别人改过。", revision=4, changed=["title"]),
    )
    page = browser.post("/file/form", data=data).text
    assert "别人改过" in page and inputs(page)["study_session.revision"] == "0"


def test_a_form_is_filled_in_like_the_last_of_its_kind(app: Flask, kinds: FakeGateway) -> None:
    last = {"filings": [{"filing_id": "entry-0001-1", "entry_id": "entry-0001"}]}
    kinds.on("GET", "/api/filings", lambda call: {"filings": []} if call.query.get("kind") == "new_material" else last)
    kinds.on("GET", "/api/filings/entry-0001-1", WHOLE)
    page = clerk(app, kinds).get(f"{ADDRESS}&like=last").text
    assert 'value="online" checked' in page and 'value="第三次学习"' not in page and f'value="{"ab" * 32}"' not in page
    assert 'name="day" value="2022-12-05"' in page


def test_a_new_form_proposes_choices_and_everybody_where_the_file_does(app: Flask, kinds: FakeGateway) -> None:
    line = {**SESSION["fields"][0], "default": ["offline"]}
    parts = {**DISCUSSION["fields"][0], "default": ["gains", "plans"]}
    proposing = [{**SESSION, "fields": [line, *SESSION["fields"][1:]]}, {**DISCUSSION, "fields": [parts]},
                 {**ATTENDANCE, "people": "everybody"}, SUMMARY]  # fmt: skip
    kinds.on("GET", "/api/record-kinds", {**KINDS, "kinds": proposing})
    browser = clerk(app, kinds)
    page = browser.get(ADDRESS).text
    assert 'value="offline" checked' in page and page.count('name="discussion_day.parts" value=') == 2
    assert len(re.findall(r'name="discussion_day.parts" value="\w+" checked', page)) == 2
    assert re.search(r'attendance.people.mode" value="all" checked', page)
    named = browser.get("/file/form?kind=attendance&unit=X1&person=P00002").text
    assert 'value="P00002" checked' in named and not re.search(r'people.mode" value="all" checked', named)


def test_photos_of_a_kind_that_asks_for_originals_are_sent_as_they_are(app: Flask, kinds: FakeGateway) -> None:
    asked = {**SESSION, "evidence": {**SESSION["evidence"], "originals": True}}
    kinds.on("GET", "/api/record-kinds", {**KINDS, "kinds": [asked, SUMMARY]})
    browser = clerk(app, kinds)
    assert 'data-originals="study_session"' in browser.get(ADDRESS).text
    assert 'data-originals=""' in browser.get("/file/form?kind=summary&unit=X1").text
