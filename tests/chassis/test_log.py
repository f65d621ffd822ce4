"""The log: contiguous positions in commit order, optimistic streams, no clock that runs back, a chain that tells."""
# ruff: noqa: PT012 - what raises is a transaction

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from chassis.events.recorded_event import partition_of
from chassis.process.settings import Settings
from chassis.store import event_log
from chassis.store.schema import events
from tests.chassis import toys, worlds
from tests.chassis.conftest import Pair
from tests.chassis.worlds import append, installed, recorded, things
from tests.support.processes import wait_until

Make = Callable[[], str]
WRITER = """
import sys
from pathlib import Path
from chassis.events.recorded_event import partition_of
from chassis.process.settings import Settings
from tests.chassis import toys, worlds
url, data, name = sys.argv[1:]
with toys.known():
    runtime = toys.source(Settings(data=data, database_url=url, partitions=4))
    worlds.installed(runtime)
    Path(data, f"{name}.here").touch()
    while not Path(data, "go").exists():
        pass
    for number in range(40):
        worlds.append(runtime, *worlds.things(f"{name}{number}:x", f"{name}{number}-b:y"))
"""


def test_positions_are_contiguous_in_every_partition_under_concurrent_writers(url: Make, tmp_path: Path) -> None:
    from tests.chassis.children import python

    place = url()
    reader = installed(toys.source(Settings(data=str(tmp_path), database_url=place, partitions=4)))
    writers = [python(WRITER, tmp_path / f"{name}.log", place, str(tmp_path), name) for name in "abc"]
    wait_until(lambda: all((tmp_path / f"{name}.here").exists() for name in "abc"), 60, "three writers")
    (tmp_path / "go").touch()
    assert [writer.wait(90) for writer in writers] == [0, 0, 0], [writer.tail() for writer in writers]
    total = 0
    for partition in range(4):
        result = recorded(reader, partition)
        assert [item.position for item in result] == list(range(1, len(result) + 1))
        assert [item.recorded_at for item in result] == sorted(item.recorded_at for item in result)
        assert all(partition_of(item.stream, 4) == partition for item in result)
        with reader.store.reading() as connection:
            assert event_log.verify(connection, partition, 0, "", 10_000).broken is None
        total += len(result)
    assert total == 240
    reader.store.close()


