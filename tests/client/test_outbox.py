"""The outbox of qihang-client: what is added stays, once, in the caller's transaction; what was answered stands beside
it."""

from __future__ import annotations

import ast
import resource
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from qihang_client import AlreadyAccepted, Answer, IdTaken, Outbox, Row, content_digest, range_digest
from qihang_client.outbox import ACCEPTED, CANCELLED, NEW, NOTHING_AGAIN, REFUSED, SENT, WAITING
from qihang_client.reports import COLUMNS, id_columns

from contracts.intake import REPORT_TYPES
from services.participation.domain.rows import ID_COLUMNS
from services.participation.holdings import domain
from services.participation.holdings.domain import KINDS

SOURCE = "/hr.example"
RECORD = {"record_id": "R1", "record": "summary", "person_id": "P1", "occurred_at": "2022-12-02", "title": "总结"}
PACKAGE = Path(__file__).resolve().parents[2] / "client" / "src" / "qihang_client"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    outbox = Outbox(path, SOURCE)
    yield outbox
    outbox.close()


def answered(outbox: Outbox, id: str, outcome: str, code: str = "", column: str = "") -> None:
    outbox.take(NOTHING_AGAIN)
    outbox.answer([Answer(SOURCE, id, outcome, column, code, "说明")])


def state(outbox: Outbox, id: str) -> str:
    entry = outbox.entry(id)
    assert entry is not None
    return entry.state


def test_what_was_added_is_there_for_another_process_at_once(outbox: Outbox, path: Path) -> None:
    id = outbox.add("record.reported", {**RECORD, "evidence": "", "unit_id": None})
    (entry,) = Outbox(path, SOURCE).entries()
    assert (entry.id, entry.type, entry.data, entry.state) == (id, "qihang.record.reported.v1", RECORD, NEW)
    assert entry.event == {"specversion": "1.0", "id": id, "source": SOURCE, "type": entry.type, "data": RECORD}


