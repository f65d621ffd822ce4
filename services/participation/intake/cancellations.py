"""Reports that cancel an own report which is still pending (`qihang.report.cancelled.v1`); they leave no event, as what
is pending leaves none."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from chassis.intake.cloudevents import Receipt, Report
from chassis.intake.pending_reports import PendingReport
from contracts.intake import REPORT_CANCELLED
from services.participation.domain import message
from services.participation.domain.cells import is_text

WIRE = REPORT_CANCELLED.wire
_LONGEST = 256  # characters of a report's source and of its id (chassis.intake.cloudevents)
_NOT_WAITING = "没有这一来源和编号的待关联报送：未曾报送、已有结果，或已撤销。请核对编号。"
_CANCELLED = "该报送在关联之前已由报送方撤销；仍需报送的请重新报送。"


@dataclass
class Cancellation:
    """One report of this kind: who names it, and the source and id of the report that it cancels."""

    source: str
    id: str
    digest: str
    cancelled_source: str
    cancelled_id: str
    revision: int = 0
    receipt: Receipt | None = None

    @classmethod
    def of(cls, report: Report, digest: str) -> "Cancellation":
        return cls(report.source, report.id, digest, report.data.get("source", ""), report.data.get("id", ""),
                   report.revision)  # fmt: skip

    def cancels(self, pending_report: PendingReport) -> bool:
        return (pending_report.source, pending_report.id) == (self.cancelled_source, self.cancelled_id)

    def is_refused_for_its_cells(self) -> bool:
        """Whether its receipt says that it names no report that there could be; the store is not asked for such."""
        cells = (("source", self.cancelled_source), ("id", self.cancelled_id))
        failures = [(name, "missing") for name, cell in cells if not cell]
        failures += [(name, "bad_text") for name, cell in cells if not is_text(cell, _LONGEST)]
        for column, code in failures[:1]:
            self.receipt = _refused(self.source, self.id, column, code, message(code, column, dict(cells)[column]))
        return bool(failures)

    def answer(self, pending_report: PendingReport | None) -> bool:
        """The receipt, by what is pending of that name.  Whether it is cancelled."""
        if pending_report is not None:
            self.receipt = Receipt(self.source, self.id, "accepted")
        else:
            self.receipt = _refused(self.source, self.id, "id", "not_waiting", _NOT_WAITING)
        return pending_report is not None


def receipt_of_cancelled(pending_report: PendingReport) -> Receipt:
    """What became of the report that was pending."""
    refused = _refused(pending_report.source, pending_report.id, "id", "cancelled", _CANCELLED)
    return replace(refused, revision=pending_report.revision)


def cancelled_source(report: Report) -> str:
    """The source of the report that this one would cancel.  Empty: it cancels none, or names no source that there
    could be."""
    source = report.data.get("source", "") if report.fault is None and report.type == WIRE else ""
    return source if is_text(source, _LONGEST) else ""


def still_pending(pending_report: PendingReport | None, decided: Collection[PendingReport]) -> PendingReport | None:
    """What is pending in the store, unless it was decided since in the same transaction."""
    return None if pending_report is None or any(item.seq == pending_report.seq for item in decided) else pending_report


def _refused(source: str, report_id: str, column: str, code: str, text: str) -> Receipt:
    return Receipt(source, report_id, "refused", column, code, text)
