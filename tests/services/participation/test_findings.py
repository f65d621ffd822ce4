"""Routes of findings: an office raises, the unit answers, another of the office closes; who sees what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.store import event_log
from contracts.evidence import EvidenceReceived
from contracts.participation import MembershipStarted, PostAssigned, UnitRegistered
from tests.services.participation.filing_client import FILE, FilingClient

ID = "/api/findings/<finding_id>"
OTHER = "b" * 64


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FilingClient]:
    """S1 is O1's, where `liaison` and `second` have posts; `watch` is of the supervision office O2."""
    result = FilingClient(tmp_path, "")
    with result.runtime.unit_of_work("service:test") as unit_of_work:
        unit_of_work.append(
            UnitRegistered("O2", "督查室", "office", ("supervision_office",), "", "", "", "2010-09-01", "", "d"),
            UnitRegistered("O3", "别的股室", "office", (), "", "", "", "2010-09-01", "", "d"),
        )
        for person_id, post, unit_id in (
            ("second", "head", "O1"), ("watch", "clerk", "O2"), ("third", "clerk", "O3"), ("look", "inspector", "S1")
        ):  # fmt: skip
            unit_of_work.append(
                MembershipStarted(person_id, unit_id, "cadre", "2015-09-01", "", "d", f"姓{person_id}"),
                PostAssigned(unit_id, post, person_id, "2022-09-01", "", "d"),
            )
        for unit_id, content in (("O1", FILE), ("S1", OTHER)):
            unit_of_work.append(EvidenceReceived(content, unit_id, "", False, "照片.jpg", "image/jpeg", 9, content))
    yield result
    result.runtime.store.close()


def raised(client: FilingClient, who: str = "liaison", **more: Any) -> tuple[int, Any]:
    body = {
        "unit_id": "S1",
        "category": "印证资料",
        "description": "签到表不全",
        "deadline": "2022-12-20",
        "points": "1.5",
    }
    return client.ask(who, "POST", "/api/findings", body | more)


def a_finding(client: FilingClient, who: str = "liaison", **more: Any) -> str:
    status, answer = raised(client, who, **more)
    assert status == 201, answer
    return str(answer["finding_id"])


def act(client: FilingClient, who: str, name: str, deed: str, **body: Any) -> tuple[int, Any]:
    if deed == "correct":
        return client.ask(who, "PUT", ID, body, finding_id=name)
    return client.ask(who, "POST", f"{ID}/{deed}", body, finding_id=name)


def read(client: FilingClient, who: str, name: str) -> Any:
    status, answer = client.ask(who, "GET", ID, finding_id=name)
    return answer if status == 200 else status


def listed(client: FilingClient, who: str, query: str = "") -> Any:
    status, answer = client.ask(who, "GET", "/api/findings", query=query)
    return [row["finding_id"] for row in answer["findings"]] if status == 200 else status


def events_of(client: FilingClient, name: str) -> list[Any]:
    with client.runtime.store.reading() as connection:
        return [each.event() for each in event_log.streams(connection, [f"finding-{name}"])]


def fields_of(answer: Any) -> list[str]:
    return [each["field"] for each in answer["problems"]]


def test_a_finding_lives_from_being_raised_to_being_closed_by_another_of_the_office(client: FilingClient) -> None:
    name = a_finding(client, evidence=[FILE])
    assert read(client, "clerk1", name)["may"] == ["answer"]
    assert act(client, "clerk1", name, "answer", text="已补齐", evidence=[OTHER])[0] == 200
    assert read(client, "liaison", name)["may"] == ["return", "correct", "withdraw"]
    assert read(client, "liaison", name)["needs_another"] is True
    status, answer = act(client, "liaison", name, "close")
    assert (status, answer["code"]) == (409, "same_person") and "另一位同志" in answer["detail"]
    assert act(client, "liaison", name, "return", reason="看不清")[1]["status"] == "returned"
    assert act(client, "clerk1", name, "answer", text="重新拍了", evidence=[OTHER])[1]["status"] == "answered"
    assert act(client, "second", name, "close", note="已看现场")[1]["status"] == "closed"
    whole = read(client, "head1", name)
    assert [entry["what"] for entry in whole["history"]] == [
        "提出问题", "附印证资料", "整改答复", "退回整改", "整改答复", "复查销号", "整改完成"
    ]  # fmt: skip
    assert whole["rectified_on"] == "2022-12-05" and whole["may"] == []
    assert whole["sees_row"] and read(client, "liaison", name)["sees_row"]
    assert not read(client, "watch", name)["sees_row"], "督查室 stands over offices and secondary units alone"


