"""Who may review whose works, and how marks are evaluated.  Pure: no clock, store or broker."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from duties.publicity import Publicity
from services.publicity.domain.refusals import Refused


@dataclass(frozen=True)
class Reviewer:
    """A person and the units where they serve on the day."""

    person_id: str
    unit_ids: Collection[str]


def may_review(reviewer: Reviewer, author_id: str, author_units: Collection[str]) -> bool:
    """Nobody reviews authors of their own unit, nor themselves (domain.md, settled questions)."""
    return reviewer.person_id != author_id and not set(reviewer.unit_ids) & set(author_units)


def total_of(marks: Mapping[str, Fraction], rules: Publicity) -> Fraction:
    """The sum of the marks; each item of the rubric once, from 0 to its maximum.  Raises Refused."""
    items = {item.id: item for item in rules.rubric}
    for name in marks:
        if name not in items:
            raise Refused("unknown_item", "marks", name)
    for name, item in items.items():
        if name not in marks:
            raise Refused("mark_missing", f"marks.{name}", item.title)
        if not 0 <= marks[name] <= item.max:
            raise Refused("mark_out_of_range", f"marks.{name}", f"{item.title}为 0 至 {decimal(item.max)} 分")
    return sum(marks.values(), Fraction(0))


def passes(totals: Iterable[Fraction], reviewers: int, pass_mark: Fraction) -> bool:
    """Whether the exact average of all reviewers' totals reaches the pass mark, with at least `reviewers` of them."""
    all_totals = list(totals)
    return len(all_totals) >= reviewers and sum(all_totals, Fraction(0)) >= pass_mark * len(all_totals)


def decimal(number: Fraction) -> str:
    """An exact text: a decimal if there is one (as for marks), else a fraction."""
    for places in range(13):
        scaled = number * 10**places
        if scaled.denominator == 1:
            whole = str(abs(scaled.numerator)).zfill(places + 1)
            sign = "-" if scaled < 0 else ""
            return sign + (f"{whole[:-places]}.{whole[-places:]}" if places else whole)
    return str(number)