def test_what_is_seen_first_was_committed_first(postgres: Any, database: str, tmp_path: Path) -> None:
    """Hole 8 closed: the second writer waits, so no position ever appears behind one that was read."""
    first, second = (installed(toys.source(Settings(data=str(tmp_path), database_url=database))) for _ in "12")
    with ThreadPoolExecutor(1) as pool:
        with first.unit_of_work("a") as work:
            work.append(*things("slow:1"))
            waiting = pool.submit(worlds.append, second, *things("fast:2"))
            with first.store.reading() as connection:
                locks = sa.text("SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                                " WHERE NOT granted AND datname = current_database()")  # fmt: skip
                wait_until(lambda: connection.execute(locks).scalar(), 20, "the second writer stands at the lock")
            assert not waiting.done()
            assert recorded(second) == []
        assert waiting.result(20) == ["participation/0/2"]
    assert [(item.position, item.stream) for item in recorded(first)] == [(1, "thing-slow"), (2, "thing-fast")]
    for runtime in (first, second):
        runtime.store.close()


def test_hole_8_numbers_of_a_sequence_come_out_of_order(postgres: Any, database: str) -> None:
    """Beside it, how it is done elsewhere: a reader past 2 never sees 1."""
    engine = sa.create_engine(database)
    with engine.begin() as setup:
        setup.exec_driver_sql("CREATE TABLE plain (id bigserial PRIMARY KEY, what text)")
    slow, fast = engine.connect(), engine.connect()
    reader = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    slow.exec_driver_sql("INSERT INTO plain (what) VALUES ('slow')")
    fast.exec_driver_sql("INSERT INTO plain (what) VALUES ('fast')")
    fast.commit()
    seen = [tuple(row) for row in reader.exec_driver_sql("SELECT id, what FROM plain WHERE id > 0 ORDER BY id")]
    slow.commit()
    later = sa.text("SELECT id, what FROM plain WHERE id > :after ORDER BY id")
    seen += [tuple(row) for row in reader.execute(later, {"after": max(row[0] for row in seen)})]
    assert seen == [(2, "fast")]
    for each in (slow, fast, reader):
        each.close()
    engine.dispose()


def test_a_stream_s_version_is_taken_once(pair: Pair) -> None:
    source, _ = pair()
    append(source, *things("a:1"))
    with pytest.raises((sa.exc.IntegrityError, psycopg.errors.UniqueViolation)), source.store.writing() as connection:
        (first,) = event_log.read(connection, 0, 0, 10)
        again = event_log.RecordedEvent(0, 2, "other", *first[3:])
        event_log.append(connection, source.store, [again], [event_log.Head(0, 2, "h", first.recorded_at)])
    assert len(recorded(source)) == 1
    append(source, *things("a:2"))
    assert [item.version for item in recorded(source)] == [1, 2]


def test_recorded_at_never_runs_back_with_the_clock(url: Make, tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    clock = [now, now - timedelta(hours=1), now - timedelta(days=400), now + timedelta(seconds=1)]
    ticks = iter(clock)
    source = installed(toys.source(Settings(data=str(tmp_path), database_url=url())))
    source.units_of_work = dataclasses.replace(source.units_of_work, clock=lambda: next(ticks))
    for number in range(4):
        append(source, *things(f"t{number}:x"))
    instants = [item.recorded_at for item in recorded(source)]
    assert instants == ["2026-01-01T12:00:00.000000Z"] * 3 + ["2026-01-01T12:00:01.000000Z"]
    assert [item.occurred_at for item in recorded(source)] == instants
    source.store.close()


def test_all_or_nothing(pair: Pair) -> None:
    source, _ = pair()
    with pytest.raises(ZeroDivisionError), source.unit_of_work("a") as work:
        work.append(*things("a:1"), toys.PersonMet("p", "姓名"))
        work.flush()
        raise ZeroDivisionError
    assert (recorded(source), worlds.rows(source)) == ([], {})
    assert append(source, *things("b:1")) == ["participation/0/1"]


ALTERATIONS: dict[str, Callable[[sa.Connection], Any]] = {
    "altered": lambda c: c.execute(sa.update(events).where(events.c.position == 3).values(data='{"text":"9"}')),
    "redated": lambda c: c.execute(sa.update(events).where(events.c.position == 3).values(occurred_at="2020-01-01")),
    "given to another": lambda c: c.execute(sa.update(events).where(events.c.position == 3).values(actor="other")),
    "deleted": lambda c: c.execute(sa.delete(events).where(events.c.position == 3)),
    "inserted": lambda c: c.execute(sa.insert(events).values(
        partition=0, position=6, id="x", type="t", stream="s", version=1, occurred_at="", recorded_at="", actor="",
        correlation="", causation="", data="{}", hash="")),
    "tail cut": lambda c: c.execute(sa.delete(events).where(events.c.position > 3)),
    "swapped": lambda c: [c.execute(sa.update(events).where(events.c.position == a).values(position=b))
                          for a, b in ((2, 99), (3, 2), (99, 3))],
}  # fmt: skip


@pytest.mark.parametrize("name", ALTERATIONS)
def test_verifying_names_where_the_chain_was_broken(pair: Pair, name: str) -> None:
    source, _ = pair()
    append(source, *things("t1:1", "t2:2", "t3:3", "t4:4", "t5:5"))
    assert verified(source)["broken"] is None
    with source.store.writing() as connection:
        ALTERATIONS[name](connection)
    expected = {"inserted": 6, "tail cut": 4, "swapped": 2}.get(name, 3)
    assert verified(source)["broken"] == expected


def verified(runtime: Any) -> dict[str, Any]:
    """What the route /api/verify answers, walked in pages of two."""
    from chassis.http.operator_routes import OperatorRoutes

    starts = OperatorRoutes()
    starts.runtime = runtime
    place = {"after": 0, "hash": ""}
    while True:
        result: dict[str, Any] = OperatorRoutes.verify.__wrapped__(starts, _Asked(partition=0, limit=2, **place))
        if result["broken"] is not None or result["checked"] == 0 or result["position"] == result["head"]:
            return result
        place = {"after": result["position"], "hash": result["hash"]}


class _Asked:
    def __init__(self, **args: Any) -> None:
        self.query = args

    def number(self, name: str, default: int, most: int) -> int:
        return min(int(self.query.get(name, default)), most)
