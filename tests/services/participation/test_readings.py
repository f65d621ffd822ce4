"""How far a system is that reads by a cursor: the operator sees it, and no page costs a write."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.events.canonical_json import instant
from chassis.process.clock import utcnow
from chassis.store.schema import readings
from services.participation.subscribers.readings import Readings, readings_failing
from tests.services.participation.cluster import Replica
from tests.services.participation.outside_system import attendance
from tests.services.participation.test_subscriptions import KEY_HOLDER, Reader, replica
from tests.services.participation.test_webhooks import Hook, receiver
from tests.support.webhook_receiver import WebhookReceiver

__all__ = ["receiver", "replica"]  # fixtures


@pytest.fixture
def reader(replica: Replica) -> Reader:
    return Reader(replica)


def shown(replica: Replica, name: str = "dashboard") -> dict[str, Any]:
    with replica.runtime.store.reading() as connection:
        return replica.service.readings.shown(connection)[name]


def failing(replica: Replica) -> int:
    with replica.runtime.store.reading() as connection:
        return readings_failing(connection, utcnow())


def stored(replica: Replica) -> Any:
    (row,) = replica.rows(readings)
    return row


def figures(replica: Replica) -> dict[str, float]:
    text = replica.runtime.health.metrics().decode()
    lines = [line for line in text.splitlines() if 'subscription="dashboard",way="feed"' in line]
    return {line.partition("{")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_where_it_is_and_what_waits_for_it_is_seen_at_once_and_written_once_a_minute(
    replica: Replica, reader: Reader
) -> None:
    before = shown(replica)
    assert (before["last_at"], before["given"]) == ("", 0) and before["behind"] > 8 and before["behind_since"]
    cursor = reader.ask(limit=3).headers["X-Qihang-Next"]
    now = shown(replica)
    assert (now["position"], now["given"], now["code"]) == (cursor, 3, "")
    assert now["behind"] < before["behind"] and now["behind_since"] > before["behind_since"]
    assert stored(replica).last_at == "", "a page writes nothing"
    replica.service.keep_readings()
    assert (stored(replica).position, stored(replica).given) == (cursor, 3)
    end = reader.ask(cursor).headers["X-Qihang-Next"]
    replica.service.keep_readings()
    assert (stored(replica).position, stored(replica).given, stored(replica).asked) == (end, 8, cursor)
    assert (shown(replica)["behind"], shown(replica)["behind_since"]) == (0, "")
    replica.submit("record", **attendance("R9"))
    assert shown(replica)["behind"] == 1
    measured = figures(replica)
    assert measured["qihang_subscription_behind"] == 1 and measured["qihang_subscription_delivered"] == 8
    assert {"qihang_subscription_behind_seconds", "qihang_subscription_silent_seconds"} <= measured.keys()


def test_who_hangs_or_stays_away_is_counted_and_gets_well_again(replica: Replica, reader: Reader) -> None:
    cursor = reader.ask(limit=3).headers["X-Qihang-Next"]
    for _ in range(2):
        reader.ask(cursor, 2)
    replica.service.keep_readings()
    assert (stored(replica).code, failing(replica)) == ("same_place", 0)
    set_row(replica, failing_since=instant(utcnow() - timedelta(minutes=16)))
    assert failing(replica) == 1 and figures(replica)["qihang_subscription_failing_seconds"] > 900
    end = reader.ask(reader.ask(cursor, 2).headers["X-Qihang-Next"]).headers["X-Qihang-Next"]
    replica.service.keep_readings()
    assert (stored(replica).code, failing(replica)) == ("", 0)
    set_row(replica, last_at=instant(utcnow() - timedelta(days=4)))
    assert failing(replica) == 0, "nothing waits for it"
    replica.submit("record", **attendance("R9"))
    assert failing(replica) == 1
    assert reader.code(after="2.000000000000") == (410, "lost_cursor")
    assert (shown(replica)["code"], shown(replica)["position"]) == ("lost_cursor", end)
    replica.service.keep_readings()
    assert failing(replica) == 0, "it asks again; what is refused counts after a while"


def test_of_two_replicas_the_newer_note_counts_and_what_both_gave_is_summed(replica: Replica, reader: Reader) -> None:
    store, at = replica.runtime.store, utcnow()
    early, late = Readings(store, lambda: at), Readings(store, lambda: at + timedelta(seconds=5))
    with store.reading() as connection:
        late.note_page(connection, "dashboard", "3.b", "5.c", 2)
        early.note_page(connection, "dashboard", "", "3.b", 3)
    late.keep()
    early.keep()
    early.keep()
    assert (stored(replica).position, stored(replica).given) == ("5.c", 5)


def test_nothing_is_left_of_one_that_was_revoked(replica: Replica, reader: Reader) -> None:
    reader.ask()
    replica.service.subscriptions.revoke("dashboard", KEY_HOLDER, "")
    replica.service.keep_readings()
    assert replica.rows(readings) == []


def test_who_is_sent_its_events_need_not_read(replica: Replica, receiver: WebhookReceiver) -> None:
    Hook(replica, receiver)
    set_row(replica, last_at=instant(utcnow() - timedelta(days=4)))
    assert failing(replica) == 0 and figures(replica) == {}
    assert b'qihang_subscription_behind_seconds{service="participation",subscription="dashboard",way="webhook"}' in (
        replica.runtime.health.metrics()
    )


def set_row(replica: Replica, **columns: Any) -> None:
    with replica.runtime.store.engine.begin() as connection:
        connection.execute(sa.update(readings).values(columns))
