"""The state of deliveries to outside systems that subscribe to our events: each one's cursor, failures, and the events
that were given up.

`generation` is an optimistic lock: the outcome of an attempt is discarded if an operator changed the delivery after the
attempt began."""

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
"""Option of a delivery whose queue must be deleted and created again before anything else is published to it."""
FRESH: Final[Mapping[str, Any]] = {
    "attempts": 0, "refusals": 0, "next_at": "", "failing_since": "", "code": "", "detail": "", "state": RUNNING,
}  # fmt: skip
"""The columns of a delivery that has no failures."""


@dataclass(frozen=True)
class Delivery:
    """A row of `outgoing_deliveries`.  Instants are texts of `canonical_json.instant`, empty where there is none."""

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
class UndeliveredEvent:
    """A row of `outgoing_undelivered`: an event that was given up; `position` is the cursor before it."""

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
    """All deliveries, ordered by name."""
    return [_delivery(row) for row in connection.execute(sa.select(deliveries).order_by(deliveries.c.name))]


def delivery_named(connection: Connection, name: str) -> Delivery | None:
    row = connection.execute(sa.select(deliveries).where(deliveries.c.name == name)).first()
    return _delivery(row) if row else None


def _delivery(row: Any) -> Delivery:
    return Delivery(**{**row._mapping, "options": json.loads(row.options)})


def add_delivery(connection: Connection, name: str, way: str, address: str, options: Mapping[str, Any],
                 **columns: Any) -> None:  # fmt: skip
    """Insert a delivery; `columns` override the defaults, such as `position`, the cursor that it begins at."""
    texts = ("position", "read_position", "last_at", "secret", "former_secret", "former_until", "hash")
    row = {**FRESH, **dict.fromkeys(texts, ""), "generation": 1, "delivered": 0, "allowed_rate": 0, **columns}
    values = {"name": name, "way": way, "address": address, "options": json.dumps(options), **row}
    connection.execute(sa.insert(deliveries).values(values))


def change_delivery(connection: Connection, name: str, **columns: Any) -> None:
    """Update the delivery under a new generation: the outcome of an attempt under way is discarded."""
    if "options" in columns:
        columns["options"] = json.dumps(columns["options"])
    table = deliveries
    connection.execute(
        sa.update(table).where(table.c.name == name).values(generation=table.c.generation + 1, **columns)
    )


def renew_rights(connection: Connection, name: str, narrowed: bool) -> None:
    """Apply changed rights of the subscriber: the outcome of an attempt under way is discarded.  `narrowed`: it may
    read fewer event types; messages waiting in its AMQP queue are then dropped and published again from the last
    position known to be read (ANEW)."""
    delivery = delivery_named(connection, name)
    if delivery is not None:
        anew = {ANEW: True} if narrowed and delivery.way == AMQP else {}
        change_delivery(connection, name, options={**delivery.options, **anew})


def pause_all(connection: Connection, code: str) -> None:
    """Pause every running delivery until an operator resumes it; `code` says why."""
    table = deliveries
    paused = {"state": PAUSED, "code": code, "detail": "", "generation": table.c.generation + 1}
    connection.execute(sa.update(table).where(table.c.state == RUNNING).values(paused))


def forget_delivery(connection: Connection, name: str) -> None:
    """Delete the delivery and the events given up for it."""
    connection.execute(sa.delete(deliveries).where(deliveries.c.name == name))
    connection.execute(sa.delete(undelivered).where(undelivered.c.name == name))


def undelivered_of(connection: Connection, name: str, state: str = "", limit: int = 1000) -> list[UndeliveredEvent]:
    """Events given up for a delivery, oldest first; of all states if `state` is empty."""
    query = sa.select(undelivered).where(undelivered.c.name == name).order_by(undelivered.c.entry).limit(limit)
    if state:
        query = query.where(undelivered.c.state == state)
    return [UndeliveredEvent(**row._mapping) for row in connection.execute(query)]


def undelivered_counts(connection: Connection) -> dict[str, int]:
    """The number of events given up, by name of the delivery."""
    query = sa.select(undelivered.c.name, sa.func.count()).group_by(undelivered.c.name)
    return {name: int(count) for name, count in connection.execute(query)}


def wanted_names(connection: Connection) -> set[str]:
    """The names of deliveries with given-up events that are to be tried again."""
    query = sa.select(undelivered.c.name).where(undelivered.c.state == WANTED).distinct()
    return set(connection.execute(query).scalars())


def mark_undelivered(connection: Connection, name: str, entries: Sequence[int], state: str) -> int:
    """Set the state of these entries, or of all if none are given; returns how many there are."""
    query = sa.update(undelivered).where(undelivered.c.name == name).values(state=state)
    if entries:
        query = query.where(undelivered.c.entry.in_(entries))
    return connection.execute(query).rowcount


def drop_undelivered(connection: Connection, name: str, entries: Sequence[int]) -> int:
    """Delete these entries; returns how many there were."""
    query = sa.delete(undelivered).where(undelivered.c.name == name, undelivered.c.entry.in_(entries))
    return connection.execute(query).rowcount


def give_up(connection: Connection, delivery: Delivery, event_id: str, event_type: str, at: str,
            position: str = "", attempts: int = 0, code: str = "", detail: str = "") -> None:  # fmt: skip
    """Record that the event after the cursor `position` was not delivered, and why."""
    connection.execute(sa.insert(undelivered).values(
        name=delivery.name, event_id=event_id, type=event_type, at=at, position=position, attempts=attempts, code=code,
        detail=detail, state=OPEN,
    ))  # fmt: skip


class DeliveryLog:
    """Records the outcomes of delivery attempts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, name: str) -> Delivery | None:
        with self._store.reading() as connection:
            return delivery_named(connection, name)

    def write(self, delivery: Delivery, **columns: Any) -> bool:
        """Update the delivery.  Returns False, and writes nothing, if an operator changed or removed it since it was
        read."""
        with self._store.writing() as connection:
            return self._write(connection, delivery, columns)

    def give_up(self, delivery: Delivery, event_id: str, event_type: str, at: str, before: str, after: str) -> bool:
        """Move the cursor from `before` to `after`, past an event that is recorded as given up with the last failure's
        reason.  Returns False as `write` does."""
        with self._store.writing() as connection:
            if not self._write(connection, delivery, {**FRESH, "position": after}):
                return False
            give_up(connection, delivery, event_id, event_type, at, before, delivery.attempts, delivery.code,
                    delivery.detail)  # fmt: skip
            return True

    def settle(self, entry: UndeliveredEvent, delivered: bool, at: str, code: str = "", detail: str = "") -> None:
        """Record the outcome of another attempt at an event that was given up."""
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
