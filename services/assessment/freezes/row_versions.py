"""The row tables that figures are calculated from, with all versions of each row: what a version changed, and the row
that results from a selection of versions."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from chassis.events.recorded_event import partition_of
from chassis.store.prepared_query import column_in
from chassis.store.row_statements import column_names, row_id_names
from duties.days import Instant, iso
from services.assessment.decisions.projections import decisions
from services.assessment.findings.projections import findings
from services.assessment.scores.projections import REPORTED_CELLS, UNIT, WITHDRAWN, records
from services.assessment.sheets.projections import sheets
from services.assessment.tables import exemptions, registry
from services.registry.projections import day_or_zero
from services.registry.versions import WHOLE_ROW

Key = tuple[Any, ...]
"""The key of a row, in the order of its table's id columns."""
Version = Any
SOURCE = "participation"
"""The service whose events all these rows are projected from."""
Taken = Callable[[Version], bool]


@dataclass(frozen=True, eq=False)
class RowTable:
    """A table of scoring.md 1 as stored here; `columns`: the stored column for a column of the file, where the names
    differ."""

    name: str
    table: Table
    stream: str
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        return row_id_names(self.table)

    def key(self, version: Version) -> Key:
        return tuple(getattr(version, name) for name in self.ids)

    def row_name(self, key: Key) -> str:
        """`TABLE/ID`; the id of a membership is person_id, unit_id and from, joined by `/`."""
        if self.table is registry.memberships:
            person_id, since, unit_id = key
            return f"{self.name}/{person_id}/{unit_id}/{iso(since)}"
        return f"{self.name}/{key[0]}"

    def keys_named(self, row_id: str) -> list[Key]:
        """The keys that an id may stand for: for memberships several, since ids of persons and units may contain
        slashes."""
        if self.table is not registry.memberships:
            return [(row_id,)]
        *names, since = row_id.split("/")
        try:
            day = day_or_zero(since)
        except ValueError:
            return []
        return [("/".join(names[:n]), day, "/".join(names[n:])) for n in range(1, len(names))]

    def stream_of(self, key: Key) -> str:
        return f"{self.stream}-{key[0]}"

    def changed_columns(self, version: Version) -> list[str]:
        """The columns of this table that the version may have changed."""
        cells = version.changed.split(";")
        return [name for cell in cells for name in self.columns.get(cell, (cell,)) if name in self.table.c]


ROW_TABLES: Mapping[str, RowTable] = {
    item.name: item
    for item in (
        RowTable("units", registry.units, "unit"),
        RowTable("people", registry.memberships, "person", {"to": ("until",), "name": ()}),
        RowTable("exemptions", exemptions, "exemption"),
        RowTable("records", records, "record", {
            "record": ("kind",), "occurred_at": ("day", "done_at"), "content_sha256": (),
        }),
        RowTable("findings", findings, "finding"),
        RowTable("sheets", sheets, "sheet"),
        RowTable("decisions", decisions, "decision"),
    )
}  # fmt: skip


def versions_of(connection: Connection, item: RowTable, keys: Iterable[Key]) -> dict[Key, list[Version]]:
    """All versions of these rows, in the order of their events."""
    wanted = set(keys)
    first = item.table.c[item.ids[0]]
    chosen = column_in(first, sorted({key[0] for key in wanted}), connection.dialect.name == "postgresql")
    result: dict[Key, list[Version]] = defaultdict(list)
    for version in connection.execute(sa.select(item.table).where(chosen).order_by(item.table.c.position)):
        if (key := item.key(version)) in wanted:
            result[key].append(version)
    return dict(result)


def position_of(item: RowTable, version: Version, partitions: int) -> str:
    """The position of the event that made the version, in the form source/partition/position."""
    return f"{SOURCE}/{partition_of(item.stream_of(item.key(version)), partitions)}/{version.position}"


def official_row(
    item: RowTable, versions: Sequence[Version], known_at: Instant, admitted: Collection[str], partitions: int
) -> SimpleNamespace | None:
    """The row as known at a freeze, with admissions; `admitted`: positions of events."""

    def in_time(version: Version) -> bool:
        return position_of(item, version, partitions) in admitted

    return row_left_by(item, versions, lambda version: version.known_from <= known_at or in_time(version), in_time)


def present_row(versions: Sequence[Version]) -> SimpleNamespace | None:
    """The row as it is now; None if it is void."""
    return None if versions[-1].voided else SimpleNamespace(**versions[-1]._mapping)


def row_left_by(item: RowTable, versions: Sequence[Version], taken: Taken, in_time: Taken) -> SimpleNamespace | None:
    """The row that results from applying only the versions for which `taken` holds, each with what it changed; None if
    its acceptance is not among them or it is void.  `in_time`: versions to treat as recorded in time."""
    row: dict[str, Any] | None = None
    voided = False
    left = [version for version in versions if taken(version)]
    for version in left:
        if not version.changed:
            row = {name: getattr(version, name) for name in column_names(item.table)}
        elif row is not None and version.changed in (WHOLE_ROW, WITHDRAWN):
            voided = bool(version.voided)
        elif row is not None:
            row |= {name: getattr(version, name) for name in item.changed_columns(version)}
        if row is not None and item.table is records:
            row |= _reported_columns(version, in_time(version))
    if row is not None and item.table is records:
        row["content"] = _content(versions, left)
    return None if row is None or voided else SimpleNamespace(**row)


_CONTENT = ("content_sha256", "person_id", "record")
"""The cells that `content` is calculated from: the hash of the file, keyed by the person if the record's kind is a
person's."""


def _content(versions: Sequence[Version], left: Sequence[Version]) -> str:
    """The content of a version in which these cells have the same values as in the result (the kind may differ); empty,
    which equals nothing, if there is none."""
    now, official = dict[str, int](), dict[str, int]()
    by_cells: dict[tuple[int, ...], str] = {}
    for version in versions:
        cells = version.changed.split(";") if version.changed else _CONTENT
        changed = {name: version.position for name in _CONTENT if name in cells}
        now |= changed
        official |= changed if version in left else {}
        origins = tuple(now[name] for name in _CONTENT)
        by_cells[origins] = by_cells[origins[:2]] = version.content
    wanted = tuple(official[name] for name in _CONTENT)
    return by_cells.get(wanted, by_cells.get(wanted[:2], ""))


def _reported_columns(version: Version, in_time: bool) -> dict[str, int]:
    """The columns for when the record was reported, if this version sets them (scoring.md 3, Reported in time)."""
    cells, result = set(version.changed.split(";")), {}
    if not version.changed or cells & REPORTED_CELLS:
        result["reported_at"] = 0 if in_time else version.reported_at
    if not version.changed or cells & {*REPORTED_CELLS, UNIT}:
        result["unit_reported_at"] = 0 if in_time else version.unit_reported_at
    return result
