"""Figures as they are shown, and the rows of the four result files (scoring.md 8 and 9)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final

from duties.commended_units import PoolResult
from duties.days import iso
from duties.individuals import Individual
from duties.outstanding import Outstanding
from duties.report_requests import AwardRequest, OutstandingRequest, ScoreRequest
from duties.scores import UnitScore

UNIT_SCORES: Final = (
    *("window", "as_of", "unit_id", "base", "sheet", "deduction", "score"),
    *("rank", "completion", "on_time", "evidence", "band"),
)
UNITS_AWARDED: Final = ("year", "pool", "seats", "unit_id", "status", "position")
INDIVIDUALS: Final = ("year", "unit_id", "person_id", "points", "status")
OUTSTANDING: Final = ("as_of", "duty", "period", "unit_id", "person_id", "due", "counted", "count", "overdue")


def decimals(value: Fraction, places: int) -> str:
    """The value with so many decimals, half up (no shown figure is below 0)."""
    unit = 10**places
    whole, rest = divmod((2 * value.numerator * unit + value.denominator) // (2 * value.denominator), unit)
    return f"{whole}.{rest:0{places}}"


def points(value: Fraction) -> str:
    """A score, base, sheet, deduction or a person's points: two decimals."""
    return decimals(value, 2)


def share(value: Fraction) -> str:
    """A completion, on-time or evidence rate: four decimals."""
    return decimals(value, 4)


def score_rows(request: ScoreRequest, scores: Iterable[UnitScore]) -> list[list[str]]:
    return [
        [
            request.window,
            iso(request.as_of),
            item.unit_id,
            points(item.base),
            "" if item.sheet is None else points(item.sheet),
            points(item.deduction),
            points(item.score),
            "" if item.rank is None else str(item.rank),
            share(item.completion),
            share(item.on_time),
            share(item.evidence),
            item.band,
        ]
        for item in scores
    ]


def commended_rows(results: Iterable[PoolResult]) -> list[list[str]]:
    """Awarded, tied and reserve units."""
    rows = []
    for pool in results:
        for item in sorted(pool.placed, key=lambda item: (item.position, item.candidate.unit_id)):
            unit_id = item.candidate.unit_id
            rows.append([f"{pool.year:04}", str(pool.pool), str(pool.seats), unit_id, item.status, str(item.position)])
    return rows


def individual_rows(request: AwardRequest, result: Iterable[Individual]) -> list[list[str]]:
    """Awarded and tied persons, by unit and person."""
    return [
        [f"{request.year:04}", item.unit_id, item.person_id, points(item.points), item.status]
        for item in sorted(result, key=lambda item: (item.unit_id, item.person_id))
        if item.status != "reserve"
    ]


def outstanding_rows(request: OutstandingRequest, result: Iterable[Outstanding]) -> list[list[str]]:
    return [
        [
            iso(request.as_of),
            item.duty,
            item.period,
            item.unit_id,
            item.person_id,
            iso(item.due),
            str(item.counted),
            str(item.needed),
            "yes" if item.overdue else "no",
        ]
        for item in result
    ]


def file_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A result file: `\\n` line ends, a header, minimal quoting."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
