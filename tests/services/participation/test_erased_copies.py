"""What participation keeps of an erased person in plain text goes with the key."""

from __future__ import annotations

import base64
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.intake import pending_reports
from chassis.messaging import quarantine
from chassis.process.tokens import Actor
from chassis.store import schema
from services.participation.imports import spool_erasure
from services.participation.imports.domain import PartProgress
from services.participation.imports.spool import Spool
from services.participation.registry.handlers import erase_person
from services.participation.registry.identity import identify
from tests.services.participation import cluster
from tests.services.participation.cluster import OPERATOR, Replica, district
from tests.services.participation.importing import imported, uploaded, worked


def spooled(folder: Path, *rows: list[str]) -> Path:
    path = folder / "1" / "0.rows"
    path.parent.mkdir(parents=True)
    lines = [json.dumps([n, row, None], separators=(",", ":")) for n, row in enumerate(rows, 2)]
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_rows_of_an_import_that_runs_are_emptied_in_place(tmp_path: Path) -> None:
    kept = ["P2", "李四", "teacher", "S1", "2020-09-01", ""]
    path = spooled(tmp_path, ["P1", "张三", "teacher", "S1", "2020-09-01", ""], kept)
    size = path.stat().st_size
    assert spool_erasure.erase_person(Spool(tmp_path), "P1") == 1
    assert path.stat().st_size == size and b"P1" not in path.read_bytes() and b"5f20" not in path.read_bytes()
    (part,) = Spool(tmp_path).read("1", [PartProgress(0, "people.csv", "people", "people.csv", 2)], 20)
    assert [(line.number, line.row.person_id, line.row.name) for line in part.lines] == [(2, "", ""), (3, "P2", "李四")]