def test_the_row_is_what_scores_and_bears_category_and_text(client: FilingClient) -> None:
    name = a_finding(client)
    row = events_of(client, name)[0]
    assert (row.assessor_id, row.points, row.category, row.description) == ("O1", "1.5", "印证资料", "签到表不全")
    assert events_of(client, name)[1].raised_by == "liaison"


def test_a_finding_is_rectified_on_the_day_of_the_answer_or_as_the_office_says(
    client: FilingClient,
) -> None:
    name = a_finding(client, found_on="2022-11-20")
    act(client, "clerk1", name, "answer", text="已补齐")
    assert fields_of(act(client, "second", name, "close", rectified_on="2022-11-19")[1]) == ["rectified_on"]
    assert fields_of(act(client, "second", name, "close", rectified_on="2022-12-06")[1]) == ["rectified_on"]
    assert act(client, "second", name, "close", rectified_on="2022-11-28")[0] == 200
    assert read(client, "clerk1", name)["rectified_on"] == "2022-11-28"


def test_the_same_form_sent_twice_raises_one_finding(client: FilingClient) -> None:
    first, second = (raised(client, finding_id="form-12345678") for _ in range(2))
    assert (first[1]["outcome"], second[1]["outcome"]) == ("accepted", "unchanged")
    assert listed(client, "liaison") == ["form-12345678"]


@pytest.mark.parametrize(
    ("more", "field"),
    [({"category": "别的"}, "category"), ({"description": " "}, "description"), ({"points": "9"}, "points"),
     ({"points": "x"}, "points"), ({"found_on": "2022-12-06"}, "found_on"), ({"deadline": "2022-12-01"}, "deadline"),
     ({"found_on": "昨天"}, "found_on"), ({"evidence": [OTHER]}, "evidence"),
     ({"description": "字" * 2001}, "description"),
     ],
)  # fmt: skip
def test_what_is_wrong_is_answered_at_its_field_and_nothing_is_kept(
    client: FilingClient, more: dict[str, Any], field: str
) -> None:
    status, answer = raised(client, **more)
    assert status == 422 and fields_of(answer) == [field], answer
    assert listed(client, "liaison") == []


def test_an_office_raises_for_its_own_units_and_the_supervision_office_for_all(client: FilingClient) -> None:
    assert raised(client, "third")[0] == 403 and raised(client, "clerk1")[0] == 403
    assert raised(client, "liaison", unit_id="S2")[0] == 403
    assert raised(client, "leader")[0] == 403 and raised(client, "office")[0] == 403
    assert events_of(client, a_finding(client, "watch", unit_id="S2"))[0].assessor_id == "O2"
    assert fields_of(raised(client, "watch", unit_id="O2")[1]) == ["assessor_id"]


def test_a_form_offers_the_units_and_the_categories(client: FilingClient) -> None:
    form = client.ask("liaison", "GET", "/api/finding-form")[1]
    assert [unit["unit_id"] for unit in form["units"]] == ["S1"]
    assert "印证资料" in form["categories"] and form["today"] == "2022-12-05"
    wide = client.ask("watch", "GET", "/api/finding-form")[1]["units"]
    offered = {unit["unit_id"]: unit["assessor_id"] for unit in wide}
    assert {"S1", "S2", "O1", "O3"} <= offered.keys() and "O2" not in offered and set(offered.values()) == {"O2"}


def test_who_sees_which_findings(client: FilingClient) -> None:
    of_s1, of_s2 = a_finding(client), a_finding(client, "watch", unit_id="S2")
    for who, seen in (("clerk1", {of_s1}), ("look", {of_s1}), ("liaison", {of_s1}), ("clerk2", {of_s2}),
                      ("watch", {of_s1, of_s2}), ("leader", {of_s1, of_s2}),
                      ("office", {of_s1, of_s2}), ("third", set())):  # fmt: skip
        assert set(listed(client, who)) == seen, who
        assert {name for name in (of_s1, of_s2) if read(client, who, name) != 403} == seen, who
    assert client.ask("t1", "GET", "/api/findings")[0] == 403
    assert listed(client, "clerk1", "unit_id=S2") == 403
    assert read(client, "clerk1", "nothing-there") == 403 and read(client, "leader", "nothing-there") == 404


def test_an_office_keeps_seeing_what_it_raised_and_only_it_reviews(client: FilingClient) -> None:
    name = a_finding(client, "watch", unit_id="S1")
    act(client, "clerk1", name, "answer", text="已补齐")
    for who in ("liaison", "second", "clerk1", "leader", "office"):
        assert act(client, who, name, "close")[0] == 403, who
    assert act(client, "clerk2", name, "answer", text="冒答")[0] == 403
    assert read(client, "second", name)["may"] == []


