"""The store's errors: what passes is tried again, what stays goes to quarantine; whose store it is."""
# ruff: noqa: PT012 - what raises is a transaction

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from chassis.process.settings import Settings
from chassis.store.database import is_transient
from chassis.store.schema import meta
from chassis.store.store_checks import StoreMismatch
from tests.chassis import toys
from tests.chassis.conftest import Pair
from tests.chassis.worlds import append, installed, recorded, things
from tests.support.postgres import Postgres

PASSING = ["40001", "40P01", "57P01", "57014", "53300", "08006", "55P03"]
LASTING = ["23505", "22003", "42P01", "22P05"]


@pytest.mark.parametrize("state", [*PASSING, *LASTING])
def test_an_error_of_copy_passes_as_any_other(state: str) -> None:
    raw = psycopg.errors.lookup(state)("told by the server")
    wrapped = sa.exc.DBAPIError.instance("COPY", None, raw, psycopg.Error)
    assert is_transient(raw) is is_transient(wrapped) is (state in PASSING)


def test_a_connection_that_ends_in_a_copy_passes(own_postgres: Postgres, tmp_path: Path) -> None:
    source = installed(toys.source(Settings(data=str(tmp_path), database_url=own_postgres.create_database())))
    append(source, *things("a:1"))
    with pytest.raises(Exception) as caught, source.store.writing() as connection:  # noqa: PT011 - asked below
        own_postgres.kill()
        source.store.insert(connection, meta, [["x", "y"]])
    assert is_transient(caught.value), repr(caught.value)
    assert not source.store.is_reachable()
    own_postgres.resume_after_stop()
    assert source.store.is_reachable()
    assert append(source, *things("b:2")) == ["participation/0/2"]
    source.store.close()


def test_a_faulty_statement_does_not_pass(pair: Pair) -> None:
    source, _ = pair()
    for statement in ("SELECT nothing FROM nowhere", "SELEKT 1"):
        with pytest.raises(sa.exc.DBAPIError) as caught, source.store.reading() as connection:
            connection.exec_driver_sql(statement)
        assert not is_transient(caught.value)
    assert not is_transient(ValueError("x"))


@pytest.mark.parametrize("other", [{"service": "assessment"}, {"district": "elsewhere"}, {"partitions": 4}])
def test_a_store_that_is_another_s_is_not_opened(url: Callable[[], str], tmp_path: Path, other: dict[str, Any]) -> None:
    place = url()
    installed(toys.source(Settings(data=str(tmp_path), database_url=place))).store.close()
    runtime = toys.source(Settings(data=str(tmp_path), database_url=place, partitions=other.get("partitions", 1)))
    with pytest.raises(StoreMismatch, match=next(iter(other))):
        runtime.store.install(other.get("service", "participation"), other.get("district", "district"))
    runtime.store.close()


def test_a_store_keeps_its_epoch(url: Callable[[], str], tmp_path: Path) -> None:
    place = url()
    first = installed(toys.source(Settings(data=str(tmp_path), database_url=place)))
    append(first, *things("a:1"))
    again = installed(toys.source(Settings(data=str(tmp_path), database_url=place)))
    assert (again.store.epoch, again.store.secret) == (first.store.epoch, first.store.secret)
    assert recorded(again)[0].id == f"{first.store.epoch}-0-1"
    for runtime in (first, again):
        runtime.store.close()
