"""Recovery of a restored store: its log begins a new epoch; a consumer that had received more goes back and receives it
again.

Done only at an operator's command, never by a service by itself (docs/decisions/0013)."""

import secrets

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.operator_events import ReplayedFromSource, RestoredFromBackup
from chassis.messaging import quarantine
from chassis.messaging.deliveries import pause_all
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.schema import cursors, events, inbox, meta
from chassis.store.schema import quarantine as quarantine_table

ACTOR = "operator:restore"
RESTORED = "restored"


def begin_epoch(runtime: ServiceRuntime) -> str:
    """Begin a new epoch with the next event, so that no event id is used twice; returns the epoch.  Deliveries to
    outside systems are paused until an operator resumes them: the restored copy may be a rehearsal elsewhere."""
    fresh = secrets.token_hex(4)
    before, runtime.store.epoch = runtime.store.epoch, fresh
    with runtime.unit_of_work(ACTOR) as work:
        work.connection.execute(sa.update(meta).where(meta.c.key == "epoch").values(value=fresh))
        work.append(RestoredFromBackup(before, fresh))
        pause_all(work.connection, RESTORED)
    return fresh


def replay_from_source(runtime: ServiceRuntime, source: str) -> list[tuple[int, int, int]]:
    """Go back to the last event that the source still has, delete what came after, and rebuild the projections.

    Returns for each partition: the position gone back to, the number of events deleted, and of own events caused by
    them."""
    rewound = [_rewind(runtime, source, partition) for partition in range(runtime.settings.partitions)]
    runtime.rebuild.run()
    return rewound


def _rewind(runtime: ServiceRuntime, source: str, partition: int) -> tuple[int, int, int]:
    with runtime.store.reading() as connection:
        cursor = runtime.inbox.cursor(connection, source, partition)
        known = _received_events(connection, source, partition)
    common = _last_in_common(runtime, source, partition, [*known, (cursor.position, cursor.hash, cursor.epoch)])
    position, digest, epoch = common
    with runtime.unit_of_work(ACTOR) as work:
        lost = sa.select(inbox.c.id).where(
            inbox.c.source == source, inbox.c.partition == partition, inbox.c.position > position
        )
        count = sa.select(sa.func.count()).select_from(events).where(events.c.causation.in_(lost))
        followed = int(work.connection.execute(count).scalar_one())
        forgotten = work.connection.execute(sa.delete(inbox).where(inbox.c.id.in_(lost))).rowcount
        work.connection.execute(
            sa.update(quarantine_table)
            .where(
                quarantine_table.c.source == source,
                quarantine_table.c.partition == partition,
                quarantine_table.c.position > position,
                quarantine_table.c.state.in_(quarantine.OPEN_STATES),
            )
            .values(state="discarded")
        )
        work.connection.execute(
            sa.update(cursors)
            .where(cursors.c.source == source, cursors.c.partition == partition)
            .values(position=position, hash=digest, epoch=epoch, stopped="")
        )
        work.append(ReplayedFromSource(source, partition, position, forgotten))
    return position, forgotten, followed


def _received_events(connection: Connection, source: str, partition: int) -> list[tuple[int, str, str]]:
    """(position, hash, epoch) of the received events, in order."""
    query = (
        sa.select(inbox.c.position, inbox.c.hash, inbox.c.id)
        .where(inbox.c.source == source, inbox.c.partition == partition)
        .order_by(inbox.c.position)
    )
    return [(row.position, row.hash, row.id.split("-", 1)[0]) for row in connection.execute(query)]


def _last_in_common(
    runtime: ServiceRuntime, source: str, partition: int, known: list[tuple[int, str, str]]
) -> tuple[int, str, str]:
    """The last of these events that the source has with the same hash; a hash covers all events before it."""
    low, high = 0, len(known)
    while low < high:
        middle = (low + high) // 2
        position, digest, _ = known[middle]
        page = runtime.peers.feed(source, partition, position - 1, 1)["events"] if position else []
        if position == 0 or (page and page[0]["position"] == str(position) and page[0]["hash"] == digest):
            low = middle + 1
        else:
            high = middle
    return known[low - 1] if low else (0, "", "")
