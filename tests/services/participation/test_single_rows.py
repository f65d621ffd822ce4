"""One row of any table is entered by route, as a file's row would be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.process.problems import Problem
from contracts.participation import RecordSubmitted
from services.participation.entries.handlers import enter_row
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, attended, district

RECORD = {"record_id": "R1", "record": "attendance", "person_id": "P1", "occurred_at": "2022-12-01T09:00:00"}


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a school and its teacher."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


def entered(replica: Replica, table: str, late_entry: str = "", **cells: str) -> str:
    units_of_work, wake = replica.runtime.units_of_work, replica.service.pending_loop.wake
    return enter_row(units_of_work, table, cells, late_entry, OPERATOR, "", wake)[0]


def test_a_row_is_accepted_once_and_unchanged_after_that(replica: Replica) -> None:
    assert entered(replica, "records", **RECORD) == "accepted"
    assert entered(replica, "records", **RECORD) == "unchanged"


def test_a_refused_row_is_a_problem_with_its_column_and_code_and_leaves_no_trace(replica: Replica) -> None:
    before = len(replica.log())
    with pytest.raises(Problem) as refused:
        entered(replica, "records", **RECORD | {"person_id": "P9"})
    assert (refused.value.status, refused.value.code) == (422, "unknown_person")
    assert refused.value.more["column"] == "person_id"
    assert len(replica.log()) == before


def test_a_misspelt_column_is_refused_and_does_not_empty_a_cell(replica: Replica) -> None:
    with pytest.raises(Problem) as refused:
        entered(replica, "records", **RECORD, titel="集中学习")
    assert refused.value.code == "unknown_column"


def test_an_unknown_table_is_404(replica: Replica) -> None:
    with pytest.raises(Problem) as refused:
        entered(replica, "cats", cat_id="1")
    assert refused.value.status == 404


def test_a_record_entered_late_bears_the_reason(replica: Replica) -> None:
    entered(replica, "records", "停电", **RECORD)
    (event,) = [event for recorded in replica.log() if isinstance(event := recorded.event(), RecordSubmitted)]
    assert event.late_entry == "停电"


def test_what_awaited_the_row_is_decided(replica: Replica) -> None:
    assert attended(replica, "R2", person_id="P9") == "waiting"
    entered(replica, "people", **{"person_id": "P9", "name": "某", "role": "teacher", "unit_id": "S1",
                                  "from": "2020-09-01"})  # fmt: skip
    replica.settle()
    assert replica.kept()[2] == 0
