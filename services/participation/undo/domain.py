"""The effect of undoing an import or a roster on each row that it touched, from the row's history.  Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from chassis.events.definition import Event
from contracts import corrections, participation
from services.participation.corrections.domain import RESTORE, WHOLE
from services.participation.domain.rows import CORRECTABLE, ROW_REASON, CorrectionRow, ReportedCorrection
from services.participation.history.domain import STREAM_OF_TABLE, Cell, Entry

_TABLE_OF: Final[Mapping[type[Event], str]] = {
    participation.UnitRegistered: "units", corrections.UnitCorrected: "units",
    participation.UnitRelated: "units", participation.UnitClosed: "units",
    participation.MembershipStarted: "people", corrections.MembershipCorrected: "people",
    participation.MembershipEnded: "people",
    participation.PostAssigned: "posts", corrections.PostCorrected: "posts",
    participation.ExemptionGranted: "exemptions", corrections.ExemptionCorrected: "exemptions",
    participation.RecordSubmitted: "records", corrections.RecordCorrected: "records",
    participation.RecordWithdrawn: "records",
    participation.FindingReported: "findings", corrections.FindingCorrected: "findings",
    participation.RectificationReported: "findings",
    participation.SheetReported: "sheets", corrections.SheetCorrected: "sheets",
    participation.DecisionSigned: "decisions", corrections.DecisionCorrected: "decisions",
}  # fmt: skip
UNDO: Final = "undo-"
"""Prefix of the correlation id of an undo, followed by that of what is undone."""
MESSAGES: Final[Mapping[str, str]] = {
    "changed_since": "之后这一行又有变化，没有撤销。请在来龙去脉中查看，再单独更正。",
    "built_on": "其他数据用到了它（如任职、岗位职务、填报记录、免除、考核、所属单位），没有撤销。请先处理那些数据。",
    "related": "只改了单位的所属关系，没有撤销。请重新报送原来的关系。",
    "erased": "原来的内容属于已删除个人信息的人员，无法恢复，没有撤销。",
}
"""Why a row stays as it is."""


@dataclass(frozen=True)
class RowName:
    """A row of a table, by its ids."""

    table: str
    ids: tuple[str, ...]

    @property
    def row(self) -> str:
        """The row's name in a correction."""
        return "/".join(self.ids)

    @property
    def stream(self) -> str:
        return f"{STREAM_OF_TABLE[self.table]}-{self.ids[2 if self.table == 'posts' else 0]}"


def row_touched(event: Event) -> RowName | None:
    """The row that an event is about; None if it is not about one."""
    table = _TABLE_OF.get(type(event))
    if table is None:
        return None
    return RowName(table, tuple(str(getattr(event, field)) for field in _id_fields(table)))


def _id_fields(table: str) -> tuple[str, ...]:
    match table:
        case "people":
            return ("person_id", "unit_id", "since")
        case "posts":
            return ("unit_id", "post", "person_id", "since")
    return (f"{table.removesuffix('s')}_id",)


@dataclass(frozen=True)
class Step:
    """The undo of a row: `value` of a correction of the whole row, None: none; `cells`: former values to restore;
    `refusal`: why the rest cannot be undone."""

    value: str | None = None
    cells: tuple[tuple[str, Cell], ...] = ()
    refusal: str = ""


def step_of(entries: Sequence[Entry], correlation: str, undo: str) -> Step:
    """From the row's history: events of the import have `correlation`, those of its undo `undo`."""
    entries = _in_effect([entry for entry in entries if entry.what != "erased"], undo)
    if any(entry.recorded.correlation == undo for entry in entries):
        return Step()
    own = [at for at, entry in enumerate(entries) if entry.recorded.correlation == correlation]
    later = [entry for entry in entries[own[0] :] if entry.recorded.correlation != correlation]
    gone = _is_void(entries)
    if own[0] == 0 or _is_void(entries[: own[0]]):
        return Step() if gone and not later else Step(refusal="changed_since") if later else Step("")
    if gone and (later or not any(_voids(entries[at]) for at in own)):
        return Step(refusal="changed_since")
    return _cells_back([entries[at] for at in own], later, RESTORE if gone else None)


def _in_effect(entries: Sequence[Entry], undo: str) -> list[Entry]:
    """Without events that other undos reversed, and these undos themselves."""
    correlations = {entry.recorded.correlation for entry in entries}
    undos = {name for name in correlations if name.startswith(UNDO)} - {undo}
    undone = {name.removeprefix(UNDO) for name in undos}
    return [entry for entry in entries if entry.recorded.correlation not in undos | undone]


def _is_void(entries: Sequence[Entry]) -> bool:
    return any(_voids(entry) for entry in entries) and not _restored_since_void(entries)


def _restored_since_void(entries: Sequence[Entry]) -> bool:
    last = max(at for at, entry in enumerate(entries) if _voids(entry))
    return any(entry.what in ("restored", "accepted") for entry in entries[last:])


def _voids(entry: Entry) -> bool:
    return entry.what in ("voided", "withdrawn")


def _cells_back(own: Sequence[Entry], later: Sequence[Entry], value: str | None) -> Step:
    """Each cell as before the import, unless somebody changed it since."""
    before: dict[str, Cell] = {}
    now: dict[str, Cell] = {}
    for entry in own:
        for change in entry.changes if entry.what in ("corrected", "ended", "closed", "rectified") else ():
            before.setdefault(change.column, change.before)
            now[change.column] = change.after
    touched = {change.column for entry in later for change in entry.changes}
    if any(entry.what in ("voided", "restored", "withdrawn") for entry in later):
        touched |= before.keys()
    cells = tuple((column, cell) for column, cell in before.items() if column not in touched and cell != now[column])
    related = any(entry.what == "related" for entry in own)
    refusal = "changed_since" if touched & before.keys() else "related" if related else ""
    return Step(value, cells, refusal)


def correction_of(import_id: str, name: RowName, value: str, reason: str) -> CorrectionRow:
    """The correction that voids (value empty) or restores the row; its id contains the undo's."""
    correction_id = f"undo-{import_id}-{name.table}-{name.row}"
    return CorrectionRow(_short(correction_id), name.table, name.row, WHOLE, value, reason)


def cells_corrected(name: RowName, cells: Sequence[tuple[str, str]], reason: str) -> ReportedCorrection:
    """The correction of these cells, decided together."""
    changes = tuple((ROW_REASON if column == "reason" else column, text) for column, text in cells)
    return ReportedCorrection(f"{CORRECTABLE[name.table]}_corrected", name.ids, changes, reason)


def _short(correction_id: str) -> str:
    """Ids have at most 128 characters; the end of a longer one is replaced by a digest."""
    if len(correction_id) <= 128:
        return correction_id
    return f"{correction_id[:87]}-{sha256(correction_id.encode()).hexdigest()[:40]}"
