"""Decides a row of exemptions.csv (scoring.md 1): which duty a person or a unit does not owe, and in which period."""

from collections.abc import Iterator

from contracts.corrections import ExemptionCorrected
from contracts.participation import ExemptionGranted
from duties.campaign import Campaign
from services.participation.domain.digests import digest_of
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
from services.participation.domain.rows import ROW_KINDS, ExemptionRow

_REQUIRED = ROW_KINDS["exemption"].required


def decide_exemption(row: ExemptionRow, ledger: Ledger, rules: Campaign, keys: Keys, allow_pending: bool) -> Decision:
    if known := ledger.exemptions.get(row.exemption_id):
        if known.voided or all(kept.person_id != row.person_id for kept in known.contents):
            return conflict(row)
        key = keys(row.person_id) if row.person_id else None
        return unchanged_or_conflict(row, known.contents, key, row.person_id)
    key = keys(row.person_id) if row.person_id in ledger.people else None
    if result := list(exemption_failures(row, ledger, rules)):
        return refused_or_pending(result, allow_pending)
    granted = ExemptionGranted(
        exemption_id=row.exemption_id,
        person_id=row.person_id,
        unit_id=row.unit_id,
        duty=row.duty,
        period=row.period,
        digest=digest_of(row, key),
        reason=row.reason,
        campaign=rules.id,
    )
    return Accepted((granted,))


def corrected_exemption(row: ExemptionRow, campaign: str, act: Act, key: bytes | None) -> ExemptionCorrected:
    return ExemptionCorrected(
        exemption_id=row.exemption_id,
        person_id=row.person_id,
        unit_id=row.unit_id,
        duty=row.duty,
        period=row.period,
        digest=digest_of(row, key),
        reason=row.reason,
        campaign=campaign,
        **act._asdict(),
    )


def exemption_failures(row: ExemptionRow, ledger: Ledger, rules: Campaign) -> Iterator[Failure]:
    yield from cell_failures(row, _REQUIRED)
    yield from unknown_person(ledger, row.person_id)
    yield from unknown_unit(ledger, row.unit_id)
    duty = rules.duty_by_id.get(row.duty)
    if row.duty and not duty:
        yield Failure("duty", "unknown_duty")
    if duty and row.period and not rules.period_exists(duty, row.period):
        yield Failure("period", "unknown_period")
    if bool(row.person_id) == bool(row.unit_id):
        yield Failure("person_id", "one_of")
