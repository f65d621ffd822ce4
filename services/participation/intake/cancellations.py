"""Reports that cancel an own report which is still pending (`qihang.report.cancelled.v1`); like pending reports they
leave no event."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from chassis.intake.cloudevents import Receipt, Report
from chassis.intake.pending_reports import PendingReport
from contracts.intake import REPORT_CANCELLED
from services.participation.domain import message
from services.participation.domain.cells import is_text

WIRE = REPORT_CANCELLED.wire
_LONGEST = 256  # length limit of a report's source and id (chassis.intake.cloudevents)
_NOT_WAITING = "没有这一来源和编号的待关联报送：未曾报送、已有结果，或已撤销。请核对编号。"
_CANCELLED = "该报送在关联之前已由报送方撤销；仍需报送的请重新报送。"


@dataclass
class Cancellation:
    """One such report: its sender, and source and id of the report to cancel."""

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
        """Whether its receipt is a refusal because it names no possible report; the store need not be queried then."""
        cells = (("source", self.cancelled_source), ("id", self.cancelled_id))
        failures = [(name, "missing") for name, cell in cells if not cell]
        failures += [(name, "bad_text") for name, cell in cells if not is_text(cell, _LONGEST)]
        for column, code in failures[:1]:
            self.receipt = _refusal_receipt(
                self.source, self.id, column, code, message(code, column, dict(cells)[column])
            )
        return bool(failures)

    def answer(self, pending_report: PendingReport | None) -> bool:
        """Set the receipt, given the pending report of that name; returns whether that is cancelled."""
        if pending_report is not None:
            self.receipt = Receipt(self.source, self.id, "accepted")
        else:
            self.receipt = _refusal_receipt(self.source, self.id, "id", "not_waiting", _NOT_WAITING)
        return pending_report is not None


def receipt_of_cancelled(pending_report: PendingReport) -> Receipt:
    """The receipt of the report that was pending."""
    refused = _refusal_receipt(pending_report.source, pending_report.id, "id", "cancelled", _CANCELLED)
    return replace(refused, revision=pending_report.revision)


def cancelled_source(report: Report) -> str:
    """The source of the report that this one would cancel; empty if it cancels none, or names no possible source."""
    source = report.data.get("source", "") if report.fault is None and report.type == WIRE else ""
    return source if is_text(source, _LONGEST) else ""


def still_pending(pending_report: PendingReport | None, decided: Collection[PendingReport]) -> PendingReport | None:
    """The pending report in the store, unless it was decided in the same transaction."""
    return None if pending_report is None or any(item.seq == pending_report.seq for item in decided) else pending_report


def _refusal_receipt(source: str, report_id: str, column: str, code: str, text: str) -> Receipt:
    return Receipt(source, report_id, "refused", column, code, text)
