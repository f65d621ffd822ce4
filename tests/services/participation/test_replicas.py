"""Two replicas over one store, told whatever a district may be told, answer as one process alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.store import event_log
from tests.services.participation import cluster
from tests.services.participation.cluster import Replica

MakeReplica = Callable[[], Replica]
UNITS, PEOPLE, RECORDS = ["S1", "S2"], ["P1", "P2"], ["R1", "R2", "R3", "R4"]
DAYS = ["2022-11-05", "2022-12-05", "2023-01-05"]
one_of = st.sampled_from
OUTCOMES = st.one_of(
    st.tuples(st.just("unit"), st.fixed_dictionaries({
        "unit_id": one_of(UNITS), "name": one_of(["一小", "二小"]), "kind": st.just("school"),
        "opened_on": st.just("2010-09-01"), "liaison_id": one_of(["", "", "S1", "S2"])})),
    st.tuples(st.just("membership"), st.fixed_dictionaries({
        "person_id": one_of(PEOPLE), "name": st.just("许悦"), "role": st.just("teacher"), "unit_id": one_of(UNITS),
        "from_": one_of(["2020-09-01", "2022-12-01"])})),
    st.tuples(st.just("membership_ended"), st.fixed_dictionaries({
        "person_id": one_of(PEOPLE), "unit_id": one_of(UNITS), "from_": one_of(["2020-09-01", "2022-12-01"]),
        "to": one_of(DAYS)})),
    *[st.tuples(st.just("record"), st.fixed_dictionaries({
        "record_id": one_of(RECORDS), "record": one_of(["attendance", "attendance", "forum_talk", "nothing"]),
        "person_id": one_of([*PEOPLE, "P9"]), "occurred_at": one_of(DAYS), "title": one_of(["", "集中学习"])}))] * 3,
    st.tuples(st.just("withdrawal"), st.fixed_dictionaries({
        "record_id": one_of(RECORDS), "withdrawn_at": st.just("2023-01-10"), "reason": st.just("重复")})),
)  # fmt: skip
STEPS = st.lists(st.tuples(st.booleans(), OUTCOMES, one_of(["", "", "", "e1", "e2"])), min_size=4, max_size=24)
_worlds = itertools.count()


@pytest.fixture
def replicas(make_replica: MakeReplica, tmp_path: Path) -> tuple[Replica, Replica, Replica]:
    """Two replicas over one store, and a system of its own on SQLite."""
    alone = cluster.make_replica(tmp_path / "alone", "")
    cluster.campaign(alone)
    return make_replica(), make_replica(), alone


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_two_replicas_answer_as_one_process(replicas: tuple[Replica, Replica, Replica], steps: Any) -> None:
    """The same receipts, the same events in the same order, the same rows; each example in ids of its own."""
    here, there, alone = replicas
    mark = f"w{next(_worlds)}-"
    began = len(here.log()), len(alone.log())
    for first, (kind, cells), event_id in steps:
        events = {k: mark + v if k.endswith("_id") and v else v for k, v in cells.items()}
        of = {"event_id": mark + event_id if event_id else f"{mark}{next(_worlds)}", "source": mark}
        outcomes = (here if first else there).submit(kind, **of, **events)
        assert outcomes == alone.submit(kind, **of, **events)
        here.settle()
        alone.settle()
    ours, theirs = here.log()[began[0] :], alone.log()[began[1] :]
    assert [_outcomes(item) for item in ours] == [_outcomes(item) for item in theirs]
    assert here.kept() == alone.kept()
    with here.runtime.store.reading() as connection:
        assert event_log.verify(connection, 0, 0, "", 1_000_000).broken is None


def _outcomes(recorded_event: event_log.RecordedEvent) -> tuple[Any, ...]:
    """Without what is under keys of its own store."""
    secret = {"digest", "title", "name", "content", "reason"}
    return (
        recorded_event.type,
        recorded_event.stream,
        recorded_event.version,
        {k: v for k, v in vars(recorded_event.event()).items() if k not in secret},
    )
