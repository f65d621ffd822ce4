"""The state of each stream, as far as the rules read it: a small frozen value, and how an event evolves it."""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from chassis.events.definition import Event
from contracts.corrections import (
    CorrectionReceived,
    DecisionCorrected,
    ExemptionCorrected,
    FindingCorrected,
    MembershipCorrected,
    RecordCorrected,
    SheetCorrected,
    UnitCorrected,
)
from contracts.participation import (
    DecisionSigned,
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
from services.participation.domain.digests import Content
from services.participation.domain.rows import (
    DecisionRow,
    ExemptionRow,
    FindingRow,
    MembershipRow,
    RecordRow,
    SheetRow,
    UnitRow,
)

_EVER: Final = "~"
"""Later than the text of every day."""
Contents = tuple[Content, ...]
"""What a row was when it was accepted and, where that differs, what it is now: repetitions of both are unchanged."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; in service on a day `d` when `opened_on <= d` and (`closed_on` empty or `d < closed_on`).

    `row` has the relations reported last; `liaison_id` is the one before `relations`."""

    row: UnitRow
    contents: Contents
    kind: str
    tags: frozenset[str]
    liaison_id: str
    relations: tuple[UnitRelated, ...] = ()
    voided: bool = False

    @property
    def opened_on(self) -> str:
        return self.row.opened_on

    @property
    def closed_on(self) -> str:
        return self.row.closed_on

    def in_service(self, day: str) -> bool:
        return self.row.opened_on <= day < (self.row.closed_on or _EVER)

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
    """A person's service in a unit on the days `[since, until)`; an empty `until` is open.  `name` as its event has it:
    it may be enciphered."""

    unit_id: str
    since: str
    until: str
    contents: Contents
    person_id: str
    name: str
    role: str
    voided: bool = False

    @property
    def row(self) -> MembershipRow:
        return MembershipRow(self.person_id, self.name, self.role, self.unit_id, self.since, self.until)

    def covers(self, day: str) -> bool:
        return self.since <= day < (self.until or _EVER)

    def overlaps(self, since: str, until: str) -> bool:
        return self.since < (until or _EVER) and since < (self.until or _EVER)


@dataclass(frozen=True, slots=True)
class Person:
    """All accepted memberships of a person; erasing the person leaves them (ids and scores stay)."""

    memberships: tuple[Membership, ...]
    voided: tuple[Membership, ...] = ()

    def unit_on(self, day: str) -> str:
        """The unit in which the person serves on that day, or ''."""
        return next((membership.unit_id for membership in self.memberships if membership.covers(day)), "")

    def membership(self, unit_id: str, since: str) -> Membership | None:
        """The accepted row of that id, void or not."""
        rows = (*self.memberships, *self.voided) if self.voided else self.memberships
        return next((item for item in rows if item.unit_id == unit_id and item.since == since), None)

    def overlaps(self, since: str, until: str, leaving_out: Membership | None = None) -> bool:
        return any(
            membership.overlaps(since, until) for membership in self.memberships if membership is not leaving_out
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A record as its last event says it whole, and (when it was ever withdrawn) its withdrawal's content."""

    event: RecordSubmitted | RecordCorrected
    contents: Contents
    voided: bool = False
    withdrawal: Content | None = None

    @property
    def person_id(self) -> str:
        return self.event.person_id

    @property
    def row(self) -> RecordRow:
        """The cells; `title` and `content_sha256` may be enciphered."""
        event = self.event
        occurred_at = event.occurred_at or event.done_at
        return RecordRow(event.record_id, event.kind, event.unit_given, event.person_id, occurred_at, event.period,
                         event.title, event.content_sha256, event.evidence)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exemption:
    """`reason` may be enciphered."""

    row: ExemptionRow
    contents: Contents
    campaign: str
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    row: FindingRow
    contents: Contents
    campaign: str
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    row: SheetRow
    contents: Contents
    campaign: str
    voided: bool = False


@dataclass(frozen=True, slots=True)
class SignedDecision:
    """`reason` may be enciphered."""

    row: DecisionRow
    contents: Contents
    campaign: str
    voided: bool = False


Fact = Unit | Membership | Exemption | Record | Finding | Sheet | SignedDecision
"""What bears a row that can be corrected: its cells in `row`, whether it counts for nothing in `voided`."""


def changed(contents: Contents, digest: str, person_id: str = "") -> Contents:
    """The contents of a row that is now another; an event of before it bore one (empty) leaves them."""
    return (contents[0], Content(person_id, digest)) if digest else contents


def evolve_unit(state: Unit | None, event: Event) -> Unit | None:
    match event:
        case UnitRegistered():
            return Unit(
                _unit_row(event), (Content("", event.digest),), event.kind, frozenset(event.tags), event.liaison_id
            )
        case UnitClosed() if state:
            row = state.row._replace(closed_on=event.closed_on)
            return replace(state, row=row, contents=changed(state.contents, event.digest))
        case UnitRelated() if state:
            row, contents = related(state.row, event), changed(state.contents, event.digest)
            return replace(state, row=row, relations=(*state.relations, event), contents=contents)
        case UnitCorrected() if state:
            again = "liaison_id" in event.columns
            relations = tuple(replace(item, liaison_id="") for item in state.relations) if again else state.relations
            return Unit(_unit_row(event), changed(state.contents, event.digest), event.kind, frozenset(event.tags),
                        event.liaison_id if again else state.liaison_id, relations, event.voided)  # fmt: skip
    return state


def _unit_row(event: UnitRegistered | UnitCorrected) -> UnitRow:
    tags = event.tags_given or ";".join(event.tags)
    return UnitRow(event.unit_id, event.name, event.kind, tags, event.zone_id, event.community_id, event.liaison_id,
                   event.opened_on, event.closed_on)  # fmt: skip


def related(row: UnitRow, event: UnitRelated) -> UnitRow:
    """The row with the relations that the event gives."""
    return row._replace(
        zone_id=event.zone_id or row.zone_id,
        community_id=event.community_id or row.community_id,
        liaison_id=event.liaison_id or row.liaison_id,
    )


def evolve_person(state: Person | None, event: Event) -> Person | None:
    memberships, voided = (state.memberships, state.voided) if state else ((), ())
    match event:
        case MembershipStarted(person_id=person_id):
            fresh = Membership(event.unit_id, event.since, event.until, (Content(person_id, event.digest),), person_id,
                               event.name, event.role)  # fmt: skip
            return Person((*memberships, fresh), voided)
        case MembershipEnded() | MembershipCorrected() if state:
            known = state.membership(event.unit_id, event.since)
            if known is None:
                return state
            fresh = _changed_membership(known, event)
            if not known.voided and not fresh.voided:
                return Person(tuple(fresh if item is known else item for item in memberships), voided)
            living = tuple(item for item in memberships if item is not known)
            void = tuple(item for item in voided if item is not known)
            return Person(living, (*void, fresh)) if fresh.voided else Person((*living, fresh), void)
    return state


def _changed_membership(known: Membership, event: MembershipEnded | MembershipCorrected) -> Membership:
    contents = changed(known.contents, event.digest, event.person_id)
    if isinstance(event, MembershipEnded):
        return known._replace(until=event.until, contents=contents)
    return known._replace(until=event.until, contents=contents, name=event.name, role=event.role, voided=event.voided)


def evolve_record(state: Record | None, event: Event) -> Record | None:
    match event:
        case RecordSubmitted(person_id=person_id):
            return Record(event, (Content(person_id, event.digest),))
        case RecordWithdrawn() if state:
            return replace(state, voided=True, withdrawal=Content(event.person_id, event.digest))
        case RecordCorrected() if state:
            contents = changed(state.contents, event.digest, event.person_id)
            return Record(event, contents, event.voided, state.withdrawal)
    return state


def evolve_exemption(state: Exemption | None, event: Event) -> Exemption | None:
    match event:
        case ExemptionGranted(person_id=person_id):
            return Exemption(_exemption_row(event), (Content(person_id, event.digest),), event.campaign)
        case ExemptionCorrected() if state:
            contents = changed(state.contents, event.digest, event.person_id)
            return Exemption(_exemption_row(event), contents, state.campaign, event.voided)
    return state


def _exemption_row(event: ExemptionGranted | ExemptionCorrected) -> ExemptionRow:
    return ExemptionRow(event.exemption_id, event.person_id, event.unit_id, event.duty, event.period, event.reason)


def evolve_finding(state: Finding | None, event: Event) -> Finding | None:
    match event:
        case FindingReported():
            return Finding(_finding_row(event), (Content("", event.digest),), event.campaign)
        case RectificationReported() if state:
            row = state.row._replace(rectified_on=event.rectified_on)
            return replace(state, row=row, contents=changed(state.contents, event.digest))
        case FindingCorrected() if state:
            return Finding(_finding_row(event), changed(state.contents, event.digest), state.campaign, event.voided)
    return state


def _finding_row(event: FindingReported | FindingCorrected) -> FindingRow:
    return FindingRow(event.finding_id, event.unit_id, event.assessor_id, event.found_on, event.deadline, event.points,
                      event.rectified_on)  # fmt: skip


def evolve_sheet(state: Sheet | None, event: Event) -> Sheet | None:
    match event:
        case SheetReported():
            return Sheet(_sheet_row(event), (Content("", event.digest),), event.campaign)
        case SheetCorrected() if state:
            return Sheet(_sheet_row(event), changed(state.contents, event.digest), state.campaign, event.voided)
    return state


def _sheet_row(event: SheetReported | SheetCorrected) -> SheetRow:
    return SheetRow(event.sheet_id, event.unit_id, event.assessor_id, event.period, event.item, event.points,
                    event.assessed_on)  # fmt: skip


def evolve_decision(state: SignedDecision | None, event: Event) -> SignedDecision | None:
    match event:
        case DecisionSigned(person_id=person_id):
            return SignedDecision(_decision_row(event), (Content(person_id, event.digest),), event.campaign)
        case DecisionCorrected() if state:
            contents = changed(state.contents, event.digest, event.person_id)
            return SignedDecision(_decision_row(event), contents, state.campaign, event.voided)
    return state


def _decision_row(event: DecisionSigned | DecisionCorrected) -> DecisionRow:
    return DecisionRow(event.decision_id, event.kind, event.year, event.unit_id, event.person_id, event.document,
                       event.decided_on, event.reason)  # fmt: skip


def evolve_correction(state: Content | None, event: Event) -> Content | None:
    return Content(event.person_id, event.digest) if isinstance(event, CorrectionReceived) else state
