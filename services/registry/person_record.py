"""A person's own record: the events of a service's log about the person, and their acts, without data about others."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import marshmallow
import sqlalchemy as sa
from marshmallow import fields

from chassis.events.definition import REGISTRY, personal_fields
from chassis.events.recorded_event import RecordedEvent, event_from_row
from chassis.events.sealed_text import decipher
from chassis.process.greenlets import yield_control
from chassis.store import event_log
from chassis.store.database import Store
from chassis.store.schema import events

PERSON_FIELDS = ("person_id", "author_id", "reviewer_id", "reader_id", "appointed_by", "raised_by", "answered_by",
                 "closed_by", "completed_by", "proposed_by")  # fmt: skip
"""Fields of events that hold the id of one person."""
PERSON_LISTS = ("authors", "people")
ITEM_LISTS = ("items", "items_left")
RECIPIENT = "recipient"
PERSON_OF_ITEM = 5  # index of person_id in an item of a digest
SCANNED = 20_000
"""The number of events searched at a time, between which other requests are served."""
NOT_PERSONS = ("operator", "service", "publisher", "broker")
INTERNAL = ("digest", "correlation")

Keys = Callable[[Collection[str]], Mapping[str, bytes]]


class RecordEntry(marshmallow.Schema):
    """An event about the person; fields about others are empty, as is text whose key was destroyed."""

    event = fields.String(required=True, metadata={"description": "the event's type, see events.md"})
    label = fields.String(required=True, metadata={"description": "what people call it, Chinese"})
    occurred_at = fields.String(required=True)
    recorded_at = fields.String(required=True)
    position = fields.String(required=True, metadata={"description": "service/partition/position"})
    actor = fields.String(required=True, metadata={"description": "who did it; of another person only the role"})
    data = fields.Dict(keys=fields.String(), required=True, metadata={"description": "the event's fields"})


class OwnActs(marshmallow.Schema):
    """The number of the person's acts of one kind on a day (UTC) that are not about themselves."""

    day = fields.String(required=True)
    event = fields.String(required=True)
    label = fields.String(required=True)
    actor = fields.String(required=True)
    count = fields.Integer(required=True, strict=True)


class PersonRecord(marshmallow.Schema):
    """What one service stores about a person, oldest first."""

    person_id = fields.String(required=True)
    entries = fields.List(fields.Nested(RecordEntry), required=True)
    acts = fields.List(fields.Nested(OwnActs), required=True)


@dataclass
class _CollectedEvents:
    """What is collected: events about the person, the streams of their works, their acts by day; `reviews`: the stream
    of a work that they review -> the id under which they see it."""

    about: dict[tuple[int, int], RecordedEvent] = field(default_factory=dict)
    works: set[str] = field(default_factory=set)
    reviews: dict[str, str] = field(default_factory=dict)
    acts: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def record_of_person(
    store: Store, service: str, person_id: str, keys: Keys, recipients: Collection[str] = ()
) -> dict[str, Any]:
    """The record, as `PersonRecord`; `recipients`: posts whose contacts belong to the person besides their own."""
    own = frozenset({person_id, f"person-{person_id}", *recipients})
    gathered = _CollectedEvents()
    for recorded in _events_naming(store, own):
        _sort(gathered, recorded, person_id, own)
    with store.reading() as connection:
        for recorded in event_log.streams(connection, sorted(gathered.works)):
            gathered.about[recorded.partition, recorded.position] = recorded
    known = keys(sorted(own))
    entries = sorted(gathered.about.values(), key=lambda each: (each.recorded_at, each.partition, each.position))
    return {
        "person_id": person_id,
        "entries": [_entry(service, recorded, person_id, own, known, gathered.reviews) for recorded in entries],
        "acts": [{"day": day, "event": event, "label": _label(event), "actor": actor, "count": count}
                 for (day, event, actor), count in sorted(gathered.acts.items())],
    }  # fmt: skip


