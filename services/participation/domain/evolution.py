"""`evolve`: how an event changes the state of its stream."""

from dataclasses import replace

from chassis.events.definition import Event
from contracts.corrections import (
    CorrectionReceived,
    DecisionCorrected,
    ExemptionCorrected,
    FindingCorrected,
    MembershipCorrected,
    PostCorrected,
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
    PostAssigned,
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
    PostRow,
    SheetRow,
    UnitRow,
)
from services.participation.domain.states import (
    Contents,
    Exemption,
    Finding,
    Liaison,
    Membership,
    Person,
    Post,
    Record,
    Sheet,
    SignedDecision,
    Unit,
)


def changed(contents: Contents, digest: str, person_id: str = "") -> Contents:
    """The contents of a row after a change; an older event without a digest (empty) leaves them unchanged."""
    return (contents[0], Content(person_id, digest)) if digest else contents


def evolve_unit(state: Unit | None, event: Event) -> Unit | None:
    match event:
        case UnitRegistered():
            liaison = Liaison("", event.liaison_id, event.liaison_id)
            return Unit(_unit_row(event), (Content("", event.digest),), event.kind, frozenset(event.tags), (liaison,))
        case UnitClosed() if state:
            row = state.row._replace(closed_on=event.closed_on)
            return replace(state, row=row, contents=changed(state.contents, event.digest))
        case UnitRelated() if state:
            row, contents = with_relations(state.row, event), changed(state.contents, event.digest)
            new = (Liaison(event.since, event.liaison_id, event.liaison_id),) if event.liaison_id else ()
            return replace(state, row=row, relations=(*state.relations, event), contents=contents,
                           liaisons=(*state.liaisons, *new))  # fmt: skip
        case UnitCorrected() if state:
            is_corrected = "liaison_id" in event.columns
            liaisons = state.correct_liaison(event.liaison_id) if is_corrected else state.liaisons
            return Unit(_unit_row(event), changed(state.contents, event.digest), event.kind, frozenset(event.tags),
                        liaisons, state.relations, event.voided)  # fmt: skip
    return state


def _unit_row(event: UnitRegistered | UnitCorrected) -> UnitRow:
    tags = event.tags_given or ";".join(event.tags)
    return UnitRow(event.unit_id, event.name, event.kind, tags, event.zone_id, event.community_id, event.liaison_id,
                   event.opened_on, event.closed_on)  # fmt: skip


def with_relations(row: UnitRow, event: UnitRelated) -> UnitRow:
    """The row with the relations given by the event."""
    return row._replace(
        zone_id=event.zone_id or row.zone_id,
        community_id=event.community_id or row.community_id,
        liaison_id=event.liaison_id or row.liaison_id,
    )


def evolve_person(state: Person | None, event: Event) -> Person | None:
    memberships, voided, posts = (state.memberships, state.voided, state.posts) if state else ((), (), ())
    match event:
        case MembershipStarted(person_id=person_id):
            fresh = Membership(event.unit_id, event.since, event.until, (Content(person_id, event.digest),), person_id,
                               event.name, event.role)  # fmt: skip
            return Person((*memberships, fresh), voided, posts)
        case MembershipEnded() | MembershipCorrected() if state:
            known = state.membership(event.unit_id, event.since)
            if known is None:
                return state
            fresh = _changed_membership(known, event)
            if not known.voided and not fresh.voided:
                return replace(state, memberships=tuple(fresh if item is known else item for item in memberships))
            living = tuple(item for item in memberships if item is not known)
            void = tuple(item for item in voided if item is not known)
            kept = (living, (*void, fresh)) if fresh.voided else ((*living, fresh), void)
            return Person(*kept, posts)
        case PostAssigned(person_id=person_id):
            assigned = Post(_post_row(event), (Content(person_id, event.digest),))
            return Person(memberships, voided, (*posts, assigned))
        case PostCorrected() if state and (post := state.post(event.unit_id, event.post, event.since)):
            contents = changed(post.contents, event.digest, event.person_id)
            mended = Post(_post_row(event), contents, event.voided)
            return replace(state, posts=tuple(mended if item is post else item for item in posts))
    return state


def _post_row(event: PostAssigned | PostCorrected) -> PostRow:
    return PostRow(event.unit_id, event.post, event.person_id, event.since, event.until)


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
                      event.rectified_on, event.category, event.description)  # fmt: skip


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
