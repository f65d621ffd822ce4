"""Decides a batch of reports within one transaction: those that just came, and those that were pending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from chassis.events.definition import Event
from chassis.intake.cloudevents import Receipt, Report, digest, receipt_of_fault
from chassis.intake.pending_reports import DIGESTS, PendingReport, PendingReports
from chassis.store.prepared_query import BoundQuery
from chassis.store.unit_of_work import UnitOfWork
from services.participation.batch import handlers as batch_handlers
from services.participation.batch.domain import LEDGER, RowGroup, awaited_keys, decide_row
from services.participation.campaign.queries import CAMPAIGN_VERSION, rules_in_force
from services.participation.domain import (
    ROW_KINDS,
    Accepted,
    Decision,
    Pending,
    Refused,
    Row,
    Unchanged,
    UnitRow,
    id_lock,
    kind_of,
    message,
    row_of,
)
from services.participation.domain.reserved_ids import names_reserved_id
from services.participation.holdings.kept import NewHoldings
from services.participation.intake import cancellations
from services.participation.intake.cancellations import Cancellation, still_pending
from services.participation.intake.causes import cause_of_report
from services.participation.intake.outcomes import OutcomeCounts
from services.participation.intake.receipts import queue_receipts
from services.participation.intake.report_rights import MESSAGES, ReportRights, Sender

KIND_OF_TYPE = {kind.wire: name for name, kind in ROW_KINDS.items() if kind.wire}
_BEHIND_ALL = 2**62


@dataclass
class _Item:
    """One report to be decided, `pending` if it was; `receipt` once it is decided."""

    source: str
    id: str
    type: str
    data: dict[str, str]
    digest: str
    row: Row
    publisher: str
    pending: PendingReport | None = None
    receipt: Receipt | None = None

    def answer(self, outcome: str, column: str = "", code: str = "") -> Receipt:
        text = MESSAGES.get(code) or message(code, column, self.data.get(column, "")) if code else ""
        self.receipt = Receipt(self.source, self.id, outcome, column, code, text)
        return self.receipt


def prefetch_queries(reports: Sequence[Report]) -> list[BoundQuery]:
    """What deciding a single report asks in any case, to be sent together with the lock.  Of several, some may repeat
    what was accepted: nothing is named."""
    known = [report for report in reports if report.fault is None and report.type in KIND_OF_TYPE]
    if len(reports) != 1 or not known:
        return []
    (report,) = known
    row = row_of(KIND_OF_TYPE[report.type], report.data)
    digests = DIGESTS(sources=[report.source], ids=[report.id])
    return [CAMPAIGN_VERSION(), digests, *batch_handlers.prefetch_queries(row)]


class ReportBatch:
    """Reports that are decided in one unit of work; `released`: how many pending reports may be decided again.
    `rights`: by which each is judged."""

    def __init__(self, unit_of_work: UnitOfWork) -> None:
        self._unit_of_work = unit_of_work
        self._pending = PendingReports(unit_of_work.store, unit_of_work.connection, unit_of_work.query)
        self._rules = rules_in_force(unit_of_work)
        self.rights = ReportRights(unit_of_work)
        self._events: list[Event] = []
        self._accepted: list[tuple[str, str, str, str]] = []
        self._holdings = NewHoldings(unit_of_work)
        self._newly_pending: list[tuple[PendingReport, frozenset[str]]] = []
        self._decided: list[PendingReport] = []
        self._later_receipts: list[tuple[str, Receipt]] = []
        self._unlocked: set[str] = set()
        self._outcomes = OutcomeCounts(unit_of_work)

    @property
    def released(self) -> int:
        return self._pending.released

    def submit(self, reports: Sequence[Report], sender: Sender, reply_to: str) -> list[Receipt]:
        """Decides reports in their order, those that cancel others last.  One receipt each, in their order.

        `reply_to` is the publisher on whose queue the later receipt of a pending report is wanted; empty: nobody's."""
        receipts, items, repeats = self._sort_out(reports, sender)
        rows = [item for item in items.values() if isinstance(item, _Item)]
        self._decide([*self._pending_units(rows), *rows], reply_to)
        for item in items.values():
            if isinstance(item, Cancellation):
                self._cancel(item)
        self._write()
        receipts |= {at: item.receipt for at, item in items.items() if item.receipt is not None}
        for at, first in repeats.items():
            receipts[at] = _receipt_of_repeat(receipts[first])
        self._count(reports, receipts, sender)
        return [receipts[at] for at in range(len(reports))]

    def _count(self, reports: Sequence[Report], receipts: Mapping[int, Receipt], sender: Sender) -> None:
        for at, report in enumerate(reports):
            owner = self.rights.publishers.named(sender.name) or self.rights.publishers.owner_of(report.source)
            if owner and not sender.is_operator:
                self._outcomes.add(owner.name, receipts[at].outcome, receipts[at].code)
        self._outcomes.write()

    def decide_ready(self, limit: int) -> int:
        """Decides pending reports again whose turn has come.  How many were decided; 0: none is left."""
        ready = [_item_of(pending_report) for pending_report in self._pending.ready(limit)]
        self._decide([*ready, *self._pending_units(ready)], "")
        self._write()
        return len(ready)

    def expire(self, before: str, limit: int) -> int:
        """Decides for good, as a file's row, what is pending since before that instant.  How many."""
        expired = [_item_of(pending_report) for pending_report in self._pending.pending_before(before, limit)]
        batch_handlers.load_ledger(self._unit_of_work, [item.row for item in expired])
        for item in expired:
            self._settle(item, self._execute([item], allow_pending=False)[0], "")
        self._write()
        return len(expired)

    def _pending_units(self, items: Sequence[_Item]) -> list[_Item]:
        """Units that name each other are accepted together: with one unit, all pending ones are decided again."""
        if not any(isinstance(item.row, UnitRow) for item in items):
            return []
        here = {item.pending.seq for item in items if item.pending}
        units = self._pending.of_type(ROW_KINDS["unit"].wire)
        return [_item_of(pending_report) for pending_report in units if pending_report.seq not in here]

    def _sort_out(
        self, reports: Sequence[Report], sender: Sender
    ) -> tuple[dict[int, Receipt], dict[int, _Item | Cancellation], dict[int, int]]:
        """By their place: the receipts that can be given at once, what must be decided, and what repeats an earlier."""
        names = [(report.source, report.id) for report in reports if report.fault is None]
        accepted, pending = self._pending.digests(names)
        receipts: dict[int, Receipt] = {}
        items: dict[int, _Item | Cancellation] = {}
        repeats: dict[int, int] = {}
        first: dict[tuple[str, str], int] = {}
        for at, report in enumerate(reports):
            name = (report.source, report.id)
            publisher, refusal = self.rights.judge_report(report, sender)
            own_digest = digest(self._unit_of_work.store.secret, report)
            known = accepted.get(name, pending.get(name))
            if report.fault is not None:
                receipts[at] = receipt_of_fault(report)
            elif refusal is not None:
                receipts[at] = _refused(report, refusal.column, refusal.code, "")
            elif report.type not in KIND_OF_TYPE and report.type != cancellations.WIRE:
                receipts[at] = _refused(report, "type", "unknown_type", report.type)
            elif (known and known != own_digest) or (name in first and items[first[name]].digest != own_digest):
                receipts[at] = _refused(report, "id", "conflict", report.id)
            elif known is not None:
                receipts[at] = Receipt(*name, "unchanged" if name in accepted else "waiting")
            elif name in first:
                repeats[at] = first[name]
            else:
                first[name] = at
                items[at] = _to_decide(report, own_digest, publisher)
        return receipts, items, repeats

    def _decide(self, items: Sequence[_Item], reply_to: str) -> None:
        batch_handlers.load_ledger(self._unit_of_work, [item.row for item in items])
        units = [item for item in items if isinstance(item.row, UnitRow)]
        decisions = self._execute(units, allow_pending=True)
        for item, decision in zip(units, decisions, strict=True):
            self._settle(item, decision, reply_to)
        others = [item for item in items if not isinstance(item.row, UnitRow)]
        locks = self._pending.locked({id_lock(item.row) for item in others})
        for item in others:
            self._settle(item, self._decide_in_turn(item, locks), reply_to)

    def _decide_in_turn(self, item: _Item, locks: dict[str, int]) -> Decision:
        """The decision on one row, unless an earlier row locks its id: then it is pending behind that."""
        lock = id_lock(item.row)
        own = item.pending.seq if item.pending else _BEHIND_ALL
        if locks.get(lock, own) < own:
            return Pending(frozenset((f"hold:{lock}",)))
        decision = self._execute([item], allow_pending=True)[0]
        if isinstance(decision, Pending):
            locks[lock] = own if item.pending else 0
        elif item.pending:
            locks[lock] = own + 1
        return decision

    def _execute(self, items: Sequence[_Item], *, allow_pending: bool) -> list[Decision]:
        for item in items:
            batch_handlers.load_behind(self._unit_of_work, item.row)
        refusals = [self._refusal(item) for item in items]
        permitted = [item for item, refusal in zip(items, refusals, strict=True) if refusal is None]
        if not permitted:
            return [refusal for refusal in refusals if refusal]
        group: RowGroup = tuple(item.row for item in permitted)
        keys = self._unit_of_work.keys.of
        decisions = self._unit_of_work.execute(
            LEDGER, group, self._rules, keys, allow_pending, "", causation=_cause_of(permitted)
        )
        remaining = iter(decisions)
        return [refusal or next(remaining) for refusal in refusals]

    def _refusal(self, item: _Item) -> Refused | None:
        """Why the row is refused whatever it says: its id is ours, or the row is none of its publisher's."""
        if names_reserved_id(item.row):
            return Refused("record_id", "reserved_id")
        ledger = self._unit_of_work.combined_state(LEDGER)
        return self.rights.judge_row(item.row, item.publisher, ledger, self._rules)

    def _settle(self, item: _Item, decision: Decision, reply_to: str) -> None:
        match decision:
            case Pending(awaits=awaits):
                self._keep_pending(item, awaits, reply_to)
                return
            case Accepted(events=events):
                self._events.extend(events)
                self._accepted.append((item.source, item.id, item.digest, _person_of(events)))
                self._holdings.add(item.row, item.source)
                self.rights.remember(item.row, item.source)
                receipt = item.answer("accepted")
            case Unchanged():
                receipt = item.answer("unchanged")
            case Refused(column=column, code=code):
                receipt = item.answer("refused", column, code)
        if item.pending is not None:
            self._decided.append(item.pending)
            self._outcomes.add(item.pending.publisher, receipt.outcome, receipt.code)
            self._unlocked.add(f"hold:{item.pending.id_lock}")
            if item.pending.reply_to:
                self._later_receipts.append((item.pending.reply_to, receipt))

    def _cancel(self, cancellation: Cancellation) -> None:
        """What is pending is not decided any more; who gets its receipts is told, and what it locked has its turn."""
        if cancellation.is_refused_for_its_cells():
            return
        fresh = next((item for item in self._newly_pending if cancellation.cancels(item[0])), None)
        name = (cancellation.cancelled_source, cancellation.cancelled_id)
        cancelled = fresh[0] if fresh else still_pending(self._pending.named(*name), self._decided)
        if not cancellation.answer(cancelled) or cancelled is None:
            return
        if fresh:
            self._newly_pending.remove(fresh)
        else:
            self._decided.append(cancelled)
        self._unlocked.add(f"hold:{cancelled.id_lock}")
        self._accepted.append((cancellation.source, cancellation.id, cancellation.digest, ""))
        if cancelled.reply_to:
            self._later_receipts.append((cancelled.reply_to, cancellations.receipt_of_cancelled(cancelled)))

    def _keep_pending(self, item: _Item, awaits: frozenset[str], reply_to: str) -> None:
        """It is kept with the refusal that it would get now, which an operator is shown."""
        item.answer("waiting")
        ledger = self._unit_of_work.combined_state(LEDGER)
        final = decide_row(item.row, ledger, self._rules, self._unit_of_work.keys.of)
        code, column = (final.code, final.column) if isinstance(final, Refused) else ("", "")
        if item.pending is not None:
            self._pending.keep_pending(item.pending, awaits, code, column)
            return
        cells = {name: cell for name, cell in item.data.items() if name in kind_of(item.row).columns}
        pending_report = PendingReport(item.source, item.id, item.type, cells, item.digest, id_lock(item.row), reply_to,
                                       item.publisher, self._unit_of_work.now, code, column)  # fmt: skip
        self._newly_pending.append((pending_report, awaits))

    def _write(self) -> None:
        self._pending.remove(self._decided)
        for publisher, receipts in groupby(self._later_receipts, key=itemgetter(0)):
            queue_receipts(self._unit_of_work, publisher, [receipt for _, receipt in receipts])
        self._pending.add(self._newly_pending)
        self._pending.release(awaited_keys(self._events) | self._unlocked)
        if accepted := self._accepted:
            self._unit_of_work.defer_write(lambda: self._pending.remember(accepted))
        self._holdings.write()
        self._outcomes.write()


