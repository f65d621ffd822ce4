"""Rows that keep their versions: each is closed by the next, and read as it was at any instant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, MetaData, Table, Text

from chassis.store.database import ROWS, Key, Store
from chassis.store.projections import Rows
from chassis.store.row_statements import EVER
from chassis.store.row_versions import VersionStamp, version_columns

METADATA = MetaData(schema=ROWS)
THINGS = Table(
    "things", METADATA,
    Column("place", Key, primary_key=True),
    Column("thing", BigInteger, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("grams", BigInteger, nullable=False),
    *version_columns(),
)  # fmt: skip


class Act(NamedTuple):
    """One event of a thing: `kind` first, next or amend; with it `values`; `flush`: the batch ends behind it."""

    thing: int
    kind: str
    values: dict[str, Any]
    later: int
    flush: bool


@pytest.fixture
def store(url: Callable[[], str]) -> Iterator[Store]:
    result = Store(url(), METADATA)
    result.install("assessment", "district")
    yield result
    result.close()


def project(store: Store, acts: list[Act]) -> None:
    now, begun = 0, set[int]()
    with store.writing() as connection:
        store.with_row_schema(connection).execute(sa.delete(THINGS))
        rows = Rows(store, connection)
        for position, act in enumerate(acts, 1):
            now += act.later
            stamp, row_id = VersionStamp(position, now), {"place": "启航", "thing": act.thing}
            if act.kind == "amend":
                rows.amend_version(THINGS, stamp, row_id, **act.values)
            elif act.thing in begun:
                rows.put_next_version(THINGS, stamp, **row_id, **act.values)
            else:
                rows.put_first_version(THINGS, stamp, **row_id, **act.values)
                begun.add(act.thing)
            if act.flush:
                rows.flush()
        rows.flush()


def read_at(store: Store, known_at: int) -> dict[int, tuple[str, int]]:
    with store.reading() as connection:
        query = sa.select(THINGS).where(THINGS.c.known_from <= known_at, THINGS.c.known_until > known_at)
        rows = store.with_row_schema(connection).execute(query).all()
    result = {row.thing: (row.text, row.grams) for row in rows}
    assert len(result) == len(rows), "one version is in force at a time"
    return result


def expected_at(acts: list[Act], known_at: int) -> dict[int, tuple[str, int]]:
    now, result = 0, dict[int, dict[str, Any]]()
    for act in acts:
        now += act.later
        if now > known_at:
            break
        if act.kind != "amend":
            result[act.thing] = {"text": "", "grams": 0} | act.values
        elif act.thing in result:
            result[act.thing] = result[act.thing] | act.values
    return {thing: (values["text"], values["grams"]) for thing, values in result.items()}


ACTS = st.lists(st.builds(
    Act,
    thing=st.integers(1, 3),
    kind=st.sampled_from(["put", "amend", "amend"]),
    values=st.dictionaries(st.just("text"), st.sampled_from("ab"), max_size=1).flatmap(
        lambda text: st.dictionaries(st.just("grams"), st.integers(0, 9), max_size=1).map(lambda grams: text | grams)
    ),
    later=st.integers(0, 1),
    flush=st.booleans(),
), max_size=14)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_a_row_is_read_as_it_was_at_any_instant(store: Store, acts: list[Act]) -> None:
    project(store, acts)
    for known_at in range(sum(act.later for act in acts) + 1):
        assert read_at(store, known_at) == expected_at(acts, known_at)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_versions_are_the_same_however_the_events_are_batched(store: Store, acts: list[Act]) -> None:
    def versions() -> list[Any]:
        with store.reading() as connection:
            query = sa.select(THINGS).order_by(THINGS.c.position)
            return [tuple(row) for row in store.with_row_schema(connection).execute(query)]

    project(store, [act._replace(flush=True) for act in acts])
    singly = versions()
    project(store, [act._replace(flush=False) for act in acts])
    assert versions() == singly


def test_of_two_versions_of_one_instant_the_first_is_in_force_at_no_time(store: Store) -> None:
    project(store, [Act(1, "put", {"text": "a"}, 5, False), Act(1, "amend", {"text": "b"}, 0, True),
                    Act(1, "amend", {"grams": 2}, 0, False)])  # fmt: skip
    with store.reading() as connection:
        query = sa.select(THINGS).order_by(THINGS.c.position)
        versions = [(row.text, row.grams, row.known_from, row.known_until) for row in connection.execute(
            query, execution_options={"schema_translate_map": {ROWS: ROWS if store.postgresql else None}})]  # fmt: skip
    assert versions == [("a", 0, 5, 5), ("b", 0, 5, 5), ("b", 2, 5, EVER)]


def test_an_amendment_of_what_does_not_exist_makes_nothing(store: Store) -> None:
    project(store, [Act(2, "amend", {"text": "a"}, 1, False), Act(2, "amend", {"text": "b"}, 1, True)])
    assert read_at(store, 2) == {}


def test_what_was_lost_begins_again_with_the_next_version_that_is_whole(store: Store) -> None:
    with store.writing() as connection:
        rows = Rows(store, connection)
        rows.put_next_version(THINGS, VersionStamp(2, 7), place="启航", thing=1, text="b")
        rows.flush()
    assert (read_at(store, 6), read_at(store, 7)) == ({}, {1: ("b", 0)})
