"""Undo of a roster: what it began is void, what it ended goes on, what it corrected is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.process.problems import Problem
from services.participation.roster.domain.lines import CERTAIN, Service
from services.participation.roster.queries import latest_day, read_book
from services.participation.undo import handlers
from services.participation.undo.handlers import undo_roster
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica
from tests.services.participation.test_rosters import begin, confirm

HELD = [("P1", "许悦", "teacher", "S1"), ("P2", "王芳", "teacher", "S1"), ("P3", "李明", "cadre", "S2"),
        ("P4", "赵强", "other", "S2"), ("P5", "孙丽", "teacher", "S2"), ("P6", "周敏", "teacher", "S1")]  # fmt: skip
ROWS = (
    "P1,许悦,教师,二小\nP2,王方,教师,一小\nP3,李明,教师,二小\nP5,孙丽,教师,二小\nP6,周敏,教师,一小\nP7,新人,教师,一小\n"
)


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    for unit_id, name in (("S1", "一小"), ("S2", "二小")):
        replica.submit("unit", unit_id=unit_id, name=name, kind="school", opened_on="2010-09-01")
    for person_id, name, role, unit_id in HELD:
        replica.submit(
            "membership", person_id=person_id, name=name, role=role, unit_id=unit_id, **{"from": "2015-09-01"}
        )
    yield replica
    replica.runtime.store.close()


def people(replica: Replica) -> dict[str, list[Service]]:
    with replica.runtime.store.reading() as connection:
        return {person: list(held) for person, held in read_book(connection).people.items()}


def apply(replica: Replica, rows: str, day: str = "2023-03-01") -> str:
    preview = begin(replica, rows, day)
    answer = confirm(replica, preview, *CERTAIN, "missing")
    assert answer["refused"] == 0
    return str(preview.roster_id)


def undo(replica: Replica, roster_id: str) -> tuple[int, set[tuple[str, str, str]]]:
    place, undone, left = None, 0, set[tuple[str, str, str]]()
    while True:
        outcome = undo_roster(replica.runtime.units_of_work, roster_id, "导错了月份", place, OPERATOR)
        undone, place = undone + outcome.undone, outcome.place
        left |= {(row["table"], row["row"], row["code"]) for row in outcome.left}
        if place is None:
            return undone, left


@pytest.mark.parametrize("batch", [1, 3, 300])
def test_everything_is_as_before(replica: Replica, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    monkeypatch.setattr(handlers, "BATCH", batch)
    before = people(replica)
    roster_id = apply(replica, ROWS)
    assert people(replica) != before
    assert undo(replica, roster_id) == (7, set())  # P1 and P3 have two rows each, P2, P4 and P7 one
    assert people(replica) == before
    assert undo(replica, roster_id) == (0, set())
    with replica.runtime.store.reading() as connection:
        assert latest_day(connection, "") == ""
    assert people(replica) == before


def test_two_rosters_are_undone_the_last_first_and_the_first_alone_names_what_changed_since(replica: Replica) -> None:
    before = people(replica)
    first = apply(replica, ROWS)
    between = people(replica)
    second = apply(replica, ROWS.replace("P1,许悦,教师,二小", "P1,许悦,教师,一小"), "2023-04-01")
    left = {("people", "P1/S2/2023-03-01", "changed_since"), ("people", "P1/S1/2015-09-01", "overlapping")}
    assert undo(replica, second)[1] == set()
    assert people(replica) == between
    third = apply(replica, ROWS.replace("P1,许悦,教师,二小", "P1,许悦,教师,一小"), "2023-04-01")
    assert third != second
    assert undo(replica, first)[1] == left
    assert undo(replica, third)[1] == set()
    undo(replica, first)
    assert people(replica) == before


def test_what_others_built_on_stays_and_is_named(replica: Replica) -> None:
    roster_id = apply(replica, ROWS)
    note = {"record_id": "N1", "record": "note", "person_id": "P7", "occurred_at": "2023-03-05"}
    assert replica.submit("record", **note).outcome == "accepted"
    _, left = undo(replica, roster_id)
    assert left == {("people", "P7/S1/2023-03-01", "built_on")}
    assert [held.unit_id for held in people(replica)["P7"]] == ["S1"]


def test_an_undone_roster_is_not_applied_any_more_and_may_come_again(replica: Replica) -> None:
    preview = begin(replica, ROWS)
    assert confirm(replica, preview, "joined")["accepted"] == 1
    assert undo(replica, preview.roster_id) == (1, set())
    with pytest.raises(Problem, match="roster_undone"):
        confirm(replica, preview, "moved")
    apply(replica, ROWS)
    assert [held.unit_id for held in people(replica)["P7"]] == ["S1"]


def test_a_roster_is_listed_among_the_imports(replica: Replica) -> None:
    roster_id = apply(replica, ROWS)
    (listed,) = replica.service.imports.list_imports(OPERATOR, "", 50)
    assert (listed["import_id"], listed["kinds"], listed["files"]) == (roster_id, ["roster"], ["花名册.csv"])
    assert (listed["accepted"], listed["undone_at"]) == (5, "")
    undo(replica, roster_id)
    assert replica.service.imports.list_imports(OPERATOR, "", 50)[0]["undone_at"]
    assert replica.service.imports.list_imports(OPERATOR, roster_id, 50) == []
