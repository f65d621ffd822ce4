"""Decider of a subscription: what an outside system may read, from registration to revocation.  Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.public_events import PUBLIC_TYPE_OF
from contracts.subscriptions import (
    SubscriptionAdded,
    SubscriptionChanged,
    SubscriptionDeliveryChanged,
    SubscriptionDeliverySet,
    SubscriptionRevoked,
    SubscriptionRotated,
)
from services.participation.domain.cells import is_id

ALL_UNITS: Final = "all"
MOST_NAMED: Final = 1000
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


class BadSubscription(ValueError):
    """A value is not valid: `column` is name, types or units, `value` the first bad one."""

    def __init__(self, column: str, value: str) -> None:
        super().__init__(f"{column}: {value}")
        self.column, self.value = column, value


class SubscriptionConflict(ValueError):
    """It exists already (`exists`), or there is none."""

    def __init__(self, exists: bool) -> None:
        super().__init__("exists" if exists else "unknown")
        self.exists = exists


@dataclass(frozen=True)
class Subscription:
    """What an outside system may read.  `types` may contain `*`; `units` is `all`, or ids."""

    name: str
    types: tuple[str, ...]
    units: tuple[str, ...]
    personal: bool
    salt: str
    token_number: int
    expires_at: str

    def reads_type(self, wire: str) -> bool:
        return any(_matches(pattern, wire) for pattern in self.types)

    def reads_unit(self, units: Sequence[str]) -> bool:
        """Whether it reads one of these units."""
        return self.units == (ALL_UNITS,) or not set(units).isdisjoint(self.units)

    def reads_less_than(self, before: "Subscription") -> bool:
        """Whether it could read something before that it can no longer."""
        types = any(before.reads_type(wire) and not self.reads_type(wire) for wire in PUBLIC_TYPE_OF)
        units = self.units != (ALL_UNITS,) and not set(before.units) <= set(self.units)
        return types or units or (before.personal and not self.personal)


@dataclass(frozen=True)
class _OfSubscription:
    name: str

    @property
    def stream(self) -> str:
        return f"subscription-{self.name}"


@dataclass(frozen=True)
class AddSubscription(_OfSubscription):
    types: Sequence[str]
    units: Sequence[str]
    personal: bool
    salt: str
    token_number: int
    expires_at: str


@dataclass(frozen=True)
class ChangeSubscription(_OfSubscription):
    """None: unchanged."""

    types: Sequence[str] | None = None
    units: Sequence[str] | None = None
    personal: bool | None = None


@dataclass(frozen=True)
class RotateSubscription(_OfSubscription):
    token_number: int
    expires_at: str


@dataclass(frozen=True)
class RevokeSubscription(_OfSubscription):
    pass


@dataclass(frozen=True)
class SetDelivery(_OfSubscription):
    way: str
    address: str


@dataclass(frozen=True)
class ChangeDelivery(_OfSubscription):
    act: str
    detail: str = ""


SubscriptionCommand = (
    AddSubscription | ChangeSubscription | RotateSubscription | RevokeSubscription | SetDelivery | ChangeDelivery
)


def decide_subscription(state: Subscription | None, command: SubscriptionCommand) -> Sequence[Event]:
    """The events of the command.  Raises BadSubscription for unusable values, SubscriptionConflict."""
    if (state is None) != isinstance(command, AddSubscription):
        raise SubscriptionConflict(exists=state is not None)
    match command:
        case AddSubscription():
            if not _NAME.fullmatch(command.name):
                raise BadSubscription("name", command.name)
            types, units = _types(command.types), _units(command.units)
            return [SubscriptionAdded(command.name, types, units, command.personal, command.salt, command.token_number,
                                      command.expires_at)]  # fmt: skip
        case ChangeSubscription():
            assert state is not None
            return _change_events(state, command)
        case RotateSubscription():
            return [SubscriptionRotated(command.name, command.token_number, command.expires_at)]
        case RevokeSubscription():
            return [SubscriptionRevoked(command.name)]
        case SetDelivery():
            return [SubscriptionDeliverySet(command.name, command.way, command.address)]
        case ChangeDelivery():
            return [SubscriptionDeliveryChanged(command.name, command.act, command.detail)]


def _change_events(state: Subscription, command: ChangeSubscription) -> Sequence[Event]:
    """No event if nothing changes."""
    types = state.types if command.types is None else _types(command.types)
    units = state.units if command.units is None else _units(command.units)
    personal = state.personal if command.personal is None else command.personal
    if (types, units, personal) == (state.types, state.units, state.personal):
        return []
    return [SubscriptionChanged(command.name, types, units, personal)]


def evolve_subscription(state: Subscription | None, event: Event) -> Subscription | None:
    match event:
        case SubscriptionAdded():
            return Subscription(event.name, event.types, event.units, event.personal, event.salt, event.token_number,
                                event.expires_at)  # fmt: skip
        case SubscriptionChanged() if state is not None:
            return replace(state, types=event.types, units=event.units, personal=event.personal)
        case SubscriptionRotated() if state is not None:
            return replace(state, token_number=event.token_number, expires_at=event.expires_at)
        case SubscriptionRevoked():
            return None
    return state


def _no_subscription() -> Subscription | None:
    return None


SUBSCRIPTIONS: Final[Decider[Subscription | None, SubscriptionCommand, Sequence[Event]]] = Decider(
    _no_subscription, decide_subscription, evolve_subscription
)


def _types(patterns: Sequence[str]) -> tuple[str, ...]:
    if not 0 < len(patterns) <= MOST_NAMED:
        raise BadSubscription("types", "")
    return tuple(dict.fromkeys(map(_type, patterns)))


def _type(pattern: str) -> str:
    """`qihang.public.record.accepted.v1`, `qihang.public.record.*`; `record.accepted` and `record` are completed to
    these."""
    whole = pattern if pattern.startswith("qihang.public.") else f"qihang.public.{pattern}"
    for candidate in (whole, f"{whole}.v1", f"{whole}.*"):
        if any(_matches(candidate, wire) for wire in PUBLIC_TYPE_OF):
            return candidate
    raise BadSubscription("types", pattern)


def _units(units: Sequence[str]) -> tuple[str, ...]:
    """Without units all."""
    if not units or tuple(units) == (ALL_UNITS,):
        return (ALL_UNITS,)
    if len(units) > MOST_NAMED:
        raise BadSubscription("units", str(len(units)))
    for unit_id in units:
        if unit_id == ALL_UNITS or "*" in unit_id or not (is_id(unit_id) and unit_id.isprintable()):
            raise BadSubscription("units", unit_id)
    return tuple(dict.fromkeys(units))


def _matches(pattern: str, wire: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), wire) is not None
