"""Decides rows of records.csv and withdrawals.csv (scoring.md 1): what was done, and what is withdrawn."""

from collections.abc import Iterator

from contracts.participation import RecordSubmitted, RecordWithdrawn
from duties.campaign import Campaign
from services.participation.domain.cells import is_instant, moment_of
from services.participation.domain.digests import content_of, digest_of
from services.participation.domain.ledger import Ledger
from services.participation.domain.outcomes import (
    Accepted,
    Decision,
    Failure,
    Keys,
    cell_failures,
    conflict,
    refused_or_pending,
    unchanged_or_conflict,
)
from services.participation.domain.rows import ROW_KINDS, RecordRow, WithdrawalRow

_OF_WITHDRAWALS = ROW_KINDS["withdrawal"].required
_OF_A_PERSON = ROW_KINDS["record"].required | {"person_id"}
_OF_A_UNIT = ROW_KINDS["record"].required | {"unit_id"}


def decide_record(row: RecordRow, ledger: Ledger, rules: Campaign, keys: Keys, allow_pending: bool) -> Decision:
    if known := ledger.records.get(row.record_id):
        if known.person_id != row.person_id:
            return conflict(row)
        return unchanged_or_conflict(row, known.digest, keys(row.person_id) if row.person_id else None)
    if result := list(_record_failures(row, ledger, rules)):
        return refused_or_pending(result, allow_pending)
    return Accepted((_submitted(row, ledger, rules, keys(row.person_id) if row.person_id else None),))


def _submitted(row: RecordRow, ledger: Ledger, rules: Campaign, key: bytes | None) -> RecordSubmitted:
    of_person = rules.is_person_kind(row.record)
    day, done_at = moment_of(row.occurred_at, rules.zone)
    return RecordSubmitted(
        record_id=row.record_id,
        kind=row.record,
        unit_id=row.unit_id or ledger.people[row.person_id].unit_on(day),
        person_id=row.person_id,
        day=day,
        done_at=done_at,
        period=row.period,
        content=content_of(row.content_sha256, key if of_person else None),
        evidence=row.evidence,
        campaign=rules.id,
        campaign_version=rules.version,
        digest=digest_of(row, key),
        title=row.title,
    )


def _record_failures(row: RecordRow, ledger: Ledger, rules: Campaign) -> Iterator[Failure]:
    """What is required depends on the kind: whose record it is, and whether its duty has `due_days`."""
    duty = rules.duty_by_record.get(row.record)
    required = _OF_A_PERSON if rules.is_person_kind(row.record) else _OF_A_UNIT
    yield from cell_failures(row, required | {"period"} if duty and duty.due_days > 0 else required)
    if row.record and row.record not in rules.record_kinds:
        yield Failure("record", "unknown_record_kind")
    if row.unit_id and row.unit_id not in ledger.units:
        yield Failure("unit_id", "unknown_unit", f"unit:{row.unit_id}")
    if row.person_id and row.person_id not in ledger.people:
        yield Failure("person_id", "unknown_person", f"person:{row.person_id}")
    if row.period and not (duty and rules.period_exists(duty, row.period)):
        yield Failure("period", "unknown_period")
    yield from _not_in_service(row, ledger, rules)


def _not_in_service(row: RecordRow, ledger: Ledger, rules: Campaign) -> Iterator[Failure]:
    """A person by memberships alone, whatever unit the record names; any other record by its unit."""
    if not is_instant(row.occurred_at):
        return
    day = moment_of(row.occurred_at, rules.zone).day
    if rules.is_person_kind(row.record):
        person = ledger.people.get(row.person_id)
        if person and not person.unit_on(day):
            yield Failure("occurred_at", "not_in_service", f"person:{row.person_id}")
        return
    unit = ledger.units.get(row.unit_id)
    if unit and not unit.in_service(day):
        yield Failure("occurred_at", "not_in_service", f"unit:{row.unit_id}")


def decide_withdrawal(row: WithdrawalRow, ledger: Ledger, rules: Campaign, keys: Keys, allow_pending: bool) -> Decision:
    """A withdrawal has its record's id.  Its reason may be private: the key is the record's person's."""
    record = ledger.records.get(row.record_id)
    person_id = record.person_id if record else ""
    key = keys(person_id) if person_id else None
    if record and record.withdrawal:
        return unchanged_or_conflict(row, record.withdrawal, key)
    result = list(cell_failures(row, _OF_WITHDRAWALS))
    if row.record_id and not record:
        result.append(Failure("record_id", "unknown_record", f"record:{row.record_id}"))
    if result:
        return refused_or_pending(result, allow_pending)
    withdrawn = RecordWithdrawn(
        record_id=row.record_id,
        withdrawn_at=moment_of(row.withdrawn_at, rules.zone).utc,
        digest=digest_of(row, key),
        person_id=person_id,
        reason=row.reason,
    )
    return Accepted((withdrawn,))
