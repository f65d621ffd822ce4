"""The state of each stream, as far as the rules read it: a small frozen value, and how an event evolves it."""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from chassis.events.definition import Event
from contracts.participation import (
    ExemptionGranted,
    FindingReported,
    MembershipEnded,
    MembershipStarted,
    RecordSubmitted,
    RecordWithdrawn,
    RectificationReported,
    SheetReported,
    UnitClosed,
    UnitRegistered,
    UnitRelated,
)

_EVER: Final = "~"
"""Later than the text of every day."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; in service on a day `d` when `opened_on <= d` and (`closed_on` empty or `d < closed_on`)."""

    digest: str
    kind: str
    tags: frozenset[str]
    liaison_id: str
    opened_on: str
    closed_on: str
    relations: tuple[UnitRelated, ...] = ()

    def in_service(self, day: str) -> bool:
        return self.opened_on <= day < (self.closed_on or _EVER)

    def liaison_on(self, day: str) -> str:
        """The office that supervises the unit on that day: the latest change, else the one registered first."""
        changes = [relation for relation in self.relations if relation.liaison_id and relation.since <= day]
        # Of two changes from one day the one reported last is in force: max() would answer the first.
        return max(reversed(changes), key=lambda item: item.since).liaison_id if changes else self.liaison_id

    def is_related(self, column: str, unit_id: str, since: str) -> bool:
        """Whether the last change of that column from exactly that day named this unit."""
        named = [
            getattr(relation, column)
            for relation in self.relations
            if relation.since == since and getattr(relation, column)
        ]
        return bool(named) and named[-1] == unit_id


class Membership(NamedTuple):
    """A person's service in a unit on the days `[since, until)`; an empty `until` is open."""

    unit_id: str
    since: str
    until: str
    digest: str

    def covers(self, day: str) -> bool:
        return self.since <= day < (self.until or _EVER)

    def overlaps(self, since: str, until: str) -> bool:
        return self.since < (until or _EVER) and since < (self.until or _EVER)


@dataclass(frozen=True, slots=True)
class Person:
    """All accepted memberships of a person; erasing the person leaves them (ids and scores stay)."""

    memberships: tuple[Membership, ...]

    def unit_on(self, day: str) -> str:
        """The unit in which the person serves on that day, or ''."""
        return next((membership.unit_id for membership in self.memberships if membership.covers(day)), "")

    def membership(self, unit_id: str, since: str) -> Membership | None:
        return next((item for item in self.memberships if item.unit_id == unit_id and item.since == since), None)

    def overlaps(self, since: str, until: str, leaving_out: Membership | None = None) -> bool:
        return any(
            membership.overlaps(since, until) for membership in self.memberships if membership is not leaving_out
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A record, under the digest of its row and (when withdrawn) of its withdrawal's row."""

    digest: str
    person_id: str
    withdrawal: str = ""


@dataclass(frozen=True, slots=True)
class Exemption:
    digest: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Finding:
    digest: str
    found_on: str
    rectified_on: str


@dataclass(frozen=True, slots=True)
class Sheet:
    digest: str


def evolve_unit(state: Unit | None, event: Event) -> Unit | None:
    match event:
        case UnitRegistered():
            tags = frozenset(event.tags)
            return Unit(event.digest, event.kind, tags, event.liaison_id, event.opened_on, event.closed_on)
        case UnitClosed() if state:
            return replace(state, closed_on=event.closed_on)
        case UnitRelated() if state:
            return replace(state, relations=(*state.relations, event))
    return state


def evolve_person(state: Person | None, event: Event) -> Person | None:
    memberships = state.memberships if state else ()
    match event:
        case MembershipStarted():
            return Person((*memberships, Membership(event.unit_id, event.since, event.until, event.digest)))
        case MembershipEnded() if state:
            ended = state.membership(event.unit_id, event.since)
            return Person(tuple(item._replace(until=event.until) if item is ended else item for item in memberships))
    return state


def evolve_record(state: Record | None, event: Event) -> Record | None:
    match event:
        case RecordSubmitted():
            return Record(event.digest, event.person_id)
        case RecordWithdrawn() if state:
            return replace(state, withdrawal=event.digest)
    return state


def evolve_exemption(state: Exemption | None, event: Event) -> Exemption | None:
    return Exemption(event.digest, event.person_id) if isinstance(event, ExemptionGranted) else state


def evolve_finding(state: Finding | None, event: Event) -> Finding | None:
    match event:
        case FindingReported():
            return Finding(event.digest, event.found_on, event.rectified_on)
        case RectificationReported() if state:
            return replace(state, rectified_on=event.rectified_on)
    return state


def evolve_sheet(state: Sheet | None, event: Event) -> Sheet | None:
    return Sheet(event.digest) if isinstance(event, SheetReported) else state
