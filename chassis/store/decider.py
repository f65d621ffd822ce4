"""The one way to run a decision: state folded from events, a command decided against it, events out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, TypeVarTuple

from chassis.events.definition import Event

State = TypeVar("State")
Command = TypeVar("Command")
Outcome = TypeVar("Outcome")
Facts = TypeVarTuple("Facts")


def _all_of_it(outcome: Any) -> Sequence[Event]:
    return outcome  # type: ignore[no-any-return]


@dataclass(frozen=True, eq=False)  # a constant: found by what it is, not by comparing its functions
class Decider(Generic[State, Command, Outcome, *Facts]):
    """The rules of one kind of stream, as pure functions; a constant of its domain module.

    `initial` makes the state of a stream without events; `decide(state, command, *facts)` gives the events, or raises
    a refusal; `evolve(state, event)` gives the next state.  Facts are what the decision needs besides its own streams,
    such as the campaign's rules or the day.

    A command bears its `.stream`.  Where a decision needs several streams, `streams` names them for a command, and the
    decider has one state for all of them, into which every stream is folded once.  Where `decide` returns more than
    events, such as a refusal as data, `events_of` takes the events out of that.
    """

    initial: Callable[[], State]
    decide: Callable[[State, Command, *Facts], Outcome]
    evolve: Callable[[State, Event], State]
    streams: Callable[[Command], Iterable[str]] | None = None
    events_of: Callable[[Outcome], Sequence[Event]] = _all_of_it


AnyDecider = Decider[Any, Any, Any, *tuple[Any, ...]]
_COMBINED = ""


class States:
    """What deciders have folded within one unit of work.  `load` gives the events of streams, those that are appended
    but not yet written included."""

    def __init__(self, load: Callable[[Sequence[str]], Iterable[Event]]) -> None:
        self._load = load
        self._states: dict[tuple[AnyDecider, str], Any] = {}
        self._folded: dict[str, list[tuple[AnyDecider, str]]] = {}  # by stream: the states that it is part of

    def load(self, decider: AnyDecider, streams: Iterable[str]) -> None:
        """Fold the streams that this decider has not folded yet: one query."""
        keys = {name: (decider, _COMBINED if decider.streams else name) for name in streams}
        fresh = {name: key for name, key in keys.items() if key not in self._folded.get(name, ())}
        for name, key in fresh.items():
            self._folded.setdefault(name, []).append(key)
            if key not in self._states:
                self._states[key] = decider.initial()
        for event in self._load(list(fresh)) if fresh else ():
            key = fresh[event.stream]
            self._states[key] = decider.evolve(self._states[key], event)

    def load_for(self, decider: AnyDecider, commands: Iterable[Any]) -> None:
        """Fold what these commands need."""
        self.load(decider, (name for command in commands for name in _streams_of(decider, command)))

    def of(self, decider: AnyDecider, command: Any) -> Any:
        """The state against which a command is decided; it must have been loaded."""
        return self.get(decider, _COMBINED if decider.streams else command.stream)

    def get(self, decider: AnyDecider, stream: str = _COMBINED) -> Any:
        key = decider, stream
        if key not in self._states:
            self._states[key] = decider.initial()
        return self._states[key]

    def evolve(self, event: Event) -> None:
        """The event was appended: every state that its stream is part of follows."""
        for key in self._folded.get(event.stream, ()):
            self._states[key] = key[0].evolve(self._states[key], event)


def _streams_of(decider: AnyDecider, command: Any) -> Iterable[str]:
    return decider.streams(command) if decider.streams else (command.stream,)
