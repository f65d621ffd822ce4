"""The decider pattern: state is folded from events, a command is decided against it, and new events come out."""

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


@dataclass(frozen=True, eq=False)  # a constant of a module: compared and hashed by identity
class Decider(Generic[State, Command, Outcome, *Facts]):
    """The rules of one kind of stream as pure functions; a constant of its domain module.

    `initial()` returns the state of a stream without events; `decide(state, command, *facts)` returns the new events or
    raises a refusal; `evolve(state, event)` returns the next state.  Facts are what a decision needs besides its own
    stream, such as the campaign's rules or the current day.

    A command has the attribute `stream`.  If a decision needs several streams, `streams(command)` names them, and the
    decider has a single state into which all of them are folded.  If `decide` returns more than events, such as a
    refusal as data, `events_of(outcome)` extracts the events.
    """

    initial: Callable[[], State]
    decide: Callable[[State, Command, *Facts], Outcome]
    evolve: Callable[[State, Event], State]
    streams: Callable[[Command], Iterable[str]] | None = None
    events_of: Callable[[Outcome], Sequence[Event]] = _all_of_it


AnyDecider = Decider[Any, Any, Any, *tuple[Any, ...]]
_COMBINED = ""


class States:
    """The states that deciders have folded within one unit of work.

    `load(streams)` returns the events of streams in order, including those appended but not yet written."""

    def __init__(self, load: Callable[[Sequence[str]], Iterable[Event]]) -> None:
        self._load = load
        self._states: dict[tuple[AnyDecider, str], Any] = {}
        self._folded: dict[str, list[tuple[AnyDecider, str]]] = {}  # by stream: the states that it is part of

    def load(self, decider: AnyDecider, streams: Iterable[str]) -> None:
        """Fold the streams that this decider has not folded yet, by one query."""
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
        """Fold the streams that these commands need."""
        self.load(decider, (name for command in commands for name in _streams_of(decider, command)))

    def of(self, decider: AnyDecider, command: Any) -> Any:
        """The state against which a command is decided; it must have been loaded."""
        return self.get(decider, _COMBINED if decider.streams else command.stream)

    def get(self, decider: AnyDecider, stream: str = _COMBINED) -> Any:
        """The decider's state of a stream, or its combined state; the initial one where nothing was folded."""
        key = decider, stream
        if key not in self._states:
            self._states[key] = decider.initial()
        return self._states[key]

    def evolve(self, event: Event) -> None:
        """Apply an event that was appended to every state that its stream is part of."""
        for key in self._folded.get(event.stream, ()):
            self._states[key] = key[0].evolve(self._states[key], event)


def _streams_of(decider: AnyDecider, command: Any) -> Iterable[str]:
    return decider.streams(command) if decider.streams else (command.stream,)
