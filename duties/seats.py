"""Dividing seats by largest remainder, and cutting an order at the last seat, no tie broken (scoring.md 5, 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Final, Generic, Literal, TypeAlias, TypeVar

from duties.rules import Rounding

Status: TypeAlias = Literal["awarded", "tied", "reserve"]
_HALF: Final = Fraction(1, 2)
T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class PlacedCandidate(Generic[T]):
    """A candidate in its order; equal ones share the smaller position.  `reserve`: below the last seat."""

    candidate: T
    status: Status
    position: int


def rounded(value: Fraction, rounding: Rounding) -> int:
    match rounding:
        case "floor":
            return value.numerator // value.denominator
        case "half_up":
            return (value + _HALF).numerator // (value + _HALF).denominator
        case "ceil":
            return -(-value.numerator // value.denominator)


def largest_remainder(sizes: Sequence[int], seats: int) -> list[int]:
    """Seats in proportion to the sizes; of equal remainders the earlier size is served first."""
    total = sum(sizes)
    if total == 0:
        return [0 for _ in sizes]
    quotas = [seats * size // total for size in sizes]
    by_remainder = sorted(range(len(sizes)), key=lambda place: -(seats * sizes[place] % total))
    for place in by_remainder[: seats - sum(quotas)]:
        quotas[place] += 1
    return quotas


def cut(
    groups: Iterable[Sequence[T]], seats: int, is_chosen: Callable[[T], bool] = lambda _: False
) -> list[PlacedCandidate[T]]:
    """Gives the seats to groups of equal candidates, the best group first.

    The group inside which the last seat falls is `tied` as a whole and holds the seats that it contests, but for those
    whom signed decisions choose.
    """
    placed: list[PlacedCandidate[T]] = []
    for group in groups:
        position, left = len(placed) + 1, seats - len(placed)
        if left <= 0:
            placed += (PlacedCandidate(item, "reserve", position) for item in group)
        elif len(group) <= left:
            placed += (PlacedCandidate(item, "awarded", position) for item in group)
        else:
            placed += _place_tied(group, left, position, is_chosen)
    return placed


def _place_tied(
    group: Sequence[T], seats: int, position: int, is_chosen: Callable[[T], bool]
) -> list[PlacedCandidate[T]]:
    """A group that contests fewer seats than it has members; more chosen than seats change nothing."""
    chosen = [is_chosen(item) for item in group]
    awarded = sum(chosen)
    if awarded > seats:
        return [PlacedCandidate(item, "tied", position) for item in group]
    others: Status = "reserve" if awarded == seats else "tied"
    return [
        PlacedCandidate(item, "awarded" if named else others, position)
        for item, named in zip(group, chosen, strict=True)
    ]


def equal_groups(ordered: Iterable[tuple[K, T]]) -> list[list[T]]:
    """Candidates that stand next to each other with an equal key, together."""
    return [[item for _, item in group] for _, group in groupby(ordered, key=lambda pair: pair[0])]
