"""Every kind of reported row, as a tuple of its cells: which file or intake event carries it, and what it names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from services.participation.domain.cells import is_id


class UnitRow(NamedTuple):
    unit_id: str
    name: str
    kind: str
    tags: str
    zone_id: str
    community_id: str
    liaison_id: str
    opened_on: str
    closed_on: str


class MembershipRow(NamedTuple):
    person_id: str
    name: str
    role: str
    unit_id: str
    from_: str
    to: str


class ExemptionRow(NamedTuple):
    exemption_id: str
    person_id: str
    unit_id: str
    duty: str
    period: str
    reason: str


class RecordRow(NamedTuple):
    record_id: str
    record: str
    unit_id: str
    person_id: str
    occurred_at: str
    period: str
    title: str
    content_sha256: str
    evidence: str


class WithdrawalRow(NamedTuple):
    record_id: str
    withdrawn_at: str
    reason: str


class FindingRow(NamedTuple):
    finding_id: str
    unit_id: str
    assessor_id: str
    found_on: str
    deadline: str
    points: str
    rectified_on: str


class SheetRow(NamedTuple):
    sheet_id: str
    unit_id: str
    assessor_id: str
    period: str
    item: str
    points: str
    assessed_on: str


class UnitClosedRow(NamedTuple):
    unit_id: str
    closed_on: str


class UnitRelatedRow(NamedTuple):
    unit_id: str
    zone_id: str
    community_id: str
    liaison_id: str
    from_: str


class MembershipEndedRow(NamedTuple):
    person_id: str
    unit_id: str
    from_: str
    to: str


class FindingRectifiedRow(NamedTuple):
    finding_id: str
    rectified_on: str


ChangeRow: TypeAlias = UnitClosedRow | UnitRelatedRow | MembershipEndedRow | FindingRectifiedRow
Row: TypeAlias = UnitRow | MembershipRow | ExemptionRow | RecordRow | WithdrawalRow | FindingRow | SheetRow | ChangeRow


@dataclass(frozen=True)
class RowKind:
    """A kind of row: its columns in the file's order (the first names it), and those always required.

    `wire` is its CloudEvents type; `file` is empty for what is reported by events only.
    `id_lock` is the space and column of the function `id_lock`.
    """

    name: str
    file: str
    wire: str
    row: type[Row]
    required: frozenset[str]
    id_lock: tuple[str, str]
    columns: tuple[str, ...]


def _kind(name: str, file: str, row: type[Row], required: str, lock: str) -> RowKind:
    space, column = lock.split(":")
    what, _, past = name.partition("_")
    wire = f"qihang.{what}.{past or 'reported'}.v1"
    return RowKind(name, file, wire, row, frozenset(required.split()), (space, column), _columns(row))


def _columns(row: type[Row]) -> tuple[str, ...]:
    return tuple(field.rstrip("_") for field in row._fields)


_ROWS: Final = (
    _kind("unit", "units.csv", UnitRow, "unit_id name kind opened_on", "unit:unit_id"),
    _kind(
        *("membership", "people.csv", MembershipRow),
        *("person_id name role unit_id from", "membership:person_id"),
    ),
    _kind(
        *("exemption", "exemptions.csv", ExemptionRow),
        *("exemption_id duty period reason", "exemption:exemption_id"),
    ),
    _kind("record", "records.csv", RecordRow, "record_id record occurred_at", "record:record_id"),
    _kind(
        *("withdrawal", "withdrawals.csv", WithdrawalRow),
        *("record_id withdrawn_at reason", "withdrawal:record_id"),
    ),
    _kind(
        *("finding", "findings.csv", FindingRow),
        *("finding_id unit_id assessor_id found_on points", "finding:finding_id"),
    ),
    _kind(
        *("sheet", "sheets.csv", SheetRow),
        *("sheet_id unit_id assessor_id period item points assessed_on", "sheet:sheet_id"),
    ),
    _kind("unit_closed", "", UnitClosedRow, "unit_id closed_on", "unit-change:unit_id"),
    _kind("unit_related", "", UnitRelatedRow, "unit_id from", "unit-change:unit_id"),
    _kind("membership_ended", "", MembershipEndedRow, "person_id unit_id from to", "membership-change:person_id"),
    _kind("finding_rectified", "", FindingRectifiedRow, "finding_id rectified_on", "finding-change:finding_id"),
)
_BY_CLASS: Final[Mapping[type[Row], RowKind]] = {kind.row: kind for kind in _ROWS}
_STREAM_OF_COLUMN: Final[Mapping[str, str]] = {
    **dict.fromkeys(("unit_id", "zone_id", "community_id", "liaison_id", "assessor_id"), "unit"),
    **{f"{entry}_id": entry for entry in ("person", "record", "exemption", "finding", "sheet")},
}
_NAMED: Final[Mapping[type[Row], tuple[tuple[int, str], ...]]] = {
    kind.row: tuple(
        (at, _STREAM_OF_COLUMN[column]) for at, column in enumerate(kind.columns) if column in _STREAM_OF_COLUMN
    )
    for kind in _ROWS
}
_ID_LOCKS: Final[Mapping[type[Row], tuple[str, int]]] = {
    kind.row: (kind.id_lock[0], kind.columns.index(kind.id_lock[1])) for kind in _ROWS
}

ROW_KINDS: Final[Mapping[str, RowKind]] = {kind.name: kind for kind in _ROWS}
"""By name: the files first, in the order in which they are taken, then the changes (interfaces.md)."""


def row_of(kind: str, cells: Mapping[str, str]) -> Row:
    """The row of that kind (a key of ROW_KINDS): its own columns only, '' where a cell is absent."""
    row_kind = ROW_KINDS[kind]
    return row_kind.row(*[cells.get(column, "") for column in row_kind.columns])


def kind_of(row: Row) -> RowKind:
    return _BY_CLASS[type(row)]


def cells_of(row: Row) -> dict[str, str]:
    """The inverse of `row_of`: every column with its cell."""
    return dict(zip(kind_of(row).columns, row, strict=True))


def streams_of(row: Row) -> frozenset[str]:
    """The log streams that deciding the row needs: its own, and those of all that it names."""
    return frozenset([f"{space}-{row[at]}" for at, space in _NAMED[type(row)] if is_id(row[at])])


def id_lock(row: Row) -> str:
    """The id that a pending row locks, so that a later row of the same id is pending behind it; '' when it has no id.

    All memberships of one person share one lock: they keep their order.  A withdrawal does not lock its record.
    """
    space, at = _ID_LOCKS[type(row)]
    return f"{space}:{row[at]}" if is_id(row[at]) else ""
