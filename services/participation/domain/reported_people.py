"""Rows of people.csv and exemptions.csv (scoring.md 1): who serves where, and who owes a duty not."""

from collections.abc import Iterator

from contracts.participation import ExemptionGranted, MembershipStarted
from duties.campaign import Campaign
from services.participation.domain.book import Book
from services.participation.domain.cells import is_day
from services.participation.domain.decisions import (
    Accepted,
    Decision,
    Failure,
    Keys,
    conflict,
    repeated,
    settle,
    unfit,
)
from services.participation.domain.digests import digest_of
from services.participation.domain.rows import ROW_KINDS, ExemptionRow, MembershipRow

_OF_MEMBERSHIPS = ROW_KINDS["membership"].required
_OF_EXEMPTIONS = ROW_KINDS["exemption"].required


def decide_membership(row: MembershipRow, book: Book, keys: Keys, patient: bool) -> Decision:
    person = book.people.get(row.person_id)
    if person and (known := person.membership(row.unit_id, row.from_)):
        return repeated(row, known.digest, keys(row.person_id))
    if result := list(_membership_failures(row, book)):
        return settle(result, patient)
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


def _membership_failures(row: MembershipRow, book: Book) -> Iterator[Failure]:
    yield from unfit(row, _OF_MEMBERSHIPS)
    if row.unit_id and row.unit_id not in book.units:
        yield Failure("unit_id", "unknown_unit", f"unit:{row.unit_id}")
    if not is_day(row.from_) or not (row.to == "" or is_day(row.to)):
        return
    person = book.people.get(row.person_id)
    if row.to and row.to <= row.from_:
        yield Failure("to", "bad_order")
    elif person and person.overlaps(row.from_, row.to):
        yield Failure("from", "overlapping")


def decide_exemption(row: ExemptionRow, book: Book, rules: Campaign, keys: Keys, patient: bool) -> Decision:
    key = keys(row.person_id) if row.person_id in book.people else None
    if known := book.exemptions.get(row.exemption_id):
        return repeated(row, known.digest, key) if known.person_id == row.person_id else conflict(row)
    if result := list(_exemption_failures(row, book, rules)):
        return settle(result, patient)
    granted = ExemptionGranted(
        exemption_id=row.exemption_id,
        person_id=row.person_id,
        unit_id=row.unit_id,
        duty=row.duty,
        period=row.period,
        digest=digest_of(row, key),
        reason=row.reason,
    )
    return Accepted((granted,))


def _exemption_failures(row: ExemptionRow, book: Book, rules: Campaign) -> Iterator[Failure]:
    yield from unfit(row, _OF_EXEMPTIONS)
    if row.person_id and row.person_id not in book.people:
        yield Failure("person_id", "unknown_person", f"person:{row.person_id}")
    if row.unit_id and row.unit_id not in book.units:
        yield Failure("unit_id", "unknown_unit", f"unit:{row.unit_id}")
    duty = rules.duty_by_id.get(row.duty)
    if row.duty and not duty:
        yield Failure("duty", "unknown_duty")
    if duty and row.period and not rules.period_exists(duty, row.period):
        yield Failure("period", "unknown_period")
    if bool(row.person_id) == bool(row.unit_id):
        yield Failure("person_id", "one_of")