def test_a_report_and_the_caller_s_own_rows_are_there_together_or_neither(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE staff (number TEXT)")
    outbox = Outbox(connection, SOURCE)
    for is_good in (False, True):
        connection.execute("INSERT INTO staff VALUES ('P1')")
        outbox.add("record.reported", RECORD, "e1")
        (connection.commit if is_good else connection.rollback)()
        there = sqlite3.connect(path).execute("SELECT count(*) FROM staff").fetchone()[0]
        assert (there, len(Outbox(path, SOURCE).entries())) == (int(is_good), int(is_good))


def test_an_event_is_added_once_and_its_id_names_no_other(outbox: Outbox) -> None:
    first = outbox.add("record.reported", RECORD)
    assert outbox.add("record.reported", dict(reversed(RECORD.items()))) == first, "the same row, the same event"
    assert outbox.add("record.reported", RECORD, "e1") == "e1"
    with pytest.raises(IdTaken):
        outbox.add("record.reported", {**RECORD, "title": "另一篇"}, "e1")
    assert outbox.add_all([Row("record.reported", RECORD), Row("record.reported", RECORD, "e1")]) == 2
    assert outbox.counts() == {NEW: 2}
    assert outbox.void("record", {"record_id": "R1"}, "重复") != outbox.void("record", {"record_id": "R1"}, "重复")
    with pytest.raises(TypeError, match="points"):
        outbox.add("finding.reported", {"finding_id": "F1", "points": 2})  # type: ignore[dict-item]


def test_many_are_added_together_or_not_at_all(outbox: Outbox) -> None:
    with pytest.raises(TypeError):
        outbox.add_all([Row("record.reported", RECORD), Row("record.reported", {"record_id": 1})])  # type: ignore[dict-item]
    assert outbox.counts() == {}


def test_an_answer_stands_beside_its_event(outbox: Outbox) -> None:
    outbox.add("record.reported", RECORD, "e1")
    answered(outbox, "e1", REFUSED, "unknown_person", "person_id")
    entry = outbox.entry("e1")
    assert entry is not None
    assert (entry.state, entry.column, entry.code, entry.message) == (REFUSED, "person_id", "unknown_person", "说明")
    assert outbox.send_again(code="other") == 0 and outbox.send_again("e1", code="unknown_person") == 1
    answered(outbox, "e1", ACCEPTED)
    outbox.answer([Answer(SOURCE, "e1", "refused", "", "late")])
    assert state(outbox, "e1") == ACCEPTED, "what was accepted stays so"


def test_what_was_not_accepted_is_mended_by_the_next_revision(outbox: Outbox) -> None:
    outbox.add("record.reported", {**RECORD, "person_id": "P9"}, "e1")
    answered(outbox, "e1", WAITING, "unknown_person", "person_id")
    outbox.replace("e1", RECORD)
    outbox.answer([Answer(SOURCE, "e1", "refused", "", "late")])
    assert state(outbox, "e1") == NEW, "an answer to what was replaced says nothing"
    (entry,) = outbox.take(NOTHING_AGAIN)
    assert (entry.event["revision"], entry.data) == (1, RECORD)
    outbox.answer([Answer(SOURCE, "e1", ACCEPTED)])
    assert state(outbox, "e1") == SENT, "nor when it comes after the next revision was sent"
    outbox.answer([Answer(SOURCE, "e1", ACCEPTED, revision=1)])
    with pytest.raises(AlreadyAccepted):
        outbox.replace("e1", {**RECORD, "title": "另一篇"})
    outbox.correct("record", {"record_id": "R1"}, {"title": "另一篇", "evidence": ""}, "笔误")
    (correction,) = outbox.take(NOTHING_AGAIN)
    assert correction.type == "qihang.record.corrected.v1"
    assert correction.data == {"record_id": "R1", "title": "另一篇", "evidence": "", "reason": "笔误"}


def test_what_waits_is_cancelled_and_what_was_never_sent_is_just_not_sent(outbox: Outbox) -> None:
    outbox.add("record.reported", RECORD, "never sent")
    outbox.cancel("never sent")
    assert outbox.take(NOTHING_AGAIN) == [] and state(outbox, "never sent") == CANCELLED
    outbox.add("record.reported", RECORD, "e1")
    answered(outbox, "e1", WAITING, "unknown_person")
    outbox.cancel("e1")
    (cancellation,) = outbox.take(NOTHING_AGAIN)
    assert cancellation.type == "qihang.report.cancelled.v1" and cancellation.data == {"source": SOURCE, "id": "e1"}
    outbox.answer([Answer(SOURCE, "e1", "refused", "id", "cancelled")])
    assert state(outbox, "e1") == CANCELLED
    outbox.add("record.reported", RECORD, "e1")
    assert state(outbox, "e1") == NEW, "the same may be sent again"


def test_a_batch_is_no_larger_than_what_is_taken_and_what_is_sent_is_not_taken_twice(outbox: Outbox) -> None:
    outbox.add_all(Row("record.reported", RECORD, f"e{number}") for number in range(10))
    assert [entry.id for entry in outbox.take(NOTHING_AGAIN, events=4)] == ["e0", "e1", "e2", "e3"]
    size = 2 * len(str(RECORD)) + 300
    assert [len(outbox.take(NOTHING_AGAIN, size=size)) for _ in range(2)] == [2, 2]
    assert len(outbox.take(NOTHING_AGAIN, size=1)) == 1, "an event that is too large goes alone, and is refused alone"
    assert outbox.counts() == {NEW: 1, SENT: 9}
    assert len(outbox.take(0)) == 10, "those that were not answered, and the new one"


def test_what_could_not_be_committed_is_not_taken_for_added(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that a system made keeps its journal: there a reader holds up the commit."""
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("CREATE TABLE staff (number TEXT)")
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, **named | {"timeout": 0.01}))
    outbox = Outbox(path, SOURCE)
    outbox.add("record.reported", RECORD, "e1")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM qihang_outbox").fetchone()
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            outbox.add("record.reported", RECORD, "e2")
    reader.execute("COMMIT")
    assert outbox.counts() == {NEW: 1}
    outbox.add("record.reported", RECORD, "e2")
    assert Outbox(path, SOURCE).counts() == {NEW: 2}


def test_a_full_disk_loses_nothing_that_was_added(outbox: Outbox, path: Path) -> None:
    outbox.add("record.reported", RECORD, "e1")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (Path(f"{path}-wal").stat().st_size + 100, hard))
    try:
        with pytest.raises(sqlite3.OperationalError):
            outbox.add("record.reported", RECORD, "e2")
        with pytest.raises(sqlite3.OperationalError):
            outbox.take(NOTHING_AGAIN)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [entry.id for entry in outbox.take(NOTHING_AGAIN)] == ["e1"]


def test_a_new_file_is_its_owner_s_alone(outbox: Outbox, path: Path) -> None:
    outbox.add("record.reported", RECORD)
    assert {each.name: each.stat().st_mode & 0o077 for each in path.parent.glob("outbox.sqlite*")} == {
        "outbox.sqlite": 0, "outbox.sqlite-wal": 0, "outbox.sqlite-shm": 0}  # fmt: skip


def test_what_was_accepted_is_forgotten_in_time(outbox: Outbox) -> None:
    outbox.add_all(Row("record.reported", RECORD, f"e{number}") for number in range(3))
    answered(outbox, "e1", ACCEPTED)
    assert outbox.forget(3600) == 0 and outbox.forget(-1) == 1
    assert [entry.id for entry in outbox.entries()] == ["e0", "e2"]


def test_kinds_columns_ids_and_digests_are_those_of_the_intake() -> None:
    by_wire = {kind.wire: kind for kind in REPORT_TYPES}
    assert {kind: tuple(column.name for column in by_wire[f"qihang.{kind}.reported.v1"].columns)
            for kind in KINDS} == COLUMNS  # fmt: skip
    assert {kind: id_columns(kind) for kind in KINDS} == dict(ID_COLUMNS)
    known = {"record_id": "R0002907", "record": "summary", "person_id": "P00077",
             "occurred_at": "2022-12-02T15:28:00+08:00", "title": "思想总结（一）", "period": ""}  # fmt: skip
    digest = content_digest({**known, "unknown": "x"}, "record")
    assert digest == domain.content_digest(known)
    rows = [("一", digest), ("b", digest), ("\U0001f600", digest), ("！", digest)]
    assert range_digest(rows) == domain.range_digest(sorted(rows, key=lambda row: row[0].encode()))


def test_it_imports_nothing_but_python_s_own_and_pika_and_is_python_3_10() -> None:
    for path in PACKAGE.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 10))
        names = [item.name for node in ast.walk(tree) if isinstance(node, ast.Import) for item in node.names]
        names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        allowed = {*sys.stdlib_module_names, "qihang_client", *(["pika"] if path.name == "amqp.py" else [])}
        assert {name.split(".")[0] for name in names} <= allowed, path
        assert "tomllib" not in names
