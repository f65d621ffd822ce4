"""Decides rows of people.csv (scoring.md 1) and reported ends of memberships (interfaces.md)."""

from collections.abc import Iterator

from contracts.corrections import MembershipCorrected
from contracts.participation import MembershipEnded, MembershipStarted
from services.participation.domain.cells import is_day
from services.participation.domain.digests import digest_of, readable
from services.participation.domain.ledger import Ledger, unknown_person, unknown_unit
from services.participation.domain.outcomes import (
    Accepted,
    Act,
    Decision,
    Failure,
    Keys,
    Unchanged,
    cell_failures,
    refused_or_pending,
    unchanged_or_conflict,
)
from services.participation.domain.rows import ROW_KINDS, MembershipEndedRow, MembershipRow
from services.participation.domain.states import Membership

_OF_MEMBERSHIPS = ROW_KINDS["membership"].required
_OF_ENDS = ROW_KINDS["membership_ended"].required


def decide_membership(row: MembershipRow, ledger: Ledger, keys: Keys, allow_pending: bool) -> Decision:
    person = ledger.people.get(row.person_id)
    if person and (known := person.membership(row.unit_id, row.from_)):
        return unchanged_or_conflict(row, known.contents, keys(row.person_id), row.person_id, known.voided)
    if result := list(membership_failures(row, ledger)):
        return refused_or_pending(result, allow_pending)
    started = MembershipStarted(
        person_id=row.person_id,
        unit_id=row.unit_id,
        role=row.role,
        since=row.from_,
        until=row.to,
        digest=digest_of(row, keys(row.person_id)),
        name=row.name,
    )
    return Accepted((started,))


def membership_failures(row: MembershipRow, ledger: Ledger, itself: Membership | None = None) -> Iterator[Failure]:
    yield from cell_failures(row, _OF_MEMBERSHIPS)
    yield from unknown_unit(ledger, row.unit_id)
    if not is_day(row.from_) or not (row.to == "" or is_day(row.to)):
        return
    person = ledger.people.get(row.person_id)
    if row.to and row.to <= row.from_:
        yield Failure("to", "bad_order")
    elif person and person.overlaps(row.from_, row.to, leaving_out=itself):
        yield Failure("from", "overlapping")


def corrected_membership(row: MembershipRow, act: Act, key: bytes) -> MembershipCorrected:
    return MembershipCorrected(
        person_id=row.person_id,
        unit_id=row.unit_id,
        role=row.role,
        since=row.from_,
        until=row.to,
        digest=digest_of(row, key),
        name=row.name,
        **act._asdict(),
    )


def decide_membership_ended(row: MembershipEndedRow, ledger: Ledger, keys: Keys, allow_pending: bool) -> Decision:
    """The same end again is unchanged; another one later is accepted as a change."""
    if result := list(_ending_failures(row, ledger)):
        return refused_or_pending(result, allow_pending)
    known = ledger.people[row.person_id].membership(row.unit_id, row.from_)
    if known is None or known.until == row.to:
        return Unchanged()
    key = keys(row.person_id)
    after = known.row._replace(name=readable(known.name, row.person_id, key), to=row.to)
    return Accepted((MembershipEnded(*row, digest_of(after, key)),))


def _ending_failures(row: MembershipEndedRow, ledger: Ledger) -> Iterator[Failure]:
    yield from cell_failures(row, _OF_ENDS)
    person = ledger.person(row.person_id)
    known = person and person.membership(row.unit_id, row.from_)
    stands = known and not known.voided
    yield from unknown_person(ledger, row.person_id)
    # a membership in a unit that was voided since may end too
    if not stands:
        yield from unknown_unit(ledger, row.unit_id)
    if person and not stands:
        yield Failure("from", "not_in_service", f"person:{row.person_id}")
    if not (is_day(row.from_) and is_day(row.to)):
        return
    if row.to <= row.from_:
        yield Failure("to", "bad_order")
    elif person and known and person.overlaps(row.from_, row.to, leaving_out=known):
        yield Failure("from", "overlapping")
