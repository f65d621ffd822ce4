"""After a store came back from a backup: its log begins another epoch, who heard more forgets and hears again.

Only ever done at an operator's word (docs/decisions/0013), never by a service itself."""

import secrets

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis import quarantine
from chassis.frame import Frame
from chassis.operations import EpochBegun, HeardAgain
from chassis.rebuilding import Rebuild
from chassis.tables import cursors, events, inbox, meta
from chassis.tables import quarantine as standing

ACTOR = "operator:restore"


def begin_epoch(frame: Frame) -> str:
    """The next event bears a new epoch, so that no id is ever given twice.  The epoch."""
    fresh = secrets.token_hex(4)
    before, frame.store.epoch = frame.store.epoch, fresh
    with frame.working(ACTOR) as work:
        work.connection.execute(sa.update(meta).where(meta.c.key == "epoch").values(value=fresh))
        work.append(EpochBegun(before, fresh))
    return fresh


def hear_again(frame: Frame, source: str) -> list[tuple[int, int, int]]:
    """Go back to the last event that the source still has, forget what came after, and make the rows anew.

    For each partition: the position gone back to, events forgotten, events of our own that had followed from them."""
    done = [_go_back(frame, source, partition) for partition in range(frame.settings.partitions)]
    Rebuild(frame).run()
    return done


def _go_back(frame: Frame, source: str, partition: int) -> tuple[int, int, int]:
    with frame.store.reading() as connection:
        cursor = frame.inbox.cursor(connection, source, partition)
        known = _heard(connection, source, partition)
    common = _last_in_common(frame, source, partition, [*known, (cursor.position, cursor.hash, cursor.epoch)])
    position, digest, epoch = common
    with frame.working(ACTOR) as work:
        lost = sa.select(inbox.c.id).where(
            inbox.c.source == source, inbox.c.partition == partition, inbox.c.position > position
        )
        count = sa.select(sa.func.count()).select_from(events).where(events.c.causation.in_(lost))
        followed = int(work.connection.execute(count).scalar_one())
        forgotten = work.connection.execute(sa.delete(inbox).where(inbox.c.id.in_(lost))).rowcount
        work.connection.execute(
            sa.update(standing)
            .where(standing.c.source == source, standing.c.partition == partition, standing.c.position > position,
                   standing.c.state.in_(quarantine.STANDING))
            .values(state="discarded")
        )  # fmt: skip
        work.connection.execute(
            sa.update(cursors)
            .where(cursors.c.source == source, cursors.c.partition == partition)
            .values(position=position, hash=digest, epoch=epoch, stopped="")
        )
        work.append(HeardAgain(source, partition, position, forgotten))
    return position, forgotten, followed


def _heard(connection: Connection, source: str, partition: int) -> list[tuple[int, str, str]]:
    """(position, hash, epoch) of what was heard, in order."""
    query = (
        sa.select(inbox.c.position, inbox.c.hash, inbox.c.id)
        .where(inbox.c.source == source, inbox.c.partition == partition)
        .order_by(inbox.c.position)
    )
    return [(row.position, row.hash, row.id.split("-", 1)[0]) for row in connection.execute(query)]


def _last_in_common(
    frame: Frame, source: str, partition: int, known: list[tuple[int, str, str]]
) -> tuple[int, str, str]:
    """The last of these that the source bears with the same hash: each hash holds everything before it."""
    low, high = 0, len(known)
    while low < high:
        middle = (low + high) // 2
        position, digest, _ = known[middle]
        page = frame.peers.feed(source, partition, position - 1, 1)["events"] if position else []
        if position == 0 or (page and page[0]["position"] == str(position) and page[0]["hash"] == digest):
            low = middle + 1
        else:
            high = middle
    return known[low - 1] if low else (0, "", "")
