"""What a registered outside system may report, and what it is refused whatever it tries; nothing of that is applied."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.process.problems import Problem
from chassis.store.schema import intake_seen, pending_reports
from chassis.store.schema import receipts as queued_receipts
from tests.services.participation.cluster import OPERATOR, Replica
from tests.services.participation.outside_system import OutsideSystem, attendance, delivered, outcome, two_schools


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    replica = two_schools(tmp_path)
    yield replica
    replica.runtime.store.close()


def test_it_reports_the_types_that_are_named_and_no_others(replica: Replica) -> None:
    system = OutsideSystem(replica, "oa", types=["qihang.record.*"])
    assert system.report("record.reported", **attendance("R1")) == "accepted"
    assert system.report("record.voided", record_id="R1", reason="错报") == "accepted"
    before = len(replica.log())
    assert system.report("unit.closed", unit_id="S1", closed_on="2023-01-01") == "refused type not_your_type"
    assert system.report("withdrawal.reported", record_id="R1", withdrawn_at="2023-01-01", reason="x") == (
        "refused type not_your_type"
    )
    assert system.report("unheard.of") == "refused type unknown_type"
    assert len(replica.log()) == before


def test_its_sources_are_those_that_are_named(replica: Replica) -> None:
    system = OutsideSystem(replica, "oa", sources=["/oa", "urn:oa:*"])
    assert system.report("record.reported", **attendance("R1")) == "accepted"
    assert system.report("record.reported", source="urn:oa:desk", **attendance("R2")) == "accepted"
    for source in ("/free", "/oa/1", "urn:oa"):
        assert system.report("record.reported", source=source, **attendance("R3")) == "refused source not_your_source"


def test_a_source_that_it_tried_is_not_its_own_and_stays_free_for_whom_it_is_named(replica: Replica) -> None:
    first, second = OutsideSystem(replica, "oa"), OutsideSystem(replica, "hr", sources=["/staff"])
    assert first.report("record.reported", source="/staff", **attendance("R1")) == "refused source not_your_source"
    assert second.report("record.reported", source="/staff", **attendance("R1")) == "accepted"
    assert [row.source for row in replica.rows(intake_seen)].count("/staff") == 1


def test_no_source_is_named_for_two_publishers(replica: Replica) -> None:
    OutsideSystem(replica, "oa", sources=["/oa/*"])
    with pytest.raises(Problem, match="source_of_another"):
        OutsideSystem(replica, "hr", sources=["/oa/staff"])


def test_in_one_body_each_event_is_judged_by_itself(replica: Replica) -> None:
    system = OutsideSystem(replica, "oa", types=["record.reported"], units=["S1"])
    mixed = system.submit(
        system.event("record.reported", **attendance("R1")),
        system.event("record.reported", "/hr", **attendance("R2")),
        system.event("record.reported", **attendance("R3", "P2")),
        system.event("unit.closed", unit_id="S1", closed_on="2023-01-01"),
        system.event("record.reported", **attendance("R4")),
    )
    assert [outcome(item) for item in mixed] == [
        "accepted", "refused source not_your_source", "refused person_id not_your_unit", "refused type not_your_type",
        "accepted",
    ]  # fmt: skip
    assert replica.kept()[0] == 2


OF_FOREIGN_UNITS = {
    "unit.reported": {"unit_id": "S9", "name": "九小", "kind": "school", "opened_on": "2010-09-01"},
    "unit.closed": {"unit_id": "S2", "closed_on": "2023-01-01"},
    "unit.related": {"unit_id": "S2", "zone_id": "S1", "from": "2023-01-01"},
    "unit.corrected": {"unit_id": "S2", "name": "别名", "reason": "改名"},
    "unit.voided": {"unit_id": "S2", "reason": "错报"},
    "membership.reported": {"person_id": "P3", "name": "某", "role": "teacher", "unit_id": "S2", "from": "2020-09-01"},
    "membership.ended": {"person_id": "P2", "unit_id": "S2", "from": "2020-09-01", "to": "2023-01-01"},
    "membership.voided": {"person_id": "P2", "unit_id": "S2", "from": "2020-09-01", "reason": "错报"},
    "post.reported": {"unit_id": "S2", "post": "head", "person_id": "P1", "from": "2022-09-01"},
    "exemption.reported": {
        "exemption_id": "E1", "person_id": "P2", "duty": "attendance", "period": "2022-12", "reason": "产假",
    },
    "record.reported": attendance("R1", "P2"),
    "finding.reported": {
        "finding_id": "F1", "unit_id": "S2", "assessor_id": "S1", "found_on": "2022-12-01", "points": "1",
    },
    "sheet.reported": {
        "sheet_id": "T1", "unit_id": "S2", "assessor_id": "S1", "period": "2022-Q4", "item": "x", "points": "1",
        "assessed_on": "2022-12-31",
    },
    "decision.reported": {
        "decision_id": "D1", "kind": "veto", "year": "2022", "person_id": "P2", "document": "1号", "decided_on":
        "2022-12-31", "reason": "x",
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", OF_FOREIGN_UNITS)
def test_rows_of_units_that_are_not_named_are_refused(replica: Replica, kind: str) -> None:
    system = OutsideSystem(replica, "oa", units=["S1"])
    before = len(replica.log())
    assert system.report(kind, **OF_FOREIGN_UNITS[kind]).endswith("not_your_unit")
    assert (len(replica.log()), replica.rows(pending_reports)) == (before, [])


def test_a_person_s_record_is_judged_by_the_membership_on_its_day(replica: Replica) -> None:
    system = OutsideSystem(replica, "oa", units=["S1"])
    replica.submit("membership_ended", person_id="P1", unit_id="S1", from_="2020-09-01", to="2022-11-01")
    replica.submit("membership", person_id="P1", name="许悦", role="teacher", unit_id="S2", from_="2022-11-01")
    assert system.report("record.reported", **attendance("R1", occurred_at="2022-10-31T09:00:00")) == "accepted"
    assert system.report("record.reported", **attendance("R2", occurred_at="2022-11-01T09:00:00")) == (
        "refused person_id not_your_unit"
    )
    assert system.report("record.reported", **attendance("R3", unit_id="S1")) == "refused person_id not_your_unit"


def test_a_row_of_its_own_is_not_moved_to_another_unit(replica: Replica) -> None:
    system = OutsideSystem(replica, "oa", units=["S1"])
    assert system.report("record.reported", **attendance("R1")) == "accepted"
    before = len(replica.log())
    for change in ({"person_id": "P2"}, {"unit_id": "S2"}):
        assert system.report("record.corrected", record_id="R1", reason="更正", **change).endswith("not_your_unit")
    assert len(replica.log()) == before
    assert system.report("record.corrected", record_id="R1", reason="更正", title="新标题") == "accepted"


def test_what_awaits_a_person_of_another_unit_is_refused_when_the_person_comes(replica: Replica) -> None:
    system = OutsideSystem(replica, "oa", units=["S1"])
    assert system.report("record.reported", **attendance("R1", "P9")) == "waiting"
    replica.submit("membership", person_id="P9", name="某", role="teacher", unit_id="S2", from_="2020-09-01")
    replica.settle()
    assert (replica.kept()[0], replica.rows(pending_reports)) == (0, [])


CHANGES_OF_A_RECORD = {
    "record.corrected": {"title": "别的"}, "record.voided": {}, "withdrawal.reported": {"withdrawn_at": "2023-01-01"},
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANGES_OF_A_RECORD)
def test_rows_that_others_reported_are_neither_corrected_nor_voided_nor_withdrawn(replica: Replica, kind: str) -> None:
    mine, theirs = OutsideSystem(replica, "oa"), OutsideSystem(replica, "hr")
    change = {"reason": "x", **CHANGES_OF_A_RECORD[kind]}
    replica.submit("record", **attendance("R1"))
    assert theirs.report("record.reported", **attendance("R2")) == "accepted"
    assert mine.report("record.reported", **attendance("R3")) == "accepted"
    for record_id in ("R1", "R2"):
        assert mine.report(kind, record_id=record_id, **change) == "refused record_id not_your_row"
    assert mine.report(kind, record_id="R3", **change) == "accepted"


def test_memberships_of_one_person_belong_each_to_whoever_reported_it(replica: Replica) -> None:
    system = OutsideSystem(replica, "hr")
    old = {"person_id": "P1", "unit_id": "S1", "from": "2020-09-01", "reason": "错报"}
    assert system.report("membership.voided", **old) == "refused person_id not_your_row"
    own = {"person_id": "P1", "unit_id": "S2", "from": "2019-09-01"}
    assert system.report("membership.reported", name="许悦", role="teacher", to="2020-01-01", **own) == "accepted"
    assert system.report("membership.voided", reason="错报", **own) == "accepted"


def test_a_row_and_its_correction_in_one_body_are_one_publisher_s(replica: Replica) -> None:
    system = OutsideSystem(replica, "oa")
    receipts = system.submit(
        system.event("record.reported", **attendance("R1")),
        system.event("record.corrected", record_id="R1", title="新标题", reason="更正"),
    )
    assert [outcome(item) for item in receipts] == ["accepted", "accepted"]


def test_what_an_operator_corrected_is_still_its_own(replica: Replica) -> None:
    system = OutsideSystem(replica, "oa")
    assert system.report("record.reported", **attendance("R1")) == "accepted"
    system.replica.submit("record_voided", record_id="R1", reason="核查")
    assert system.report("record.restored", record_id="R1", reason="核实") == "accepted"


@pytest.mark.parametrize("kind", ["record.reported", "record.voided", "withdrawal.reported"])
def test_ids_that_we_make_are_refused(replica: Replica, kind: str) -> None:
    system = OutsideSystem(replica, "oa")
    data = attendance("publicity-article-1", reason="x", withdrawn_at="2023-01-01")
    assert system.report(kind, **data) == "refused record_id reserved_id"
    assert replica.rows(pending_reports) == []


def test_a_change_of_rights_holds_from_the_next_report_and_for_what_waits(replica: Replica) -> None:
    system = OutsideSystem(replica, "oa")
    assert system.report("record.reported", **attendance("R1")) == "accepted"
    assert system.report("record.reported", **attendance("R2", "P9")) == "waiting"
    shown = replica.service.publishers.change_publisher("oa", {"units": ["S2"]}, OPERATOR, "")
    assert list(shown["units"]) == ["S2"] and list(shown["types"]) == ["qihang.*"]
    assert system.report("record.reported", **attendance("R3")) == "refused person_id not_your_unit"
    replica.submit("membership", person_id="P9", name="某", role="teacher", unit_id="S1", from_="2020-09-01")
    replica.settle()
    assert replica.kept()[0] == 1


def test_what_a_removed_publisher_left_waiting_is_dropped_and_what_waited_behind_has_its_turn(
    replica: Replica,
) -> None:
    system = OutsideSystem(replica, "oa")
    assert system.report("record.reported", **attendance("R1", "P9")) == "waiting"
    assert replica.submit("record", **attendance("R1")).outcome == "waiting"
    replica.service.publishers.remove_publisher("oa", OPERATOR, "")
    replica.settle()
    assert (replica.kept()[0], replica.rows(pending_reports), replica.rows(queued_receipts)) == (1, [], [])
    with pytest.raises(Problem, match="token_revoked"):
        system.report("record.reported", **attendance("R2"))
    again = OutsideSystem(replica, "oa")
    with pytest.raises(Problem, match="token_revoked"):
        system.report("record.reported", **attendance("R2"))
    assert again.report("record.reported", **attendance("R2")) == "accepted"


def test_rights_and_their_changes_are_in_the_log_with_who_decided(replica: Replica) -> None:
    OutsideSystem(replica, "oa", types=["record"], units=["S1"])
    replica.service.publishers.change_publisher("oa", {"units": ["all"]}, OPERATOR, "")
    replica.service.publishers.rotate_publisher("oa", OPERATOR, "")
    replica.service.publishers.remove_publisher("oa", OPERATOR, "")
    events = [recorded for recorded in replica.log() if recorded.stream == "publisher-oa"]
    assert [recorded.type.split(".")[1] for recorded in events] == [
        "publisher_registered", "publisher_changed", "publisher_rotated", "publisher_removed",
    ]  # fmt: skip
    assert {recorded.actor for recorded in events} == {"operator:operator"}
    assert [json.loads(recorded.data).get("units") for recorded in events[:2]] == [["S1"], ["all"]]


def test_a_token_of_an_older_generation_changes_nothing(replica: Replica) -> None:
    system = OutsideSystem(replica, "oa")
    system.actor = dataclasses.replace(system.actor, generation=system.actor.generation + 1)
    with pytest.raises(Problem, match="token_revoked"):
        system.report("record.reported", **attendance("R1"))


def test_what_became_of_its_reports_is_counted_with_the_last_time(replica: Replica) -> None:
    system, other = OutsideSystem(replica, "oa"), OutsideSystem(replica, "hr")
    first = system.event("record.reported", **attendance("R1"))
    system.submit(first, system.event("record.reported", **attendance("R2", person_id="P9")))
    system.submit(first)
    for number in (3, 4):
        system.report("record.reported", source="/hr", **attendance(f"R{number}"))
    delivered(replica, other.event("record.reported", "/hr", **attendance("R5")), user=None)
    replica.submit("membership", person_id="P9", name="许悦", role="teacher", unit_id="S1", from_="2020-09-01")
    replica.service.pending_loop.decide_ready_reports()
    listed = {each["name"]: each for each in replica.service.publishers.list_publishers()}
    counted = {(each["outcome"], each["code"]): each["count"] for each in listed["oa"]["outcomes"]}
    assert counted == {("accepted", ""): 2, ("unchanged", ""): 1, ("waiting", ""): 1, ("refused", "not_your_source"): 2}
    assert listed["oa"]["last_at"] == listed["oa"]["outcomes"][0]["last_at"] and listed["oa"]["waiting"] == 0
    assert [(each["outcome"], each["code"]) for each in listed["hr"]["outcomes"]] == [("refused", "not_your_source")]
    replica.service.publishers.remove_publisher("oa", OPERATOR, "")
    again = OutsideSystem(replica, "oa")
    assert {each["name"]: each["outcomes"] for each in replica.service.publishers.list_publishers()}[again.name] == []
