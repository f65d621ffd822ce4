"""ADL's conformance requirements of requests: statements put, posted, read page by page, void; headers and versions."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.intake.xapi.requirements import CONSISTENT, VERSION, fresh, ids, plain, requirement, voiding
from tests.intake.xapi.test_statement_requirements import PLAIN
from tests.services.participation.platform import Platform


@requirement(139, 142, 143, 144, 145, 146, 147)
def test_put_and_post_take_a_statement_and_never_change_one(platform: Platform) -> None:
    statement = plain()
    named = {"statementId": statement["id"]}
    assert platform.call("PUT", body=statement, query=named).status_code == 204
    assert platform.call("PUT", body=statement).status_code == 400
    other = plain()
    assert platform.post(statement, other) == [statement["id"], other["id"]]
    changed = {**statement, "verb": {"id": "http://example.com/verbs/left"}}
    assert platform.call("PUT", body=changed, query=named).status_code == 409
    assert platform.call("POST", body=changed).status_code == 409
    assert platform.get(**named)["verb"] == statement["verb"]
    assert platform.call("PUT", body=statement, query={"statementId": fresh()}).status_code == 400


@requirement(26, 23, 97, 99, 96, 170, 330, 332)
def test_what_a_receiver_assigns_is_assigned_and_the_rest_is_as_it_was_sent(platform: Platform) -> None:
    activity = {"id": "http://example.com/a"}
    sent = {**PLAIN, "context": {"contextActivities": {"parent": activity}}, "version": "1.0.1",
            "timestamp": "2022-12-01T08:00:00.123456Z"}  # fmt: skip
    (statement_id,) = platform.post(sent)
    kept = platform.get(statementId=statement_id)
    assert {key: kept[key] for key in ("actor", "verb", "object", "timestamp", "version")} == {
        key: sent[key] for key in ("actor", "verb", "object", "timestamp", "version")}  # fmt: skip
    assert kept["context"]["contextActivities"]["parent"] == [activity]
    assert kept["authority"]["account"]["name"] == "moodle" and re.match(r"20\d\d-\d\d-\d\dT.*Z$", kept["stored"])
    assert platform.get(statementId=platform.post(plain())[0])["version"] == "1.0.0"


@requirement(122)
def test_an_instant_keeps_its_thousandths(platform: Platform) -> None:
    (statement_id,) = platform.post(plain(timestamp="2022-12-01T08:00:00.123456789+08:00"))
    assert platform.get(statementId=statement_id)["timestamp"].startswith("2022-12-01T08:00:00.123")


@requirement(14, 15, 21)
def test_only_json_in_utf_8_without_a_key_twice_is_taken(platform: Platform) -> None:
    text = json.dumps(plain()).encode()
    for raw in (text[:-1], b"[]", b"text", text.replace(b'"verb"', b'"actor"', 1), b"\xff" + text):
        assert platform.call("POST", raw=raw).status_code == 400
    assert platform.call("POST", raw=json.dumps(plain(), ensure_ascii=False).encode()).status_code == 200


@requirement(326)
def test_a_batch_is_taken_whole_or_not_at_all(platform: Platform) -> None:
    good, bad = plain(), plain(verb={"id": "should fail"})
    assert platform.call("POST", body=[good, bad]).status_code == 400
    platform.get(404, statementId=good["id"])
    twice = plain()
    assert platform.call("POST", body=[twice, twice]).status_code == 400


@requirement(16, 18, 19, 155, 157, 162, 163)
def test_a_void_statement_is_found_by_its_own_parameter_alone(platform: Platform) -> None:
    statement = plain()
    platform.post(statement)
    (void_id,) = platform.post(voiding(statement["id"]))
    platform.get(404, statementId=statement["id"])
    assert platform.get(voidedStatementId=statement["id"])["id"] == statement["id"]
    page = ids(platform.get())
    assert void_id in page and statement["id"] not in page
    assert platform.call("POST", body=voiding(void_id)).status_code == 400
    platform.get(404, voidedStatementId=void_id)


@requirement(12, 150, 151, 324, 325)
@pytest.mark.parametrize("query", [
    {"statementId": "ID", "verb": "http://example.com/v"}, {"voidedStatementId": "ID", "limit": "1"},
    {"statementId": "ID", "voidedStatementId": "ID"}, {"statementid": "ID"}, {"foo": "bar"}, {"Verb": "http://e.com/v"},
    {"statementId": "text"}, {"verb": "text"}, {"activity": "text"}, {"registration": "text"}, {"since": "text"},
    {"until": "2022-13-01T00:00:00Z"}, {"limit": "-1"}, {"limit": "many"}, {"ascending": "yes"}, {"format": "long"},
    {"agent": "text"}, {"agent": '{"name": "a"}'}, {"attachments": "1"}, {"related_agents": "1"},
])  # fmt: skip
def test_a_parameter_that_is_none_or_not_of_its_form_is_refused(platform: Platform, query: dict[str, str]) -> None:
    given = {key: fresh() if value == "ID" else value for key, value in query.items()}
    assert platform.call("GET", query=given).status_code == 400


@requirement(149, 152, 153, 154, 156, 158, 159, 160, 112, 165, 333)
def test_every_answer_says_version_and_consistency(platform: Platform) -> None:
    (statement_id,) = platform.post(plain())
    for query, status in (({}, 200), ({"statementId": statement_id}, 200), ({"statementId": fresh()}, 404),
                          ({"foo": "1"}, 400), ({"verb": "http://example.com/none"}, 200)):  # fmt: skip
        response = platform.call("GET", query=query)
        assert response.status_code == status and response.headers[VERSION] == "1.0.3"
        assert response.content_type in ("application/json", "application/problem+json")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", response.headers[CONSISTENT])
    assert platform.get(verb="http://example.com/none") == {"statements": [], "more": ""}
    response = platform.call("GET")
    assert all(each["stored"] <= response.headers[CONSISTENT] for each in json.loads(response.get_data())["statements"])


@requirement(125, 126)
def test_a_head_is_a_get_without_its_body(platform: Platform) -> None:
    (entrypoint,) = type(platform.replica.service).xapi_statements.nameko_entrypoints
    assert entrypoint.get_url_rule().methods == {"GET", "HEAD"}
    (statement_id,) = platform.post(plain())
    for query in ({}, {"statementId": statement_id}, {"statementId": fresh()}, {"foo": "1"}):
        read, head = (platform.call(method, query=query) for method in ("GET", "HEAD"))
        assert head.status_code == read.status_code and head.headers[VERSION] == read.headers[VERSION]
        assert list(head.get_app_iter({"REQUEST_METHOD": "HEAD"})) == []


@requirement(108, 109, 110, 111, 113, 114, 166, 173)
def test_pages_follow_each_other_until_there_are_no_more(platform: Platform) -> None:
    verb = {"id": f"http://example.com/verbs/{fresh()}"}
    sent = platform.post(*(plain(verb=verb) for _ in range(5)))
    assert sorted(ids(platform.get(verb=verb["id"]))) == sorted(sent)
    for ascending, order in (("true", sent), ("false", sent[::-1])):
        page = platform.get(verb=verb["id"], limit="2", ascending=ascending)
        read = ids(page)
        while page["more"]:
            assert len(page["statements"]) == 2
            address = urlsplit(page["more"])
            assert address.path == "/xapi/statements"
            page = platform.get(200, **dict(parse_qsl(address.query)))
            read += ids(page)
        assert read == order
    assert len(ids(platform.get(limit="0"))) > 5
    assert platform.get(verb=verb["id"], limit="5")["more"] == ""


@requirement(164, 174, 175, 178, 179, 180, 181)
def test_each_filter_gives_what_meets_it(platform: Platform) -> None:
    agent = {"account": {"homePage": "http://example.com", "name": fresh()}}
    activity, registration = f"http://example.com/{fresh()}", fresh()
    statement = plain(actor=agent, object={"id": activity}, context={"registration": registration})
    platform.post(plain())
    platform.post(statement)
    stored = platform.get(statementId=statement["id"])["stored"]
    platform.post(plain())
    queries: list[dict[str, Any]] = [
        {"agent": json.dumps(agent)}, {"activity": activity}, {"registration": registration.upper()}]  # fmt: skip
    for query in queries:
        assert ids(platform.get(**query)) == [statement["id"]]
    assert statement["id"] not in ids(platform.get(since=stored))
    assert statement["id"] in ids(platform.get(until=stored)) and len(ids(platform.get(until=stored))) > 1
    assert ids(platform.get(agent=json.dumps(agent), verb="http://example.com/none")) == []
    (about,) = platform.post(plain(object={"objectType": "StatementRef", "id": statement["id"]}))
    assert ids(platform.get(activity=activity)) == [about, statement["id"]]


@requirement(176, 177)
def test_related_agents_and_activities_are_found_wherever_they_stand(platform: Platform) -> None:
    agent = {"mbox": f"mailto:{fresh()}@example.com"}
    activity = {"id": f"http://example.com/{fresh()}"}
    inner = {key: value for key, value in plain(context={"instructor": agent}).items() if key != "id"}
    sent = platform.post(
        plain(context={"instructor": agent, "contextActivities": {"other": [activity]}}),
        plain(object={"objectType": "SubStatement", **inner, "object": activity}),
    )
    assert ids(platform.get(agent=json.dumps(agent))) == []
    assert sorted(ids(platform.get(agent=json.dumps(agent), related_agents="true"))) == sorted(sent)
    assert ids(platform.get(activity=activity["id"])) == []
    assert sorted(ids(platform.get(activity=activity["id"], related_activities="true"))) == sorted(sent)


@requirement(168, 169, 171, 172)
def test_a_statement_is_shown_in_the_form_that_is_asked(platform: Platform) -> None:
    names = {"en": "Study", "zh-CN": "学习", "fr": "Études"}
    group = {"objectType": "Group", "name": "G", "member": [{"name": "N", "mbox": "mailto:a@example.com"}]}
    statement = plain(actor=group, object={"id": "http://example.com/a", "definition": {"name": names}})
    platform.post(statement)
    named = {"statementId": statement["id"]}
    assert platform.get(**named, format="exact")["object"] == statement["object"]
    short = platform.get(**named, format="ids")
    assert short["actor"] == {"objectType": "Group", "member": [{"mbox": "mailto:a@example.com"}]}
    assert short["object"] == {"id": "http://example.com/a"} and short["verb"] == {"id": PLAIN["verb"]["id"]}
    for language, expected in (("fr", {"fr": "Études"}), ("", {"zh-CN": "学习"}), ("zh", {"zh-CN": "学习"})):
        response = platform.call("GET", query={**named, "format": "canonical"}, headers={"Accept-Language": language})
        assert json.loads(response.get_data())["object"]["definition"]["name"] == expected


@requirement(323, 327, 334, 335)
def test_who_is_nobody_or_may_not_is_refused(platform: Platform) -> None:
    for header in ("", "Basic bW9vZGxlOnNlY3JldA==", "Bearer x", "Basic ?"):
        assert platform.call("POST", body=plain(), headers={"Authorization": header}).status_code == 401
    units = Platform(platform.replica, "units", types=["unit"])
    assert units.call("POST", body=plain()).status_code == 403
    assert ids(units.get()) == []


@requirement(328)
def test_what_is_too_large_is_refused_as_such(platform: Platform) -> None:
    large = plain(result={"response": "x" * (4 * 1024 * 1024)})
    assert platform.call("POST", body=large).status_code == 413
    assert platform.call("POST", body=[plain() for _ in range(1001)]).status_code == 413
