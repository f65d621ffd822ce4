"""As of when the rows of a service are: two looks at the same moment see the same rows."""

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from chassis.store.event_log import read_heads
from chassis.store.schema import cursors

Positions = dict[str, list[Any]]


class RowMoment(NamedTuple):
    """Equal ones have the same rows: the positions of the log and the inbox, and how often the rows were made anew."""

    positions: Positions
    rebuilds: int


def row_moment(store: Store) -> RowMoment:
    """As of now."""
    with store.reading() as connection:
        return RowMoment(positions(connection), store.rebuilds)


def positions(connection: Connection) -> Positions:
    """[epoch, position] of the own log and of every cursor: with them the rows change, and otherwise only by a
    rebuild."""
    result: Positions = {f"own/{head.partition}": ["", head.position] for head in read_heads(connection)}
    for row in connection.execute(sa.select(cursors)):
        result[f"{row.source}/{row.partition}"] = [row.epoch, row.position]
    return result
