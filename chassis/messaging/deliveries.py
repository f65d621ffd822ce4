"""How far each outside system that is sent our events has got, durably, and what was given up for it.

What is written about an attempt counts only while no operator changed the delivery since it began (`generation`)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from chassis.store.schema import deliveries, undelivered

WEBHOOK, AMQP = "webhook", "amqp"
RUNNING, PAUSED, STOPPED, ENDED = "running", "paused", "stopped", "ended"
OPEN, WANTED = "open", "wanted"
ANEW: Final = "anew"
"""In the options of a queue that must be made anew before anything else is published to it."""
FRESH: Final[Mapping[str, Any]] = {
    "attempts": 0, "refusals": 0, "next_at": "", "failing_since": "", "code": "", "detail": "", "state": RUNNING,
}  # fmt: skip
"""As of one that never failed."""


@dataclass(frozen=True)
class Delivery:
    """A row of `outgoing_deliveries`."""

    name: str
    way: str
    address: str
    options: Mapping[str, Any]
    state: str
    generation: int
    position: str
    read_position: str
    attempts: int
    refusals: int
    next_at: str
    failing_since: str
    code: str
    detail: str
    last_at: str
    delivered: int
    allowed_rate: int
    secret: str
    former_secret: str
    former_until: str
    hash: str


@dataclass(frozen=True)
class Undelivered:
    """A row of `outgoing_undelivered`; `position` is the cursor before the event."""

    entry: int
    name: str
    event_id: str
    type: str
    position: str
    attempts: int
    code: str
    detail: str
    at: str
    state: str


def all_deliveries(connection: Connection) -> list[Delivery]:
    """By name."""
    return [_delivery(row) for row in connection.execute(sa.select(deliveries).order_by(deliveries.c.name))]


def delivery_named(connection: Connection, name: str) -> Delivery | None:
    row = connection.execute(sa.select(deliveries).where(deliveries.c.name == name)).first()
    return _delivery(row) if row else None


def _delivery(row: Any) -> Delivery:
    return Delivery(**{**row._mapping, "options": json.loads(row.options)})


def add_delivery(connection: Connection, name: str, way: str, address: str, options: Mapping[str, Any],
                 **columns: Any) -> None:  # fmt: skip
    """A delivery that begins at the cursor `position`."""
    texts = ("position", "read_position", "last_at", "secret", "former_secret", "former_until", "hash")
    row = {**FRESH, **dict.fromkeys(texts, ""), "generation": 1, "delivered": 0, "allowed_rate": 0, **columns}
    values = {"name": name, "way": way, "address": address, "options": json.dumps(options), **row}
    connection.execute(sa.insert(deliveries).values(values))


def change_delivery(connection: Connection, name: str, **columns: Any) -> None:
    """What is under way for it counts no more."""
    if "options" in columns:
        columns["options"] = json.dumps(columns["options"])
    table = deliveries
    connection.execute(
        sa.update(table).where(table.c.name == name).values(generation=table.c.generation + 1, **columns)
    )


def renew_rights(connection: Connection, name: str, narrowed: bool) -> None:
    """It may read other things from now on: what is under way for it counts no more, and what waits in its queue, if it
    is one and they are fewer, is dropped and published again from what was surely read (`anew`)."""
    delivery = delivery_named(connection, name)
    if delivery is not None:
        anew = {ANEW: True} if narrowed and delivery.way == AMQP else {}
        change_delivery(connection, name, options={**delivery.options, **anew})


def pause_all(connection: Connection, code: str) -> None:
    """Each that runs waits for an operator; `code` says why."""
    table = deliveries
    paused = {"state": PAUSED, "code": code, "detail": "", "generation": table.c.generation + 1}
    connection.execute(sa.update(table).where(table.c.state == RUNNING).values(paused))


def forget_delivery(connection: Connection, name: str) -> None:
    """With what was given up for it."""
    connection.execute(sa.delete(deliveries).where(deliveries.c.name == name))
    connection.execute(sa.delete(undelivered).where(undelivered.c.name == name))


def undelivered_of(connection: Connection, name: str, state: str = "", limit: int = 1000) -> list[Undelivered]:
    """The oldest first; without `state` all."""
    query = sa.select(undelivered).where(undelivered.c.name == name).order_by(undelivered.c.entry).limit(limit)
    if state:
        query = query.where(undelivered.c.state == state)
    return [Undelivered(**row._mapping) for row in connection.execute(query)]


def undelivered_counts(connection: Connection) -> dict[str, int]:
    """By delivery."""
    query = sa.select(undelivered.c.name, sa.func.count()).group_by(undelivered.c.name)
    return {name: int(count) for name, count in connection.execute(query)}


def wanted_names(connection: Connection) -> set[str]:
    """The deliveries of which something given up is to be tried again."""
    query = sa.select(undelivered.c.name).where(undelivered.c.state == WANTED).distinct()
    return set(connection.execute(query).scalars())


def mark_undelivered(connection: Connection, name: str, entries: Sequence[int], state: str) -> int:
    """How many of these there are; all without `entries`."""
    query = sa.update(undelivered).where(undelivered.c.name == name).values(state=state)
    if entries:
        query = query.where(undelivered.c.entry.in_(entries))
    return connection.execute(query).rowcount


def drop_undelivered(connection: Connection, name: str, entries: Sequence[int]) -> int:
    """How many of these there were."""
    query = sa.delete(undelivered).where(undelivered.c.name == name, undelivered.c.entry.in_(entries))
    return connection.execute(query).rowcount


def give_up(connection: Connection, delivery: Delivery, event_id: str, event_type: str, at: str,
            position: str = "", attempts: int = 0, code: str = "", detail: str = "") -> None:  # fmt: skip
    """Keep that an event, the one past the cursor `position`, was not delivered, and why."""
    connection.execute(sa.insert(undelivered).values(
        name=delivery.name, event_id=event_id, type=event_type, at=at, position=position, attempts=attempts, code=code,
        detail=detail, state=OPEN,
    ))  # fmt: skip


class DeliveryLog:
    """What a deliverer writes of its attempts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, name: str) -> Delivery | None:
        with self._store.reading() as connection:
            return delivery_named(connection, name)

    def write(self, delivery: Delivery, **columns: Any) -> bool:
        """False: an operator changed or removed it meanwhile; nothing was written."""
        with self._store.writing() as connection:
            return self._write(connection, delivery, columns)

    def give_up(self, delivery: Delivery, event_id: str, event_type: str, at: str, before: str, after: str) -> bool:
        """Go on past an event, which is kept with the reason of the last failure; false as of `write`."""
        with self._store.writing() as connection:
            if not self._write(connection, delivery, {**FRESH, "position": after}):
                return False
            give_up(connection, delivery, event_id, event_type, at, before, delivery.attempts, delivery.code,
                    delivery.detail)  # fmt: skip
            return True

    def settle(self, entry: Undelivered, delivered: bool, at: str, code: str = "", detail: str = "") -> None:
        """What became of another attempt at what was given up."""
        with self._store.writing() as connection:
            here = undelivered.c.entry == entry.entry
            if delivered:
                connection.execute(sa.delete(undelivered).where(here))
                return
            failed = {"state": OPEN, "at": at, "code": code, "detail": detail, "attempts": entry.attempts + 1}
            connection.execute(sa.update(undelivered).where(here).values(failed))

    def _write(self, connection: Connection, delivery: Delivery, columns: Mapping[str, Any]) -> bool:
        if "options" in columns:
            columns = {**columns, "options": json.dumps(columns["options"])}
        here = (deliveries.c.name == delivery.name, deliveries.c.generation == delivery.generation)
        return connection.execute(sa.update(deliveries).where(*here).values(columns)).rowcount == 1
