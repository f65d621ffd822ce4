"""A publisher cancels a report that still waits (`qihang.report.cancelled.v1`): it is not decided any more."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.intake.cloudevents import BATCH, Receipt
from chassis.process.tokens import Actor
from chassis.store.schema import pending_awaits, pending_reports, publishers
from chassis.store.schema import receipts as queued_receipts
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, attended, district

HR = Actor("participation", "hr", frozenset({"publisher"}), generation=1)
OA = Actor("participation", "oa", frozenset({"publisher"}), generation=1)
NUMBERS = itertools.count()


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a school, its teacher, and two publishers with queues."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    with replica.runtime.store.writing() as connection:
        for name, source in (("hr", "/staff"), ("oa", "/oa")):
            connection.execute(publishers.insert().values(cluster.publisher(name, [source], amqp=1)))
    yield replica
    replica.runtime.store.close()


def submit(replica: Replica, *events: dict[str, Any], actor: Actor = OPERATOR) -> list[Receipt]:
    body = json.dumps([{"specversion": "1.0", **event} for event in events]).encode()
    receipts, _ = replica.service.intake.submit_reports(body, BATCH, actor, "")
    return list(receipts)


def cancelled(report_id: str, source: str = "/hr", by: str = "") -> dict[str, Any]:
    return {"source": by or source, "id": f"c{next(NUMBERS)}", "type": "qihang.report.cancelled.v1",
            "data": {"source": source, "id": report_id}}  # fmt: skip


def record(event_id: str, record_id: str = "R1", person_id: str = "P9", source: str = "/hr") -> dict[str, Any]:
    return {"source": source, "id": event_id, "type": "qihang.record.reported.v1",
            "data": {"record_id": record_id, "record": "attendance", "person_id": person_id,
                     "occurred_at": "2022-12-01T09:00:00", "title": "集中学习"}}  # fmt: skip


def outcome(receipt: Receipt) -> str:
    why = f" {receipt.column} {receipt.code}" if receipt.outcome == "refused" else ""
    return f"{receipt.outcome}{why}"


def test_a_report_that_waits_is_cancelled_and_never_decided(replica: Replica) -> None:
    assert outcome(submit(replica, record("e1"))[0]) == "waiting"
    assert outcome(submit(replica, cancelled("e1"))[0]) == "accepted"
    assert replica.rows(pending_reports) == replica.rows(pending_awaits) == []
    replica.submit("membership", person_id="P9", name="某", role="teacher", unit_id="S1", from_="2020-09-01")
    replica.settle()
    assert replica.kept()[0] == 0
    assert outcome(submit(replica, record("e1"))[0]) == "accepted", "the id is free"


def test_the_same_cancellation_again_is_unchanged_and_another_finds_nothing(replica: Replica) -> None:
    submit(replica, record("e1"))
    cancellation = cancelled("e1")
    assert outcome(submit(replica, cancellation)[0]) == "accepted"
    assert outcome(submit(replica, cancellation)[0]) == "unchanged"
    assert outcome(submit(replica, cancelled("e1"))[0]) == "refused id not_waiting"


def test_what_was_decided_or_never_came_does_not_wait(replica: Replica) -> None:
    assert outcome(submit(replica, record("e1", person_id="P1"))[0]) == "accepted"
    for report_id in ("e1", "e2"):
        assert outcome(submit(replica, cancelled(report_id))[0]) == "refused id not_waiting"
    assert replica.kept()[0] == 1


def test_a_cancellation_names_a_source_and_an_id(replica: Replica) -> None:
    without_id, without_source = cancelled(""), cancelled("e1", source="", by="/hr")
    assert [outcome(item) for item in submit(replica, without_id, without_source)] == [
        "refused id missing", "refused source missing",
    ]  # fmt: skip


def test_a_report_and_its_cancellation_in_one_body_leave_nothing(replica: Replica) -> None:
    receipts = submit(replica, cancelled("e1"), record("e1"))
    assert [outcome(item) for item in receipts] == ["accepted", "waiting"]
    assert replica.rows(pending_reports) == []


def test_rows_that_waited_behind_a_cancelled_one_have_their_turn(replica: Replica) -> None:
    submit(replica, record("e1"))
    assert attended(replica, "R1") == "waiting"
    submit(replica, cancelled("e1"))
    replica.settle()
    assert replica.rows(pending_reports) == [] and replica.kept()[0] == 1


def test_whoever_sent_the_report_gets_a_receipt_that_it_was_cancelled(replica: Replica) -> None:
    submit(replica, record("e1", source="/staff"), actor=HR)
    submit(replica, cancelled("e1", source="/staff"), actor=HR)
    (queued,) = [json.loads(row.body) for row in replica.rows(queued_receipts)]
    assert queued["data"]["id"] == "e1"
    assert (queued["data"]["outcome"], queued["data"]["column"], queued["data"]["code"]) == (
        "refused", "id", "cancelled",
    )  # fmt: skip


def test_nobody_cancels_the_report_of_another(replica: Replica) -> None:
    submit(replica, record("e1", source="/staff"), actor=HR)
    for actor, by in ((OA, "/oa"), (OPERATOR, "/clerk")):
        (receipt,) = submit(replica, cancelled("e1", source="/staff", by=by), actor=actor)
        assert outcome(receipt) == "refused source not_your_source"
    submit(replica, record("e2", source="/clerk", record_id="R2"))
    (receipt,) = submit(replica, cancelled("e2", source="/clerk", by="/oa"), actor=OA)
    assert outcome(receipt) == "refused source not_your_source"
    assert len(replica.rows(pending_reports)) == 2


@pytest.mark.parametrize("cell", ["a\0b", "a\udc80b", "a" * 257])
def test_a_name_that_no_report_can_have_is_bad_text(replica: Replica, cell: str) -> None:
    for column in ("source", "id"):
        event = cancelled("e1", by="/hr")
        event["data"][column] = cell
        assert outcome(submit(replica, event)[0]) == f"refused {column} bad_text"