def _person_of(events: Sequence[Event]) -> str:
    """Whom the events of one report are about; empty: nobody."""
    return next((person_id for each in events if (person_id := getattr(each, "person_id", ""))), "")


def _to_decide(report: Report, own_digest: str, publisher: str) -> _Item | Cancellation:
    if report.type == cancellations.WIRE:
        return Cancellation.of(report, own_digest)
    row = row_of(KIND_OF_TYPE[report.type], report.data)
    return _Item(report.source, report.id, report.type, report.data, own_digest, row, publisher)


def _item_of(pending_report: PendingReport) -> _Item:
    row = row_of(KIND_OF_TYPE[pending_report.type], pending_report.data)
    return _Item(pending_report.source, pending_report.id, pending_report.type, pending_report.data,
                 pending_report.digest, row, pending_report.publisher, pending_report)  # fmt: skip


def _cause_of(items: Sequence[_Item]) -> str:
    """Of several that are decided together only the source, where it is one."""
    sources = {item.source for item in items}
    return cause_of_report(items[0].source, items[0].id if len(items) == 1 else "") if len(sources) == 1 else ""


def _refused(report: Report, column: str, code: str, value: str) -> Receipt:
    text = MESSAGES.get(code) or message(code, column, value)
    return Receipt(report.source, report.id, "refused", column, code, text)


def _receipt_of_repeat(first: Receipt) -> Receipt:
    """The same event twice in one body: the second finds the first."""
    return replace(first, outcome="unchanged") if first.outcome == "accepted" else first
