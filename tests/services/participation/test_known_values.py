"""What a batch of rows names is asked of the register and the log in a few queries, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chassis.store.prepared_query import QueryRunner
from contracts.participation import MembershipStarted, UnitRegistered
from services.participation.campaign.queries import rules_in_force
from services.participation.domain import Ledger
from services.participation.domain.rows import CellsRow, ReportedCorrection, row_of
from services.participation.imports.accepted_rows import AcceptedRows
from services.participation.imports.known_values import load_known
from services.participation.imports.values import KnownValues, ResolvedRow, ValueNote, resolve_rows
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, attended, district

if TYPE_CHECKING:
    from tests.support.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def replica(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Replica]:
    """A district of one school, its teacher with a dot in the name, two units of one name, a closed one."""
    postgres: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = postgres.promise_database() if postgres else ""
    replica = cluster.make_replica(tmp_path, url)
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    for unit_id, closed_on in (("S2", ""), ("S3", ""), ("S4", "2020-09-01")):
        cells = {"name": "旧街小学" if closed_on else "实验小学", "kind": "school", "opened_on": "2010-09-01"}
        assert replica.submit("unit", unit_id=unit_id, closed_on=closed_on, **cells).outcome == "accepted"
    cells = {"name": "阿依古丽•买买提", "role": "teacher", "unit_id": "S1", "from_": "2020-09-01"}
    assert replica.submit("membership", person_id="T1005", **cells).outcome == "accepted"
    assert attended(replica, "R01") == "accepted"
    yield replica
    replica.runtime.store.close()
    if postgres:
        postgres.drop_database(url)


def rows_of(kind: str, *cells: dict[str, str]) -> list[CellsRow]:
    rows = [row_of(kind, each) for each in cells]
    return [row for row in rows if not isinstance(row, ReportedCorrection)]


def known_of(replica: Replica, table: str, rows: list[CellsRow], accepted: AcceptedRows | None = None) -> KnownValues:
    with replica.runtime.units_of_work.begin(OPERATOR, "") as unit_of_work:
        return load_known(unit_of_work, table, rows, rules_in_force(unit_of_work), accepted)


def resolved(replica: Replica, table: str, kind: str, *cells: dict[str, str]) -> list[ResolvedRow]:
    rows = rows_of(kind, *cells)
    return resolve_rows(table, rows, known_of(replica, table, rows))


def test_units_by_name_ids_that_look_alike_and_dots_come_from_the_store(replica: Replica) -> None:
    good, dotted, alike, several, closed = resolved(
        replica, "people", "membership",
        {"person_id": "P9", "name": "温如初", "role": "教师", "unit_id": "一小"},
        {"person_id": "T1005", "name": "阿依古丽.买买提", "role": "teacher", "unit_id": "S1"},
        {"person_id": "tl005", "name": "林知夏", "role": "teacher", "unit_id": "s1"},
        {"person_id": "P8", "unit_id": "实验小学"},
        {"person_id": "P7", "unit_id": "旧街小学"},
    )  # fmt: skip
    assert good.row[2:4] == ("teacher", "S1") and good.notes == ()
    assert dotted.row[1] == "阿依古丽•买买提" and [note.code for note in dotted.notes] == ["name_as_known"]
    assert alike.notes == (ValueNote("person_id", "like_known", "tl005", "T1005"),
                           ValueNote("unit_id", "like_known", "s1", "S1"))  # fmt: skip
    assert several.fault == ("unit_id", "ambiguous_name", "实验小学")
    assert closed.row[3] == "旧街小学" and closed.fault is None


def test_units_of_the_import_itself_are_known_by_name(replica: Replica) -> None:
    (_, second) = resolved(
        replica, "units", "unit",
        {"unit_id": "S9", "name": "新桥小学", "kind": "学校", "opened_on": "2022-09-01"},
        {"unit_id": "K9", "name": "新桥幼儿园", "kind": "幼儿园", "zone_id": "新桥小学", "opened_on": "2022-09-01"},
    )  # fmt: skip
    assert second.row[2] == "kindergarten" and second.row[4] == "S9"


def test_what_a_dry_run_has_accepted_is_known(replica: Replica, tmp_path: Path) -> None:
    opened = UnitRegistered("S77", "新桥小学", "school", (), "", "", "", "2022-09-01", "", "d")
    started = MembershipStarted("T9005", "S77", "teacher", "2022-09-01", "", "d", "许悦")
    accepted, ledger = AcceptedRows(tmp_path / "accepted.db"), Ledger()
    ledger.fold([opened, started])
    accepted.add([opened, started], ledger, {})
    rows = rows_of("membership", {"person_id": "t9005", "unit_id": "新桥小学"})
    known = known_of(replica, "people", rows, accepted)
    (row,) = resolve_rows("people", rows, known)
    assert row.row[3] == "S77" and [note.known for note in row.notes] == ["T9005"]
    assert "许悦".encode() not in (tmp_path / "accepted.db").read_bytes()


def test_other_kinds_of_ids_are_compared_too(replica: Replica) -> None:
    first, again = resolved(replica, "records", "record", {"record_id": "r0I"}, {"record_id": "R01"})
    assert first.notes == (ValueNote("record_id", "like_known", "r0I", "R01"),) and again.notes == ()


def test_a_batch_of_five_hundred_rows_costs_a_few_queries(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    run = QueryRunner.__call__

    def counted(self: QueryRunner, *queries: object) -> object:
        nonlocal asked
        asked += 1
        return run(self, *queries)  # type: ignore[arg-type]

    rows = rows_of(
        "membership",
        *(
            {"person_id": f"T{at:05}", "name": "阿依古丽·买买提", "role": "教师", "unit_id": "一小"}
            for at in range(500)
        ),
    )
    with replica.runtime.units_of_work.begin(OPERATOR, "") as unit_of_work:
        rules = rules_in_force(unit_of_work)
        monkeypatch.setattr(QueryRunner, "__call__", counted)
        known = load_known(unit_of_work, "people", rows, rules)
    assert asked <= 4
    assert {row.row[3] for row in resolve_rows("people", rows, known)} == {"S1"}
