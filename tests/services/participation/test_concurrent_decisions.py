"""Several replicas write to one store: each decision is the one that the lock's holder would give."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable

import eventlet
import pytest
import sqlalchemy as sa

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store import event_log
from chassis.store.schema import pending_reports, publishers
from contracts.participation import PersonErased
from services.participation.intake.report_rights import Sender
from services.participation.records.projections import records
from tests.services.participation import cluster
from tests.services.participation.cluster import Replica, attended, district

MakeReplica = Callable[[], Replica]
OA = Actor("participation", "school-oa", frozenset({"publisher"}), generation=1)


@pytest.fixture
def first(make_replica: MakeReplica) -> Replica:
    """A replica that has taken a unit, a person and a record."""
    replica = make_replica()
    assert district(replica) == ["accepted"] * 2
    assert attended(replica, "R1") == "accepted"
    return replica


def test_what_is_written_is_chained(first: Replica) -> None:
    assert attended(first, "R2") == "accepted"
    assert first.kept() == (2, 4, 0)
    log = first.log()
    with first.runtime.store.reading() as connection:
        walk = event_log.verify(connection, 0, 0, "", 1000)
        assert event_log.read_heads(connection)[0].hash == log[-1].hash
    assert (walk.broken, walk.checked) == (None, len(log))


def test_what_another_replica_wrote_is_seen(first: Replica, make_replica: MakeReplica) -> None:
    """The other replica ends the membership."""
    ended = make_replica().submit("membership_ended", person_id="P1", unit_id="S1", from_="2020-09-01", to="2022-11-01")
    assert ended.outcome == "accepted"
    assert attended(first, "R2") == "waiting"
    assert attended(first, "R3", occurred_at="2022-10-20T09:00:00") == "accepted"


def test_a_decision_waits_for_the_lock(first: Replica, make_replica: MakeReplica) -> None:
    """Another replica is about to let a row wait for this very record: nothing of it is seen before it commits."""
    other, holds = make_replica(), threading.Event()

    def hold() -> None:
        with other.runtime.unit_of_work("operator:test") as work:
            report = cluster.report("withdrawal", record_id="R2", withdrawn_at="2023-01-01", reason="重复")
            cluster.batch(work).submit([report], Sender("", is_operator=True), "")
            holds.set()
            time.sleep(0.5)

    holder = threading.Thread(target=hold)
    holder.start()
    assert holds.wait(10)
    assert attended(first, "R2") == "accepted"
    holder.join()
    first.settle()
    assert [bool(row.withdrawn_at) for row in first.rows(records)] == [False, True]


def test_rules_amended_by_another_replica_decide(first: Replica, make_replica: MakeReplica) -> None:
    assert attended(first, "R2", record="open_class", unit_id="S1") == "refused unknown_record_kind"
    cluster.amend(
        make_replica(), version=2, records_without_duty=[*cluster.DOCUMENT["records_without_duty"], "open_class"]
    )
    assert attended(first, "R3", event_id="x", record="open_class", unit_id="S1") == "accepted"
    cluster.amend(first, version=3)
    assert attended(first, "R4", record="open_class", unit_id="S1") == "refused unknown_record_kind"
    assert attended(first, "R3", event_id="x", record="open_class", unit_id="S1") == "unchanged"
    assert attended(first, "R3", event_id="y", record="open_class", unit_id="S1") == "unchanged"


def test_a_repeated_report_is_recognised(first: Replica) -> None:
    assert attended(first, "R2", event_id="x") == "accepted"
    assert attended(first, "R2", event_id="x") == "unchanged"
    assert attended(first, "R2", event_id="y") == "unchanged"
    assert attended(first, "R2", event_id="z", title="另一次") == "refused conflict"
    assert attended(first, "R9", event_id="x") == "refused conflict"
    assert attended(first, "R3") == "accepted"


def test_a_report_pending_at_another_replica_is_not_forgotten(first: Replica, make_replica: MakeReplica) -> None:
    """A withdrawal waits for its record, reported to another replica, which writes no event."""
    other = make_replica()
    before = len(first.log())
    assert other.submit("withdrawal", record_id="R2", withdrawn_at="2023-01-01", reason="重复").outcome == "waiting"
    assert len(first.log()) == before
    assert attended(first, "R2") == "accepted"
    first.settle()
    assert {row.record_id: bool(row.withdrawn_at) for row in first.rows(records)} == {"R1": False, "R2": True}
    assert first.rows(pending_reports) == []


def test_pending_reports_of_others_do_not_matter(first: Replica) -> None:
    early = {"occurred_at": "2019-12-01T09:00:00"}
    assert attended(first, "R7", event_id="x", **early) == "waiting"
    assert first.submit("withdrawal", record_id="R8", withdrawn_at="2023-01-01", reason="重复").outcome == "waiting"
    assert attended(first, "R2") == "accepted"
    assert attended(first, "R7", event_id="x", **early) == "waiting"
    assert attended(first, "R7", event_id="x") == "refused conflict"
    assert attended(first, "R7", event_id="y") == "waiting"  # behind the other of its id


def test_the_loop_of_pending_reports_is_woken_only_when_one_is_concerned(
    first: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(first.service.intake, "_on_released", lambda: woken.append("woken"))
    assert first.submit("withdrawal", record_id="R3", withdrawn_at="2023-01-01", reason="重复").outcome == "waiting"
    assert [attended(first, "R2"), woken] == ["accepted", []]
    assert [attended(first, "R3"), woken] == ["accepted", ["woken"]]


def test_a_source_has_one_owner(first: Replica, make_replica: MakeReplica) -> None:
    """The publisher is registered through another replica."""
    other = make_replica()
    assert attended(first, "R2", source="oa") == "accepted"
    with other.runtime.store.writing() as connection:
        connection.execute(sa.insert(publishers).values(cluster.publisher("school-oa", sources=("oa",))))
    assert attended(other, "R3", source="oa", actor=OA) == "accepted"
    assert attended(first, "R4", source="oa") == "refused not_your_source"


def test_a_token_rotated_at_another_replica_is_not_accepted(first: Replica, make_replica: MakeReplica) -> None:
    other = make_replica()
    with other.runtime.store.writing() as connection:
        connection.execute(sa.insert(publishers).values(cluster.publisher("school-oa", sources=("oa",))))
    assert [attended(first, f"R{n}", source="oa", actor=OA) for n in (2, 3)] == ["accepted"] * 2
    with other.runtime.store.writing() as connection:
        connection.execute(sa.update(publishers).values(generation=2))
    with pytest.raises(Problem, match="token_revoked"):
        attended(first, "R4", source="oa", actor=OA)
    assert len(first.rows(records)) == 3
    second = dataclasses.replace(OA, generation=2)
    assert attended(first, "R4", source="oa", actor=second) == "accepted"


def test_a_campaign_amended_by_another_replica_is_the_one_in_force(first: Replica, make_replica: MakeReplica) -> None:
    cluster.amend(make_replica(), version=2)
    assert attended(first, "R2") == "accepted"
    versions = [recorded.event().campaign_version for recorded in first.log() if "record" in recorded.type]  # type: ignore[attr-defined]
    assert versions == [1, 2]


def test_a_record_after_an_erasure_is_sealed_under_a_new_key(first: Replica) -> None:
    assert attended(first, "R2") == "accepted"
    with first.runtime.unit_of_work("operator:test") as work:
        work.load(["person-P1"])
        work.keys.destroy("P1")
        work.append(PersonErased("P1"))
    assert attended(first, "R3") == "accepted"
    assert [row.title for row in first.rows(records)][:2] == ["", ""]


def test_many_at_once_are_all_accepted(first: Replica) -> None:
    reports = [eventlet.spawn(attended, first, f"R{n}") for n in range(2, 22)]
    assert [report.wait() for report in reports] == ["accepted"] * 20
    assert len(first.rows(records)) == 21
