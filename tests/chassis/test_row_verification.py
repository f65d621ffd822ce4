"""Rows that were changed, lost or added behind a service's back are named, while it serves and takes events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import replay, row_verification
from chassis.store.row_verification import RowDifference, RowVerification
from tests.chassis import toys
from tests.chassis.conftest import Pair
from tests.chassis.worlds import append, message, rows, things

Both = tuple[ServiceRuntime, ServiceRuntime]


@pytest.fixture
def filled(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Both:
    monkeypatch.setattr(replay, "PAGE", 10)
    monkeypatch.setattr(row_verification, "READ_ROWS", 4)
    source, subscriber = pair()
    append(source, *things(*[f"t{n % 20}:{n}" for n in range(55)]), toys.ThingWeighedInPounds("t1", 2))
    append(source, *things("字:1", "é:1", "T:1", "𝒳:1", "～:1"))  # keys that a language's order puts elsewhere
    subscriber.inbox.receive([message(source)])
    return source, subscriber


def change(runtime: ServiceRuntime, make: Any) -> None:
    """As somebody does who has the database's password."""
    table = next(iter(runtime.store.rows.tables.values()))
    with runtime.store.writing() as connection:
        runtime.store.with_row_schema(connection).execute(make(table))


def leftovers(runtime: ServiceRuntime) -> list[str]:
    """Shadow rows that are there still."""
    if not runtime.store.postgresql:
        database = Path(str(runtime.store.url.database))
        return [item.name for item in database.parent.glob(f"{database.name}.*")]
    with runtime.store.reading() as connection:
        query = sa.text("SELECT nspname FROM pg_namespace WHERE nspname IN ('shadow', 'comparison', 'retired')")
        return list(connection.execute(query).scalars())


@pytest.mark.parametrize("which", [0, 1], ids=["own log", "inbox"])
def test_rows_that_are_as_they_should_be_are_equal(filled: Both, which: int) -> None:
    before = rows(filled[which])
    for _ in range(2):
        result = filled[which].row_verification.run()
        assert (result.tables, result.rows, result.different, result.differences) == (1, 25, 0, [])
    assert rows(filled[which]) == before
    assert not leftovers(filled[which])


def test_a_changed_figure_is_named_with_both_values(filled: Both) -> None:
    change(filled[1], lambda table: sa.update(table).where(table.c.thing_id == "t1").values(grams="1 by me"))
    result = filled[1].row_verification.run()
    assert result.differences == [RowDifference("things", "t1", "changed", "grams", "1 by me", "908 by unknown")]
    assert rows(filled[1], "grams")["t1"] == "1 by me", "nothing is swapped in"


@pytest.mark.parametrize("key", ["t0", "t9", "字", "é", "T", "𝒳"])
def test_a_missing_row_is_named(filled: Both, key: str) -> None:
    change(filled[1], lambda table: sa.delete(table).where(table.c.thing_id == key))
    assert filled[1].row_verification.run().differences == [RowDifference("things", key, "missing")]


@pytest.mark.parametrize("key", ["", "a", "t10b", "～～", "𝒴"])
def test_an_extra_row_is_named(filled: Both, key: str) -> None:
    change(filled[0], lambda table: sa.insert(table).values(thing_id=key, text="", name="", grams=""))
    result = filled[0].row_verification.run()
    assert (result.different, result.differences) == (1, [RowDifference("things", key, "extra")])


def test_a_row_moved_to_another_key_is_two_differences(filled: Both) -> None:
    change(filled[1], lambda table: sa.update(table).where(table.c.thing_id == "t5").values(thing_id="t5x"))
    kinds = [(item.key, item.kind) for item in filled[1].row_verification.run().differences]
    assert kinds == [("t5", "missing"), ("t5x", "extra")]


def test_every_row_that_differs_is_counted_and_the_first_are_named(
    filled: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_verification, "MOST_DIFFERENCES", 3)
    change(filled[1], lambda table: sa.update(table).values(text="x\x1b[31m" + "y" * 5000))
    result = filled[1].row_verification.run()
    assert (result.different, len(result.differences)) == (25, 3)
    assert all("\x1b" not in item.kept and len(item.kept) < 100 for item in result.differences)


def test_the_service_takes_events_meanwhile(filled: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    source, subscriber = filled
    times = 0

    def event_arrives() -> None:
        nonlocal times
        times += 1
        append(source, *things(f"new{times}:x", f"t3:changed{times}"))
        subscriber.inbox.receive([message(source)])

    monkeypatch.setattr(row_verification.greenlets, "yield_control", event_arrives)
    result = subscriber.row_verification.run()
    assert times > 8, "pages of the replay, and of the comparison"
    assert result.differences == []
    assert 25 < result.rows < 25 + times, "one moment between the first event and the last"
    assert rows(subscriber) == rows(source) and len(rows(source)) == 25 + times
    change(subscriber, lambda table: sa.delete(table).where(table.c.thing_id == "new2"))
    assert subscriber.row_verification.run().differences == [RowDifference("things", "new2", "missing")]


def test_a_rebuild_goes_first(filled: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    subscriber = filled[1]
    verification = subscriber.row_verification
    monkeypatch.setattr(row_verification.greenlets, "yield_control",
                        lambda: setattr(subscriber.rebuild.progress, "state", "running"))  # fmt: skip
    verification.begin(spawn=lambda work: work())
    assert verification.progress.state == "failed" and "rebuild" in verification.progress.detail
    assert not leftovers(subscriber)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_only_one_replica_compares_at_a_time(filled: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    subscriber = filled[1]
    other = RowVerification(subscriber.store, subscriber._replay(), subscriber.rebuild)
    monkeypatch.setattr(row_verification.greenlets, "yield_control", lambda: other.begin(spawn=lambda work: work()))
    assert subscriber.row_verification.run().different == 0
    assert other.progress.state == "failed" and "another replica" in other.progress.detail
    monkeypatch.undo()
    assert other.run().different == 0, "the lock is given back"


def test_after_a_rebuild_that_which_differed_is_equal(filled: Both) -> None:
    change(filled[1], lambda table: sa.update(table).values(text="spoilt"))
    filled[1].rebuild.run()
    filled[1].row_verification.begin(spawn=lambda work: work())
    assert filled[1].row_verification.progress.state == "done"
    assert filled[1].row_verification.comparison.differences == []
