"""The outcomes of a row (accepted, unchanged, refused, pending), and the failures that lead to them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from chassis.events.definition import Event
from services.participation.domain.cells import (
    are_tags,
    is_day,
    is_decision_kind,
    is_instant,
    is_number,
    is_post,
    is_role,
    is_sha256,
    is_text,
    is_unit_kind,
    is_year,
    text_rule_of,
)
from services.participation.domain.digests import Content, is_digest_of
from services.participation.domain.rows import CORRECTABLE, ROW_KINDS, CellsRow, DecisionRow, Row, kind_of

Keys: TypeAlias = Callable[[str], bytes]
"""The key of a person by person_id; called only for persons in `subjects_of`."""


@dataclass(frozen=True, slots=True)
class Accepted:
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The same row was accepted before, or a correction changes nothing (its events record only that its id is used
    up)."""

    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The column and the code of scoring.md 1."""

    column: str
    code: str


@dataclass(frozen=True, slots=True)
class Pending:
    """`awaits`: what may still arrive: `unit:ID`, `person:ID`, `record:ID` and so on for every kind, `campaign`."""

    awaits: frozenset[str]


Decision: TypeAlias = Accepted | Unchanged | Refused | Pending


class Act(NamedTuple):
    """What a correction does to a row, as the fields of its event: whether the row is void afterwards, the changed
    columns (`*`: voided or restored), the correction's id in corrections.csv, and its reason."""

    voided: bool
    columns: tuple[str, ...]
    correction_id: str
    correction_reason: str


class Failure(NamedTuple):
    """One failure; `awaits`: what may still arrive and resolve it."""

    column: str
    code: str
    awaits: str = ""


def refused_or_pending(failures: list[Failure], allow_pending: bool) -> Refused | Pending:
    """The outcome of a row with failures, which are in the order of scoring.md 1: refused for the first one, unless
    pending is allowed and all of them may still be resolved."""
    if allow_pending and all(failure.awaits for failure in failures):
        return Pending(frozenset(failure.awaits for failure in failures))
    return Refused(failures[0].column, failures[0].code)


def unchanged_or_conflict(
    row: CellsRow, contents: Iterable[Content], key: bytes | None, person_id: str = "", spent: bool = False
) -> Unchanged | Refused:
    """The outcome of a row whose id an accepted row already has.  `contents`: of that row, as accepted and as it is
    now; `key` and `person_id`: of the person it is about; `spent`: it is void."""
    if not spent and any(kept.person_id == person_id and is_digest_of(kept.digest, row, key) for kept in contents):
        return Unchanged()
    return conflict(row)


def conflict(row: Row) -> Refused:
    return Refused(kind_of(row).columns[0], "conflict")


def cell_failures(row: CellsRow, required: frozenset[str]) -> Iterator[Failure]:
    """The failures of the cells alone: `missing`, `bad_text`, then malformed ones, each from left to right."""
    columns = kind_of(row).columns
    if "" in row:
        yield from [
            Failure(column, "missing")
            for column, cell in zip(columns, row, strict=True)
            if not cell and column in required
        ]
    # all cells together first: nearly every row is good, and checking each cell would double the cost of a row
    if not is_text("".join(row)) or any(row[at] and not is_good(row[at]) for at, is_good in _OWN_RULES[type(row)]):
        for column, cell in zip(columns, row, strict=True):
            if cell and not text_rule_of(column)(cell):
                yield Failure(column, "bad_text")
    for at, column, code, is_good in _FORMS[type(row)]:
        if row[at] and not is_good(row[at]):
            yield Failure(column, code)


_OWN_RULES: Final[Mapping[type[Row], tuple[tuple[int, Callable[[str], bool]], ...]]] = {
    kind.row: tuple((at, rule) for at, rule in enumerate(map(text_rule_of, kind.columns)) if rule is not is_text)
    for kind in ROW_KINDS.values()
    if not kind.corrects
}
_FORM_OF: Final[Mapping[str, tuple[str, Callable[[str], bool]]]] = {
    **dict.fromkeys(("opened_on", "closed_on", "from", "to"), ("bad_date", is_day)),
    **dict.fromkeys(("found_on", "deadline", "rectified_on", "assessed_on", "decided_on"), ("bad_date", is_day)),
    **dict.fromkeys(("occurred_at", "withdrawn_at"), ("bad_instant", is_instant)),
    "kind": ("bad_kind", is_unit_kind),
    "post": ("bad_post", is_post),
    "role": ("bad_role", is_role),
    "tags": ("bad_tag", are_tags),
    "content_sha256": ("bad_sha256", is_sha256),
    "points": ("bad_number", is_number),
    "year": ("bad_year", is_year),
    "table": ("bad_table", CORRECTABLE.__contains__),
}
_FORM_OF_DECISIONS: Final = {**_FORM_OF, "kind": ("bad_kind", is_decision_kind)}
_FORMS: Final[Mapping[type[Row], tuple[tuple[int, str, str, Callable[[str], bool]], ...]]] = {
    kind.row: tuple((at, column, *forms[column]) for at, column in enumerate(kind.columns) if column in forms)
    for kind in ROW_KINDS.values()
    if not kind.corrects
    for forms in [_FORM_OF_DECISIONS if kind.row is DecisionRow else _FORM_OF]
}
