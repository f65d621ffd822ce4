"""Undo of an import: what it brought goes, what it took comes back, what others rest on stays and is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.process.problems import Problem
from contracts.imports import ImportFinished, ImportRead, ImportStarted
from services.participation.batch.handlers import submit_rows
from services.participation.campaign.queries import rules_in_force
from services.participation.domain import Accepted, row_of
from services.participation.imports.deciding import correlation_of
from services.participation.imports.projections import imports
from services.participation.records.projections import records
from services.participation.registry.projections import memberships, units
from services.participation.roster.queries import read_book
from services.participation.undo import handlers
from services.participation.undo.handlers import UndoOutcome, undo_import
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica

BROUGHT, OTHER = "20221109-aaaaaaaaaa", "20221110-bbbbbbbbbb"
UNIT = {"unit_id": "S1", "name": "一小", "kind": "school", "opened_on": "2000-09-01"}
PERSON = {"person_id": "P1", "name": "许悦", "role": "teacher", "unit_id": "S1", "from": "2010-09-01"}
NOTE = {"record_id": "N1", "record": "note", "person_id": "P1", "occurred_at": "2022-11-09"}
SESSION = {"record_id": "D1", "record": "discussion_day", "unit_id": "S1", "occurred_at": "2022-11-09"}


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    yield replica
    replica.runtime.store.close()


def bring(replica: Replica, import_id: str, *rows: tuple[str, dict[str, str]]) -> None:
    """A finished import of these rows, each decided in a transaction of its own."""
    correlation = correlation_of(import_id)
    with replica.runtime.units_of_work.begin(OPERATOR, correlation) as unit_of_work:
        unit_of_work.append(ImportStarted(import_id, ()), ImportRead(import_id, ()))
    for kind, cells in rows:
        with replica.runtime.units_of_work.begin(OPERATOR, correlation) as unit_of_work:
            (decision,) = submit_rows(unit_of_work, [row_of(kind, cells)], rules_in_force(unit_of_work))
            assert isinstance(decision, Accepted), decision
    with replica.runtime.units_of_work.begin(OPERATOR, correlation) as unit_of_work:
        unit_of_work.append(ImportFinished(import_id))


def undo(replica: Replica, import_id: str) -> tuple[int, set[tuple[str, str, str]]]:
    """How many rows were undone, and (table, row, code) of those that were left."""
    place, undone, left = None, 0, set[tuple[str, str, str]]()
    while True:
        outcome: UndoOutcome = undo_import(replica.runtime.units_of_work, import_id, "导错了文件", place, OPERATOR)
        undone += outcome.undone
        left |= {(row["table"], row["row"], row["code"]) for row in outcome.left}
        assert all(row["message"] for row in outcome.left)
        place = outcome.place
        if place is None:
            return undone, left


def in_force(replica: Replica) -> dict[str, list[Any]]:
    """What is in force: units, memberships, records."""
    with replica.runtime.store.reading() as connection:
        return {
            "units": list(connection.scalars(sa.select(units.c.unit_id).where(units.c.voided == 0))),
            "people": list(connection.scalars(sa.select(memberships.c.person_id).where(memberships.c.voided == 0))),
            "records": sorted(connection.scalars(sa.select(records.c.record_id).where(records.c.withdrawn_at == ""))),
        }


@pytest.mark.parametrize("batch", [1, 2, 300])
def test_a_whole_import_is_undone_the_last_row_first(
    replica: Replica, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(handlers, "BATCH", batch)
    bring(replica, BROUGHT, ("unit", UNIT), ("membership", PERSON), ("record", NOTE), ("record", SESSION))
    assert in_force(replica) == {"units": ["S1"], "people": ["P1"], "records": ["D1", "N1"]}
    assert undo(replica, BROUGHT) == (4, set())
    assert in_force(replica) == {"units": [], "people": [], "records": []}
    log = len(replica.log())
    assert undo(replica, BROUGHT) == (0, set())
    assert len(replica.log()) <= log + 1  # that it was undone again
    with replica.runtime.store.reading() as connection:
        assert connection.scalar(sa.select(imports.c.undone_at)) > ""


def test_what_others_rest_on_stays_and_is_named(replica: Replica) -> None:
    bring(replica, BROUGHT, ("unit", UNIT), ("membership", PERSON), ("record", SESSION))
    bring(replica, OTHER, ("record", NOTE))
    left = {("units", "S1", "built_on"), ("people", "P1/S1/2010-09-01", "built_on")}
    assert undo(replica, BROUGHT) == (1, left)
    assert in_force(replica) == {"units": ["S1"], "people": ["P1"], "records": ["N1"]}
    assert undo(replica, OTHER) == (1, set())
    assert undo(replica, BROUGHT) == (2, set())
    assert in_force(replica) == {"units": [], "people": [], "records": []}


def test_what_changed_since_stays_and_is_named(replica: Replica) -> None:
    bring(replica, BROUGHT, ("unit", UNIT), ("record", SESSION))
    name = {
        "correction_id": "C1",
        "table": "units",
        "row": "S1",
        "column": "name",
        "value": "第一小学",
        "reason": "更名",
    }
    bring(replica, OTHER, ("correction", name))
    assert undo(replica, BROUGHT) == (1, {("units", "S1", "changed_since")})
    assert undo(replica, OTHER) == (1, set())
    with replica.runtime.store.reading() as connection:
        assert connection.scalar(sa.select(units.c.name)) == "一小"
    assert undo(replica, OTHER) == (0, set())


def correction(number: int, table: str, row: str, column: str, value: str) -> tuple[str, dict[str, str]]:
    cells = {"correction_id": f"C{number}", "table": table, "row": row, "column": column, "value": value}
    return "correction", cells | {"reason": "更正"}


def test_cells_that_an_import_corrected_are_corrected_back_where_nobody_changed_them_since(replica: Replica) -> None:
    membership = "P1/S1/2010-09-01"
    bring(replica, BROUGHT, ("unit", UNIT), ("membership", PERSON), ("record", NOTE))
    bring(replica, OTHER, correction(1, "people", membership, "name", "许月"),
          correction(2, "people", membership, "to", "2023-01-01"), correction(3, "people", membership, "name", "许越"),
          correction(4, "records", "N1", "occurred_at", "2022-11-10"))  # fmt: skip
    bring(replica, "20221111-cccccccccc", correction(5, "people", membership, "to", "2023-02-01"))
    assert undo(replica, OTHER) == (2, {("people", membership, "changed_since")})
    with replica.runtime.store.reading() as connection:
        (held,) = read_book(connection).people["P1"]
        assert (held.name, held.until) == ("许悦", "2023-02-01")
        assert connection.scalar(sa.select(records.c.day)) == "2022-11-09"


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("finding", {"finding_id": "F1", "unit_id": "S1", "assessor_id": "O1", "found_on": "2022-11-10",
                     "points": "1"}),
        ("exemption", {"exemption_id": "E1", "unit_id": "S1", "duty": "notes", "period": "2022-autumn",
                       "reason": "装修"}),
        ("decision", {"decision_id": "D1", "kind": "veto", "year": "2022", "unit_id": "S1", "document": "1号",
                      "decided_on": "2022-12-30", "reason": "有误"}),
    ],
)  # fmt: skip
def test_a_unit_that_others_assess_or_exempt_stays(replica: Replica, kind: str, cells: dict[str, str]) -> None:
    bring(replica, OTHER, ("unit", UNIT | {"unit_id": "O1", "name": "督导室", "kind": "office"}))
    bring(replica, BROUGHT, ("unit", UNIT | {"liaison_id": "O1"}))
    bring(replica, "20221111-cccccccccc", (kind, cells))
    assert undo(replica, BROUGHT) == (0, {("units", "S1", "built_on")})
    assert undo(replica, "20221111-cccccccccc") == (1, set())
    assert undo(replica, BROUGHT) == (1, set())


def test_ids_may_bear_slashes(replica: Replica) -> None:
    bring(replica, BROUGHT, ("unit", UNIT | {"unit_id": "S/1"}),
          ("membership", PERSON | {"person_id": "P/1", "unit_id": "S/1"}))  # fmt: skip
    assert undo(replica, BROUGHT) == (2, set())


def test_what_an_import_voided_or_withdrew_comes_back(replica: Replica) -> None:
    bring(replica, BROUGHT, ("unit", UNIT), ("membership", PERSON), ("record", NOTE), ("record", SESSION))
    void = {"correction_id": "C1", "table": "records", "row": "N1", "column": "*", "reason": "重复"}
    bring(replica, OTHER, ("correction", void),
          ("withdrawal", {"record_id": "D1", "withdrawn_at": "2022-11-10", "reason": "有误"}))  # fmt: skip
    assert in_force(replica)["records"] == []
    assert undo(replica, OTHER) == (2, set())
    assert in_force(replica)["records"] == ["D1", "N1"]


def test_only_a_finished_import_is_undone(replica: Replica) -> None:
    with replica.runtime.units_of_work.begin(OPERATOR, correlation_of(BROUGHT)) as unit_of_work:
        unit_of_work.append(ImportStarted(BROUGHT, ()))
    for import_id, code in ((BROUGHT, "import_open"), ("none", "unknown_import")):
        with pytest.raises(Problem) as refused:
            undo(replica, import_id)
        assert refused.value.code == code
