"""填报记录: a unit's filings by what is searched for; one filing with answers, evidence and history; withdrawing."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.console.conftest import csrf, person_with
from tests.console.test_todo import filing, filings
from tests.support.fake_gateway import FakeGateway, problem

KINDS = {"kinds": [{"id": "study_session", "title": "集中学习", "fields": [
    {"id": "mode", "title": "形式", "type": "choices", "choices": [{"code": "online", "label": "线上"},
                                                              {"code": "offline", "label": "线下"}]},
    {"id": "lines", "title": "安排", "type": "lines", "choices": [], "columns": [{"id": "what"}, {"id": "by"}]},
    {"id": "gains", "title": "收获", "type": "long_text", "choices": []},
    {"id": "place", "title": "地点", "type": "text", "choices": []}]}]}  # fmt: skip


def clerk(app: Flask, services: FakeGateway) -> FlaskClient:
    services.on("GET", "/api/record-kinds", KINDS)
    return person_with(app, services, "P00001", ("see_records",), posts=[("clerk", "X1", "一小")])


def whole(**more: Any) -> dict[str, Any]:
    return {**filing(1), "filing_id": "F-0000001", "occurred_at": "2023-02-03T09:00:00+08:00", "people": [],
            "content_sha256": "", "evidence": ["ab" * 32], "private_fields": ["gains"], "may": ["withdraw"],
            "fields": {"mode": ["online", "offline"], "lines": [{"what": "第一章", "by": "2023-03-01"}]},
            "history": [{"sentence": "2023-02-03 王小明提交。"}], **more}  # fmt: skip


def test_the_list_asks_for_what_was_filled_in_and_leads_to_each(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/filings", {**filings(filing(1, filing_id="F-0000001")), "next": "2023-02-03|F"})
    page = (
        clerk(app, services)
        .get("/records?status=submitted,x&kind=study_session&text=学习&since=2023-01-01&until=x")
        .text
    )
    asked = {"unit_id": "X1", "kind": "study_session", "text": "学习", "since": "2023-01-01"}
    assert services.called("GET", "/api/filings")[-1].query == asked
    assert 'href="/records/filing?filing=F-0000001"' in page and "待主要负责人确认" in page
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following and "after=2023-02-03" in following[1] and "kind=study_session" in following[1]


def test_a_person_without_a_post_sees_their_own(app: Flask, services: FakeGateway) -> None:
    own = {"record_id": "R1", "kind": "study_session", "unit_id": "X1", "day": "2023-02-03", "period": "", "title": "",
           "recorded_at": "", "withdrawn": True}  # fmt: skip
    services.on("GET", "/api/mine/filings", {**filings(), "records": [own]})
    services.on("GET", "/api/record-kinds", KINDS)
    page = person_with(app, services, "P00001", ("see_records",)).get("/records").text
    assert "我名下的记录" in page and "集中学习" in page and "已撤回" in page


def test_a_filing_is_shown_in_words_and_private_texts_are_not(app: Flask, services: FakeGateway) -> None:
    scan = {"content": "ab" * 32, "name": "签到表.pdf", "media_type": "application/pdf", "size": 9, "private": False}
    services.on("GET", "/api/filings/F-0000001", whole(files=[{**scan, "later": False}]))
    page = clerk(app, services).get("/records/filing?filing=F-0000001").text
    for text in ("线上、线下", "第一章；2023-03-01", "（个人文字，只有本人能看）", "2023-02-03 王小明提交。"):
        assert text in page
    assert f'href="/s/participation/api/evidence/{"ab" * 32}"' in page and "地点" not in page


def test_withdrawing_shows_what_became_of_it_or_why_not(app: Flask, services: FakeGateway) -> None:
    services.on("GET", "/api/filings/F-0000001", whole())
    services.on("POST", "/api/filings/F-0000001/withdraw", {"positions": ["participation/0/8"], "filings": []})
    browser = clerk(app, services)
    address = "/records/filing?filing=F-0000001"
    assert "草稿不必写原因" not in browser.get(address).text and 'maxlength="400" required' in browser.get(address).text
    form = {"csrf": csrf(browser, address), "filing": "F-0000001", "revision": "2", "reason": "重复"}
    assert browser.post("/records/withdraw", data=form).location == address
    assert services.called("POST", "/api/filings/F-0000001/withdraw")[-1].json == {"revision": 2, "reason": "重复"}
    assert "已撤回。" in browser.get(address).text
    assert services.called("GET", "/api/filings/F-0000001")[-1].headers["x-qihang-after"] == "participation/0/8"
    services.on("POST", "/api/filings/F-0000001/withdraw", problem(409, "changed_meanwhile", "刚刚有人改过。"))
    answer = browser.post("/records/withdraw", data=form)
    assert answer.status_code == 422 and "刚刚有人改过。" in answer.text


def test_what_no_filing_can_be_called_is_not_asked_for(app: Flask, services: FakeGateway) -> None:
    browser = clerk(app, services)
    for name in ("", "short", "../../../livez", "a/b/c/d/e/f"):
        assert browser.get("/records/filing", query_string={"filing": name}).status_code == 404
    assert services.called("GET", "/api/filings/.*") == []
    services.on("GET", "/api/filings/F-0000009", problem(404, "unknown_filing", "没有这条填报。"))
    assert browser.get("/records/filing?filing=F-0000009").status_code == 404
