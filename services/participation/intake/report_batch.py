"""Decides a batch of reports in one transaction: new ones, and pending ones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

from chassis.events.definition import Event
from chassis.intake.cloudevents import Receipt, Report
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
    Unchanged,
    UnitRow,
    id_lock,
    row_of,
)
from services.participation.domain.reserved_ids import names_reserved_id
from services.participation.holdings.record_holdings import NewHoldings
from services.participation.intake import cancellations
from services.participation.intake.cancellations import Cancellation, still_pending
from services.participation.intake.items import KIND_OF_TYPE, Item, cause_of, item_of_pending
from services.participation.intake.outcomes import OutcomeCounts
from services.participation.intake.receipts import queue_receipts
from services.participation.intake.report_rights import ReportRights, Sender
from services.participation.intake.sorting import SortedReports

_BEHIND_ALL = 2**62


def prefetch_queries(reports: Sequence[Report]) -> list[BoundQuery]:
    """The queries that deciding a single report needs in any case, to be sent together with the lock.  None for several
    reports: some may repeat accepted ones."""
    known = [report for report in reports if report.fault is None and report.type in KIND_OF_TYPE]
    if len(reports) != 1 or not known:
        return []
    (report,) = known
    row = row_of(KIND_OF_TYPE[report.type], report.data)
    digests = DIGESTS(sources=[report.source], ids=[report.id])
    return [CAMPAIGN_VERSION(), digests, *batch_handlers.prefetch_queries(row)]


class ReportBatch:
    """Reports decided in one unit of work; `released`: the number of pending reports to be decided again.  `rights`:
    checks each report."""

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
        self._expired: list[Item] = []
        self._outcomes = OutcomeCounts(unit_of_work, self._rules.zone if self._rules else None)

    @property
    def released(self) -> int:
        return self._pending.released

    def submit(self, reports: Sequence[Report], sender: Sender, reply_to: str) -> list[Receipt]:
        """Decide reports in order, cancellations last; returns a receipt for each, in order.

        `reply_to`: the publisher whose queue gets the later receipt of a pending report; empty: none."""
        sorted_reports = SortedReports(self._unit_of_work, self._pending, self.rights)
        sorted_reports.sort(reports, sender)
        self._unlocked |= sorted_reports.unlocked
        receipts, items = sorted_reports.receipts, sorted_reports.items
        rows = [item for item in items.values() if isinstance(item, Item)]
        self._decide([*self._pending_units(rows), *rows], reply_to)
        for item in items.values():
            if isinstance(item, Cancellation):
                self._cancel(item)
        self._write()
        receipts |= {at: item.receipt for at, item in items.items() if item.receipt is not None}
        for at, first in sorted_reports.repeats.items():
            receipts[at] = _receipt_of_repeat(receipts[first])
        for at, report in enumerate(reports):
            if report.revision != receipts[at].revision:
                receipts[at] = replace(receipts[at], revision=report.revision)
        self._count(reports, receipts, sender)
        return [receipts[at] for at in range(len(reports))]

    def _count(self, reports: Sequence[Report], receipts: Mapping[int, Receipt], sender: Sender) -> None:
        for at, report in enumerate(reports):
            owner = self.rights.publishers.named(sender.name) or self.rights.publishers.owner_of(report.source)
            if owner and not sender.is_operator:
                self._outcomes.add(owner.name, receipts[at])
        self._outcomes.write()

    def decide_ready(self, limit: int) -> int:
        """Decide released reports again; returns how many, 0 if none are left."""
        ready = [item_of_pending(pending_report) for pending_report in self._pending.ready(limit)]
        self._decide([*ready, *self._pending_units(ready)], "")
        self._write()
        return len(ready)

    def expire(self, before: str, limit: int) -> int:
        """Decide finally, like a file's row, what has been pending since before that instant; returns how many."""
        expired = [item_of_pending(pending_report) for pending_report in self._pending.pending_before(before, limit)]
        batch_handlers.load_ledger(self._unit_of_work, [item.row for item in expired])
        for item in expired:
            decision = self._execute([item], allow_pending=False)[0]
            self._settle(item, decision, "")
            if isinstance(decision, Refused):
                self._expired.append(item)
        self._write()
        return len(expired)

    def _pending_units(self, items: Sequence[Item]) -> list[Item]:
        """Units that refer to each other are accepted together, so with one unit all pending ones are decided again."""
        if not any(isinstance(item.row, UnitRow) for item in items):
            return []
        here = {item.pending.seq for item in items if item.pending}
        units = self._pending.of_type(ROW_KINDS["unit"].wire)
        return [item_of_pending(pending_report) for pending_report in units if pending_report.seq not in here]

    def _decide(self, items: Sequence[Item], reply_to: str) -> None:
        batch_handlers.load_ledger(self._unit_of_work, [item.row for item in items])
        units = [item for item in items if isinstance(item.row, UnitRow)]
        decisions = self._execute(units, allow_pending=True)
        for item, decision in zip(units, decisions, strict=True):
            self._settle(item, decision, reply_to)
        others = [item for item in items if not isinstance(item.row, UnitRow)]
        locks = self._pending.locked({id_lock(item.row) for item in others})
        for item in others:
            self._settle(item, self._decide_in_turn(item, locks), reply_to)

    def _decide_in_turn(self, item: Item, locks: dict[str, int]) -> Decision:
        """The decision on one row; pending if an earlier row locks its id."""
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

    def _execute(self, items: Sequence[Item], *, allow_pending: bool) -> list[Decision]:
        """Load what their rows refer to (`load_ledger`), and decide."""
        for item in items:
            batch_handlers.load_behind(self._unit_of_work, item.row)
        refusals = [self._refusal(item) for item in items]
        permitted = [item for item, refusal in zip(items, refusals, strict=True) if refusal is None]
        if not permitted:
            return [refusal for refusal in refusals if refusal]
        group: RowGroup = tuple(item.row for item in permitted)
        (decisions,) = self._unit_of_work.execute_all(
            LEDGER, [group], self._rules, self._unit_of_work.keys.of, allow_pending, "",
            causations=[cause_of(permitted)], are_loaded=True,
        )  # fmt: skip
        remaining = iter(decisions)
        return [refusal or next(remaining) for refusal in refusals]

    def _refusal(self, item: Item) -> Refused | None:
        """The refusal that does not depend on the row's content: its id is reserved, or the row is not its
        publisher's."""
        if names_reserved_id(item.row):
            return Refused("record_id", "reserved_id")
        ledger = self._unit_of_work.combined_state(LEDGER)
        return self.rights.judge_row(item.row, item.publisher, ledger, self._rules)

    def _settle(self, item: Item, decision: Decision, reply_to: str) -> None:
        match decision:
            case Pending(awaits=awaits):
                self._keep_pending(item, awaits, reply_to)
                return
            case Accepted(events=events):
                self._events.extend(events)
                self._accepted.append((item.source, item.id, item.digest, _person_of(events)))
                self._holdings.add(item.row, item.source)
                if item.expired is not None:
                    self._pending.forget_expired(item.source, item.id)
                self.rights.remember(item.row, item.source)
                receipt = item.answer("accepted")
            case Unchanged():
                receipt = item.answer("unchanged")
            case Refused(column=column, code=code):
                receipt = item.answer("refused", column, code)
        if item.pending is not None:
            self._decided.append(item.pending)
            self._unlocked.add(f"hold:{item.pending.id_lock}")
        if item.pending is not None and item.was_pending:
            self._outcomes.add(item.pending.publisher, receipt)
            if item.pending.reply_to:
                self._later_receipts.append((item.pending.reply_to, receipt))

    def _cancel(self, cancellation: Cancellation) -> None:
        """Remove the pending report, send its receipt, and release what it locked."""
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
        self._outcomes.add(cancelled.publisher, receipt := cancellations.receipt_of_cancelled(cancelled))
        if cancelled.reply_to:
            self._later_receipts.append((cancelled.reply_to, receipt))

    def _keep_pending(self, item: Item, awaits: frozenset[str], reply_to: str) -> None:
        """Store it as pending with the refusal that it would get now, for its sender and operators; if it was pending
        for too long before, that refusal is its receipt."""
        ledger = self._unit_of_work.combined_state(LEDGER)
        final = decide_row(item.row, ledger, self._rules, self._unit_of_work.keys.of)
        code, column = (final.code, final.column) if isinstance(final, Refused) else ("", "")
        if item.expired is not None and code:
            item.answer("refused", column, code, waited_out=True)
            return
        item.waits(column, code)
        if item.pending is not None:
            self._pending.keep_pending(item.pending, awaits, code, column)
            return
        pending_report = PendingReport(item.source, item.id, item.type, item.data, item.digest, id_lock(item.row),
                                       reply_to, item.publisher, self._unit_of_work.now, code, column,
                                       item.revision)  # fmt: skip
        self._newly_pending.append((pending_report, awaits))

    def _write(self) -> None:
        self._pending.remove(self._decided)
        for publisher, receipts in groupby(self._later_receipts, key=itemgetter(0)):
            queue_receipts(self._unit_of_work, publisher, [receipt for _, receipt in receipts])
        self._pending.add(self._newly_pending)
        self._pending.release(awaited_keys(self._events) | self._unlocked)
        for item in self._expired:
            column, code = (item.receipt.column, item.receipt.code) if item.receipt else ("", "")
            self._pending.remember_expired(item.source, item.id, item.digest, column, code, item.revision,
                                           item.data.get("person_id", ""))  # fmt: skip
        if accepted := self._accepted:
            self._unit_of_work.defer_write(lambda: self._pending.remember(accepted))
        self._holdings.write()
        self._outcomes.write()


def _person_of(events: Sequence[Event]) -> str:
    """The person that the events of one report are about; empty: none."""
    return next((person_id for each in events if (person_id := getattr(each, "person_id", ""))), "")


def _receipt_of_repeat(first: Receipt) -> Receipt:
    """For the same event twice in one body: the second is unchanged."""
    return replace(first, outcome="unchanged") if first.outcome == "accepted" else first
