"""Decisions from memory are those that the store would have given, whoever else writes to it meanwhile."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable

import eventlet
import psycopg
import pytest
import sqlalchemy as sa
from chassis.store.stream_cache import CachedQueryRunner, ExpectedQueries, StreamCache
from eventlet.timeout import Timeout

from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store import event_log, stream_cache
from chassis.store.event_log import READ_STREAMS
from chassis.store.schema import publishers, subject_keys, waiting
from chassis.store.unit_of_work import CommandContext, UnitOfWork, unit_of_work
from contracts.participation import PersonErased
from services.participation.projections import records
from tests.services.participation import desks
from tests.services.participation.desks import Desk, attended, district
from tests.services.participation.trips import Trips

MakeDesk = Callable[[], Desk]
OA = Actor("participation", "school-oa", frozenset({"publisher"}), generation=1)


@pytest.fixture
def warm(desk: MakeDesk) -> Desk:
    """A desk that has taken a unit, a person and a record of it: it remembers them."""
    item = desk()
    assert district(item) == ["accepted"] * 2
    assert attended(item, "R1") == "accepted"
    return item


def test_what_is_remembered_is_written_without_asking(warm: Desk, trips: Trips) -> None:
    assert attended(warm, "R2") == "accepted"
    assert trips.seen == (0, 1, 0)
    assert warm.kept() == (2, 4, 0)
    result = warm.log()
    with warm.runtime.store.reading() as connection:
        walk = event_log.verify(connection, 0, 0, "", 1000)
        assert event_log.read_heads(connection)[0].hash == result[-1].hash
    assert (walk.broken, walk.checked) == (None, len(result))


def test_what_is_not_remembered_is_asked_once(warm: Desk, desk: MakeDesk, trips: Trips) -> None:
    fresh = desk()
    assert [attended(fresh, f"R{n}") for n in (2, 3)] == ["accepted"] * 2
    assert trips.seen == (1, 2, 0)


def test_who_was_overtaken_decides_anew(warm: Desk, desk: MakeDesk, trips: Trips) -> None:
    """The other replica ends the membership: from memory alone the record would be accepted."""
    other = desk()
    assert other.take("membership_ended", person_id="P1", unit_id="S1", from_="2020-09-01", to="2022-11-01"
                      ).outcome == "accepted"  # fmt: skip
    trips.seen  # noqa: B018 - from here on
    assert attended(warm, "R2") == "waiting"
    assert trips.seen == (0, 0, 1)
    assert attended(warm, "R3", occurred_at="2022-10-20T09:00:00") == "accepted"


def test_who_is_overtaken_on_the_way_decides_anew(warm: Desk, desk: MakeDesk, trips: Trips) -> None:
    other = desk()
    trips.before = lambda: _end_membership(other)
    assert attended(warm, "R2") == "waiting"
    assert trips.failed == 1
    assert [row.record_id for row in warm.rows(records)] == ["R1"]


def _end_membership(item: Desk) -> None:
    result = item.take("membership_ended", person_id="P1", unit_id="S1", from_="2020-09-01", to="2022-11-01")
    assert result.outcome == "accepted"


def test_what_this_process_wrote_under_the_lock_does_not_hide_what_others_wrote(warm: Desk, desk: MakeDesk) -> None:
    _end_membership(desk())
    assert warm.take("unit", unit_id="S2", name="二小", kind="school", opened_on="2010-09-01").outcome == "accepted"
    assert attended(warm, "R2") == "waiting"


def test_a_trip_waits_for_the_lock(warm: Desk, desk: MakeDesk) -> None:
    """Another replica is about to let a row wait for this very record: nothing of it is seen before it commits."""
    other, holds = desk(), threading.Event()

    def hold() -> None:
        with other.runtime.unit_of_work("operator:test") as work:
            report = desks.report("withdrawal", record_id="R2", withdrawn_at="2023-01-01", reason="重复")
            desks.at(work).take([report], "")
            holds.set()
            time.sleep(0.5)

    holder = threading.Thread(target=hold)
    holder.start()
    assert holds.wait(10)
    assert attended(warm, "R2") == "accepted"
    holder.join()
    warm.settle()
    assert [bool(row.withdrawn_at) for row in warm.rows(records)] == [False, True]


def test_nobody_is_refused_from_memory(warm: Desk, desk: MakeDesk) -> None:
    """The other replica lets in a kind of record that this one remembers as unknown."""
    assert attended(warm, "R2", record="open_class", unit_id="S1") == "refused unknown_record_kind"
    desks.amend(desk(), version=2, records_without_duty=[*desks.DOCUMENT["records_without_duty"], "open_class"])
    assert attended(warm, "R3", event_id="x", record="open_class", unit_id="S1") == "accepted"
    desks.amend(warm, version=3)
    assert attended(warm, "R4", record="open_class", unit_id="S1") == "refused unknown_record_kind"
    assert attended(warm, "R3", event_id="x", record="open_class", unit_id="S1") == "unchanged"
    assert attended(warm, "R3", event_id="y", record="open_class", unit_id="S1") == "unchanged"


def test_an_answer_that_came_too_late_is_not_kept(warm: Desk, trips: Trips, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the stream is asked for, this very process ends the membership: the answer is older than memory."""
    monkeypatch.setattr(stream_cache, "TURN_SECONDS", 0.01)
    assert warm.runtime.memory is not None
    warm.runtime.memory._named.clear()
    trips.answered = lambda: _end_membership(warm)
    assert attended(warm, "R2") == "waiting"
    assert attended(warm, "R3") == "waiting"


