"""Rules of freezes (数据锁定): a window is frozen once; afterwards rows and corrections are admitted to it by decision
(scoring.md 3, Frozen).  Pure."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.assessment import RowsAdmitted, WindowFrozen


class NotFrozen(ValueError):
    """Rows can be admitted only to a frozen window."""


class Admissible(NamedTuple):
    """What an admission refers to: `TABLE/ID` of a row or correction, or the position of an event without an id; the
    row that it changes, and the position of its event."""

    name: str
    row: str
    position: str


@dataclass(frozen=True, slots=True)
class Freeze:
    """The state of a window's freeze; `admitted`: the positions of the admitted events."""

    known_at: str = ""
    admitted: frozenset[str] = frozenset()


class _OfWindow:
    __slots__ = ()
    campaign: str
    window: str

    @property
    def stream(self) -> str:
        return f"freeze-{self.campaign}-{self.window}"


@dataclass(frozen=True, slots=True)
class FreezeWindow(_OfWindow):
    campaign: str
    window: str
    known_at: str


@dataclass(frozen=True, slots=True)
class AdmitRows(_OfWindow):
    campaign: str
    window: str
    items: tuple[Admissible, ...]
    decision: str


def decide_freeze(state: Freeze, command: FreezeWindow | AdmitRows) -> list[Event]:
    match command:
        case FreezeWindow():
            return [] if state.known_at else [WindowFrozen(command.campaign, command.window, command.known_at)]
        case AdmitRows():
            if not state.known_at:
                raise NotFrozen(command.window)
            fresh = {item.position: item for item in command.items if item.position not in state.admitted}
            if not fresh:
                return []
            names, rows, positions = zip(*sorted(fresh.values()), strict=True)
            return [RowsAdmitted(command.campaign, command.window, names, rows, positions, command.decision)]


def evolve_freeze(state: Freeze, event: Event) -> Freeze:
    match event:
        case WindowFrozen():
            return replace(state, known_at=event.known_at)
        case RowsAdmitted():
            return replace(state, admitted=state.admitted | set(event.positions))
    return state


FREEZES = Decider(Freeze, decide_freeze, evolve_freeze)
