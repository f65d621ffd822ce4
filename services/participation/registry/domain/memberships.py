"""Decides rows of people.csv (scoring.md 1) and reported ends of memberships (interfaces.md): who serves where."""

from collections.abc import Iterator

from contracts.participation import MembershipEnded, MembershipStarted
from services.participation.domain.cells import is_day
from services.participation.domain.digests import digest_of
from services.participation.domain.ledger import Ledger
from services.participation.domain.outcomes import (
    Accepted,
    Decision,
    Failure,
    Keys,
    Unchanged,
    cell_failures,
    refused_or_pending,
    unchanged_or_conflict,
)
from services.participation.domain.rows import ROW_KINDS, MembershipEndedRow, MembershipRow

_OF_MEMBERSHIPS = ROW_KINDS["membership"].required
_OF_ENDS = ROW_KINDS["membership_ended"].required


def decide_membership(row: MembershipRow, ledger: Ledger, keys: Keys, allow_pending: bool) -> Decision:
    person = ledger.people.get(row.person_id)
    if person and (known := person.membership(row.unit_id, row.from_)):
        return unchanged_or_conflict(row, known.digest, keys(row.person_id))
    if result := list(_membership_failures(row, ledger)):
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


def _membership_failures(row: MembershipRow, ledger: Ledger) -> Iterator[Failure]:
    yield from cell_failures(row, _OF_MEMBERSHIPS)
    if row.unit_id and row.unit_id not in ledger.units:
        yield Failure("unit_id", "unknown_unit", f"unit:{row.unit_id}")
    if not is_day(row.from_) or not (row.to == "" or is_day(row.to)):
        return
    person = ledger.people.get(row.person_id)
    if row.to and row.to <= row.from_:
        yield Failure("to", "bad_order")
    elif person and person.overlaps(row.from_, row.to):
        yield Failure("from", "overlapping")


def decide_membership_ended(row: MembershipEndedRow, ledger: Ledger, allow_pending: bool) -> Decision:
    """The same end again is unchanged; another one later is accepted, since a change is what it is."""
    if result := list(_ending_failures(row, ledger)):
        return refused_or_pending(result, allow_pending)
    known = ledger.people[row.person_id].membership(row.unit_id, row.from_)
    return Unchanged() if known and known.until == row.to else Accepted((MembershipEnded(*row),))


def _ending_failures(row: MembershipEndedRow, ledger: Ledger) -> Iterator[Failure]:
    yield from cell_failures(row, _OF_ENDS)
    person = ledger.people.get(row.person_id)
    if row.person_id and not person:
        yield Failure("person_id", "unknown_person", f"person:{row.person_id}")
    if row.unit_id and row.unit_id not in ledger.units:
        yield Failure("unit_id", "unknown_unit", f"unit:{row.unit_id}")
    known = person and person.membership(row.unit_id, row.from_)
    if person and not known:
        yield Failure("from", "not_in_service", f"person:{row.person_id}")
    if not (is_day(row.from_) and is_day(row.to)):
        return
    if row.to <= row.from_:
        yield Failure("to", "bad_order")
    elif person and known and person.overlaps(row.from_, row.to, leaving_out=known):
        yield Failure("from", "overlapping")
