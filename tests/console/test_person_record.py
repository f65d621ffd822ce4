"""A person downloads their own record from their page, the operator anybody's by command; each is written down."""

from __future__ import annotations

import dataclasses
import importlib
import json
from pathlib import Path
from typing import Any

import jsonschema
from flask import Flask

from chassis.events.definition import REGISTRY
from chassis.process.settings import SERVICES
from cli import security_log
from console import person_record, record_labels
from services.registry.person_record import INTERNAL, ITEM_LISTS, PERSON_FIELDS, PERSON_LISTS, RECIPIENT
from tests.console.conftest import components_of, person_with
from tests.support.fake_gateway import FakeGateway, problem

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "person-record.schema.json").read_text("utf-8"))


def entry(event: str, label: str, **data: Any) -> dict[str, Any]:
    return {"event": event, "label": label, "occurred_at": "", "recorded_at": "2022-12-01T08:00:00.000000Z",
            "position": "participation/0/1", "actor": "clerk", "data": data}  # fmt: skip


def with_record(services: FakeGateway, person_id: str) -> None:
    empty = {"person_id": person_id, "entries": [], "acts": []}
    name = entry("participation.membership_started.v1", "任职开始", person_id=person_id, name="王小明", role="teacher")
    work = entry("publicity.work_nominated.v1", "推荐作品", work_id="W1", author_id=person_id, title="我的作品")
    record = f"/api/people/{person_id}/record"
    answers = iter([empty | {"entries": [name], "waiting": []}, empty, empty | {"entries": [work]}, empty] * 2)
    services.on("GET", record, lambda _: next(answers))
    services.on("GET", "/api/duties", problem(409, "no_campaign"))
    services.on("GET", "/api/works/W1/text", {"work_id": "W1", "kind": "text", "title": "我的作品",
                                              "blocks": [["text", "正文<b>", ""]]})  # fmt: skip


def test_a_person_downloads_their_own_record_whole(app: Flask, services: FakeGateway) -> None:
    browser = person_with(app, services, "P00077")
    with_record(services, "P00077")
    assert "/account/record.html" in browser.get("/own-record").text
    answer = browser.get("/account/record.json")
    assert "attachment" in answer.headers["Content-Disposition"] and answer.headers["Cache-Control"] == "no-store"
    jsonschema.validate(answer.json, SCHEMA)
    assert answer.json["services"]["participation"]["entries"][0]["data"]["name"] == "王小明"
    assert answer.json["console"]["account"]["sign_in_name"] and answer.json["console"]["sessions"]
    page = browser.get("/account/record.html").text
    assert all(word in page for word in ("王小明", "我的作品", "正文&lt;b&gt;", "任职开始", "教师", "登录"))
    assert "<script" not in page
    log = components_of(app).security_log.entries(event="record_exported")
    assert [(each.actor, each.account_id, each.detail["form"]) for each in log] == [
        ("P00077", "P00077", "html"), ("P00077", "P00077", "json")]  # fmt: skip


def test_a_record_that_is_not_whole_is_not_handed_out(app: Flask, services: FakeGateway) -> None:
    browser = person_with(app, services, "P00077")
    services.on("GET", "/api/people/.*", problem(503, "busy"))
    answer = browser.get("/account/record.json", follow_redirects=True)
    assert "暂时不能导出" in answer.text
    assert not components_of(app).security_log.entries(event="record_exported")


def test_no_more_than_a_few_records_are_gathered_at_a_time(app: Flask, services: FakeGateway) -> None:
    browser = person_with(app, services, "P00077")
    with_record(services, "P00077")
    places = [person_record._places.acquire(blocking=False) for _ in range(person_record.MOST_AT_ONCE)]
    try:
        assert browser.get("/account/record.json").status_code == 303
    finally:
        for _ in places:
            person_record._places.release()
    assert browser.get("/account/record.json").status_code == 200


def test_the_command_needs_the_operators_own_token(app: Flask, services: FakeGateway) -> None:
    browser = person_with(app, services, "P00077")
    assert browser.get("/s/console/api/people/P00077/record.json").status_code == 401


def test_who_looked_is_named_by_role_only_and_only_looks_at_this_person_count(app: Flask) -> None:
    log = components_of(app).security_log
    log.write("export", "P00001", what="GET notifications/api/inboxes/person-P7")
    log.write("export", "operator", what="GET participation/api/history/people/P7/S1/2015-09-01")
    log.write("export", "P00001", what="GET notifications/api/inboxes/person-P77")
    log.write("signin", "P7")
    with app.test_request_context():
        shown = person_record._of_console(components_of(app), "P7")["log"]
    assert [(each["event"], each["actor"]) for each in shown] == [
        ("signin", "person"), ("export", "operator"), ("export", "another")]  # fmt: skip
    assert "P00001" not in json.dumps(shown)


def test_every_field_of_an_event_about_a_person_has_a_label_or_is_for_programs() -> None:
    for service in SERVICES:
        importlib.import_module(f"services.{service}.service")
    named = {*PERSON_FIELDS, *PERSON_LISTS, *ITEM_LISTS, RECIPIENT, "work_id"}
    without = set()
    for cls in REGISTRY.classes.values():
        names = {each.name for each in dataclasses.fields(cls)}  # type: ignore[arg-type]
        if names & named:
            without |= names - set(record_labels.FIELDS) - record_labels.HIDDEN - set(INTERNAL)
    assert not without


def test_every_entry_of_the_console_s_log_has_words() -> None:
    assert set(record_labels.LOG) == set(security_log.CONSOLE_EVENTS)
