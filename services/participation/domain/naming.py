"""What a row refers to: the streams it needs, the id it locks, the row that a correction is about."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from services.participation.domain.cells import POSTS, is_day, is_id
from services.participation.domain.rows import (
    CORRECTABLE,
    ROW_KINDS,
    CorrectionRow,
    ReportedCorrection,
    Row,
    kind_of,
)

_UNIT_COLUMNS: Final = ("unit_id", "zone_id", "community_id", "liaison_id", "assessor_id")
_SPACE_OF_COLUMN: Final[Mapping[str, str]] = {
    **dict.fromkeys(_UNIT_COLUMNS, "unit"),
    **{f"{entry}_id": entry for entry in ("person", "record", "exemption", "finding", "sheet", "decision")},
    "correction_id": "correction",
}
_NAMED: Final[Mapping[type[Row], tuple[tuple[int, str], ...]]] = {
    kind.row: tuple(
        (at, _SPACE_OF_COLUMN[column]) for at, column in enumerate(kind.columns) if column in _SPACE_OF_COLUMN
    )
    for kind in ROW_KINDS.values()
    if not kind.corrects
}
_ID_LOCKS: Final[Mapping[type[Row], tuple[str, int]]] = {
    kind.row: (kind.id_lock[0], kind.columns.index(kind.id_lock[1])) for kind in ROW_KINDS.values() if not kind.corrects
}


class Target(NamedTuple):
    """The accepted row that a correction is about: its kind (such as `record`) and the cells of its id."""

    kind: str
    ids: tuple[str, ...]

    @property
    def key(self) -> str:
        """`record:ID`, as a pending row awaits it; all memberships and posts of a person share one."""
        match self.kind:
            case "membership":
                return f"person:{self.ids[0]}"
            case "post":
                return f"person:{self.ids[2]}"
        return f"{self.kind}:{self.ids[0]}"

    @property
    def stream(self) -> str:
        return self.key.replace(":", "-", 1)


def targets_of(row: CorrectionRow | ReportedCorrection) -> Iterator[Target]:
    """The rows that a correction may be about; none if it has no valid id.  For a membership `a/b/c/from` or a post
    `a/head/b/c/from` whose ids contain the separator, every possible reading: at most one is an accepted row."""
    if isinstance(row, ReportedCorrection):
        if all(map(is_id, row.ids)):
            yield Target(kind_of(row).corrects, row.ids)
        return
    kind = CORRECTABLE.get(row.table, "")
    if kind in ("membership", "post"):
        splits = split_membership_id(row.row) if kind == "membership" else split_post_id(row.row)
        yield from (Target(kind, ids) for ids in splits if all(map(is_id, ids)) and is_day(ids[-1]))
    elif kind and is_id(row.row):
        yield Target(kind, (row.row,))


def split_membership_id(row_id: str) -> list[tuple[str, ...]]:
    """Every way to read `person_id/unit_id/from`, since ids may contain slashes."""
    *named, since = row_id.split("/")
    return [("/".join(named[:at]), "/".join(named[at:]), since) for at in range(1, len(named))]


def split_post_id(row_id: str) -> list[tuple[str, ...]]:
    """Every way to read `unit_id/post/person_id/from`."""
    *named, since = row_id.split("/")
    return [("/".join(named[:at]), named[at], "/".join(named[at + 1 :]), since)
            for at in range(1, len(named) - 1) if named[at] in POSTS]  # fmt: skip


def streams_of(row: Row) -> frozenset[str]:
    """The streams needed to decide the row: its own, and those of everything it refers to.

    What the row that a correction is about refers to is known only after that is loaded (`corrections.domain`)."""
    if isinstance(row, CorrectionRow):
        own = [f"correction-{row.correction_id}"] if is_id(row.correction_id) else []
        return frozenset(
            [*own, *(target.stream for target in targets_of(row)), *_streams_named([(row.column, row.value)])]
        )
    if isinstance(row, ReportedCorrection):
        return frozenset([*_target_streams(row), *_streams_named(row.changes)])
    return frozenset([f"{space}-{row[at]}" for at, space in _NAMED[type(row)] if is_id(row[at])])


def _target_streams(row: CorrectionRow | ReportedCorrection) -> list[str]:
    return [target.stream for target in targets_of(row)]


def _streams_named(changes: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"{_SPACE_OF_COLUMN[column]}-{cell}" for column, cell in changes if column in _SPACE_OF_COLUMN and is_id(cell)
    ]


def id_lock(row: Row) -> str:
    """The id that a pending row locks, so that a later row with the same id is pending behind it; '' if it has no id.

    All memberships of one person share a lock, as do all their posts and all corrections of one row: they keep their
    order.  A withdrawal does not lock its record."""
    if isinstance(row, ReportedCorrection):
        kind = kind_of(row)
        space, name = kind.id_lock[0], row.ids[kind.columns.index(kind.id_lock[1])]
    else:
        space, at = _ID_LOCKS[type(row)]
        name = row[at]
    return f"{space}:{name}" if is_id(name) else ""
