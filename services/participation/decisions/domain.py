"""Decides a row of decisions.csv (scoring.md 1): a signed decision about a unit or a person in a year's awards."""

from collections.abc import Iterator

from contracts.corrections import DecisionCorrected
from contracts.participation import DecisionSigned
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
from services.participation.domain.rows import ROW_KINDS, DecisionRow

_REQUIRED = ROW_KINDS["decision"].required


def decide_decision(row: DecisionRow, ledger: Ledger, rules: Campaign, keys: Keys, allow_pending: bool) -> Decision:
    if known := ledger.decisions.get(row.decision_id):
        if known.voided or all(kept.person_id != row.person_id for kept in known.contents):
            return conflict(row)
        key = keys(row.person_id) if row.person_id else None
        return unchanged_or_conflict(row, known.contents, key, row.person_id)
    if result := list(decision_failures(row, ledger)):
        return refused_or_pending(result, allow_pending)
    signed = DecisionSigned(
        *row[:-1], campaign=rules.id, digest=digest_of(row, keys(row.person_id) if row.person_id else None),
        reason=row.reason,
    )  # fmt: skip
    return Accepted((signed,))


def decision_failures(row: DecisionRow, ledger: Ledger) -> Iterator[Failure]:
    yield from cell_failures(row, _REQUIRED)
    yield from unknown_unit(ledger, row.unit_id)
    yield from unknown_person(ledger, row.person_id)
    if bool(row.person_id) == bool(row.unit_id):
        yield Failure("person_id", "one_of")
    if ledger.rivals(row):
        yield Failure("kind", "duplicate")


def corrected_decision(row: DecisionRow, campaign: str, act: Act, key: bytes | None) -> DecisionCorrected:
    return DecisionCorrected(
        *row[:-1],
        campaign=campaign,
        digest=digest_of(row, key),
        reason=row.reason,
        **act._asdict(),
    )