def test_what_stood_in_refused_cells_and_notes_goes_with_whoever_is_erased(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.refused_values.add("1", "people.csv", [(2, "张三"), (3, "")])
    spool.notes.add("1", [["people.csv", "", 2, "name", "like_known", "张三"]])
    assert spool.refused_values.of_rows("1", {("people.csv", 2), ("people.csv", 3)}) == {("people.csv", 2): "张三"}
    assert len(spool.notes.of_import("1", 0, 10)) == 1
    spool_erasure.erase_person(spool, "P1")
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_what_a_broken_upload_left_goes_but_not_one_that_runs(tmp_path: Path) -> None:
    old, new = tmp_path / "1" / "0.1.new", tmp_path / "1" / "0.2.new"
    old.parent.mkdir()
    for path in (old, new):
        path.write_text("P1,张三")
    os.utime(old, (1, 1))
    spool_erasure.erase_person(Spool(tmp_path), "P1")
    assert not old.exists() and new.exists()


PEOPLE = "person_id,name,role,unit_id,from,to\nP1,张三,teacher,S1,2010-09-01,2011-09-01\n".encode()


def kept(replica: Replica, data: Path) -> list[str]:
    """The files of the spool in which the name can be read; not the store's own, which are erased by other means."""
    return [path.name for path in (data / "participation" / "imports").rglob("*")
            if path.is_file() and ("张三".encode() in path.read_bytes() or b"5f20" in path.read_bytes())]  # fmt: skip


def test_the_uploads_that_are_kept_for_a_week_go_with_whoever_is_erased(replica: Replica, tmp_path: Path) -> None:
    imported(replica, {"people.csv": PEOPLE})
    assert kept(replica, tmp_path) == ["0.raw"]
    replica.service.imports.erase_rows_of("P1")
    assert kept(replica, tmp_path) == []
    replica.runtime.store.close()


def test_an_upload_that_was_not_read_yet_goes_once_it_is(replica: Replica, tmp_path: Path) -> None:
    import_id = uploaded(replica, {"people.csv": PEOPLE})
    replica.service.imports.erase_rows_of("P1")
    worked(replica)
    assert kept(replica, tmp_path) == []
    (row,) = replica.service.imports.refused_rows(import_id, 0, 10)
    assert (row["column"], row["code"]) == ("person_id", "missing")
    replica.runtime.store.close()


@pytest.fixture
def replica(tmp_path: Path) -> Replica:
    replica = cluster.make_replica(tmp_path, "")
    cluster.campaign(replica)
    assert district(replica) == ["accepted"] * 2
    return replica


@pytest.mark.parametrize(
    "body",
    ["教-1", json.dumps({"person_id": "教-1"}), "教-1".encode("utf-16-le"), "教-1".encode("gb18030"),
     json.dumps({"id": "1", "data_base64": base64.b64encode("{,教-1".encode("gb18030")).decode()}),
     json.dumps({"data_base64": base64.b64encode("???教-1".encode()).decode().rstrip("=")}).replace("/", "\\/")],
    ids=ascii,
)  # fmt: skip
def test_a_quarantined_body_goes_in_whatever_form_it_names_the_person(replica: Replica, body: str | bytes) -> None:
    raw = body.encode() if isinstance(body, str) else body
    values = dict.fromkeys((column.name for column in schema.quarantine.c if column.name != "entry"), "")
    with replica.runtime.store.writing() as connection:
        connection.execute(sa.insert(schema.quarantine).values(
            **values | {"origin": "intake", "partition": 0, "position": 0, "attempts": 1, "body": raw}
        ))  # fmt: skip
        assert quarantine.erase(connection, "教-1") == 1
        assert bytes(connection.execute(sa.select(schema.quarantine.c.body)).scalar_one()) == b""
    replica.runtime.store.close()


def test_an_erased_person_has_no_right_by_a_post(replica: Replica) -> None:
    post = {"unit_id": "S1", "post": "clerk", "person_id": "P1", "from": "2022-09-01"}
    assert replica.submit("post", **post).outcome == "accepted"
    store, units_of_work = replica.runtime.store, replica.runtime.units_of_work
    assert clerk_posts(replica)
    erase_person(store, units_of_work, lambda _: 0, "P1", OPERATOR, "")
    assert not clerk_posts(replica)
    store.close()


def test_what_is_remembered_of_reports_confirms_no_guess_and_repeats_change_nothing(replica: Replica) -> None:
    given = {"person_id": "P1", "record": "attendance", "occurred_at": "2022-12-01T09:00:00", "title": "集中学习"}
    cells = {"record_id": "R1", **given}
    assert replica.submit("record", "e-1", **cells).outcome == "accepted"
    assert (
        replica.submit("withdrawal", "e-2", record_id="R1", withdrawn_at="2022-12-02", reason="病").outcome
        == "accepted"
    )
    store = replica.runtime.store
    erase_person(store, replica.runtime.units_of_work, lambda _: 0, "P1", OPERATOR, "")
    remembered = replica.rows(schema.intake_seen)
    assert {row.digest == "" for row in remembered if row.person_id == "P1"} == {True}
    assert [row.id for row in remembered if row.digest and row.id.startswith("e-")] == []
    assert [row.digest for row in remembered if not row.person_id] != []
    assert replica.submit("record", "e-1", **cells).outcome == "unchanged"
    assert replica.submit("record", "e-1", **cells | {"title": "另一题"}).outcome == "unchanged"
    store.close()


def clerk_posts(replica: Replica) -> object:
    actor = Actor("console", "P1", frozenset({"person"}))
    with replica.runtime.store.reading() as connection:
        return identify(connection, actor, datetime(2022, 12, 1, tzinfo=UTC)).posts


@pytest.mark.parametrize(("cells", "is_named"), [
    ({"person_id": "P1"}, True), ({"table": "people", "row": "P1/S1/2020-09-01", "value": "张三"}, True),
    ({"row": "S1/clerk/P1/2022-09-01"}, True), ({"person_id": "P12"}, False), ({"title": "谈 P1"}, False),
])  # fmt: skip
def test_a_report_that_waits_is_about_whom_a_cell_or_a_part_of_a_row_id_names(
    cells: dict[str, str], is_named: bool
) -> None:
    assert pending_reports.names_person(cells, "P1") == is_named
