"""Rows of findings.csv and sheets.csv (scoring.md 1): who may assess whom, with how many points."""

from collections.abc import Iterator
from fractions import Fraction

from contracts.participation import FindingReported, SheetReported
from duties.campaign import Campaign
from services.participation.domain.book import Book
from services.participation.domain.cells import is_day, is_number, number_of
from services.participation.domain.decisions import Accepted, Decision, Failure, repeated, settle, unfit
from services.participation.domain.digests import digest_of
from services.participation.domain.rows import ROW_KINDS, FindingRow, SheetRow

_OF_FINDINGS = ROW_KINDS["finding"].required
_OF_SHEETS = ROW_KINDS["sheet"].required


def decide_finding(row: FindingRow, book: Book, rules: Campaign, patient: bool) -> Decision:
    if known := book.findings.get(row.finding_id):
        return repeated(row, known.digest, None)
    if result := list(_finding_failures(row, book, rules)):
        return settle(result, patient)
    reported = FindingReported(
        finding_id=row.finding_id,
        unit_id=row.unit_id,
        assessor_id=row.assessor_id,
        found_on=row.found_on,
        deadline=row.deadline,
        points=row.points,
        rectified_on=row.rectified_on,
        digest=digest_of(row, None),
    )
    return Accepted((reported,))


def _finding_failures(row: FindingRow, book: Book, rules: Campaign) -> Iterator[Failure]:
    yield from unfit(row, _OF_FINDINGS)
    yield from _unknown_units(row, book)
    yield from _out_of_range(row.points, rules.max_points)
    if row.unit_id and row.unit_id == row.assessor_id:
        yield Failure("assessor_id", "self_assessment")
    unit, assessor = book.units.get(row.unit_id), book.units.get(row.assessor_id)
    if not (unit and assessor and is_day(row.found_on)):
        return
    if row.assessor_id != unit.liaison_on(row.found_on) and not _stands_above(row.assessor_id, book):
        yield Failure("assessor_id", "not_assigned")


def decide_sheet(row: SheetRow, book: Book, rules: Campaign, patient: bool) -> Decision:
    if known := book.sheets.get(row.sheet_id):
        return repeated(row, known.digest, None)
    if result := list(_sheet_failures(row, book, rules)):
        return settle(result, patient)
    reported = SheetReported(
        sheet_id=row.sheet_id,
        unit_id=row.unit_id,
        assessor_id=row.assessor_id,
        period=row.period,
        item=row.item,
        points=row.points,
        assessed_on=row.assessed_on,
        digest=digest_of(row, None),
    )
    return Accepted((reported,))


def _sheet_failures(row: SheetRow, book: Book, rules: Campaign) -> Iterator[Failure]:
    yield from unfit(row, _OF_SHEETS)
    yield from _unknown_units(row, book)
    if row.period and not rules.quarter_exists(row.period):
        yield Failure("period", "unknown_period")
    if row.item and row.item not in rules.item_max:
        yield Failure("item", "unknown_item")
    yield from _out_of_range(row.points, rules.item_max.get(row.item))
    if row.unit_id and row.unit_id == row.assessor_id:
        yield Failure("assessor_id", "self_assessment")
    unit = book.units.get(row.unit_id)
    if unit and not (rules.sheets and unit.kind in rules.sheets.kinds):
        yield Failure("unit_id", "not_assigned")
    if row.assessor_id in book.units and not _stands_above(row.assessor_id, book):
        yield Failure("assessor_id", "not_assigned")


def _unknown_units(row: FindingRow | SheetRow, book: Book) -> Iterator[Failure]:
    for column, unit_id in (("unit_id", row.unit_id), ("assessor_id", row.assessor_id)):
        if unit_id and unit_id not in book.units:
            yield Failure(column, "unknown_unit", f"unit:{unit_id}")


def _out_of_range(points: str, most: Fraction | None) -> Iterator[Failure]:
    if is_number(points) and (number_of(points) < 0 or (most is not None and number_of(points) > most)):
        yield Failure("points", "out_of_range")


def _stands_above(assessor_id: str, book: Book) -> bool:
    """A bureau or a supervision office may assess any unit but itself."""
    assessor = book.units[assessor_id]
    return assessor.kind == "bureau" or "supervision_office" in assessor.tags
