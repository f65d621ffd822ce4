"""Identifies a state of a service's read models, so that caches and pages can tell whether rows may have changed."""

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from chassis.store.event_log import read_heads
from chassis.store.schema import cursors

Positions = dict[str, list[Any]]


class RowMoment(NamedTuple):
    """Two equal moments have the same rows: the positions of log and inbox, and the number of rebuilds."""

    positions: Positions
    rebuilds: int


def row_moment(store: Store) -> RowMoment:
    """The current moment."""
    with store.reading() as connection:
        return RowMoment(positions(connection), store.rebuilds)


def positions(connection: Connection) -> Positions:
    """[epoch, position] of each partition of the service's own log (`own/0`) and of each cursor (`participation/0`).
    Rows change only when one of these does, or by a rebuild."""
    result: Positions = {f"own/{head.partition}": ["", head.position] for head in read_heads(connection)}
    for row in connection.execute(sa.select(cursors)):
        result[f"{row.source}/{row.partition}"] = [row.epoch, row.position]
    return result
