"""Reactions: handlers of other services' events, run in the inbox's transaction.  A rebuild never runs them again; a
redelivery changes nothing, since the ids of appended events are derived from the cause."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.store.unit_of_work import UnitOfWork

HandledEvent = tuple[Any, RecordedEvent]
Reaction = Callable[[UnitOfWork, Sequence[HandledEvent]], None]


class Reactions:
    """The reactions of one service and the event classes of each, collected from methods with `@subscribe`:
    `Reactions({forget_contact: [PersonErased]})`.

    A reaction gets the unit of work and all events of its classes in a batch, in order."""

    def __init__(self, classes: Mapping[Reaction, Sequence[type[Event]]] | None = None) -> None:
        self._registered: list[tuple[tuple[type[Event], ...], Reaction]] = [
            (tuple(subscribed), function) for function, subscribed in (classes or {}).items()
        ]

    @property
    def subscribed(self) -> set[type[Event]]:
        return {cls for classes, _ in self._registered for cls in classes}

    def of(self, cls: type[Event]) -> list[Reaction]:
        """The reactions to events of this class."""
        return [function for classes, function in self._registered if cls in classes]

    def run(self, unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
        for classes, function in self._registered:
            if chosen := [(event, recorded) for event, recorded in batch if isinstance(event, classes)]:
                function(unit_of_work, chosen)
