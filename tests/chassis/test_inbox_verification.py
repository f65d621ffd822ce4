"""An inbox that lost, changed or gained a row is not what its source sent; the first such row is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from chassis.process.peers import PeerUnavailable
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.schema import inbox
from tests.chassis import worlds


@pytest.fixture
def received(tmp_path: Path) -> Iterator[ServiceRuntime]:
    """A subscriber that has received eight events."""
    source, subscriber = worlds.pair(tmp_path, (f"sqlite:///{tmp_path / 's.db'}", f"sqlite:///{tmp_path / 'r.db'}"))
    worlds.append(source, *worlds.things(*[f"t{n}:{n}" for n in range(8)]))
    subscriber.catch_up.pull(source.service, 0)
    assert worlds.kept(subscriber) == 8
    yield subscriber
    for runtime in (source, subscriber):
        runtime.store.close()


def first_difference(runtime: ServiceRuntime) -> tuple[int | None, str]:
    part = runtime.inbox_verification.compare(runtime.inbox.sources[0], 0, 0)
    return part.broken, part.detail


def change(runtime: ServiceRuntime, statement: sa.sql.dml.DMLWhereBase) -> None:
    with runtime.store.writing() as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def test_what_was_received_is_as_it_was_sent(received: ServiceRuntime) -> None:
    part = received.inbox_verification.compare(received.inbox.sources[0], 0, 0)
    assert (part.checked, part.position, part.head, part.broken) == (8, 8, 8, None)
    assert received.inbox_verification.compare(received.inbox.sources[0], 0, 8).checked == 0


def test_a_lost_row_is_named(received: ServiceRuntime) -> None:
    change(received, sa.delete(inbox).where(inbox.c.position == 5))
    broken, detail = first_difference(received)
    assert broken == 5 and "has no row" in detail


@pytest.mark.parametrize("column", ["data", "actor", "recorded_at", "stream", "hash"])
def test_a_changed_row_is_named_with_its_column(received: ServiceRuntime, column: str) -> None:
    change(received, sa.update(inbox).where(inbox.c.position == 3).values({column: "{}"}))
    broken, detail = first_difference(received)
    assert broken == 3 and column in detail


def test_a_row_of_nothing_that_was_sent_is_named(received: ServiceRuntime) -> None:
    change(received, sa.update(inbox).where(inbox.c.position == 8).values(position=9))
    assert first_difference(received)[0] == 8
    change(received, sa.delete(inbox).where(inbox.c.position == 1))
    assert first_difference(received)[0] == 1


def test_a_source_that_is_away_is_no_difference(received: ServiceRuntime) -> None:
    received.peers.cut = True  # type: ignore[attr-defined]
    with pytest.raises(PeerUnavailable):
        first_difference(received)
