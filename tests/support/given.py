"""Given these events, when this command, then these events: a decider tested without a store.

`given(FINDINGS, raised).when(RectifyFinding(...)).then(rectified)`, or `.then_refused(UnknownFinding)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.events.definition import Event
from chassis.store.decider import Decider


class given:  # noqa: N801 - reads as a sentence
    """The state that these events lead to."""

    def __init__(self, decider: Decider[Any, Any, Any, *tuple[Any, ...]], *events: Event) -> None:
        self.decider = decider
        self.state = decider.initial()
        for event in events:
            self.state = decider.evolve(self.state, event)

    def when(self, command: Any, *facts: Any) -> _Decided:
        try:
            outcome = self.decider.decide(self.state, command, *facts)
        except Exception as error:  # noqa: BLE001 - `then_refused` looks at it
            return _Decided(None, (), error)
        return _Decided(outcome, self.decider.events_of(outcome))


class _Decided:
    def __init__(self, outcome: Any, events: Sequence[Event], error: Exception | None = None) -> None:
        self.outcome, self.events, self.error = outcome, list(events), error

    def then(self, *events: Event) -> None:
        """Exactly these events; none: nothing happened."""
        if self.error is not None:
            raise self.error
        assert self.events == list(events)

    def then_refused(self, kind: type[Exception], **fields: Any) -> None:
        """Refused by an error of this class that has these values."""
        assert isinstance(self.error, kind), self.error or self.events
        assert {name: getattr(self.error, name) for name in fields} == fields
