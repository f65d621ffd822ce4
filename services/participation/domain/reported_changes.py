"""The changes that come by events only (interfaces.md): a unit closes or is related anew, a
membership ends, a finding is put right.

scoring.md has no table for them: each is checked as its columns would be there, the same change again is
unchanged, and another one later is accepted, since a change is what it is.
"""

from collections.abc import Iterator

from chassis.events.definition import Event
from contracts.participation import MembershipEnded, RectificationReported, UnitClosed, UnitRelated
from services.participation.domain.book import Book
from services.participation.domain.cells import is_day
from services.participation.domain.decisions import Accepted, Decision, Failure, Unchanged, settle, unfit
from services.participation.domain.rows import (
    ROW_KINDS,
    ChangeRow,
    FindingRectifiedRow,
    MembershipEndedRow,
    UnitClosedRow,
    UnitRelatedRow,
)

_RELATIONS = ("zone_id", "community_id", "liaison_id")


def decide_change(row: ChangeRow, book: Book, patient: bool) -> Decision:
    event: Event
    match row:
        case UnitClosedRow():
            result, event = list(_closing_failures(row, book)), UnitClosed(row.unit_id, row.closed_on)
        case UnitRelatedRow():
            result, event = list(_relating_failures(row, book)), UnitRelated(*row)
        case MembershipEndedRow():
            result, event = list(_ending_failures(row, book)), MembershipEnded(*row)
        case FindingRectifiedRow():
            result, event = list(_rectifying_failures(row, book)), RectificationReported(*row)
    if result:
        return settle(result, patient)
    return Unchanged() if _is_told(row, book) else Accepted((event,))


def _is_told(row: ChangeRow, book: Book) -> bool:
    match row:
        case UnitClosedRow():
            return book.units[row.unit_id].closed_on == row.closed_on
        case UnitRelatedRow():
            given = [(relation, getattr(row, relation)) for relation in _RELATIONS if getattr(row, relation)]
            return all(book.units[row.unit_id].is_related(item, named, row.from_) for item, named in given)
        case MembershipEndedRow():
            known = book.people[row.person_id].membership(row.unit_id, row.from_)
            return known is not None and known.until == row.to
        case FindingRectifiedRow():
            return book.findings[row.finding_id].rectified_on == row.rectified_on


def _closing_failures(row: UnitClosedRow, book: Book) -> Iterator[Failure]:
    yield from unfit(row, ROW_KINDS["unit_closed"].required)
    unit = book.units.get(row.unit_id)
    if row.unit_id and not unit:
        yield Failure("unit_id", "unknown_unit", f"unit:{row.unit_id}")
    if unit and is_day(row.closed_on) and row.closed_on <= unit.opened_on:
        yield Failure("closed_on", "bad_order")


def _relating_failures(row: UnitRelatedRow, book: Book) -> Iterator[Failure]:
    """A relation that is not given stays as it is; a change that gives none is `missing` (column zone_id)."""
    required = ROW_KINDS["unit_related"].required
    nothing = not (row.zone_id or row.community_id or row.liaison_id)
    yield from unfit(row, required | {"zone_id"} if nothing else required)
    for column in ("unit_id", *_RELATIONS):
        named: str = getattr(row, column)
        if named and named not in book.units:
            yield Failure(column, "unknown_unit", f"unit:{named}")


def _ending_failures(row: MembershipEndedRow, book: Book) -> Iterator[Failure]:
    yield from unfit(row, ROW_KINDS["membership_ended"].required)
    person = book.people.get(row.person_id)
    if row.person_id and not person:
        yield Failure("person_id", "unknown_person", f"person:{row.person_id}")
    if row.unit_id and row.unit_id not in book.units:
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


def _rectifying_failures(row: FindingRectifiedRow, book: Book) -> Iterator[Failure]:
    yield from unfit(row, ROW_KINDS["finding_rectified"].required)
    finding = book.findings.get(row.finding_id)
    if row.finding_id and not finding:
        yield Failure("finding_id", "unknown_finding", f"finding:{row.finding_id}")
    if finding and is_day(row.rectified_on) and row.rectified_on < finding.found_on:
        yield Failure("rectified_on", "bad_order")
