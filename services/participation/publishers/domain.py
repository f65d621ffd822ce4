"""The rights of an outside system: event types, units and sources, given at its registration.  Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from contracts.intake import REPORT_CANCELLED
from services.participation.domain import ROW_KINDS
from services.participation.domain.cells import is_id, is_text

ALL_UNITS: Final = "all"
RECEIPTS, STATUS = "receipts", "status"
"""How reports by HTTP are answered: with a receipt each, or, for senders that look at the status only, by that."""
TYPES: Final = frozenset({kind.wire for kind in ROW_KINDS.values() if kind.wire})
MOST_NAMED: Final = 1000
_LONGEST_SOURCE: Final = 256


class BadRights(ValueError):
    """A value is no valid right: `column` is types, units or sources, `value` the first bad one."""

    def __init__(self, column: str, value: str) -> None:
        super().__init__(f"{column}: {value}")
        self.column, self.value = column, value


@dataclass(frozen=True)
class Rights:
    """`types` and `sources` may contain `*`: a type anywhere, a source at its end; `units` is `all`, or ids.
    `unnamed`: its messages may come without the broker's `user_id`."""

    types: tuple[str, ...]
    units: tuple[str, ...]
    sources: tuple[str, ...]
    unnamed: bool = False

    def may_report(self, event_type: str) -> bool:
        """Whoever may report rows may also cancel own pending reports."""
        return event_type == REPORT_CANCELLED.wire or _matches_type(self.types, event_type)

    def owns(self, source: str) -> bool:
        return any(_covers(pattern, source) for pattern in self.sources)

    @property
    def of_all_units(self) -> bool:
        return self.units == (ALL_UNITS,)

    def foreign(self, units: Iterable[str]) -> bool:
        """Whether one of these units is not allowed."""
        return not self.of_all_units and not set(units) <= set(self.units)


def rights_of(
    name: str, types: Sequence[str], units: Sequence[str], sources: Sequence[str], unnamed: bool = False
) -> Rights:
    """The rights as an operator gives them; without units all, without sources those with the publisher's name.  Raises
    BadRights."""
    for column, values in (("types", types), ("units", units), ("sources", sources)):
        if len(values) > MOST_NAMED:
            raise BadRights(column, str(len(values)))
    if not types:
        raise BadRights("types", "")
    return Rights(
        _unique(_type(pattern) for pattern in types),
        _units(units),
        _unique(map(_source, sources or (name, f"/{name}", f"/{name}/*"))),
        unnamed,
    )


def overlapping(rights: Rights, other: Rights) -> str:
    """A source that both would own; '' if there is none."""
    for mine in rights.sources:
        for theirs in other.sources:
            if _overlap(mine, theirs):
                return mine
    return ""


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _type(pattern: str) -> str:
    """`qihang.record.reported.v1`, `qihang.record.*`; `record.reported` and `record` are completed to these."""
    whole = pattern if pattern.startswith("qihang.") else f"qihang.{pattern}"
    for candidate in (whole, f"{whole}.v1", f"{whole}.*"):
        if any(_is_type(candidate, known) for known in TYPES):
            return candidate
    raise BadRights("types", pattern)


def _units(units: Sequence[str]) -> tuple[str, ...]:
    if not units or ALL_UNITS in units:
        if len(set(units)) > 1:
            raise BadRights("units", ALL_UNITS)
        return (ALL_UNITS,)
    for unit_id in units:
        if not is_id(unit_id) or not unit_id.isprintable() or "*" in unit_id:
            raise BadRights("units", unit_id)
    return _unique(units)


def _source(pattern: str) -> str:
    """A source, or a prefix before a final `*`, which follows `/`, `:` or `#`."""
    start, star, rest = pattern.partition("*")
    is_whole = not star or (not rest and len(start) > 1 and start[-1] in "/:#")
    if not pattern.strip() or pattern != pattern.strip() or not is_text(pattern, _LONGEST_SOURCE) or not is_whole:
        raise BadRights("sources", pattern)
    if not pattern.isprintable():
        raise BadRights("sources", pattern)
    return pattern


def _covers(pattern: str, source: str) -> bool:
    return source.startswith(pattern[:-1]) if pattern.endswith("*") else source == pattern


def _overlap(first: str, second: str) -> bool:
    if first.endswith("*") and second.endswith("*"):
        return first.startswith(second[:-1]) or second.startswith(first[:-1])
    return _covers(first, second) or _covers(second, first)


@lru_cache(maxsize=1024)
def _matches_type(patterns: tuple[str, ...], event_type: str) -> bool:
    """Always true for unknown types, which are refused as such."""
    return any(_is_type(pattern, event_type) for pattern in patterns)


def _is_type(pattern: str, event_type: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), event_type) is not None
