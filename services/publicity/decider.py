"""How one aggregate decides: its initial state, what a command leads to, what an event changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from chassis.events.definition import Event

State = TypeVar("State")


@dataclass(frozen=True)
class Decider(Generic[State]):
    """`decide(state, command)` gives events or raises Refused; `evolve(state, event)` the state after an event."""

    initial: State
    decide: Callable[[State, Any], Sequence[Event]]
    evolve: Callable[[State, Event], State]