def test_an_answer_that_came_early_is_not_kept_twice(warm: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream is asked for when the store has committed what this process has not noted yet."""
    follow = StreamCache.follow

    def late(self: StreamCache, work: UnitOfWork) -> None:
        self._named.pop((READ_STREAMS, "person-P1"), None)
        CachedQueryRunner(self, self.runtime.store.line(), ExpectedQueries([READ_STREAMS(names=["person-P1"])]))
        follow(self, work)

    monkeypatch.setattr(StreamCache, "follow", late)
    _end_membership(warm)
    assert warm.runtime.memory is not None
    result = warm.runtime.memory.recall(READ_STREAMS, "person-P1") or ()
    assert [event_log.event_from_row(row).version for row in result] == [1, 2]


def test_what_is_not_new_is_found(warm: Desk, trips: Trips) -> None:
    assert attended(warm, "R2", event_id="x") == "accepted"
    trips.seen  # noqa: B018
    assert attended(warm, "R2", event_id="x") == "unchanged"
    assert attended(warm, "R2", event_id="y") == "unchanged"
    assert attended(warm, "R2", event_id="z", title="另一次") == "refused conflict"
    assert attended(warm, "R9", event_id="x") == "refused conflict"
    assert trips.seen == (0, 0, 4)
    assert attended(warm, "R3") == "accepted"
    assert trips.seen == (0, 1, 0)


def test_one_who_waits_is_not_forgotten(warm: Desk, desk: MakeDesk, trips: Trips) -> None:
    """A withdrawal waits for its record, told to another replica, which writes no event: the log ends where it did."""
    other = desk()
    before = len(warm.log())
    assert other.take("withdrawal", record_id="R2", withdrawn_at="2023-01-01", reason="重复").outcome == "waiting"
    assert len(warm.log()) == before
    trips.seen  # noqa: B018
    assert attended(warm, "R2") == "accepted"
    assert trips.seen == (0, 0, 1)
    warm.settle()
    assert {row.record_id: bool(row.withdrawn_at) for row in warm.rows(records)} == {"R1": False, "R2": True}
    assert warm.rows(waiting) == []


def test_others_who_wait_are_no_reason_to_ask(warm: Desk, trips: Trips) -> None:
    """Somebody nearly always waits in a district."""
    early = {"occurred_at": "2019-12-01T09:00:00"}
    assert attended(warm, "R7", event_id="x", **early) == "waiting"
    assert warm.take("withdrawal", record_id="R8", withdrawn_at="2023-01-01", reason="重复").outcome == "waiting"
    trips.seen  # noqa: B018
    assert attended(warm, "R2") == "accepted"
    assert trips.seen == (0, 1, 0)
    assert attended(warm, "R7", event_id="x", **early) == "waiting"
    assert attended(warm, "R7", event_id="x") == "refused conflict"
    assert attended(warm, "R7", event_id="y") == "waiting"  # behind the other of its id
    assert trips.taken == 0


def test_who_has_nobody_to_wake_wakes_nobody(warm: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    monkeypatch.setattr(warm.runtime.reception, "wake", lambda: woken.append("woken"))
    assert warm.take("withdrawal", record_id="R3", withdrawn_at="2023-01-01", reason="重复").outcome == "waiting"
    assert [attended(warm, "R2"), woken] == ["accepted", []]
    assert [attended(warm, "R3"), woken] == ["accepted", ["woken"]]


def test_a_source_is_not_taken_twice(warm: Desk, desk: MakeDesk) -> None:
    """The publisher comes to own the source through another replica; the operator's desk remembers it as nobody's."""
    other = desk()
    with other.runtime.store.writing() as connection:
        connection.execute(sa.insert(publishers).values(name="school-oa", amqp=0, generation=1, hash=""))
    assert attended(warm, "R2", source="oa") == "accepted"
    assert attended(other, "R3", source="oa", actor=OA) == "accepted"
    assert attended(warm, "R4", source="oa") == "refused not_your_source"


def test_a_token_that_was_changed_elsewhere_is_not_honoured(warm: Desk, desk: MakeDesk, trips: Trips) -> None:
    other = desk()
    with other.runtime.store.writing() as connection:
        connection.execute(sa.insert(publishers).values(name="school-oa", amqp=0, generation=1, hash=""))
    assert [attended(warm, f"R{n}", source="oa", actor=OA) for n in (2, 3)] == ["accepted"] * 2
    assert trips.taken == 1  # the second
    with other.runtime.store.writing() as connection:
        connection.execute(sa.update(publishers).values(generation=2))
    with pytest.raises(Problem, match="token_revoked"):
        attended(warm, "R4", source="oa", actor=OA)
    assert len(warm.rows(records)) == 3
    second, third = (dataclasses.replace(OA, generation=number) for number in (2, 3))
    assert [attended(warm, f"R{n}", source="oa", actor=second) for n in (4, 5)] == ["accepted"] * 2
    with other.runtime.store.writing() as connection:
        connection.execute(sa.update(publishers).values(generation=3))
    assert attended(warm, "R6", source="oa", actor=third) == "accepted"


def test_a_campaign_that_was_amended_elsewhere_is_the_one_in_force(warm: Desk, desk: MakeDesk) -> None:
    other = desk()
    desks.amend(other, version=2)
    assert attended(warm, "R2") == "accepted"
    assert [item.event().campaign_version for item in warm.log() if "record" in item.type] == [1, 2]  # type: ignore[attr-defined]


def test_an_erased_person_has_no_key_in_memory(warm: Desk) -> None:
    assert attended(warm, "R2") == "accepted"
    with unit_of_work(warm.runtime, CommandContext("operator:test")) as work:
        work.load(["person-P1"])
        work.keys.destroy("P1")
        work.append(PersonErased("P1"))
    assert attended(warm, "R3") == "accepted"
    assert [item.title for item in warm.rows(records)][:2] == ["", ""]
    kept = {row.subject: bytes(row.key) for row in warm.rows(subject_keys)}
    assert warm.runtime.memory is not None
    assert warm.runtime.memory.recall(stream_cache.KEYS, "P1") in (None, [("P1", kept["P1"])])


def test_a_broken_line_is_opened_anew(warm: Desk, trips: Trips) -> None:
    assert attended(warm, "R2") == "accepted"
    _cut(warm)
    assert attended(warm, "R3") == "accepted"
    assert attended(warm, "R4") == "accepted"
    assert [row.record_id for row in warm.rows(records)] == ["R1", "R2", "R3", "R4"]
    assert trips.seen == (1, 2, 1)


def test_a_commit_that_was_not_told_is_found(warm: Desk, trips: Trips) -> None:
    """The trip is committed, then the line breaks: what is told is that the row is there, and it is there once."""

    def lost() -> None:
        raise psycopg.OperationalError("the connection was lost")

    trips.after = lost
    assert attended(warm, "R2") == "unchanged"
    assert attended(warm, "R3") == "accepted"
    assert [row.record_id for row in warm.rows(records)] == ["R1", "R2", "R3"]


def test_a_request_cut_off_does_not_harm_the_next(warm: Desk, trips: Trips) -> None:
    """In the midst of a trip: it is not known what became of it, so who asks again is told."""

    def late() -> None:
        raise Timeout

    trips.meanwhile = late
    with pytest.raises(Timeout):
        attended(warm, "R2", event_id="x")
    assert attended(warm, "R3") == "accepted"
    assert attended(warm, "R2", event_id="x") in ("accepted", "unchanged")
    assert [row.record_id for row in warm.rows(records)] == ["R1", "R2", "R3"]


def test_memory_is_bounded(warm: Desk, monkeypatch: pytest.MonkeyPatch, trips: Trips) -> None:
    monkeypatch.setattr(stream_cache, "MOST", 3)
    monkeypatch.setattr(stream_cache, "MOST_SAID", 5)
    for n in range(2, 8):
        assert warm.take("membership", person_id=f"P{n}", name="某", role="teacher", unit_id="S1", from_="2020-09-01"
                         ).outcome == "accepted"  # fmt: skip
        assert attended(warm, f"R{n}", person_id=f"P{n}", source=f"source {n}") == "accepted"
    assert warm.runtime.memory is not None
    assert len(warm.runtime.memory._named) <= 3
    assert len(warm.runtime.memory.said) <= 6
    assert attended(warm, "R8") == "accepted"


def test_many_at_once_all_get_their_turn(warm: Desk, trips: Trips) -> None:
    result = [eventlet.spawn(attended, warm, f"R{n}") for n in range(2, 22)]
    assert [item.wait() for item in result] == ["accepted"] * 20
    assert len(warm.rows(records)) == 21


def _cut(item: Desk) -> None:
    """The server ends every connection of this store but the one that asks for it."""
    with item.runtime.store.engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                   "WHERE datname = current_database() AND pid <> pg_backend_pid()"))  # fmt: skip
