"""Reports to decide: the row of each, the earlier state of its id, and its receipt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.intake.cloudevents import Receipt, Report
from chassis.intake.pending_reports import KnownReport, PendingReport
from services.participation.domain import ROW_KINDS, Row, kind_of, message, row_of
from services.participation.intake.causation import cause_of_report
from services.participation.intake.report_rights import MESSAGES

KIND_OF_TYPE = {kind.wire: name for name, kind in ROW_KINDS.items() if kind.wire}
BEHIND = "behind"
"""In place of a code: it would be accepted, but is behind an earlier report of its id."""
_BEHIND = "同一编号先前的一条报送还在待关联，本条排在其后；先前的有误时，请撤销它，或以更高的 revision 重新报送它。"
_WAITED_OUT = "待关联已超过期限，不再等待。"
_WAITS = "待关联："


@dataclass
class Item:
    """One report to decide; `pending`: its stored pending report, if any; `receipt`: once it is decided.  `replaces`:
    it arrived now, in place of the pending one.  `expired`: the same report was pending before, for too long."""

    source: str
    id: str
    type: str
    data: dict[str, str]
    digest: str
    row: Row
    publisher: str
    revision: int = 0
    pending: PendingReport | None = None
    replaces: bool = False
    expired: KnownReport | None = None
    receipt: Receipt | None = None

    @property
    def was_pending(self) -> bool:
        """Whether its sender got a receipt before, so that another is due."""
        return self.pending is not None and not self.replaces

    def answer(self, outcome: str, column: str = "", code: str = "", *, waited_out: bool = False) -> Receipt:
        text = sentence(code, column, self.data.get(column, "")) if code else ""
        if outcome == "waiting" and code and code != BEHIND:
            text = f"{_WAITS}{text}"
        if waited_out:
            text = f"{_WAITED_OUT}{text}"
        self.receipt = Receipt(self.source, self.id, outcome, column, code, text, revision=self.revision)
        return self.receipt

    def waits(self, column: str, code: str) -> Receipt:
        """It stays pending until what it refers to arrives; without a code: until the one before it is decided."""
        return self.answer("waiting", column or kind_of(self.row).columns[0], code or BEHIND)


def sentence(code: str, column: str, value: str) -> str:
    return _BEHIND if code == BEHIND else MESSAGES.get(code) or message(code, column, value)


def item_of_report(report: Report, digest: str, publisher: str) -> Item:
    row = row_of(KIND_OF_TYPE[report.type], report.data)
    return Item(report.source, report.id, report.type, report.data, digest, row, publisher, report.revision)


def item_of_pending(report: PendingReport) -> Item:
    row = row_of(KIND_OF_TYPE[report.type], report.data)
    return Item(report.source, report.id, report.type, report.data, report.digest, row, report.publisher,
                report.revision, report)  # fmt: skip


def own_cells(kind: str, data: Mapping[str, str]) -> dict[str, str]:
    """The cells of the row: its own columns, and only those given where empty means not given, so that equal rows are
    equal events.  In a correction an empty cell is a value."""
    row_kind = ROW_KINDS[kind]
    kept = frozenset(row_kind.columns[row_kind.ids : -1]) if row_kind.corrects else frozenset[str]()
    return {column: data[column] for column in row_kind.columns if column in data and (data[column] or column in kept)}


def cause_of(items: Sequence[Item]) -> str:
    """The causation; for several reports decided together only their common source, if there is one."""
    sources = {item.source for item in items}
    return cause_of_report(items[0].source, items[0].id if len(items) == 1 else "") if len(sources) == 1 else ""
