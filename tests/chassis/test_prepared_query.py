"""Prepared queries, prefetched in one round trip; writes in one pipeline with the COMMIT; events read by one look."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from chassis.events.definition import BadEvent, Registry
from chassis.store.event_log import LOCK_HEADS, READ_PAGE, READ_STREAMS
from chassis.store.prepared_query import PreparedQuery, QueryRunner, any_named, array_text
from chassis.store.schema import events, meta
from chassis.store.unit_of_work import PIPELINED_EVENTS
from tests.chassis import toys
from tests.chassis.conftest import Pair
from tests.chassis.worlds import append, recorded, rows, things

AWKWARD = ["a", 'b "quoted"', "c\\d", "{e,f}", "", "NULL", "启航", "g'h", "%s", ":i", "j\nk"]
NAMED = PreparedQuery(lambda pg: sa.select(meta).where(any_named(meta.c.key, "keys", pg)).order_by(meta.c.key))


def test_values_are_values_whatever_they_look_like(pair: Pair) -> None:
    source, _ = pair()
    with source.store.writing() as connection:
        connection.execute(sa.insert(meta), [{"key": f"x{item}", "value": item} for item in AWKWARD])
        asked = NAMED(keys=[f"x{item}" for item in AWKWARD])
        assert {row[1] for row in QueryRunner(connection)(asked)} == set(AWKWARD)
        assert list(QueryRunner(connection)(NAMED(keys=[]))) == []


def test_what_was_prefetched_is_what_would_be_read(pair: Pair) -> None:
    source, _ = pair()
    append(source, *things("a:1", "a:2", "b:3"))
    with source.store.writing() as connection:
        ask = QueryRunner(connection)
        both = READ_STREAMS(names=["thing-a"]), READ_PAGE(partition=0, after=1, most=10)
        ask.prefetch(LOCK_HEADS(), *both)
        assert [list(map(tuple, ask(item))) for item in both] == [
            list(map(tuple, QueryRunner(connection)(item))) for item in both
        ]
        assert [row[1] for row in ask(both[0])] == [1, 2]
        connection.execute(sa.delete(events).where(events.c.position == 2))
        assert [row[1] for row in ask(both[0])] == [1, 2]
        ask.discard_prefetched()
        assert [row[1] for row in ask(both[0])] == [1]


def test_what_was_prefetched_is_read_anew_once_something_is_written(pair: Pair) -> None:
    source, _ = pair()
    with source.unit_of_work("operator:test", prefetch=[READ_STREAMS(names=["thing-a"])]) as work:
        assert work.load(["thing-a"]) == []
        work.append(*things("a:1"))
        work.flush()
        assert work.load(["thing-a"]) == things("a:1")


def test_a_prefetched_query_that_fails_says_why_and_leaves_the_store_usable(pair: Pair) -> None:
    source, _ = pair()
    nowhere = sa.table("nowhere", sa.column("x"))
    bad = PreparedQuery(lambda _: sa.select(nowhere.c.x))
    either = (sa.exc.OperationalError, psycopg.errors.UndefinedTable)
    with pytest.raises(either, match="nowhere"), source.store.writing() as connection:
        QueryRunner(connection).prefetch(LOCK_HEADS(), bad(), LOCK_HEADS())
    assert append(source, *things("a:1")) == ["participation/0/1"]


def test_a_nul_is_refused_before_it_would_split_a_text() -> None:
    assert array_text(["a", "b"]) == '{"a","b"}'
    with pytest.raises(ValueError, match="NUL"):
        array_text(["a\0b"])


@pytest.mark.parametrize("many", [1, PIPELINED_EVENTS, PIPELINED_EVENTS + 1])
def test_few_events_and_many_are_written_alike(pair: Pair, many: int) -> None:
    source, subscriber = pair()
    defer_write: list[int] = []
    with source.unit_of_work("operator:test") as work:
        work.append(*things(*(f"t{n}:{n}" for n in range(many))))
        work.defer_write(lambda: defer_write.append(many))
        work.after_commit(lambda: defer_write.append(len(recorded(source))))
    assert defer_write == [many, many]
    assert rows(source) == {f"t{n}": str(n) for n in range(many)}
    assert [item.position for item in recorded(source)] == list(range(1, many + 1))
    assert subscriber.store.is_reachable()


def test_a_last_pipeline_that_fails_leaves_nothing(pair: Pair) -> None:
    source, _ = pair()
    append(source, *things("a:1"))

    def twice() -> None:
        source.store.insert(work.connection, meta, [["epoch", "another"]])

    either = (sa.exc.IntegrityError, psycopg.errors.UniqueViolation)
    with pytest.raises(either), source.unit_of_work("operator:test") as work:  # noqa: PT012 - the end raises
        work.append(*things("b:2"))
        work.defer_write(twice)
    assert rows(source) == {"a": "1"}
    assert len(recorded(source)) == 1
    assert append(source, *things("c:3")) == ["participation/0/2"]


def test_who_raises_before_the_end_commits_nothing(pair: Pair) -> None:
    source, _ = pair()
    with pytest.raises(RuntimeError), source.unit_of_work("operator:test") as work:  # noqa: PT012
        work.append(*things("b:2"))
        work.flush(commit_follows=True)
        raise RuntimeError("after all was written, before the commit")
    assert recorded(source) == []
    assert rows(source) == {}


@pytest.mark.parametrize("data", [
    {"thing_id": "a", "text": 5}, {"thing_id": True, "text": "x"}, {"thing_id": "a"}, [], "thing_id", None,
])  # fmt: skip
def test_what_is_not_read_at_one_look_is_looked_into(data: Any) -> None:
    with pytest.raises(BadEvent):
        _registry().read("participation.thing_reported.v1", data)


def test_an_event_read_at_one_look_is_the_event() -> None:
    read = _registry().read("participation.thing_reported.v1", {"thing_id": "a", "text": "x", "unknown": 1})
    assert read == toys.ThingReported("a", "x")
    assert hash(read) == hash(toys.ThingReported("a", "x"))
    with pytest.raises(AttributeError):
        read.text = "y"  # type: ignore[attr-defined]


def _registry() -> Registry:
    registry = Registry()
    registry.add(toys.ThingReported)
    return registry
