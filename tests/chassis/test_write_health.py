"""Whether a store can be written is known by a word, without traffic, and only a probe that had room says that it is
over."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from structlog.testing import capture_logs

from chassis.messaging.broker import QueueSpec
from chassis.messaging.broker_alarms import alarm_word
from chassis.messaging.consumer import Consumer, Delivery, Subscription
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.settings import Settings
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.database import is_transient
from chassis.store.write_health import write_fault
from tests.chassis import toys
from tests.chassis.worlds import append, installed, rows, things
from tests.support.postgres import Postgres
from tests.support.small_disk import SmallDisk


def fault(runtime: ServiceRuntime) -> str:
    """What readiness says of writing after a look of the probe."""
    runtime.write_probe.look()
    return str(runtime.health.status()["store"]["fault"])


def assert_full_and_free(source: ServiceRuntime, disk: SmallDisk) -> None:
    append(source, *things("a:1"))
    assert fault(source) == ""
    disk.fill()
    source.store.write_health.written_at = float("-inf")  # nobody has written for a while
    assert fault(source) == "disk_full", "an idle service knows"
    assert "disk_full" in source.health.status()["reasons"]
    with pytest.raises(Exception) as caught:  # noqa: PT011 - asked below
        append(source, *things(*(f"x{n}:{'y' * 4000}" for n in range(400))))
    assert is_transient(caught.value) and write_fault(caught.value) == "disk_full"
    assert rows(source) == {"a": "1"}
    disk.free()
    append(source, *things("b:2"))
    assert source.health.status()["store"]["fault"] == "disk_full", "a small write proves nothing"
    assert fault(source) == ""
    append(source, *things(*(f"x{n}:{'y' * 4000}" for n in range(400))))
    assert len(rows(source)) == 402


def test_a_full_disk_under_sqlite_is_known_and_over_when_there_is_room(small_disk: SmallDisk) -> None:
    place = small_disk.place / "store" / "store.db"
    source = installed(toys.source(Settings(data=str(small_disk.place), database_url=f"sqlite:///{place}")))
    assert_full_and_free(source, small_disk)
    source.store.close()


def test_a_full_disk_under_postgresql_is_known_and_over_when_there_is_room(
    own_postgres: Postgres, small_disk: SmallDisk, tmp_path: Path
) -> None:
    url = own_postgres.create_database()
    own_postgres.use_tablespace(url, small_disk.place)
    source = installed(toys.source(Settings(data=str(tmp_path / "elsewhere"), database_url=url)))
    assert_full_and_free(source, small_disk)
    source.store.close()


def test_a_store_that_may_only_be_read_is_known(own_postgres: Postgres, tmp_path: Path) -> None:
    url = own_postgres.create_database()
    source = installed(toys.source(Settings(data=str(tmp_path), database_url=url)))
    source.store.write_health.written_at = float("-inf")
    with own_postgres.connect() as connection:
        name = sql.Identifier(url.rpartition("/")[2])
        connection.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        source.store.engine.dispose()
        assert fault(source) == "read_only"
        with pytest.raises(Exception) as caught:  # noqa: PT011 - asked below
            append(source, *things("a:1"))
        assert is_transient(caught.value), "it goes to no quarantine"
        connection.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))
    source.store.engine.dispose()
    assert fault(source) == ""
    own_postgres.kill()
    source.store.write_health.written_at = float("-inf")
    assert fault(source) == "no_connection"
    source.store.close()


def test_a_data_folder_that_is_full_is_known_though_the_store_is_elsewhere(
    small_disk: SmallDisk, tmp_path: Path
) -> None:
    settings = Settings(data=str(small_disk.place), database_url=f"sqlite:///{tmp_path}/store.db")
    source = installed(toys.source(settings))
    small_disk.fill()
    assert fault(source) == "disk_full"
    small_disk.free()
    assert fault(source) == ""
    source.store.close()


def of_sqlite(code: int) -> BaseException:
    raw = sqlite3.OperationalError("told by SQLite")
    raw.sqlite_errorcode = code
    return sa.exc.OperationalError("INSERT", None, raw)


def of_postgresql(state: str) -> BaseException:
    raw = psycopg.errors.lookup(state)("told by the server")
    return sa.exc.DBAPIError.instance("INSERT", None, raw, psycopg.Error)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (of_sqlite(sqlite3.SQLITE_FULL), "disk_full"), (of_sqlite(sqlite3.SQLITE_READONLY), "read_only"),
        (of_sqlite(sqlite3.SQLITE_IOERR_WRITE), "write_failed"), (of_sqlite(sqlite3.SQLITE_BUSY), "locked"),
        (of_sqlite(sqlite3.SQLITE_CANTOPEN), "no_connection"), (of_sqlite(sqlite3.SQLITE_ERROR), ""),
        (of_postgresql("53100"), "disk_full"), (of_postgresql("25006"), "read_only"),
        (of_postgresql("08006"), "no_connection"), (of_postgresql("57P01"), "no_connection"),
        (of_postgresql("57P03"), "no_connection"), (of_postgresql("40001"), ""), (of_postgresql("57014"), ""),
        (of_postgresql("23505"), ""), (OSError(errno.ENOSPC, "x"), "disk_full"),
        (OSError(errno.EROFS, "x"), "read_only"),
        (ConnectionResetError(errno.ECONNRESET, "a peer's"), ""), (ValueError("x"), ""),
    ],
)  # fmt: skip
def test_each_error_of_writing_has_its_word_and_no_other_error_has_one(error: BaseException, word: str) -> None:
    assert write_fault(error) == word


@pytest.mark.parametrize(
    ("reason", "word"), [("low on memory", "memory"), ("low on disk", "disk"), ("low on memory & disk", "disk"),
                       ("because", "blocked")],
)  # fmt: skip
def test_an_alarm_of_the_broker_has_its_name(reason: str, word: str) -> None:
    assert alarm_word(reason) == word


def test_a_consumer_on_a_full_disk_tries_ever_more_seldom_and_logs_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monitor, pauses, tries = LoopMonitor(), list[float](), list[int]()

    def handle(batch: Any) -> None:
        tries.append(len(batch))
        if len(tries) < 12:
            raise of_sqlite(sqlite3.SQLITE_FULL)

    queue = QueueSpec("queue", "exchange", "topic", ("#",))
    subscription = Subscription(queue, "inbox", handle)
    reachable: Any = None  # a full disk answers whoever only asks whether it is there
    consumer = Consumer(reachable, "memory://", str, monitor, [subscription], lambda: None)
    monkeypatch.setattr(consumer, "_wait_for_store", pauses.append)
    with capture_logs() as logged:
        consumer._handle(subscription, [Delivery(b"{}", {}, "key", False, lambda: None)])
    assert tries == [1] * 12
    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10]
    assert [(line["event"], line["reason"]) for line in logged] == [("store away, the batch waits", "disk_full")]
