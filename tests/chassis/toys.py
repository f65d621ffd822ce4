"""Two toy services on the real chassis: participation appends events, assessment subscribes to them.

Their events are known to the process only within `known()`: other rooms look at everything that is registered.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from eventlet.timeout import Timeout
from sqlalchemy import Column, MetaData, Table, Text

from chassis.events import definition as event_definition
from chassis.events.definition import REGISTRY, Event, event, personal, upcasts
from chassis.events.recorded_event import RecordedEvent
from chassis.messaging.reactions import Reactions
from chassis.process.settings import Settings
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.database import ROWS
from chassis.store.projections import Projections, Rows
from chassis.store.unit_of_work import UnitOfWork

_before = set(REGISTRY.classes)


@event("participation.thing_reported")
class ThingReported(Event):
    """Something was said of a thing."""

    thing_id: str
    text: str

    @property
    def stream(self) -> str:
        return f"thing-{self.thing_id}"


@event("participation.thing_weighed", version=1)
class ThingWeighedInPounds(Event):
    """As it was told at first."""

    thing_id: str
    pounds: int

    @property
    def stream(self) -> str:
        return f"thing-{self.thing_id}"


@event("participation.thing_weighed", version=2)
class ThingWeighed(Event):
    """As it is told now."""

    thing_id: str
    grams: int
    by: str

    @property
    def stream(self) -> str:
        return f"thing-{self.thing_id}"


@upcasts(ThingWeighedInPounds)
def in_grams(old: ThingWeighedInPounds) -> ThingWeighed:
    return ThingWeighed(old.thing_id, old.pounds * 454, "unknown")


@event("participation.person_met")
class PersonMet(Event):
    """A person with a name that must be forgotten one day."""

    person_id: str
    name: str = personal("person_id")

    @property
    def stream(self) -> str:
        return f"person-{self.person_id}"


@event("assessment.thing_noted")
class ThingNoted(Event):
    """What assessment makes of a thing that it was told of."""

    note_id: str

    @property
    def stream(self) -> str:
        return f"note-{self.note_id}"


_MINE = [REGISTRY.classes.pop(wire) for wire in REGISTRY.classes.keys() - _before]


@contextlib.contextmanager
def known() -> Iterator[None]:
    """The toys' events are events of this process."""
    REGISTRY.classes.update({cls.wire: cls for cls in _MINE})
    try:
        yield
    finally:
        for cls in _MINE:
            REGISTRY.classes.pop(cls.wire, None)


@contextlib.contextmanager
def before_the_upgrade(cls: type[Event]) -> Iterator[None]:
    """This process has no reader for that version."""
    reader = REGISTRY._readers.pop(cls.wire)
    REGISTRY.classes.pop(cls.wire)
    try:
        yield
    finally:
        REGISTRY._readers[cls.wire] = reader
        REGISTRY.classes[cls.wire] = cls


assert event_definition

source_rows, subscriber_rows = MetaData(schema=ROWS), MetaData(schema=ROWS)


def _things(metadata: MetaData) -> Table:
    return Table(
        "things", metadata,
        Column("thing_id", Text, primary_key=True), Column("text", Text, nullable=False),
        Column("name", Text, nullable=False), Column("grams", Text, nullable=False),
    )  # fmt: skip


REPORTED, SUBSCRIBED = _things(source_rows), _things(subscriber_rows)


class Poison:
    """What the subscriber's projection does with a text; tests change it."""

    def __init__(self) -> None:
        self.acts: dict[str, Callable[[], Any]] = {"raise": _raise, "timeout": _time_out}
        self.cure: Path | None = None

    def taste(self, text: str) -> None:
        act = self.acts.get(text)
        if act is not None and not (self.cure and self.cure.exists()):
            act()


def _raise() -> None:
    raise ValueError("a fault of this handler's")


def _time_out() -> None:
    raise Timeout(None)  # with a number it would go off once more, in whatever test runs then


def source(settings: Settings, **more: Any) -> ServiceRuntime:
    """Participation: it tells, and keeps rows of its own."""
    return ServiceRuntime("participation", settings, source_rows, source_projections(), Reactions(), **more)


def source_projections() -> Projections:
    return _projections(REPORTED, lambda _: None)


def subscriber_projections(poison: Poison) -> Projections:
    return _projections(SUBSCRIBED, poison.taste)


def subscriber(settings: Settings, poison: Poison | None = None, notes: bool = False, **more: Any) -> ServiceRuntime:
    """Assessment: it subscribes to all that, and with `notes` appends an event of its own for each thing."""
    reactions = Reactions({_note: [ThingReported]} if notes else {})
    return ServiceRuntime(
        "assessment", settings, subscriber_rows, subscriber_projections(poison or Poison()), reactions, **more
    )


def _note(work: UnitOfWork, batch: Any) -> None:
    fresh = [ThingNoted(about.id) for _, about in batch]
    seen = {item.note_id for item in work.load(item.stream for item in fresh)}  # type: ignore[attr-defined]
    work.append(*(item for item in fresh if item.note_id not in seen))


def _projections(table: Table, taste: Callable[[str], None]) -> Projections:
    def appended_events(rows: Rows, event: ThingReported, _: RecordedEvent) -> None:
        taste(event.text)
        rows.put(table, thing_id=event.thing_id, text=event.text, name="", grams="")

    def weighed(rows: Rows, event: ThingWeighed, _: RecordedEvent) -> None:
        rows.amend(table, {"thing_id": event.thing_id}, grams=f"{event.grams} by {event.by}")

    def met(rows: Rows, event: PersonMet, _: RecordedEvent) -> None:
        rows.put(table, thing_id=event.person_id, text="", name=event.name, grams="")

    return Projections({ThingReported: [appended_events], ThingWeighed: [weighed], PersonMet: [met]})
