"""The outcomes of a row (accepted, unchanged, refused, pending), and the failures that lead to them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import gt
from typing import Final, NamedTuple, TypeAlias

from chassis.events.definition import Event
from services.participation.domain.cells import (
    MOST_CHARACTERS,
    MOST_CHARACTERS_OF_AN_ID,
    are_tags,
    is_day,
    is_instant,
    is_number,
    is_role,
    is_sha256,
    is_text,
    is_unit_kind,
)
from services.participation.domain.digests import is_digest_of
from services.participation.domain.rows import ROW_KINDS, Row, kind_of

Keys: TypeAlias = Callable[[str], bytes]
"""The key of a person, by person_id: asked for persons that `subjects_of` names, and for no others."""


@dataclass(frozen=True, slots=True)
class Accepted:
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The same row was accepted before."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not: the column and the code of scoring.md 1."""

    column: str
    code: str


@dataclass(frozen=True, slots=True)
class Pending:
    """What may still arrive and mend it: `unit:ID`, `person:ID`, `record:ID`, `finding:ID`, `campaign`."""

    awaits: frozenset[str]


Decision: TypeAlias = Accepted | Unchanged | Refused | Pending


class Failure(NamedTuple):
    """One thing wrong with a row; `awaits` names what may still arrive and mend it."""

    column: str
    code: str
    awaits: str = ""


def refused_or_pending(failures: list[Failure], allow_pending: bool) -> Refused | Pending:
    """The outcome of a row with failures, which are in the order of scoring.md 1: refused for the first, unless
    pending is allowed and all of them may still be mended."""
    if allow_pending and all(failure.awaits for failure in failures):
        return Pending(frozenset(failure.awaits for failure in failures))
    return Refused(failures[0].column, failures[0].code)


def unchanged_or_conflict(row: Row, kept: str, key: bytes | None) -> Unchanged | Refused:
    """The outcome of a row whose id an accepted row has already, under the digest `kept`."""
    return Unchanged() if is_digest_of(kept, row, key) else conflict(row)


def conflict(row: Row) -> Refused:
    return Refused(kind_of(row).columns[0], "conflict")


def cell_failures(row: Row, required: frozenset[str]) -> Iterator[Failure]:
    """What is wrong with the cells alone: `missing`, `bad_text`, then malformed, each from left to right."""
    columns = kind_of(row).columns
    if "" in row:
        yield from [
            Failure(column, "missing")
            for column, cell in zip(columns, row, strict=True)
            if not cell and column in required
        ]
    limits = _LIMITS[type(row)]
    # All cells at once first: nearly every row is good, and asking each cell would double the price of a row.
    if not is_text("".join(row)) or any(map(gt, map(len, row), limits)):
        for column, cell, most in zip(columns, row, limits, strict=True):
            if not is_text(cell, most):
                yield Failure(column, "bad_text")
    for at, column, code, is_good in _FORMS[type(row)]:
        if row[at] and not is_good(row[at]):
            yield Failure(column, code)


_LIMITS: Final[Mapping[type[Row], tuple[int, ...]]] = {
    kind.row: tuple(MOST_CHARACTERS_OF_AN_ID if column.endswith("_id") else MOST_CHARACTERS for column in kind.columns)
    for kind in ROW_KINDS.values()
}
_FORM_OF: Final[Mapping[str, tuple[str, Callable[[str], bool]]]] = {
    **dict.fromkeys(("opened_on", "closed_on", "from", "to"), ("bad_date", is_day)),
    **dict.fromkeys(("found_on", "deadline", "rectified_on", "assessed_on"), ("bad_date", is_day)),
    **dict.fromkeys(("occurred_at", "withdrawn_at"), ("bad_instant", is_instant)),
    "kind": ("bad_kind", is_unit_kind),
    "role": ("bad_role", is_role),
    "tags": ("bad_tag", are_tags),
    "content_sha256": ("bad_sha256", is_sha256),
    "points": ("bad_number", is_number),
}
_FORMS: Final[Mapping[type[Row], tuple[tuple[int, str, str, Callable[[str], bool]], ...]]] = {
    kind.row: tuple((at, column, *_FORM_OF[column]) for at, column in enumerate(kind.columns) if column in _FORM_OF)
    for kind in ROW_KINDS.values()
}