def _events_naming(store: Store, names: Collection[str]) -> Iterator[RecordedEvent]:
    """The events whose data or actor contain one of these texts; reads the whole log page by page."""
    place = sa.func.strpos if store.postgresql else sa.func.instr
    wanted = sa.or_(*(place(column, name) > 0 for name in sorted(names) for column in (events.c.data, events.c.actor)))
    with store.reading() as connection:
        heads = event_log.read_heads(connection)
    for head in heads:
        for after in range(0, head.position, SCANNED):
            page = sa.select(events).where(
                events.c.partition == head.partition, events.c.position > after,
                events.c.position <= min(after + SCANNED, head.position), wanted,
            ).order_by(events.c.position)  # fmt: skip
            with store.reading() as connection:
                rows = connection.execute(page).all()
            yield from map(event_from_row, rows)
            yield_control()


def _sort(gathered: _CollectedEvents, recorded: RecordedEvent, person_id: str, own: Collection[str]) -> None:
    data = json.loads(recorded.data)
    if _is_about(data, person_id, own):
        gathered.about[recorded.partition, recorded.position] = recorded
        if data.get("author_id") == person_id:
            gathered.works.add(recorded.stream)
        elif data.get("reviewer_id") == person_id and "review_id" in data:
            gathered.reviews[recorded.stream] = data["review_id"]
    elif person_of_actor(recorded.actor) == person_id:
        gathered.acts[recorded.recorded_at[:10], recorded.type, recorded.actor] += 1


def _is_about(data: Mapping[str, Any], person_id: str, own: Collection[str]) -> bool:
    return (
        any(data.get(name) == person_id for name in PERSON_FIELDS)
        or data.get(RECIPIENT) in own
        or any(person_id in data.get(name, ()) for name in PERSON_LISTS)
        or any(item[PERSON_OF_ITEM] == person_id for name in ITEM_LISTS for item in data.get(name, ()))
    )


def person_of_actor(actor: str) -> str:
    """The person of an actor such as `person:P1` or `clerk:P1@S1`; empty if there is none."""
    role, _, name = actor.partition(":")
    return "" if role in NOT_PERSONS else name if role == "person" else name.rpartition("@")[0]


def _entry(
    service: str, recorded: RecordedEvent, person_id: str, own: Collection[str], keys: Mapping[str, bytes],
    reviews: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    data = _own_part(recorded, person_id, own, keys)
    if "review_id" in data and data.get("reviewer_id") != person_id:
        data["review_id"] = ""  # the author's record must not have the number under which a reviewer sees the work
    if data.get("reviewer_id") == person_id:  # a reviewer must see neither author, unit nor the work's own id
        data |= {"work_id": reviews.get(recorded.stream, "")} | ({"unit_id": ""} if "unit_id" in data else {})
    who = recorded.actor if person_of_actor(recorded.actor) in ("", person_id) else recorded.actor.partition(":")[0]
    return {
        "event": recorded.type, "label": _label(recorded.type), "occurred_at": recorded.occurred_at,
        "recorded_at": recorded.recorded_at, "position": f"{service}/{recorded.partition}/{recorded.position}",
        "actor": who, "data": data,
    }  # fmt: skip


def _own_part(
    recorded: RecordedEvent, person_id: str, own: Collection[str], keys: Mapping[str, bytes]
) -> dict[str, Any]:
    """The event's fields: those about other persons empty, this person's texts decrypted."""
    given = json.loads(recorded.data)
    sealed = {name: given.get(subject, "") for name, subject in personal_fields(REGISTRY.classes[recorded.type])}
    data = {}
    for name, value in given.items():
        if name in INTERNAL:
            continue
        if name in PERSON_FIELDS or name == RECIPIENT:
            others = value not in own and (name != RECIPIENT or value.startswith("person-"))
            data[name] = "" if others else value
        elif name in PERSON_LISTS:
            data[name] = [each for each in value if each == person_id]
        elif name in ITEM_LISTS:
            data[name] = [item for item in value if item[PERSON_OF_ITEM] in ("", person_id)]
        elif sealed.get(name):
            subject = sealed[name]
            data[name] = (decipher(value, subject, keys.get(subject)) or "") if subject in own else ""
        else:
            data[name] = value
    return data


def _label(wire: str) -> str:
    known = REGISTRY.classes.get(wire)
    return known.label if known else wire
