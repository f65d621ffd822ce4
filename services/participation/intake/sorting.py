"""Sorts new reports: those that can be answered at once, those to decide, and repetitions of others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chassis.intake.cloudevents import Receipt, Report, digest, receipt_of_fault
from chassis.intake.pending_reports import KnownReport, PendingReports
from chassis.store.unit_of_work import UnitOfWork
from services.participation.domain import id_lock, row_of
from services.participation.intake import cancellations
from services.participation.intake.cancellations import Cancellation
from services.participation.intake.items import (
    BEHIND,
    KIND_OF_TYPE,
    Item,
    item_of_pending,
    item_of_report,
    own_cells,
    sentence,
)
from services.participation.intake.report_rights import ReportRights, Sender

_SUPERSEDED = "同一来源和编号已有更高 revision 的报送，以更高的为准。"
_NAME = tuple[str, str]


class SortedReports:
    """By index in the body: `receipts` that can be given at once, `items` to decide, `repeats` of an earlier index.
    `unlocked`: id locks that replaced reports no longer hold."""

    def __init__(self, unit_of_work: UnitOfWork, pending: PendingReports, rights: ReportRights) -> None:
        self._unit_of_work, self._pending, self._rights = unit_of_work, pending, rights
        self.receipts: dict[int, Receipt] = {}
        self.items: dict[int, Item | Cancellation] = {}
        self.repeats: dict[int, int] = {}
        self.unlocked: set[str] = set()
        self._first: dict[_NAME, int] = {}
        self._known: Mapping[_NAME, KnownReport] = {}

    def sort(self, reports: Sequence[Report], sender: Sender) -> None:
        self._known = self._pending.known((report.source, report.id) for report in reports if report.fault is None)
        for at, report in enumerate(reports):
            publisher, refusal = self._rights.judge_report(report, sender)
            if report.fault is not None:
                self.receipts[at] = receipt_of_fault(report)
            elif refusal is not None:
                self.receipts[at] = _refusal_receipt(report, refusal.column, refusal.code)
            elif report.type not in KIND_OF_TYPE and report.type != cancellations.WIRE:
                self.receipts[at] = _refusal_receipt(report, "type", "unknown_type", report.type)
            else:
                self._sort_known(at, _canonical(report), publisher)

    def _sort_known(self, at: int, report: Report, publisher: str) -> None:
        """Sort by what is known of its id, in this body and before."""
        name = (report.source, report.id)
        own = digest(self._unit_of_work.store.secret, report)
        first, known = self._first.get(name), self._known.get(name)
        if first is not None and self.items[first].digest == own:
            self.repeats[at] = first
        elif first is not None and report.revision < self.items[first].revision:
            self.receipts[at] = _superseded_receipt(report)
        elif first is not None and report.revision == self.items[first].revision:
            self.receipts[at] = _refusal_receipt(report, "id", "conflict", report.id)
        elif known is None or known.state == "expired":
            self._take_item(at, self._fresh(report, own, publisher, known))
        elif known.digest in (own, ""):  # of an erased person nothing can be compared any more
            self.receipts[at] = _receipt_of_known(report, known)
        elif known.state == "accepted" or report.revision == known.revision:
            self.receipts[at] = _refusal_receipt(report, "id", "conflict", report.id)
        elif report.revision < known.revision:
            self.receipts[at] = _superseded_receipt(report)
        else:
            self._take_item(at, self._replace_pending(report, own, publisher))

    def _take_item(self, at: int, item: Item | Cancellation) -> None:
        name = (item.source, item.id)
        if name in self._first:  # if an id occurs twice in a body, the higher revision counts
            before = self._first[name]
            del self.items[before]
            self.receipts[before] = Receipt(*name, "refused", "id", "superseded", _SUPERSEDED)
        self._first[name] = at
        self.items[at] = item

    def _fresh(self, report: Report, own: str, publisher: str, known: KnownReport | None) -> Item | Cancellation:
        if report.type == cancellations.WIRE:
            return Cancellation.of(report, own)
        item = item_of_report(report, own, publisher)
        if known is not None and known.digest == own and report.revision <= known.revision:
            item.expired = known
        return item

    def _replace_pending(self, report: Report, own: str, publisher: str) -> Item | Cancellation:
        """It replaces the pending report with its id, which is not decided any more."""
        before = self._pending.named(report.source, report.id)
        if before is None or report.type == cancellations.WIRE:
            return self._fresh(report, own, publisher, None)
        row = row_of(KIND_OF_TYPE[report.type], report.data)
        if before.id_lock != id_lock(row):
            self.unlocked.add(f"hold:{before.id_lock}")
        after = replace(before, type=report.type, data=report.data, digest=own, id_lock=id_lock(row),
                        publisher=publisher, since=self._unit_of_work.now, revision=report.revision)  # fmt: skip
        self._pending.replace(after)
        item = item_of_pending(after)
        item.replaces = True
        return item


def _canonical(report: Report) -> Report:
    """The report with the row's own columns only: unknown members are ignored."""
    kind = KIND_OF_TYPE.get(report.type)
    if kind is not None:
        return replace(report, data=own_cells(kind, report.data))
    return replace(report, data={name: cell for name, cell in report.data.items() if name in ("source", "id") and cell})


def _receipt_of_known(report: Report, known: KnownReport) -> Receipt:
    name = (report.source, report.id)
    if known.state == "accepted":
        return Receipt(*name, "unchanged")
    return item_of_report(report, known.digest, "").waits(known.column, "" if known.code == BEHIND else known.code)


def _superseded_receipt(report: Report) -> Receipt:
    return Receipt(report.source, report.id, "refused", "id", "superseded", _SUPERSEDED)


def _refusal_receipt(report: Report, column: str, code: str, value: str = "") -> Receipt:
    return Receipt(report.source, report.id, "refused", column, code, sentence(code, column, value))
