"""An id that only we make, of publicity's deeds, is refused in files, in their dry runs and in single rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.process.problems import Problem
from contracts.participation import RecordSubmitted
from services.participation.entries.handlers import enter_row
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, district
from tests.services.participation.importing import imported

RECORDS = b"""record_id,record,unit_id,person_id,occurred_at,period,title,content_sha256,evidence
R1,attendance,,P1,2022-12-01T09:00:00,,,,
publicity-work-W1-unit,attendance,,P1,2022-12-01T09:00:00,,,,
publicity-workshop,attendance,,P1,2022-12-02T09:00:00,,,,
"""
WITHDRAWALS = b"""record_id,withdrawn_at,reason
publicity-video-V1,2022-12-05T09:00:00,no
R1,2022-12-05T09:00:00,no
"""
FILES = {"records.csv": RECORDS, "withdrawals.csv": WITHDRAWALS}


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """Participation on SQLite with a campaign, a school and its teacher."""
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    yield replica
    replica.runtime.store.close()


def refused(replica: Replica, dry: bool) -> list[dict[str, Any]]:
    """What an import of the files refuses, with file and line."""
    shown = imported(replica, FILES, dry_run=dry)
    assert [file["accepted"] for file in shown["files"]] == [2, 1]
    rows: list[dict[str, Any]] = replica.service.imports.refused_rows(shown["import_id"], 0, 100)
    return rows


@pytest.mark.parametrize("dry", [True, False])
def test_a_file_s_row_with_such_an_id_is_refused_with_place_and_remedy(replica: Replica, dry: bool) -> None:
    rows = refused(replica, dry)
    assert [(row["file"], row["line"], row["column"], row["code"]) for row in rows] == [
        ("records.csv", 3, "record_id", "reserved_id"), ("withdrawals.csv", 2, "record_id", "reserved_id")
    ]  # fmt: skip
    assert all("请换用其他编号" in row["message"] for row in rows)
    assert all("“publicity-" in row["message"] for row in rows), "with the value that stood there"
    events = [recorded.event() for recorded in replica.log()]
    assert [event.record_id for event in events if isinstance(event, RecordSubmitted)] == (
        [] if dry else ["R1", "publicity-workshop"]
    )


def test_a_single_row_with_such_an_id_is_refused_with_its_value(replica: Replica) -> None:
    units_of_work, wake = replica.runtime.units_of_work, replica.service.pending_loop.wake
    cells = {
        "record_id": "publicity-article-A1",
        "record": "attendance",
        "person_id": "P1",
        "occurred_at": "2022-12-01",
    }
    with pytest.raises(Problem) as problem:
        enter_row(units_of_work, "records", cells, "", OPERATOR, "", wake)
    assert (problem.value.code, problem.value.more["column"]) == ("reserved_id", "record_id")
    assert "publicity-article-A1" in problem.value.detail
