"""What the undo of an import does to each row that it touched, by the row's history.  Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from chassis.events.definition import Event
from contracts import corrections, participation
from services.participation.corrections.domain import RESTORE, WHOLE
from services.participation.domain.rows import CorrectionRow
from services.participation.history.domain import Entry

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
MESSAGES: Final[Mapping[str, str]] = {
    "changed_since": "导入之后这一行又有变化，没有撤销。请在来龙去脉中查看，再单独更正。",
    "built_on": "其他数据用到了这一行（如任职、岗位职务、填报记录或所属单位），没有撤销。请先处理那些数据。",
    "only_corrected": "这次导入只改了这一行的一部分，没有撤销。请用更正改回原来的内容。",
}
"""Why a row stays as it is."""


@dataclass(frozen=True)
class RowName:
    """A row of a table, by which a correction calls it."""

    table: str
    row: str


def row_touched(event: Event) -> RowName | None:
    """The row that an event is about; None: it is about none."""
    table = _TABLE_OF.get(type(event))
    if table is None:
        return None
    return RowName(table, "/".join(str(getattr(event, field)) for field in _id_fields(table)))


def _id_fields(table: str) -> tuple[str, ...]:
    match table:
        case "people":
            return ("person_id", "unit_id", "since")
        case "posts":
            return ("unit_id", "post", "person_id", "since")
    return (f"{table.removesuffix('s')}_id",)


@dataclass(frozen=True)
class Step:
    """What undo does with a row: `value` of a correction of the whole row, None: nothing; `refusal`: why it may not."""

    value: str | None = None
    refusal: str = ""


def step_of(entries: Sequence[Entry], correlation: str, undo: str) -> Step:
    """By the row's history: events of the import bear `correlation`, those of its undo `undo`."""
    if any(entry.recorded.correlation == undo for entry in entries):
        return Step()
    own = [at for at, entry in enumerate(entries) if entry.recorded.correlation == correlation]
    if own[-1] < len(entries) - 1:
        return Step(refusal="changed_since")
    last = entries[own[-1]].what
    brought = any(entries[at].what == "accepted" for at in own)
    if last in ("voided", "withdrawn"):
        return Step() if brought else Step(RESTORE)
    return Step("") if brought or last == "restored" else Step(refusal="only_corrected")


def correction_of(import_id: str, name: RowName, value: str, reason: str) -> CorrectionRow:
    """The correction that voids (value empty) or restores the row; its id says of which undo it is."""
    correction_id = f"undo-{import_id}-{name.table}-{name.row}"
    return CorrectionRow(_short(correction_id), name.table, name.row, WHOLE, value, reason)


def _short(correction_id: str) -> str:
    """An id has 128 characters at most; what would be longer is told apart by a digest."""
    if len(correction_id) <= 128:
        return correction_id
    return f"{correction_id[:87]}-{sha256(correction_id.encode()).hexdigest()[:40]}"
