"""Stores that tests copy are what a service makes; engines that share a dialect ask what each of them would ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.store.database import ROWS, Store
from chassis.store.store_checks import StoreMismatch
from tests.support.copied_stores import quick_stores
from tests.support.postgres import Postgres
from tests.support.services import metadata_of

TABLES = metadata_of("publicity")


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[str]]:
    """Of a store that is made, and of two that are copied."""
    if request.param == "sqlite":
        yield [f"sqlite:///{tmp_path}/{number}/store.db" for number in range(3)]
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    result = [postgres.create_database(), postgres.promise_database(), postgres.create_database()]
    yield result
    for url in result:
        postgres.drop_database(url)


def shape(store: Store) -> dict[str, object]:
    """Every table with its columns, keys and indexes, and what the service's own tables hold."""
    inspector, result = sa.inspect(store.engine), dict[str, object]()
    for place in {None, ROWS if store.postgresql else None}:
        for look in (inspector.get_multi_columns, inspector.get_multi_pk_constraint, inspector.get_multi_indexes):
            result[f"{place} {look.__name__}"] = {name: repr(what) for name, what in look(schema=place).items()}
    with store.reading() as connection:
        result["versions"] = sorted(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars())
        result["meta"] = sorted(connection.exec_driver_sql("SELECT key FROM log_meta").scalars())
        result["heads"] = connection.exec_driver_sql("SELECT count(*) FROM log_heads").scalar()
    return result


def test_a_copy_has_the_tables_of_one_that_was_made_and_is_of_its_service(urls: list[str]) -> None:
    created, *copies = [Store(url, TABLES, partitions=3) for url in urls]
    created.install("publicity", "district")
    with quick_stores():
        for copy in copies:
            copy.install("publicity", "district")
            assert shape(copy) == shape(created)
            assert copy.secret and copy.secret != created.secret
            with pytest.raises(StoreMismatch):
                copy.install("publicity", "elsewhere")
    for store in (created, *copies):
        store.close()


def test_what_is_wrong_with_a_copy_is_seen_at_the_next_start(urls: list[str]) -> None:
    store = Store(urls[1], TABLES)
    with quick_stores():
        store.install("publicity", "district")
        with store.writing() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {'rows.' if store.postgresql else ''}videos DROP COLUMN link")
        with pytest.raises(StoreMismatch, match="link"):
            store.install("publicity", "district")
    store.close()


def test_engines_share_what_they_compile_and_nothing_else(urls: list[str]) -> None:
    stores = [Store(url, TABLES) for url in urls[1:]]
    videos = TABLES.tables[f"{ROWS}.videos"]
    with quick_stores():
        for number, store in enumerate(stores):
            store.install("publicity", f"district {number}")
    assert stores[0].engine.dialect is stores[1].engine.dialect and stores[0].engine.pool is not stores[1].engine.pool
    with stores[0].writing() as connection:
        connection.exec_driver_sql("UPDATE log_meta SET value = 'first' WHERE key = 'district'")
    for store, rows in zip(stores, ([], []), strict=True):
        with store.reading() as connection:
            assert connection.execute(sa.select(videos)).all() == rows
    with stores[1].reading() as connection:
        assert connection.exec_driver_sql("SELECT value FROM log_meta WHERE key = 'district'").scalar() == "district 1"
    for store in stores:
        store.close()
