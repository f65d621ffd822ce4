"""Messages at the broker's intake: the user that the broker checked decides whose rights hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.process.problems import Problem
from chassis.store.schema import quarantine
from chassis.store.schema import receipts as queued_receipts
from tests.services.participation.cluster import OPERATOR, Replica
from tests.services.participation.outside_system import OutsideSystem, attendance, delivered, two_schools


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    replica = two_schools(tmp_path)
    yield replica
    replica.runtime.store.close()


def test_the_user_that_the_broker_checked_decides_whose_rights_hold(replica: Replica) -> None:
    mine, theirs = OutsideSystem(replica, "oa"), OutsideSystem(replica, "hr")
    delivered(replica, mine.event("record.reported", **attendance("R1")), "oa")
    delivered(replica, theirs.event("record.reported", **attendance("R2")), "oa")
    data = [json.loads(row.body)["data"] for row in replica.rows(queued_receipts)]
    assert [(item["outcome"], item.get("code")) for item in data] == [
        ("accepted", None), ("refused", "not_your_source"),
    ]  # fmt: skip


@pytest.mark.parametrize("user", [None, "guest", "removed"])
def test_without_a_registered_user_nothing_is_taken(replica: Replica, user: str | None) -> None:
    system = OutsideSystem(replica, "oa")
    for source in ("/oa", "/free"):
        delivered(replica, system.event("record.reported", source, **attendance("R1")), user)
    assert (replica.kept()[0], replica.rows(queued_receipts)) == (0, [])
    assert [row.code for row in replica.rows(quarantine)] == ["not_your_source"] * 2


def test_unnamed_messages_come_only_from_sources_that_are_named_for_them(replica: Replica) -> None:
    system = OutsideSystem(replica, "clock", types=["record.reported"], units=["S1"], unnamed=True)
    delivered(replica, system.event("record.reported", **attendance("R1")), None)
    delivered(replica, system.event("record.reported", **attendance("R2", "P2")), None)
    delivered(replica, system.event("unit.closed", unit_id="S1", closed_on="2023-01-01"), None)
    assert replica.kept()[0] == 1
    assert [row.code for row in replica.rows(quarantine)] == ["not_your_unit", "not_your_type"]


def test_an_operator_s_edit_gives_no_rights_that_the_publisher_has_not(replica: Replica) -> None:
    system = OutsideSystem(replica, "oa", units=["S1"])
    delivered(replica, "no event", "oa")  # type: ignore[arg-type]
    (entry,) = replica.rows(quarantine)
    body = json.dumps(system.event("record.reported", "/free", **attendance("R1")))
    replica.service.intake.edit_quarantined(entry.entry, body, OPERATOR, "")
    answers = [json.loads(receipt.body)["data"] for receipt in replica.rows(queued_receipts)]
    assert [each["code"] for each in answers[1:]] == ["not_your_source"]  # the first is of what could not be read
    assert replica.kept()[0] == 0


def test_what_stands_in_quarantine_of_a_removed_publisher_is_not_taken_in(replica: Replica) -> None:
    system = OutsideSystem(replica, "oa")
    delivered(replica, "no event", "oa")  # type: ignore[arg-type]
    (entry,) = replica.rows(quarantine)
    replica.service.publishers.remove_publisher("oa", OPERATOR, "")
    body = json.dumps(system.event("record.reported", **attendance("R1")))
    with pytest.raises(Problem, match="still_bad"):
        replica.service.intake.edit_quarantined(entry.entry, body, OPERATOR, "")
    assert replica.kept()[0] == 0
