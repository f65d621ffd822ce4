"""What became of a row can be read: who, when, from what to what, why; personal text by whom it concerns only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.events.definition import Event
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from contracts import corrections, participation
from services.participation.campaign.queries import campaign_in_force, titles_of_kinds
from services.participation.history.queries import history_of_row
from services.participation.history.title import title_of
from services.participation.registry.handlers import erase_person
from services.participation.registry.names import names_of_people, names_of_units
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, attended, district

LEADER = Actor("console", "wang", frozenset({"leader"}))
CLERK = Actor("console", "S1", frozenset({"clerk"}), units=("S1",))
PERSON = Actor("console", "P1", frozenset({"person"}))
FINDING = {"finding_id": "F1", "unit_id": "S1", "assessor_id": "B1", "found_on": "2022-11-20", "deadline": "",
           "rectified_on": "", "digest": "d", "campaign": "c"}  # fmt: skip
CORRECTED = {"voided": False, "correction_id": "", "correction_reason": ""}


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a school and its teacher."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


def append(replica: Replica, *events: Event, actor: object = OPERATOR) -> None:
    with replica.runtime.unit_of_work(actor) as unit_of_work:
        unit_of_work.append(*events)


def history(replica: Replica, table: str, row: str, actor: Actor = OPERATOR) -> list[dict[str, Any]]:
    with replica.runtime.store.reading() as connection:
        return history_of_row(connection, table, row, actor)


def texts(entry: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {change["column"]: (change["before"], change["after"]) for change in entry["changes"]}


def test_a_finding_of_5_that_was_0_5_shows_who_when_from_what_to_what_and_why(replica: Replica) -> None:
    append(replica, participation.FindingReported(**FINDING, points="5"))
    changed = CORRECTED | {"correction_id": "C1", "correction_reason": "小数点漏填"}
    append(replica, corrections.FindingCorrected(**FINDING, points="0.5", columns=("points",), **changed))
    accepted, corrected = history(replica, "findings", "F1")
    assert (accepted["what"], texts(accepted)["points"]) == ("accepted", ("", "5"))
    assert (corrected["what"], texts(corrected)) == ("corrected", {"points": ("5", "0.5")})
    assert corrected["who"]["role"] == "operator" and corrected["reason"] == "小数点漏填"
    assert corrected["at"].endswith("+08:00")
    assert corrected["sentence"][10:] == (
        corrected["at"][10:16].replace("T", " ")
        + "，运维 operator 更正：扣分由“5”改为“0.5”。原因：小数点漏填（更正编号 C1）。"
    )


def test_a_rectified_voided_and_restored_finding_shows_each(replica: Replica) -> None:
    append(replica, participation.FindingReported(**FINDING, points="5"))
    append(replica, participation.RectificationReported("F1", "2022-12-01"))
    row = FINDING | {"points": "5", "rectified_on": "2022-12-01"} | CORRECTED | {"columns": ("*",)}
    append(replica, corrections.FindingCorrected(**(row | {"voided": True, "correction_reason": "重复"})))
    append(replica, corrections.FindingCorrected(**(row | {"correction_reason": "并非重复"})))
    entries = history(replica, "findings", "F1")
    assert [entry["what"] for entry in entries] == ["accepted", "rectified", "voided", "restored"]
    assert [texts(entry) for entry in entries[1:]] == [{"rectified_on": ("", "2022-12-01")}, {}, {}]
    assert [entry["reason"] for entry in entries[2:]] == ["重复", "并非重复"]


def test_a_unit_shows_its_registration_relation_closure_and_correction(replica: Replica) -> None:
    append(replica, participation.UnitRelated("S1", "Z1", "", "", "2022-12-01"))
    append(replica, participation.UnitClosed("S1", "2030-01-01"))
    row = {"unit_id": "S1", "name": "第一小学", "kind": "school", "tags": (), "zone_id": "Z1", "community_id": "",
           "liaison_id": "", "opened_on": "2010-09-01", "closed_on": "2030-01-01", "digest": "d",
           "tags_given": ""}  # fmt: skip
    append(replica, corrections.UnitCorrected(**row, columns=("name",), **CORRECTED))
    entries = history(replica, "units", "S1")
    assert [(entry["what"], texts(entry)) for entry in entries[1:]] == [
        ("related", {"zone_id": ("", "Z1"), "since": ("", "2022-12-01")}),
        ("closed", {"closed_on": ("", "2030-01-01")}),
        ("corrected", {"name": ("一小", "第一小学")}),
    ]


def test_a_wrong_name_is_readable_to_the_operator_and_the_person_only(replica: Replica) -> None:
    row = {"person_id": "P1", "unit_id": "S1", "role": "teacher", "since": "2020-09-01", "until": "", "digest": "d"}
    reason = CORRECTED | {"correction_reason": "身份证为许月"}
    append(replica, corrections.MembershipCorrected(**row, name="许月", columns=("name",), **reason))
    for actor in (OPERATOR, PERSON):
        entry = history(replica, "people", "P1/S1/2020-09-01", actor)[1]
        assert (texts(entry), entry["reason"]) == ({"name": ("许悦", "许月")}, "身份证为许月")
    for actor in (LEADER, CLERK):
        entry = history(replica, "people", "P1/S1/2020-09-01", actor)[1]
        assert (texts(entry), entry["reason"]) == ({"name": ("", "")}, "")
        assert entry["changes"][0]["before_state"] == entry["reason_state"] == "not_allowed"
        assert "许" not in entry["sentence"] and "无权查看" in entry["sentence"]


def test_who_has_no_right_reads_nothing(replica: Replica) -> None:
    for actor in (
        Actor("console", "S2", frozenset({"clerk"}), units=("S2",)),
        Actor("console", "P2", frozenset({"person"})),
    ):
        with pytest.raises(Problem, match="not_allowed"):
            history(replica, "people", "P1", actor)


def test_of_an_erased_person_nothing_personal_is_left_and_that_is_shown(replica: Replica) -> None:
    assert attended(replica, "R1") == "accepted"
    runtime = replica.runtime
    erase_person(runtime.store, runtime.units_of_work, lambda _: 0, "P1", OPERATOR, "")
    for table, row in (("people", "P1"), ("people", "P1/S1/2020-09-01"), ("records", "R1")):
        first, last = history(replica, table, row)
        states = {change["after_state"] for change in first["changes"] if change["column"] in ("name", "title")}
        assert states == {"erased"} and "个人信息已删除" in first["sentence"]
        assert last["what"] == "erased"


def test_all_memberships_of_a_person_are_read_by_the_person_id(replica: Replica) -> None:
    replica.submit("membership_ended", person_id="P1", unit_id="S1", from_="2020-09-01", to="2021-09-01")
    again = {"person_id": "P1", "name": "许悦", "role": "teacher", "unit_id": "S1", "from_": "2022-09-01"}
    assert replica.submit("membership", **again).outcome == "accepted"
    rows = [(entry["row"], entry["what"]) for entry in history(replica, "people", "P1")]
    assert rows == [("P1/S1/2020-09-01", "accepted"), ("P1/S1/2020-09-01", "ended"), ("P1/S1/2022-09-01", "accepted")]
    assert [entry["what"] for entry in history(replica, "people", "P1/S1/2022-09-01")] == ["accepted"]


def test_a_person_whose_id_bears_slashes_has_a_history(replica: Replica) -> None:
    row = {"person_id": "S1/7", "name": "某", "role": "teacher", "unit_id": "S1", "from_": "2022-09-01"}
    assert replica.submit("membership", **row).outcome == "accepted"
    assert len(history(replica, "people", "S1/7/S1/2022-09-01")) == len(history(replica, "people", "S1/7")) == 1


def test_a_withdrawal_stands_in_the_history_of_its_record(replica: Replica) -> None:
    assert attended(replica, "R1") == "accepted"
    with pytest.raises(Problem):
        history(replica, "withdrawals", "R1")
    replica.submit("withdrawal", record_id="R1", withdrawn_at="2022-12-03T08:00:00", reason="重复填报")
    for table in ("records", "withdrawals"):
        last = history(replica, table, "R1")[-1]
        assert (last["what"], last["reason"]) == ("withdrawn", "重复填报")
        assert texts(last) == {"withdrawn_at": ("", "2022-12-03 08:00")}


def test_a_report_of_an_outside_system_bears_its_source_also_when_it_was_pending(replica: Replica) -> None:
    assert attended(replica, "R1", person_id="P9", source="/oa.example") == "waiting"
    replica.submit("membership", person_id="P9", name="某", role="teacher", unit_id="S1", from_="2020-09-01")
    replica.settle()
    (entry,) = history(replica, "records", "R1")
    assert (entry["who"]["role"], entry["who"]["source"]) == ("service", "/oa.example")
    assert "接入系统（来源 /oa.example）" in entry["sentence"]


def test_an_exemption_of_the_wrong_person_is_reported_without_its_private_reason_to_others(replica: Replica) -> None:
    row = {"exemption_id": "E1", "unit_id": "", "duty": "notes", "period": "2022-Q4", "digest": "d", "reason": "病假",
           "campaign": "c"}  # fmt: skip
    append(replica, participation.ExemptionGranted(**row, person_id="P1"))
    append(replica, corrections.ExemptionCorrected(**row, person_id="P2", columns=("person_id",), **CORRECTED))
    corrected = history(replica, "exemptions", "E1", LEADER)[1]
    assert texts(corrected) == {"person_id": ("P1", "P2")}
    assert "病假" not in str(history(replica, "exemptions", "E1", LEADER))


def test_units_are_named_beside_their_ids_and_persons_to_whom_they_concern(replica: Replica) -> None:
    assert attended(replica, "R1", unit_id="S1") == "accepted"
    clerk = Actor("console", "clerk-S1", frozenset({"clerk"}), units=("S1",))
    append(replica, participation.RectificationReported("F1", "2022-12-01"), actor=clerk)
    for actor, person, shown in (
        (OPERATOR, "许悦", "人员 P1（许悦）"),
        (PERSON, "许悦", "人员 P1（许悦）"),
        (CLERK, "", "人员 P1，"),
    ):
        (entry,) = history(replica, "records", "R1", actor)
        names = {change["column"]: change["after_name"] for change in entry["changes"]}
        assert (names["unit_id"], names["person_id"], names["record"]) == ("一小", person, "")
        assert "单位 S1（一小）" in entry["sentence"] and shown in entry["sentence"], entry["sentence"]


def test_the_clerk_who_reported_is_named_by_their_unit(replica: Replica) -> None:
    clerk = Actor("console", "clerk-S1", frozenset({"clerk"}), units=("S1",))
    append(replica, participation.FindingReported(**FINDING, points="5"), actor=clerk)
    (entry,) = history(replica, "findings", "F1")
    assert entry["who"]["display_name"] == "一小" and "填报员 clerk-S1（一小） 报送" in entry["sentence"]
    assert {change["column"]: change["after_name"] for change in entry["changes"]}["assessor_id"] == "", "unknown"


def test_who_reported_by_a_post_is_named_with_the_post_s_unit_to_whom_names_are_open(replica: Replica) -> None:
    append(replica, participation.FindingReported(**FINDING, points="5"), actor="clerk:P1@S1")
    assert history(replica, "findings", "F1")[0]["who"]["display_name"] == "许悦，一小"
    assert history(replica, "findings", "F1", CLERK)[0]["who"]["display_name"] == "一小"


def test_a_membership_s_row_is_named_and_not_after_the_person_was_erased(replica: Replica) -> None:
    (entry,) = history(replica, "people", "P1")
    assert entry["row_name"] == "许悦，一小"
    assert history(replica, "people", "P1", LEADER)[0]["row_name"] == "一小"
    runtime = replica.runtime
    erase_person(runtime.store, runtime.units_of_work, lambda _: 0, "P1", OPERATOR, "")
    assert history(replica, "people", "P1")[0]["row_name"] == "一小"
    assert "许悦" not in str(history(replica, "people", "P1"))


def test_an_unknown_row_and_an_unknown_table_are_404(replica: Replica) -> None:
    for table, row, code in (
        ("findings", "F9", "unknown_row"), ("people", "P1/S1/1999-01-01", "unknown_row"), ("x", "1", "unknown_table"),
    ):  # fmt: skip
        with pytest.raises(Problem) as refused:
            history(replica, table, row)
        assert (refused.value.status, refused.value.code) == (404, code)


def test_a_heading_says_what_a_row_is_about_and_codes_are_named_by_the_plan(replica: Replica) -> None:
    append(replica, participation.FindingReported(**FINDING, points="5", category="材料不全"))
    day = {"record_id": "R1", "record": "discussion_day", "unit_id": "S1", "person_id": "", "title": "十一月研讨",
           "occurred_at": "2022-11-09", "evidence": "e"}  # fmt: skip
    assert replica.submit("record", **day).outcome == "accepted"
    own = day | {"record_id": "R2", "record": "note", "person_id": "P1"}
    assert replica.submit("record", **own).outcome == "accepted"

    def heading(table: str, row: str, actor: Actor = OPERATOR) -> str:
        return title_of(table, row, history(replica, table, row, actor))

    with replica.runtime.store.reading() as connection:
        unit, person = names_of_units(connection, ["S1"])["S1"], names_of_people(connection, ["P1"])["P1"]
    assert heading("findings", "F1") == f"{unit} 材料不全 2022-11-20"
    titles = titles_of_kinds_now(replica)
    assert heading("records", "R1") == f"{titles['discussion_day']} {unit} 2022-11-09 十一月研讨"
    assert heading("units", "S1") == unit and heading("people", "P1") == person
    assert f"填报类型 discussion_day（{titles['discussion_day']}）" in history(replica, "records", "R1")[0]["sentence"]
    assert heading("people", "P1", LEADER) == "", "no name that its reader may not know"
    assert person not in heading("records", "R2", LEADER) and "十一月研讨" not in heading("records", "R2", LEADER)


def titles_of_kinds_now(replica: Replica) -> dict[str, str]:
    with replica.runtime.store.reading() as connection:
        return titles_of_kinds(campaign_in_force(connection))
