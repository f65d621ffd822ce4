"""Finds a name in texts that are not encrypted under a person's key: an erasure does not reach them, so that somebody
must correct them.

Answers give the place, never the text."""

import json
from collections.abc import Collection, Iterator
from typing import Any

import marshmallow
import sqlalchemy as sa
from marshmallow import fields, validate

from chassis.events.definition import REGISTRY
from chassis.process.greenlets import yield_control
from chassis.store import event_log
from chassis.store.database import Store
from chassis.store.schema import events
from contracts.personal_data import FIELDS, Fate

MOST = 200
SCANNED = 20_000
"""The number of events searched at a time, between which other requests are served."""


class Name(marshmallow.Schema):
    """The name to search for, as a whole."""

    name = fields.String(required=True, validate=validate.Length(2, 80))


class Mention(marshmallow.Schema):
    """An event with the name in one of its fields."""

    stream = fields.String(required=True, metadata={"description": "`finding-D1`: the kind of row and its id"})
    event = fields.String(required=True)
    label = fields.String(required=True, metadata={"description": "what people call the event, Chinese"})
    field = fields.String(required=True)
    position = fields.String(required=True, metadata={"description": "service/partition/position"})
    recorded_at = fields.String(required=True)


class Mentions(marshmallow.Schema):
    """At most 200 mentions, oldest first; `more`: there are others.  `quarantine`: entries whose body contains the
    name."""

    mentions = fields.List(fields.Nested(Mention), required=True)
    more = fields.Boolean(required=True)
    quarantine = fields.List(fields.Integer(strict=True), required=True)


def mentions_of(store: Store, service: str, name: str, quarantined: Collection[int] = ()) -> dict[str, Any]:
    """`Mentions` as data: events of this service's log with the name in texts about units, articles or operations."""
    mentions = []
    for row in _events_with(store, name):
        data, event = json.loads(row.data), row.type.rpartition(".v")[0]
        for field in data:
            if FIELDS.get(f"{event}.{field}") is Fate.OF_THINGS and name in str(data[field]):
                known = REGISTRY.classes.get(row.type)
                mentions.append({"stream": row.stream, "event": row.type, "label": known.label if known else row.type,
                              "field": field, "position": f"{service}/{row.partition}/{row.position}",
                              "recorded_at": row.recorded_at})  # fmt: skip
        if len(mentions) > MOST:
            break
    return {"mentions": mentions[:MOST], "more": len(mentions) > MOST, "quarantine": sorted(quarantined)}


def _events_with(store: Store, name: str) -> Iterator[Any]:
    place = sa.func.strpos if store.postgresql else sa.func.instr
    with store.reading() as connection:
        heads = event_log.read_heads(connection)
    for head in heads:
        for after in range(0, head.position, SCANNED):
            page = sa.select(events).where(
                events.c.partition == head.partition, events.c.position > after,
                events.c.position <= min(after + SCANNED, head.position), place(events.c.data, name) > 0,
            ).order_by(events.c.position)  # fmt: skip
            with store.reading() as connection:
                rows = connection.execute(page).all()
            yield from rows
            yield_control()
