"""Translates the service's own events into public ones, and selects what a subscription reads of them.  Pure."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from chassis.events.definition import Event
from chassis.events.sealed_text import decipher
from contracts.corrections import MembershipCorrected, RecordCorrected, UnitCorrected
from contracts.filings import FilingConfirmed, FilingCorrected, FilingDrafted, FilingSubmitted
from contracts.participation import (
    MembershipEnded,
    MembershipStarted,
    PersonErased,
    RecordSubmitted,
    RecordWithdrawn,
    UnitClosed,
    UnitRegistered,
    UnitRelated,
)
from contracts.public_events import PUBLIC_TYPE_OF, Kind, PublicType
from services.participation.subscribers.domain.subscription import Subscription


@dataclass(frozen=True)
class Fact:
    """A public event before the reader is known: complete, with personal text encrypted as in the log."""

    type: PublicType
    units: tuple[str, ...]
    person_id: str
    data: dict[str, Any]


_AS_IT_IS: Final[dict[type[Event], str]] = {
    UnitRegistered: "unit.registered", UnitCorrected: "unit.corrected", UnitRelated: "unit.related",
    UnitClosed: "unit.closed", MembershipStarted: "membership.started", MembershipCorrected: "membership.corrected",
    MembershipEnded: "membership.ended", RecordSubmitted: "record.accepted", RecordCorrected: "record.corrected",
}  # fmt: skip
"""Events whose public form has the same members."""
PUBLIC: Final[frozenset[type[Event]]] = frozenset(
    {*_AS_IT_IS, RecordWithdrawn, FilingConfirmed, FilingSubmitted, PersonErased}
)
"""All events that are public; anything else never leaves: findings, exemptions, sheets, decisions, evidence."""
WITH_EARLIER: Final = (RecordCorrected, RecordWithdrawn, FilingConfirmed, FilingSubmitted, PersonErased)
"""Events whose facts need earlier events of their stream."""


def facts_of(event: Event, earlier: Sequence[Event] = ()) -> list[Fact]:
    """The public events for an event; a subscription reads the first that it may.  `earlier`: the previous events of
    its stream, in order."""
    match event:
        case RecordCorrected():
            before = _last_of_kinds(earlier, (RecordSubmitted, RecordCorrected))
            moved = before is not None and before.unit_id != event.unit_id
            return [_as_it_is(event), *([_withdrawn(before)] if moved else [])]
        case RecordWithdrawn():
            before = _last_of_kinds(earlier, (RecordSubmitted, RecordCorrected))
            return [_withdrawn(before)] if before is not None else []
        case FilingConfirmed():
            return _filing(event, earlier)
        case FilingSubmitted():
            return [] if event.awaits else _filing(event, earlier)
        case PersonErased():
            served = dict.fromkeys(each.unit_id for each in earlier if isinstance(each, MembershipStarted))
            return [_fact("person.erased", tuple(served), event.person_id, event)]
    return [_as_it_is(event)] if type(event) in _AS_IT_IS else []


def person_of(event: Event) -> str:
    """The person in the public form of an event; '' if none."""
    return str(getattr(event, "person_id", ""))


def shown_data(fact: Fact, subscription: Subscription, key: bytes | None) -> dict[str, Any] | None:
    """What the subscription reads of the fact; None: nothing.  `key`: the person's, None if it was destroyed."""
    if fact.type.personal and not subscription.personal:
        return None
    if not (subscription.reads_type(fact.type.wire) and subscription.reads_unit(fact.units)):
        return None
    shown = {
        field.name: _field_for_subscriber(field.kind, fact, field.name, subscription, key) for field in fact.type.fields
    }
    return {name: value for name, value in shown.items() if value is not None}


def _field_for_subscriber(kind: Kind, fact: Fact, name: str, subscription: Subscription, key: bytes | None) -> Any:
    value = fact.data[name]
    match kind:
        case Kind.NAMED if not subscription.personal:
            return _pseudonym(subscription, name, value)
        case Kind.PERSON if not value:
            return None
        case Kind.PERSON if not subscription.personal or key is None:
            return _pseudonym(subscription, name, value, key) if key is not None else None
        case Kind.PERSONAL if not subscription.personal or (fact.person_id and key is None):
            return None
        case Kind.PERSONAL:
            return decipher(value, fact.person_id, key)
    return list(value) if isinstance(value, tuple) else value


def _pseudonym(subscription: Subscription, name: str, value: str, key: bytes = b"") -> str:
    """Equal for the same thing in one subscription, different in another; a person's changes when their key is
    destroyed."""
    secret = bytes.fromhex(subscription.salt) + key
    return "~" + hmac.digest(secret, f"{name}:{value}".encode(), "sha256").hex()[:24]


def _as_it_is(event: Any) -> Fact:
    return _fact(_AS_IT_IS[type(event)], (event.unit_id,), person_of(event), event)


def _withdrawn(record: Any) -> Fact:
    return _fact("record.withdrawn", (record.unit_id,), record.person_id, record)


def _filing(event: FilingConfirmed | FilingSubmitted, earlier: Sequence[Event]) -> list[Fact]:
    drafted = _last_of_kinds(earlier, (FilingDrafted,))
    if drafted is None:
        return []
    content = _last_of_kinds(earlier, (FilingDrafted, FilingCorrected))
    count = len(content.people) or int(bool(content.person_id))
    more = {"people_count": count, "campaign": event.campaign, "kind": drafted.kind, "unit_id": drafted.unit_id}
    return [_fact("filing.confirmed", (drafted.unit_id,), content.person_id, content, **more)]


def _fact(name: str, units: tuple[str, ...], person_id: str, event: Event, **more: Any) -> Fact:
    public = PUBLIC_TYPE_OF[f"qihang.public.{name}.v1"]
    data = {field.name: more[field.name] if field.name in more else getattr(event, field.name)
            for field in public.fields}  # fmt: skip
    return Fact(public, units, person_id, data)


def _last_of_kinds(earlier: Sequence[Event], kinds: tuple[type[Event], ...]) -> Any:
    return next((each for each in reversed(earlier) if isinstance(each, kinds)), None)
