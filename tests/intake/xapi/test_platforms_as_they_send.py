"""What Moodle's logstore_xapi and Ralph send is taken as they send it: headers, batches, shapes, sent again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.participation.campaign.file import load
from services.participation.records.projections import records
from tests.architecture.kept import ROOT
from tests.services.participation import cluster
from tests.services.participation.platform import COURSE, MOODLE, Platform, completed, district, mapped

MANUAL = (ROOT / "docs" / "xapi.md").read_text(encoding="utf-8")
INFO = "http://lrs.learninglocker.net/define/extensions/info"
UUIDS = "6690e6c9-3ef0-4ed3-8b37-7f396473000"
OF_MOODLE = {"X-Experience-API-Version": "1.0.0", "Content-Type": "application/json"}
OF_RALPH = {"X-Experience-API-Version": "1.0.3", "content-type": "application/json"}


def of_moodle(verb: str, event: str, target: dict[str, Any], **more: Any) -> dict[str, Any]:
    """As the plugin's transformer makes it: no id, no objectType, a context of Moodle's own."""
    return {
        "actor": {"name": "示例教师", "account": {"homePage": MOODLE, "name": "p1"}},
        "verb": {"id": verb, "display": {"en": "did"}}, "object": target, "timestamp": "2022-12-02T15:31:41+08:00",
        "context": {
            "platform": "Moodle", "language": "zh_cn",
            "extensions": {INFO: {"http://moodle.org": "4.1", "event_name": event, "event_function": "\\src\\x"}},
            "contextActivities": {
                "grouping": [{"id": MOODLE, "definition": {"type": "http://id.tincanapi.com/activitytype/lms",
                                                           "name": {"zh_cn": "师训平台"}}}],
                "category": [{"id": "http://moodle.org", "definition": {
                    "type": "http://id.tincanapi.com/activitytype/source", "name": {"en": "Moodle"}}}],
            },
        },
        **more,
    }  # fmt: skip


def course(number: int, name: dict[str, str]) -> dict[str, Any]:
    return {"id": f"{MOODLE}/course/view.php?id={number}", "definition": {"type": COURSE, "name": name}}


STATEMENTS = [
    of_moodle("http://id.tincanapi.com/verb/completed", "\\core\\event\\course_completed",
              course(1, {"zh_cn": "师德研修"})),
    of_moodle("http://id.tincanapi.com/verb/viewed", "\\core\\event\\course_viewed", course(1, {"en": "Course"})),
    of_moodle("https://w3id.org/xapi/adl/verbs/logged-in", "\\core\\event\\user_loggedin",
              {"id": MOODLE, "definition": {
                  "type": "http://id.tincanapi.com/activitytype/lms", "name": {"en": "Site"}}}),
    of_moodle("http://adlnet.gov/expapi/verbs/answered", "\\mod_quiz\\event\\attempt_submitted",
              {"id": f"{MOODLE}/mod/quiz/view.php?id=7", "definition": {
                  "type": "http://adlnet.gov/expapi/activities/cmi.interaction", "name": {"en": "Q1"},
                  "interactionType": "choice"}},
              result={"response": "A[,]B", "success": True, "completion": True, "extensions": {
                  "http://learninglocker.net/xapi/cmi/choice/response": "A"}}),
    of_moodle("http://adlnet.gov/expapi/verbs/completed", "\\mod_quiz\\event\\attempt_submitted",
              {"id": f"{MOODLE}/mod/quiz/view.php?id=7", "definition": {
                  "type": "http://adlnet.gov/expapi/activities/assessment", "name": {"en": "Quiz"}}},
              result={"score": {"raw": 9, "min": 0, "max": 10, "scaled": 0.9}, "success": True, "completion": True,
                      "duration": "PT2520S"}),
]  # fmt: skip


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    replica = district(tmp_path)
    mapped(replica)
    yield Platform(replica)
    replica.runtime.store.close()


def test_a_batch_of_moodle_is_taken_and_once_when_it_is_sent_again(platform: Platform) -> None:
    raw = json.dumps(STATEMENTS).replace("/", "\\/").encode()  # as PHP writes JSON
    for _ in range(2):
        response = platform.call("POST", raw=raw, headers=OF_MOODLE)
        assert response.status_code == 200, response.get_data(as_text=True)  # the plugin takes nothing else
    assert len(set(json.loads(response.get_data()))) == len(STATEMENTS) == len(platform.states())
    assert len(platform.replica.rows(records)) == 1


def test_a_bad_statement_of_a_batch_is_400_so_that_moodle_sends_the_halves(platform: Platform) -> None:
    bad = of_moodle("http://id.tincanapi.com/verb/viewed", "x", {"id": "no scheme"})
    for batch, status in (([*STATEMENTS, bad], 400), (STATEMENTS, 200), ([bad], 400)):
        assert platform.call("POST", body=batch, headers=OF_MOODLE).status_code == status


def test_an_actor_by_mail_with_its_type_in_a_list_is_taken(platform: Platform) -> None:
    statement = completed(actor={"name": "示例教师", "objectType": ["Agent"], "mbox": "mailto:x@example.cn"})
    assert platform.call("POST", body=[statement], headers=OF_MOODLE).status_code == 200


def test_ralph_writes_batches_and_reads_them_back_by_the_query_of_more(platform: Platform) -> None:
    sent = [{**completed(timestamp=f"2022-12-01T09:00:0{second}Z"), "id": f"{UUIDS}{second}"}
            for second in range(5)]  # fmt: skip
    assert platform.call("POST", body=sent, headers=OF_RALPH).status_code == 200
    query: dict[str, Any] = {"limit": "2"}
    read: list[str] = []
    while True:
        page = json.loads(platform.call("GET", query=query, headers=OF_RALPH).get_data())
        read += [each["id"] for each in page["statements"]]
        if not page["more"]:
            break
        query.update(dict(part.split("=") for part in page["more"].partition("?")[2].split("&")))
    assert read == [each["id"] for each in sent[::-1]]


def test_the_link_to_the_next_page_leads_through_the_console(platform: Platform) -> None:
    platform.post(*(completed(timestamp=f"2022-12-01T09:00:0{second}Z") for second in range(3)))
    response = platform.call("GET", query={"limit": "1"}, headers={"X-Forwarded-Prefix": "/s/participation"})
    assert json.loads(response.get_data())["more"].startswith("/s/participation/xapi/statements?")


def test_the_examples_of_the_manual_are_taken_and_become_a_record(platform: Platform) -> None:
    blocks = re.findall(r"```(\w+)\n(.*?)```", MANUAL, re.DOTALL)
    section = yaml.safe_load(next(text for kind, text in blocks if kind == "yaml"))
    document = load(yaml.safe_dump({**cluster.DOCUMENT, "version": 3, **section}, allow_unicode=True).encode())
    cluster.amend(platform.replica, **document)
    statements = json.loads(next(text for kind, text in blocks if kind == "json"))
    platform.replica.submit("membership", person_id="P00077", name="示例教师", role="teacher", unit_id="S1",
                            from_="2020-09-01")  # fmt: skip
    platform.post(*statements)
    assert platform.states() == ["recorded"]
    assert f'-u "{platform.name}:$TOKEN"' in MANUAL and "X-Experience-API-Version: 1.0.3" in MANUAL
