"""Every kind of reported row, as a tuple of its cells, and the file or intake event that carries it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

ROW_REASON: Final = "row_reason"
"""The name in events for the `reason` column of the corrected row: an event's `reason` is that of the correction."""


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


class PostRow(NamedTuple):
    unit_id: str
    post: str
    person_id: str
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
    category: str
    description: str


class SheetRow(NamedTuple):
    sheet_id: str
    unit_id: str
    assessor_id: str
    period: str
    item: str
    points: str
    assessed_on: str


class DecisionRow(NamedTuple):
    decision_id: str
    kind: str
    year: str
    unit_id: str
    person_id: str
    document: str
    decided_on: str
    reason: str


class CorrectionRow(NamedTuple):
    """A row of corrections.csv: one cell of one row, or with the column `*` the whole row."""

    correction_id: str
    table: str
    row: str
    column: str
    value: str
    reason: str


class ReportedCorrection(NamedTuple):
    """A correction reported by an event: `kind` is a key of ROW_KINDS such as `record_corrected`; `changes`: the
    columns to change with their new cells, in the file's order, the row's own reason as `row_reason`; empty for a
    voided or restored row."""

    kind: str
    ids: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]
    reason: str

    @property
    def changed_cells(self) -> dict[str, str]:
        """The changes by the columns of the corrected row."""
        return {"reason" if column == ROW_REASON else column: cell for column, cell in self.changes}


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
FactRow: TypeAlias = UnitRow | MembershipRow | PostRow | ExemptionRow | RecordRow | FindingRow | SheetRow | DecisionRow
"""A row that can be corrected, voided and restored."""
CellsRow: TypeAlias = FactRow | WithdrawalRow | CorrectionRow | ChangeRow
"""A row that is the tuple of its cells."""
Row: TypeAlias = CellsRow | ReportedCorrection


@dataclass(frozen=True)
class RowKind:
    """A kind of row: its columns in the file's order (the first is its id), and those always required.

    `wire`: its CloudEvents type, empty if only files have it; `file`: empty if only events have it.  `id_lock`: the
    space and column for the function `id_lock`.  `corrects`: the kind of row that an event corrects, voids or restores;
    `ids`: the number of columns that identify that row."""

    name: str
    file: str
    wire: str
    row: type[Row]
    required: frozenset[str]
    id_lock: tuple[str, str]
    columns: tuple[str, ...]
    corrects: str = ""
    ids: int = 1


def _kind(name: str, file: str, row: type[Row], required: str, lock: str) -> RowKind:
    space, column = lock.split(":")
    what, _, past = name.partition("_")
    wire = "" if row is CorrectionRow else f"qihang.{what}.{past or 'reported'}.v1"
    return RowKind(name, file, wire, row, frozenset(required.split()), (space, column), _columns(row))


def _columns(row: type[Row]) -> tuple[str, ...]:
    return tuple(field.rstrip("_") for field in row._fields)


_ROWS: Final = (
    _kind("unit", "units.csv", UnitRow, "unit_id name kind opened_on", "unit:unit_id"),
    _kind(
        *("membership", "people.csv", MembershipRow),
        *("person_id name role unit_id from", "membership:person_id"),
    ),
    _kind("post", "posts.csv", PostRow, "unit_id post person_id from", "post:person_id"),
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
    _kind(
        *("decision", "decisions.csv", DecisionRow),
        *("decision_id kind year document decided_on reason", "decision:decision_id"),
    ),
    _kind(
        *("correction", "corrections.csv", CorrectionRow),
        *("correction_id table row column reason", "correction:correction_id"),
    ),
    _kind("unit_closed", "", UnitClosedRow, "unit_id closed_on", "unit-change:unit_id"),
    _kind("unit_related", "", UnitRelatedRow, "unit_id from", "unit-change:unit_id"),
    _kind("membership_ended", "", MembershipEndedRow, "person_id unit_id from to", "membership-change:person_id"),
    _kind("finding_rectified", "", FindingRectifiedRow, "finding_id rectified_on", "finding-change:finding_id"),
)
_BY_CLASS: Final[Mapping[type[Row], RowKind]] = {kind.row: kind for kind in _ROWS}
KIND_OF_TABLE: Final[Mapping[str, str]] = {kind.file.removesuffix(".csv"): kind.name for kind in _ROWS if kind.file}
"""The kind of rows of each file, by the file's name without extension (units, people, ...), in processing order."""
CORRECTABLE: Final[Mapping[str, str]] = {
    table: kind for table, kind in KIND_OF_TABLE.items() if kind not in ("withdrawal", "correction")
}
"""The same for the rows that can be corrected: the values of the column `table` in corrections.csv."""
ID_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    **{kind: (f"{kind}_id",) for kind in CORRECTABLE.values()},
    "membership": ("person_id", "unit_id", "from"),
    "post": ("unit_id", "post", "person_id", "from"),
}
"""The columns that identify a row of a kind that can be corrected."""


def _corrections_of(kind: RowKind) -> tuple[RowKind, RowKind, RowKind]:
    """The events that correct, void and restore a row of this kind."""
    ids = ID_COLUMNS[kind.name]
    changeable = tuple(ROW_REASON if column == "reason" else column for column in kind.columns if column not in ids)
    required = frozenset((*ids, "reason"))
    lock = (f"correction-{kind.name}", "person_id" if "person_id" in ids else ids[0])
    corrected, voided, restored = (
        RowKind(f"{kind.name}_{past}", "", f"qihang.{kind.name}.{past}.v1", ReportedCorrection, required, lock,
                (*ids, *columns, "reason"), kind.name, len(ids))
        for past, columns in (("corrected", changeable), ("voided", ()), ("restored", ()))
    )  # fmt: skip
    return corrected, voided, restored


_CORRECTIONS: Final = tuple(kind for item in _ROWS if item.name in ID_COLUMNS for kind in _corrections_of(item))
ROW_KINDS: Final[Mapping[str, RowKind]] = {kind.name: kind for kind in (*_ROWS, *_CORRECTIONS)}
"""By name: files first, in the order in which they are processed, then changes and corrections by event."""


def row_of(kind: str, cells: Mapping[str, str]) -> Row:
    """The row of that kind (a key of ROW_KINDS) from its own columns, '' for missing cells; of a correction's columns
    to change those that are present."""
    row_kind = ROW_KINDS[kind]
    if row_kind.corrects:
        ids, changeable = row_kind.columns[: row_kind.ids], row_kind.columns[row_kind.ids : -1]
        changes = tuple((column, cells[column]) for column in changeable if column in cells)
        return ReportedCorrection(kind, tuple(cells.get(item, "") for item in ids), changes, cells.get("reason", ""))
    return row_kind.row(*[cells.get(column, "") for column in row_kind.columns])  # type: ignore[arg-type]


def kind_of(row: Row) -> RowKind:
    return ROW_KINDS[row.kind] if isinstance(row, ReportedCorrection) else _BY_CLASS[type(row)]


def cells_of(row: Row) -> dict[str, str]:
    """The inverse of `row_of`: every column with its cell."""
    columns = kind_of(row).columns
    if isinstance(row, ReportedCorrection):
        return {**dict(zip(columns, row.ids, strict=False)), **dict(row.changes), "reason": row.reason}
    return dict(zip(columns, row, strict=True))