def test_its_files_are_opened_by_who_sees_the_finding_and_by_nobody_else(client: FilingClient) -> None:
    name = a_finding(client, evidence=[FILE])
    act(client, "clerk1", name, "answer", text="已补齐", evidence=[OTHER])
    for who, gone in (("clerk1", 410), ("watch", 410), ("leader", 410), ("clerk2", 403), ("third", 403)):
        for content in (FILE, OTHER):  # 410: may be read, were its bytes there
            status = client.ask(who, "GET", "/api/evidence/<content>", content=content)[0]
            assert status == gone, (who, content)
    files = [file for entry in read(client, "clerk1", name)["history"] for file in entry["files"]]
    assert [file["name"] for file in files] == ["照片.jpg", "照片.jpg"]


def test_no_person_s_name_leaves_the_unit(client: FilingClient) -> None:
    name = a_finding(client)
    act(client, "clerk1", name, "answer", text="已补齐")
    by = {who: [entry["by"] for entry in read(client, who, name)["history"]] for who in ("clerk1", "liaison", "leader")}
    assert by["clerk1"] == ["单位O1填报员", "单位S1填报员 姓clerk1"]
    assert by["liaison"] == ["单位O1填报员 姓liaison", "单位S1填报员"]
    assert by["leader"] == ["单位O1填报员", "单位S1填报员"]


def test_a_correction_changes_what_it_names_and_says_why(client: FilingClient) -> None:
    name = a_finding(client)
    assert fields_of(act(client, "liaison", name, "correct", points="1")[1]) == ["reason"]
    assert fields_of(act(client, "liaison", name, "correct", reason="同前", points="1.5")[1]) == ["reason"]
    assert fields_of(act(client, "liaison", name, "correct", reason="有误", points="9")[1]) == ["points"]
    assert fields_of(act(client, "liaison", name, "correct", reason="有误", deadline="2022-11-01")[1]) == ["deadline"]
    assert act(client, "liaison", name, "correct", reason="减轻", points="0.5", description="签到表缺两页")[0] == 200
    whole = read(client, "clerk1", name)
    assert (whole["points"], whole["description"], whole["deadline"]) == ("0.5", "签到表缺两页", "2022-12-20")
    assert whole["history"][-1]["text"] == "减轻"
    assert act(client, "clerk1", name, "correct", reason="想减", points="0")[0] == 403


def test_a_withdrawn_finding_counts_for_nothing_and_says_why(client: FilingClient) -> None:
    name = a_finding(client)
    assert fields_of(act(client, "second", name, "withdraw")[1]) == ["reason"]
    assert act(client, "second", name, "withdraw", reason="登记错单位")[1]["status"] == "withdrawn"
    assert act(client, "second", name, "withdraw", reason="登记错单位")[1]["outcome"] == "unchanged"
    assert events_of(client, name)[-1].voided
    assert act(client, "clerk1", name, "answer", text="已补齐")[1]["code"] == "not_now"
    assert read(client, "liaison", name)["may"] == []


def test_what_somebody_else_did_meanwhile_is_not_overwritten(client: FilingClient) -> None:
    name = a_finding(client)
    seen = read(client, "liaison", name)["revision"]
    act(client, "clerk1", name, "answer", text="已补齐")
    for deed, body in (("correct", {"reason": "有误", "points": "1"}), ("withdraw", {"reason": "重复"}), ("close", {})):
        status, answer = act(client, "second", name, deed, revision=seen, **body)
        assert (status, answer["code"]) == (409, "changed"), deed


def test_a_list_has_what_waits_longest_first_and_counts_by_status(client: FilingClient) -> None:
    late = a_finding(client, found_on="2022-11-01", deadline="2022-11-20")
    soon, far = a_finding(client, deadline="2022-12-10"), a_finding(client, deadline="2022-12-30", category="其他")
    done = a_finding(client)
    act(client, "second", done, "close")
    assert listed(client, "liaison") == [late, soon, far, done]
    answer = client.ask("liaison", "GET", "/api/findings", query="status=open,answered,returned&limit=2")[1]
    assert answer["counts"] == {"open": 3, "answered": 0, "returned": 0, "closed": 1, "withdrawn": 0}
    assert (answer["total"], answer["next"], answer["findings"][0]["overdue"]) == (3, 2, True)
    assert listed(client, "liaison", "status=open&limit=2&offset=2") == [far]
    assert listed(client, "liaison", "category=其他") == [far]


def test_what_is_to_do_is_the_unit_s_until_it_answered_and_then_the_office_s(client: FilingClient) -> None:
    name = a_finding(client)
    assert listed(client, "clerk1", "to_do=true") == [name] and listed(client, "second", "to_do=true") == []
    act(client, "clerk1", name, "answer", text="已补齐")
    assert listed(client, "clerk1", "to_do=true") == [] and listed(client, "second", "to_do=true") == [name]
    assert listed(client, "leader", "to_do=true") == []
