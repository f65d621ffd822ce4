"""Reactions: what a service does because another service's event was heard.  Never replayed; a repeat is nothing,
since what a reaction appends bears ids made from the cause."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.store.unit_of_work import UnitOfWork

HandledEvent = tuple[Any, RecordedEvent]
Reaction = Callable[[UnitOfWork, Sequence[HandledEvent]], None]


class Reactions:
    """The reactions of one service: `Reactions({forget_contact: [PersonErased]})`, or gathered by a decorator,
    `@hears(PersonErased)`.

    A reaction gets the unit of work and all events of its classes in a batch, in order."""

    def __init__(self, classes: Mapping[Reaction, Sequence[type[Event]]] | None = None) -> None:
        self._registered: list[tuple[tuple[type[Event], ...], Reaction]] = [
            (tuple(subscribed), function) for function, subscribed in (classes or {}).items()
        ]

    def __call__(self, *classes: type[Event]) -> Callable[[Reaction], Reaction]:
        def register(function: Reaction) -> Reaction:
            self._registered.append((classes, function))
            return function

        return register

    def extended(self, classes: tuple[type[Event], ...], reaction: Reaction) -> "Reactions":
        """These and one more, such as one that needs something of its service."""
        result = Reactions()
        result._registered = [*self._registered, (classes, reaction)]
        return result

    @property
    def heard(self) -> set[type[Event]]:
        return {cls for classes, _ in self._registered for cls in classes}

    def of(self, cls: type[Event]) -> list[Reaction]:
        """What hears events of this class."""
        return [function for classes, function in self._registered if cls in classes]

    def run(self, work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
        for classes, function in self._registered:
            if chosen := [(event, about) for event, about in batch if isinstance(event, classes)]:
                function(work, chosen)
