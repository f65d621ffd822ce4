"""Decides rows of records.csv and withdrawals.csv (scoring.md 1)."""

from collections.abc import Iterator

from contracts.corrections import RecordCorrected
from contracts.participation import RecordSubmitted, RecordWithdrawn
from duties.campaign import Campaign
from services.participation.domain.cells import is_instant, moment_of
from services.participation.domain.digests import content_of, digest_of
from services.participation.domain.ledger import Ledger, unknown_person, unknown_unit
from services.participation.domain.outcomes import (
    Accepted,
    Act,
    Decision,
    Failure,
    Keys,
    cell_failures,
    conflict,
    refused_or_pending,
    unchanged_or_conflict,
)
from services.participation.domain.rows import ROW_KINDS, RecordRow, WithdrawalRow
from services.participation.domain.states import Record

_OF_WITHDRAWALS = ROW_KINDS["withdrawal"].required
_OF_A_PERSON = ROW_KINDS["record"].required | {"person_id"}
_OF_A_UNIT = ROW_KINDS["record"].required | {"unit_id"}


def decide_record(
    row: RecordRow, ledger: Ledger, rules: Campaign, keys: Keys, allow_pending: bool, late_entry: str = ""
) -> Decision:
    if known := ledger.records.get(row.record_id):
        if known.voided or all(kept.person_id != row.person_id for kept in known.contents):
            return conflict(row)
        key = keys(row.person_id) if row.person_id else None
        return unchanged_or_conflict(row, known.contents, key, row.person_id)
    if result := list(record_failures(row, ledger, rules)):
        return refused_or_pending(result, allow_pending)
    key = keys(row.person_id) if row.person_id else None
    return Accepted((_submission_event(row, ledger, rules, key, late_entry),))


def _submission_event(
    row: RecordRow, ledger: Ledger, rules: Campaign, key: bytes | None, late_entry: str
) -> RecordSubmitted:
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
        occurred_at=row.occurred_at,
        unit_given=row.unit_id,
        content_sha256=row.content_sha256,
        late_entry=late_entry,
    )


_SETS_THE_WORK = frozenset({"record", "person_id", "occurred_at", "period", "content_sha256", "unit_id"})
"""The columns whose change sets the record's reporting time anew (scoring.md 3, Reported in time)."""


def corrected_record(
    row: RecordRow, before: Record, act: Act, ledger: Ledger, rules: Campaign, key: bytes | None, late_entry: str
) -> RecordCorrected:
    """The record stays with the campaign that accepted it, whichever campaign's rules apply to the correction."""
    day, done_at = moment_of(row.occurred_at, rules.zone)
    person = ledger.person(row.person_id) if not row.unit_id else None
    return RecordCorrected(
        record_id=row.record_id,
        kind=row.record,
        unit_id=row.unit_id or (person.unit_on(day) if person else ""),
        person_id=row.person_id,
        day=day,
        done_at=done_at,
        period=row.period,
        content=_corrected_content(row, before, act, key if rules.is_person_kind(row.record) else None),
        evidence=row.evidence,
        campaign=before.event.campaign,
        campaign_version=rules.version,
        digest=digest_of(row, key),
        title=row.title,
        occurred_at=row.occurred_at,
        unit_given=row.unit_id,
        content_sha256=row.content_sha256,
        late_entry=late_entry if _SETS_THE_WORK.intersection(act.columns) else before.event.late_entry,
        **act._asdict(),
    )


def _corrected_content(row: RecordRow, before: Record, act: Act, key: bytes | None) -> str:
    """Unchanged if the hash of the file cannot be decrypted any more (its person was erased)."""
    if row.content_sha256 or "content_sha256" in act.columns:
        return content_of(row.content_sha256, key)
    return before.event.content


def record_failures(row: RecordRow, ledger: Ledger, rules: Campaign) -> Iterator[Failure]:
    """The kind determines what is required: whose record it is, and whether its duty has `due_days`."""
    duty = rules.duty_by_record.get(row.record)
    required = _OF_A_PERSON if rules.is_person_kind(row.record) else _OF_A_UNIT
    yield from cell_failures(row, required | {"period"} if duty and duty.due_days > 0 else required)
    if row.record and row.record not in rules.record_kinds:
        yield Failure("record", "unknown_record_kind")
    yield from unknown_unit(ledger, row.unit_id)
    yield from unknown_person(ledger, row.person_id)
    if row.period and not (duty and rules.period_exists(duty, row.period)):
        yield Failure("period", "unknown_period")
    yield from _not_in_service(row, ledger, rules)


def _not_in_service(row: RecordRow, ledger: Ledger, rules: Campaign) -> Iterator[Failure]:
    """A person's record is checked by memberships only, whatever unit it names; any other record by its unit."""
    if not is_instant(row.occurred_at):
        return
    day = moment_of(row.occurred_at, rules.zone).day
    if rules.is_person_kind(row.record):
        person = ledger.person(row.person_id)
        if person and not person.unit_on(day):
            yield Failure("occurred_at", "not_in_service", f"person:{row.person_id}")
        return
    unit = ledger.unit(row.unit_id)
    if unit and not unit.in_service(day):
        yield Failure("occurred_at", "not_in_service", f"unit:{row.unit_id}")


def decide_withdrawal(row: WithdrawalRow, ledger: Ledger, rules: Campaign, keys: Keys, allow_pending: bool) -> Decision:
    """A withdrawal has its record's id.  Its reason may be private, so the key is that of the record's person."""
    record = ledger.records.get(row.record_id)
    if record and (withdrawal := record.withdrawal):
        key = keys(withdrawal.person_id) if withdrawal.person_id else None
        return unchanged_or_conflict(row, (withdrawal,), key, withdrawal.person_id)
    person_id = record.person_id if record else ""
    key = keys(person_id) if person_id else None
    result = list(cell_failures(row, _OF_WITHDRAWALS))
    if row.record_id and (not record or record.voided):
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
