"""After an erasure the store's own files have no byte of the key and of what was plain, as soon as nobody reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy import MetaData

from chassis.messaging import quarantine
from chassis.messaging.quarantine import Entry
from chassis.store import schema, scrub
from chassis.store.database import Store
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from tests.support.postgres import Postgres

KEY, PLAIN = b"a-key-of-32-bytes-that-is-canary", "金丝雀的原文" * 50
Files = Callable[[], bytes]


@pytest.fixture
def store(url: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(scrub, "PATIENCE", 0.5)
    result = Store(url(), MetaData())
    result.install("participation", "district")
    with result.writing() as connection:
        keys = [{"subject": f"P{at}", "key": bytes(32) if at else KEY} for at in range(50)]
        connection.execute(sa.insert(schema.subject_keys), keys)
        quarantine.add(connection, "2026-01-01T00:00:00.000000Z", [Entry("intake", "bad_event", PLAIN.encode())])
    return result


@pytest.fixture
def files(request: pytest.FixtureRequest, store: Store) -> Files:
    """Every byte of the database's files, as they are on the disk."""
    folder = Path(store.url.database or "").parent
    if not store.postgresql:
        return lambda: b"".join(path.read_bytes() for path in folder.iterdir())
    postgres: Postgres = request.getfixturevalue("postgres")

    def heap_files() -> bytes:
        with postgres.connect(store.url.database or "") as connection:
            connection.execute("CHECKPOINT")
            cursor = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
            folder = postgres.folder / "data" / "base" / str(cursor.fetchall()[0][0])
        return b"".join(path.read_bytes() for path in folder.iterdir())

    return heap_files


def erase(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(sa.delete(schema.subject_keys).where(schema.subject_keys.c.subject == "P0"))
        connection.execute(sa.update(schema.quarantine).values(body=b""))


def test_no_byte_of_the_key_and_of_plain_text_is_left(store: Store, files: Files) -> None:
    assert KEY in files() and PLAIN[:20].encode() in files()
    erase(store)
    if store.postgresql:
        assert KEY in files(), "a deleted row keeps its bytes"
    assert store.scrub()
    wait_until(lambda: KEY not in files() and PLAIN[:20].encode() not in files(), 10, "the files have nothing of it")
    with store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(schema.subject_keys)).scalar_one() == 49
    store.close()


def test_while_somebody_looks_at_the_store_as_it_was_it_says_so(store: Store, files: Files) -> None:
    with store.reading() as looking:
        assert looking.execute(sa.select(sa.func.count()).select_from(schema.heads)).scalar_one() == 1
        erase(store)
        assert not store.scrub()
    assert store.scrub()
    wait_until(lambda: KEY not in files(), 10, "the files have nothing of it")
    store.close()


def test_the_lock_time_out_is_not_left_to_the_next_user_of_the_connection(store: Store) -> None:
    if store.postgresql:
        store.scrub()
        with store.autocommit() as connection:
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar_one() == "0"
    store.close()
