"""A unit's exact score in a window (scoring.md 4); ranks and bands are in `ranking`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, NamedTuple, TypeAlias

from duties.campaign import Campaign
from duties.days import Day
from duties.periods import period_named
from duties.report_requests import Window
from duties.subjects import Finding, SheetRow
from duties.window_totals import DutyTotals

_ZERO: Final = Fraction(0)
Band: TypeAlias = Literal["front", "middle", "below", ""]
"""Of a ranked unit; "" where it bears no rank."""


@dataclass(frozen=True, slots=True)
class UnitScore:
    """Exact figures: base, sheet, deduction and score out of 100, the other three out of 1.  `sheet` None: no sheet."""

    unit_id: str
    base: Fraction
    sheet: Fraction | None
    deduction: Fraction
    score: Fraction
    completion: Fraction
    on_time: Fraction
    evidence: Fraction
    rank: int | None = None
    band: Band = ""

    def placed(self, rank: int | None, band: Band) -> UnitScore:
        """The same figures with this rank and band; a tenth of what `dataclasses.replace` takes."""
        if (rank, band) == (self.rank, self.band):
            return self
        return UnitScore(self.unit_id, self.base, self.sheet, self.deduction, self.score, self.completion,
                         self.on_time, self.evidence, rank, band)  # fmt: skip


def exact_order(value: Fraction) -> tuple[int, Fraction]:
    """Sorts and compares as the value does; the integer decides, so that fractions are compared where they are next to
    equal: decision 0052."""
    return (value.numerator << 64) // value.denominator, value


class DutyPart(NamedTuple):
    """One duty's part in a unit's base: `credit` out of 1; `points` of the `most` that it could give, out of 100."""

    totals: DutyTotals
    credit: Fraction
    points: Fraction
    most: Fraction


@dataclass(frozen=True, slots=True)
class AssessedPoints:
    """The points that assessors gave and took in a window."""

    deduction: Fraction = _ZERO
    sheet: Fraction | None = None


def assessed_points(
    campaign: Campaign,
    window: Window,
    as_of: Day,
    findings: Iterable[Finding],
    sheet_rows: Iterable[SheetRow],
) -> AssessedPoints:
    """Findings run to the earlier of the as-of day and the window's last, sheets to the as-of day."""
    day = min(as_of, window.last)
    deduction = sum((finding.points for finding in findings if takes_points(finding, day)), _ZERO)
    return AssessedPoints(deduction, _sheet(campaign.item_max, window, as_of, sheet_rows))


def _sheet(
    item_max: Mapping[str, Fraction], window: Window, as_of: Day, sheet_rows: Iterable[SheetRow]
) -> Fraction | None:
    """Out of 100, over the quarters of the window that are complete: every item of the campaign is assessed."""
    by_quarter: dict[str, list[SheetRow]] = {}
    for row in sheet_rows:
        if row.assessed_on <= as_of and row.item in item_max:
            by_quarter.setdefault(row.quarter, []).append(row)
    points = most = _ZERO
    for quarter_id, rows in by_quarter.items():
        quarter = period_named("quarter", quarter_id)
        complete = len({row.item for row in rows}) == len(item_max)
        if complete and quarter is not None and window.first <= quarter.end - 1 <= window.last:
            points += sum((row.points for row in rows), _ZERO)
            most += sum((item_max[row.item] for row in rows), _ZERO)
    return 100 * points / most if most else None


def takes_points(finding: Finding, day: Day) -> bool:
    """Whether the finding takes points: found, past its deadline and not rectified by the day."""
    return (
        finding.found_on <= day
        and (finding.rectified_on is None or finding.rectified_on > day)
        and (finding.deadline is None or finding.deadline < day)
    )


def unit_score(
    campaign: Campaign, unit_id: str, totals: Sequence[DutyTotals], assessed: AssessedPoints
) -> UnitScore | None:
    """The score without its rank; None where no duty has an instance."""
    if not totals:
        return None
    base = _base(campaign.whole_weights, totals)
    share = campaign.sheets.share if campaign.sheets is not None and assessed.sheet is not None else _ZERO
    whole = (1 - share) * base + share * (assessed.sheet or _ZERO)
    on_time = sum(duty_totals.on_time for duty_totals in totals)
    counted = on_time + sum(duty_totals.late for duty_totals in totals)
    return UnitScore(
        unit_id=unit_id,
        base=base,
        sheet=assessed.sheet,
        deduction=assessed.deduction,
        score=max(_ZERO, whole - assessed.deduction),
        completion=Fraction(
            sum(duty_totals.complete for duty_totals in totals), sum(duty_totals.instances for duty_totals in totals)
        ),
        on_time=Fraction(on_time, sum(duty_totals.instances * duty_totals.duty.count for duty_totals in totals)),
        evidence=Fraction(sum(duty_totals.evidence for duty_totals in totals), counted) if counted else _ZERO,
    )


def duty_parts(totals: Sequence[DutyTotals]) -> list[DutyPart]:
    """What each duty gives to the base; their points add up to it."""
    whole = sum(duty_totals.duty.weight for duty_totals in totals)
    result = []
    for item in totals:
        credit = (item.on_time + item.late * item.duty.late_credit) / (item.instances * item.duty.count)
        most = 100 * item.duty.weight / whole
        result.append(DutyPart(item, Fraction(credit), most * credit, most))
    return result


def _base(weights: Mapping[str, int], totals: Sequence[DutyTotals]) -> Fraction:
    """100 x sum(weight x r) / sum(weight), in integers until the end: reducing each r would cost ten times more."""
    top, bottom, weight = 0, 1, 0
    for duty_totals in totals:
        credit = duty_totals.duty.late_credit
        earned = duty_totals.on_time * credit.denominator + duty_totals.late * credit.numerator
        owed = duty_totals.instances * duty_totals.duty.count * credit.denominator
        top = top * owed + weights[duty_totals.duty.id] * earned * bottom
        bottom *= owed
        weight += weights[duty_totals.duty.id]
    return Fraction(100 * top, bottom * weight)
