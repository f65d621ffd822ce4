"""Decides rows of findings.csv and sheets.csv (scoring.md 1) and reported rectifications (interfaces.md): who may
assess whom, and how many points."""

from collections.abc import Iterator
from fractions import Fraction

from contracts.corrections import FindingCorrected, SheetCorrected
from contracts.participation import FindingReported, RectificationReported, SheetReported
from duties.campaign import Campaign
from services.participation.domain.cells import is_day, is_number, number_of
from services.participation.domain.digests import digest_of
from services.participation.domain.ledger import Ledger, unknown_unit
from services.participation.domain.outcomes import (
    Accepted,
    Act,
    Decision,
    Failure,
    Unchanged,
    cell_failures,
    refused_or_pending,
    unchanged_or_conflict,
)
from services.participation.domain.rows import ROW_KINDS, FindingRectifiedRow, FindingRow, SheetRow

_OF_FINDINGS = ROW_KINDS["finding"].required
_OF_SHEETS = ROW_KINDS["sheet"].required
_OF_RECTIFICATIONS = ROW_KINDS["finding_rectified"].required


def decide_finding(row: FindingRow, ledger: Ledger, rules: Campaign, allow_pending: bool) -> Decision:
    if known := ledger.findings.get(row.finding_id):
        return unchanged_or_conflict(row, known.contents, None, spent=known.voided)
    if result := list(finding_failures(row, ledger, rules)):
        return refused_or_pending(result, allow_pending)
    reported = FindingReported(
        finding_id=row.finding_id,
        unit_id=row.unit_id,
        assessor_id=row.assessor_id,
        found_on=row.found_on,
        deadline=row.deadline,
        points=row.points,
        rectified_on=row.rectified_on,
        digest=digest_of(row, None),
        campaign=rules.id,
        category=row.category,
        description=row.description,
    )
    return Accepted((reported,))


def corrected_finding(row: FindingRow, campaign: str, act: Act) -> FindingCorrected:
    return FindingCorrected(
        **row._asdict(),
        digest=digest_of(row, None),
        campaign=campaign,
        **act._asdict(),
    )


def finding_failures(row: FindingRow, ledger: Ledger, rules: Campaign) -> Iterator[Failure]:
    yield from cell_failures(row, _OF_FINDINGS)
    yield from unknown_unit(ledger, row.unit_id)
    yield from unknown_unit(ledger, row.assessor_id, "assessor_id")
    yield from _out_of_range(row.points, rules.max_points)
    if row.unit_id and row.unit_id == row.assessor_id:
        yield Failure("assessor_id", "self_assessment")
    if not (ledger.unit(row.assessor_id) and is_day(row.found_on)):
        return
    unit = ledger.unit(row.unit_id)
    liaison_id = unit.liaison_on(row.found_on) if unit else ""
    if row.assessor_id != liaison_id and not _may_assess_any(row.assessor_id, ledger):
        yield Failure("assessor_id", "not_assigned", "" if unit else f"unit:{row.unit_id}")


def decide_finding_rectified(row: FindingRectifiedRow, ledger: Ledger, allow_pending: bool) -> Decision:
    """The same day again is unchanged; another day later is accepted as a change."""
    if result := list(_rectifying_failures(row, ledger)):
        return refused_or_pending(result, allow_pending)
    before = ledger.findings[row.finding_id].row
    if before.rectified_on == row.rectified_on:
        return Unchanged()
    digest = digest_of(before._replace(rectified_on=row.rectified_on), None)
    return Accepted((RectificationReported(*row, digest),))


def _rectifying_failures(row: FindingRectifiedRow, ledger: Ledger) -> Iterator[Failure]:
    yield from cell_failures(row, _OF_RECTIFICATIONS)
    finding = ledger.findings.get(row.finding_id)
    if row.finding_id and (not finding or finding.voided):
        yield Failure("finding_id", "unknown_finding", f"finding:{row.finding_id}")


def decide_sheet(row: SheetRow, ledger: Ledger, rules: Campaign, allow_pending: bool) -> Decision:
    if known := ledger.sheets.get(row.sheet_id):
        return unchanged_or_conflict(row, known.contents, None, spent=known.voided)
    if result := list(sheet_failures(row, ledger, rules)):
        return refused_or_pending(result, allow_pending)
    reported = SheetReported(
        sheet_id=row.sheet_id,
        unit_id=row.unit_id,
        assessor_id=row.assessor_id,
        period=row.period,
        item=row.item,
        points=row.points,
        assessed_on=row.assessed_on,
        digest=digest_of(row, None),
        campaign=rules.id,
    )
    return Accepted((reported,))


def corrected_sheet(row: SheetRow, campaign: str, act: Act) -> SheetCorrected:
    return SheetCorrected(
        *row,
        digest=digest_of(row, None),
        campaign=campaign,
        **act._asdict(),
    )


def sheet_failures(row: SheetRow, ledger: Ledger, rules: Campaign) -> Iterator[Failure]:
    yield from cell_failures(row, _OF_SHEETS)
    yield from unknown_unit(ledger, row.unit_id)
    yield from unknown_unit(ledger, row.assessor_id, "assessor_id")
    if row.period and not rules.quarter_exists(row.period):
        yield Failure("period", "unknown_period")
    if row.item and row.item not in rules.item_max:
        yield Failure("item", "unknown_item")
    if ledger.rivals(row):
        yield Failure("item", "duplicate")
    yield from _out_of_range(row.points, rules.item_max.get(row.item))
    if row.unit_id and row.unit_id == row.assessor_id:
        yield Failure("assessor_id", "self_assessment")
    unit = ledger.unit(row.unit_id)
    if unit and not (rules.sheets and unit.kind in rules.sheets.kinds):
        yield Failure("unit_id", "not_assigned")
    if ledger.unit(row.assessor_id) and not _may_assess_any(row.assessor_id, ledger):
        yield Failure("assessor_id", "not_assigned")


def _out_of_range(points: str, most: Fraction | None) -> Iterator[Failure]:
    if is_number(points) and (number_of(points) < 0 or (most is not None and number_of(points) > most)):
        yield Failure("points", "out_of_range")


def _may_assess_any(assessor_id: str, ledger: Ledger) -> bool:
    """A bureau or a supervision office may assess any unit except itself."""
    assessor = ledger.units[assessor_id]
    return assessor.kind == "bureau" or "supervision_office" in assessor.tags
