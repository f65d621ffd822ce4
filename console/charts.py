"""Charts as the server draws them: shapes for the templates of macros/chart.html, and the same figures as a CSV file.

Words and numbers stand in the page, not in the drawing, so that they stay readable on a phone."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from flask import Response

WIDTH, HEIGHT = 100, 40
"""Of the drawing's own units; it is stretched to the page's width."""
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Number = int | Decimal


@dataclass(frozen=True)
class Series:
    """One line, or one part of every bar.  A value of None is not known.  `tone`: its colour in pages.css, or 0."""

    name: str
    values: Sequence[Number | None]
    tone: int = 0


@dataclass(frozen=True)
class Chart:
    """What is shown: for each label a value of each series.  `most`: where the scale ends; 0: a round number above all
    values."""

    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    most: Number = 0

    def __post_init__(self) -> None:
        if any(len(each.values) != len(self.labels) for each in self.series):
            raise ValueError(f"{self.title}: every series has a value for every label")

    @property
    def top(self) -> Decimal:
        """Where the scale ends."""
        return Decimal(self.most) or round_above(max(map(_decimal_or_zero, self._all_values()), default=Decimal(0)))

    @property
    def ticks(self) -> list[str]:
        """Beside a line, from the top to zero."""
        return [plain(self.top), plain(self.top / 2), "0"]

    def rows(self) -> list[tuple[str, list[str]]]:
        """The table: a label and its values as text."""
        columns = [[plain(value) for value in each.values] for each in self.series]
        return [(label, [column[place] for column in columns]) for place, label in enumerate(self.labels)]

    def bars(self) -> list[tuple[str, str, str]]:
        """Of the first series: label, value, and length in per cent."""
        values = self.series[0].values
        return [
            (label, plain(value), _share(value, self.top)) for label, value in zip(self.labels, values, strict=True)
        ]

    def stacks(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """A bar for each label: begin and length of each series in it, in per cent of the whole bar."""
        return [(label, _stack([_decimal_or_zero(each.values[place]) for each in self.series]))
                for place, label in enumerate(self.labels)]  # fmt: skip

    def lines(self) -> list[list[str]]:
        """For each series its pieces as `points` of SVG; what is not known interrupts the line."""
        return [self._pieces(each.values) for each in self.series]

    def _pieces(self, values: Sequence[Number | None]) -> list[str]:
        pieces: list[list[str]] = [[]]
        last = max(len(values) - 1, 1)
        for place, value in enumerate(values):
            if value is None:
                pieces.append([])
                continue
            x, y = Decimal(WIDTH) * place / last, HEIGHT - HEIGHT * _decimal_or_zero(value) / self.top
            pieces[-1].append(f"{_short(x)},{_short(y)}")
        return [" ".join(piece if len(piece) > 1 else piece * 2) for piece in pieces if piece]

    def _all_values(self) -> list[Number | None]:
        return [value for each in self.series for value in each.values]


def round_above(value: Decimal) -> Decimal:
    """The next of 1, 2, 2.5, 5 times a power of ten; 1 for nothing."""
    if value <= 0:
        return Decimal(1)
    power = Decimal(10) ** value.adjusted()
    return next(step * power for step in STEPS if step * power >= value)


def csv_of(chart: Chart, name: str) -> Response:
    """The figures as a file that a spreadsheet opens."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["", *(_no_formula(each.name) for each in chart.series)])
    writer.writerows([_no_formula(label), *values] for label, values in chart.rows())
    response = Response("\ufeff" + file.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return response


def plain(value: Number | None) -> str:
    """A number as people write it; a dash for one that is not known."""
    if value is None:
        return "—"
    number = Decimal(value)
    return f"{number.to_integral() if number == number.to_integral() else number:f}"


def _stack(values: Sequence[Decimal]) -> list[tuple[str, str]]:
    whole = sum(values) or Decimal(1)
    begins = [Decimal(0), *accumulate(values)]
    return [(_share(begin, whole), _share(value, whole)) for begin, value in zip(begins, values, strict=False)]


def _share(value: Number | None, whole: Decimal) -> str:
    return _short(100 * _decimal_or_zero(value) / whole)


def _decimal_or_zero(value: Number | None) -> Decimal:
    return Decimal(value or 0)


def _short(value: Decimal) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
