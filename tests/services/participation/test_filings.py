"""A filing from draft to what counts: who may, what is refused at which field, which records follow."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.store import event_log
from services.participation.registry.handlers import erase_person
from tests.services.participation.filing_client import (
    FILE,
    FilingClient,
    attendance,
    discussion,
    report,
    session,
    summary,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FilingClient]:
    url = request.getfixturevalue("new_database")() if request.param == "postgresql" else ""
    result = FilingClient(tmp_path, url)
    yield result
    result.runtime.store.close()


def drafted(client: FilingClient, who: str, *deeds: dict[str, Any], **more: Any) -> list[str]:
    status, answer = client.file(who, *deeds, **more)
    assert status == 200, answer
    return [state["filing_id"] for state in answer["filings"]]


def test_one_entry_files_a_session_a_discussion_day_and_attendance_at_once(client: FilingClient) -> None:
    deeds = (session(), discussion(), attendance("t1", "t2"))
    names = drafted(client, "clerk1", *deeds, entry_id="entry-0001", submit=True)
    assert names == ["entry-0001-1", "entry-0001-2", "entry-0001-3"]
    kinds = sorted(client.records().values())
    assert kinds == [("attendance", "2022-11-09", True), ("attendance", "2022-11-09", True),
                     ("discussion_day", "2022-11-09", True), ("study_session", "2022-11-09", True)]  # fmt: skip
    assert client.file("clerk1", *deeds, entry_id="entry-0001", submit=True)[1]["outcome"] == "unchanged"
    assert len(client.records()) == 4


def test_an_entry_keeps_its_filings_by_kind_and_drops_the_drafts_that_it_no_longer_has(client: FilingClient) -> None:
    first = drafted(client, "clerk1", session(), attendance("t1"), discussion(), entry_id="entry-0002")
    assert first == ["entry-0002-1", "entry-0002-2", "entry-0002-3"]
    again = drafted(client, "clerk1", session(revision=1), discussion(title="研讨"), entry_id="entry-0002")
    assert again == ["entry-0002-1", "entry-0002-3"]
    assert client.read("clerk1", "entry-0002-2")[1]["status"] == "withdrawn"
    assert drafted(client, "clerk1", session(), discussion(title="研讨"), attendance("t2"), entry_id="entry-0002") == [
        "entry-0002-1", "entry-0002-3", "entry-0002-4"]  # fmt: skip
    assert (
        client.file("clerk1", session(title="学", revision=9), entry_id="entry-0002")[1]["code"] == "changed_meanwhile"
    )


def test_what_is_wrong_with_each_form_of_an_entry_is_answered_at_once(client: FilingClient) -> None:
    _, problem = client.file("clerk1", session(evidence=[]), discussion(fields={}), attendance(), submit=True)
    wrong = {(item["deed"], item["field"]) for item in problem["problems"]}
    assert wrong == {(1, "evidence"), (2, "declared_on"), (2, "held"), (2, "parts"), (3, "people")}
    assert client.listed("clerk1") == []


def test_kinds_that_the_first_does_not_file_with_are_refused(client: FilingClient) -> None:
    status, problem = client.file("clerk1", session(), report())
    assert (status, problem["code"]) == (422, "not_filed_with")


def test_a_draft_may_lack_what_is_handed_in_may_not(client: FilingClient) -> None:
    bare = session(fields={"platform": "other"}, evidence=[])
    (name,) = drafted(client, "clerk1", bare)
    status, problem = client.act("clerk1", name, "submit")
    assert status == 422
    fields = {item["field"] for item in problem["problems"]}
    assert fields == {"together", "line", "guided", "other_platform", "readings", "evidence"}
    assert client.records() == {} and client.read("clerk1", name)[1]["status"] == "draft"


@pytest.mark.parametrize(("change", "field", "code"), [
    ({"fields": {"nothing": 1}}, "nothing", "unknown_field"),
    ({"fields": {"platform": "circus"}}, "platform", "not_a_choice"),
    ({"fields": {"headcount": -1}}, "headcount", "too_high"),
    ({"fields": {"headcount": "12"}}, "headcount", "bad_type"),
    ({"fields": {"readings": [{"version": "x"}]}}, "readings.0.title", "missing"),
    ({"fields": {"readings": [{"title": "x" * 201}]}}, "readings.0.title", "too_long"),
    ({"fields": {"speaker": "a\x00"}}, "", ""),
    ({"occurred_at": "gestern"}, "occurred_at", "bad_instant"),
    ({"evidence": ["z" * 64]}, "evidence", "bad_type"),
    ({"people": ["t1"]}, "people", "people_of_a_unit"),
])  # fmt: skip
def test_what_is_malformed_is_refused_at_its_field(
    client: FilingClient, change: dict[str, Any], field: str, code: str
) -> None:
    status, problem = client.file("clerk1", session(**change))
    assert status == 422 and "人数的写法不对" not in str(problem), "how a number is written is said"
    if field:
        assert (problem["column"], problem["problems"][0]["code"]) == (field, code)


@pytest.mark.parametrize(("change", "field", "code"), [
    ({"occurred_at": ""}, "occurred_at", "missing"),
    ({"occurred_at": "2009-01-01"}, "occurred_at", "not_in_service"),
    ({"period": "2022-Q4"}, "period", "unknown_period"),
])  # fmt: skip
def test_what_the_rules_of_records_refuse_is_a_problem_at_its_field(
    client: FilingClient, change: dict[str, Any], field: str, code: str
) -> None:
    status, problem = client.file("clerk1", session(**change), submit=True)
    assert (status, problem["problems"][0]["field"], problem["problems"][0]["code"]) == (422, field, code)
    assert client.listed("clerk1") == []


def test_a_unit_files_for_its_own_people_only(client: FilingClient) -> None:
    status, problem = client.file("clerk1", attendance("t1", "u1", "nobody"), submit=True)
    assert status == 422
    assert {(item["field"], item["code"]) for item in problem["problems"]} == {
        ("people", "not_of_unit"), ("people", "unknown_person")}  # fmt: skip


def test_a_draft_belongs_to_the_post_and_two_who_edit_it_learn_of_each_other(client: FilingClient) -> None:
    (name,) = drafted(client, "clerk1", session())
    assert client.listed("head1") == [name] and client.listed("clerk2") == [] and client.listed("liaison") == []
    status, answer = client.change("head1", name, session(title="学习（改）"), revision=1)
    assert (status, answer["filings"][0]["revision"]) == (200, 2)
    status, problem = client.change("clerk1", name, session(period="2022-11"), revision=1)
    assert (status, problem["code"], problem["revision"], problem["changed"]) == (
        409,
        "changed_meanwhile",
        2,
        ["title"],
    )
    assert client.change("clerk2", name, session(), revision=2)[0] == 403
    assert client.change("head1", name, session(title="学习（改）"), revision=1)[1]["outcome"] == "unchanged"


def test_what_the_head_confirms_counts_from_then_on(client: FilingClient) -> None:
    (name,) = drafted(client, "clerk1", report(), submit=True)
    assert client.records() == {}
    assert client.listed("head1", "to_confirm=true") == [name]
    assert client.listed("clerk1", "to_confirm=true") == client.listed("head2", "to_confirm=true") == []
    assert client.act("clerk1", name, "confirm")[0] == 403
    status, answer = client.act("head1", name, "return", reason="请补充附件")
    assert (status, answer["filings"][0]["status"]) == (200, "returned")
    detail = client.read("clerk1", name)[1]
    assert detail["history"][-1]["sentence"] == "本单位主要负责人 姓head1退回修改：请补充附件"
    assert detail["may"] == ["edit", "submit", "withdraw"]
    assert client.act("clerk1", name, "submit")[1]["filings"][0]["awaits"] == "head"
    assert client.act("head1", name, "confirm")[1]["filings"][0]["counts"] is True
    assert list(client.records().values()) == [("annual_plan", "2022-12-01", True)]
    assert client.act("head1", name, "confirm")[1]["outcome"] == "unchanged"


def test_the_head_confirms_many_in_one_act_and_what_cannot_be_is_named(client: FilingClient) -> None:
    names = [drafted(client, "clerk1", report(title=str(n)), submit=True)[0] for n in range(3)]
    assert client.act("clerk1", names[1], "withdraw")[0] == 200
    status, answer = client.ask("head1", "POST", "/api/filings/confirm", {"filings": [*names, "no-such-filing"]})
    assert status == 200
    assert [item["outcome"] for item in answer["outcomes"]] == ["confirmed", "refused", "confirmed", "refused"]
    assert "已撤回" in answer["outcomes"][1]["message"] and len(client.records()) == 2


def test_a_correction_and_a_withdrawal_reach_the_record_and_ask_for_a_reason(client: FilingClient) -> None:
    (name,) = drafted(client, "clerk1", session(), submit=True)
    assert client.change("clerk1", name, session(occurred_at="2022-11-10"), revision=2)[1]["column"] == "reason"
    assert client.change("clerk1", name, session(occurred_at="2022-11-10"), revision=2, reason="日期写错")[0] == 200
    assert list(client.records().values()) == [("study_session", "2022-11-10", True)]
    assert client.act("clerk1", name, "withdraw")[0] == 422
    assert client.act("clerk1", name, "withdraw", reason="重复")[1]["filings"][0]["status"] == "withdrawn"
    assert list(client.records().values()) == [("study_session", "2022-11-10", False)]
    whats = [entry["what"] for entry in client.read("clerk1", name)[1]["history"]]
    assert whats == ["保存草稿", "提交", "更正", "撤回"]


def test_people_who_are_taken_off_or_added_lose_or_gain_their_record(client: FilingClient) -> None:
    (name,) = drafted(client, "clerk1", attendance("t1", "t2"), submit=True)
    assert client.change("clerk1", name, attendance("t2", "t3"), reason="点名有误")[0] == 200
    assert sorted(row[2] for row in client.records().values()) == [False, True, True]
    assert client.change("clerk1", name, attendance("t1", "t2", "t3"), reason="到过")[0] == 200
    assert [row[2] for row in client.records().values()] == [True, True, True]


def test_what_another_entered_is_marked_and_counts_when_its_owner_confirms(client: FilingClient) -> None:
    (name,) = drafted(client, "office", session(), submit=True)
    detail = client.read("clerk1", name)[1]
    assert (detail["on_behalf"], detail["awaits"], detail["counts"]) == (True, "owner", False)
    assert client.act("office", name, "confirm")[0] == 403 and client.act("clerk2", name, "confirm")[0] == 403
    assert client.act("clerk1", name, "confirm")[1]["filings"][0]["counts"] is True
    (own,) = drafted(client, "clerk1", {"kind": "note", "unit_id": "S1", "people": ["t1"], "occurred_at": "2022-12-01",
                              "evidence": [FILE]}, submit=True)  # fmt: skip
    assert client.act("clerk1", own, "confirm")[0] == 403
    assert client.act("t1", own, "confirm")[1]["filings"][0]["counts"] is True


def test_a_private_text_is_the_persons_alone(client: FilingClient) -> None:
    (name,) = drafted(client, "t1", summary())
    assert client.listed("clerk1") == [] and client.read("clerk1", name)[0] == 403  # a draft of their own
    assert client.act("t1", name, "submit")[1]["filings"][0]["counts"] is True
    status, own = client.read("t1", name)
    assert (status, own["fields"], own["unit_id"], own["title"]) == (200, {"text": "私人文字金丝雀"}, "S1", "我的总结")
    for who in ("clerk1", "head1", "office"):
        status, other = client.read(who, name)
        assert status == 200 and other["private_fields"] == ["text"] and other["fields"] == {} and other["title"] == ""
        listed = client.ask(who, "GET", "/api/filings", query="text=我的")[1]
        assert listed["filings"] == []
    for who in ("liaison", "leader", "clerk2", "t2"):
        assert client.read(who, name)[0] == 403
    assert (
        client.listed("liaison") == [] and client.change("clerk1", name, summary(people=["t1"], unit_id="S1"))[0] == 403
    )
    assert client.file("clerk1", summary(people=["t2"], unit_id="S1"))[1]["problems"][0]["code"] == "only_oneself"
    assert client.ask("t1", "GET", "/api/mine/filings")[1]["filings"][0]["title"] == "我的总结"


def test_the_log_has_a_private_text_only_under_the_key_and_an_erasure_ends_it(client: FilingClient) -> None:
    (name,) = drafted(client, "t1", summary(), submit=True)
    with client.runtime.store.reading() as connection:
        data = "".join(each.data for each in event_log.read(connection, 0, 0, 100_000))
    assert "金丝雀" not in data and "我的总结" not in data and "k1:" in data
    erase_person(client.runtime.store, client.runtime.units_of_work, lambda _: 0, "t1", "operator:operator", "")
    own = client.read("t1", name)[1]
    assert (own["fields"], own["title"]) == ({}, "")
    assert [row[2] for row in client.records().values()] == [True]


def test_pages_follow_each_other_and_filters_narrow(client: FilingClient) -> None:
    names = [drafted(client, "clerk1", session(title=f"第{n}次", occurred_at=f"2022-11-1{n}"))[0] for n in range(5)]
    drafted(client, "clerk2", session(unit_id="S2"))
    seen, after = [], ""
    for _ in range(3):
        page = client.ask("clerk1", "GET", "/api/filings", query=f"limit=2&after={after}")[1]
        assert page["total"] == 5
        seen += [row["filing_id"] for row in page["filings"]]
        after = page["next"]
    assert after == "" and sorted(seen) == sorted(names) and len(set(seen)) == 5
    assert client.listed("clerk1", "text=第3") == [names[3]]
    assert client.listed("clerk1", "since=2022-11-11&until=2022-11-12") in ([names[1], names[2]], [names[2], names[1]])
    assert client.listed("clerk1", "kind=forum") == [] and len(client.listed("office")) == 6
    assert client.ask("clerk1", "GET", "/api/filings", query="unit_id=S2")[0] == 403


def test_new_material_is_timed_by_each_units_first_session_on_it(client: FilingClient) -> None:
    material = {"kind": "new_material", "unit_id": "B1", "occurred_at": "2022-11-01", "evidence": [FILE],
                "fields": {"source": "报告"}}  # fmt: skip
    (item,) = drafted(client, "office", material, submit=True)
    assert client.listed("clerk1", "kind=new_material") == [item] and client.listed("clerk1") == []
    assert client.read("clerk1", item)[1]["fields"] == {"source": "报告"}
    for unit, clerk, day in (
        ("S1", "clerk1", "2022-11-05"),
        ("S1", "clerk1", "2022-11-03"),
        ("S2", "clerk2", "2022-11-04"),
    ):
        fields = session()["fields"] | {"material": item}
        drafted(client, clerk, session(unit_id=unit, occurred_at=day, fields=fields), submit=True)
    answer = client.ask("office", "GET", "/api/filings/<filing_id>/first-responses", filing_id=item)[1]
    assert [(row["unit_id"], row["day"]) for row in answer["responses"]] == [("S1", "2022-11-03"), ("S2", "2022-11-04")]


def test_the_attendance_of_3000_people_is_one_act_in_bounded_time(tmp_path: Path) -> None:
    client = FilingClient(tmp_path, "", teachers=3000)
    people = [f"many{number:04}" for number in range(3000)]
    begun = time.monotonic()
    (name,) = drafted(client, "clerk1", attendance(*people), submit=True)
    seconds = time.monotonic() - begun
    assert seconds < 60, seconds
    assert len(client.records()) == 3000
    assert client.ask("clerk1", "GET", "/api/filings")[1]["filings"][0]["people_count"] == 3000
    assert client.act("clerk1", name, "withdraw", reason="点名有误")[0] == 200
    assert not any(row[2] for row in client.records().values())
    client.runtime.store.close()


EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
NOTE = {"kind": "note", "occurred_at": "2022-12-01", "title": "笔记"}
STUDY_PLAN = {"kind": "study_plan", "unit_id": "S1", "occurred_at": "2022-12-01", "title": "计划"}


@pytest.mark.parametrize(("who", "deed", "field", "ways"), [
    ("t1", NOTE, "text", "填写笔记、添加文件、填写校验值"),
    ("t1", {**NOTE, "fields": {"text": " \n "}, "content_sha256": EMPTY}, "text", "填写笔记、添加文件、填写校验值"),
    ("clerk1", {**NOTE, "unit_id": "S1", "people": ["t1"]}, "evidence", "请添加文件，"),
    ("clerk1", {**STUDY_PLAN, "fields": {"until": "2022-12-31"}}, "lines", "填写学习安排、添加文件"),
])  # fmt: skip
def test_what_is_a_work_is_not_handed_in_without_a_text_a_file_or_a_hash(
    client: FilingClient, who: str, deed: dict[str, Any], field: str, ways: str
) -> None:
    status, answer = client.file(who, deed, submit=True)
    assert status == 422 and [(item["field"], item["code"]) for item in answer["problems"]] == [(field, "no_work")]
    assert ways in answer["problems"][0]["message"] and client.records() == {}
    assert drafted(client, who, deed), "a draft may lack it"
    for more in ({"evidence": [FILE]}, {"content_sha256": "c" * 64}):
        assert client.file(who, deed | more, submit=True)[0] == 200


def test_a_work_does_not_lose_its_content_by_a_correction(client: FilingClient) -> None:
    (name,) = drafted(client, "t1", summary(), submit=True)
    status, answer = client.change("t1", name, summary(fields={}), reason="删去", revision=0)
    assert status == 422 and answer["problems"][0]["field"] == "text"


def test_kinds_are_offered_to_the_units_that_owe_or_issue_them(client: FilingClient) -> None:
    def offered(query: str) -> set[str]:
        kinds = client.ask("clerk1", "GET", "/api/record-kinds", query=query)[1]["kinds"]
        return {each["id"] for each in kinds if each["offered"]}

    school, bureau, anybody = offered("unit_id=S1"), offered("unit_id=B1"), offered("")
    assert {"study_session", "wechat_school", "attendance", "note", "consultation"} <= school
    assert school.isdisjoint(
        {"zone_forum", "district_forum", "monthly_report", "journal_issue", "new_material", "selected_unit"}
    )
    assert {"district_forum", "new_material"} <= bureau and "wechat_school" not in bureau
    assert school | bureau < anybody
    material = {"kind": "new_material", "unit_id": "S1", "occurred_at": "2022-11-01", "fields": {"source": "x"}}
    status, answer = client.file("clerk1", material)
    assert (status, answer["problems"][0]["code"]) == (422, "not_for_unit")
