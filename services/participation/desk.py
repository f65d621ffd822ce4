"""The desk where every reported row is judged: loads what the rows name, has the domain decide, keeps what waits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from chassis.events.definition import Event
from chassis.intake.cloudevents import Receipt, Report, digest, texts
from chassis.intake.pending_reports import PendingReport, PendingReports
from chassis.store.schema import receipts
from chassis.store.unit_of_work import UnitOfWork
from services.participation.batch.domain import decide_row
from services.participation.domain import (
    ROW_KINDS,
    Accepted,
    Decision,
    Ledger,
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
from services.participation.judging import BY_WIRE, judge, open_book, rules_of, touched


@dataclass
class _Item:
    """One row at the desk: a report that just came, or (`waiter`) one that waited; `receipt` once it is judged."""

    source: str
    id: str
    type: str
    data: dict[str, str]
    digest: str
    row: Row
    pending_report: PendingReport | None = None
    receipt: Receipt | None = None

    def answered(self, outcome: str, column: str = "", code: str = "") -> Receipt:
        text = message(code, column, self.data.get(column, "")) if code else ""
        self.receipt = Receipt(self.source, self.id, outcome, column, code, text)
        return self.receipt


class Desk:
    """Takes reports from HTTP and AMQP and what waits, within one transaction.

    `reply_to` is the publisher on whose queue later news of a waiting row is wanted; empty: nobody's."""

    def __init__(self, work: UnitOfWork, secret: bytes) -> None:
        self.work, self._secret = work, secret
        self.waiting = PendingReports(work.store, work.connection, work.query)
        self.rules = rules_of(work)
        self.ledger = Ledger()
        self._events: list[Event] = []
        self._accepted: list[tuple[str, str, str]] = []
        self._waiters: list[tuple[PendingReport, frozenset[str]]] = []
        self._settled: list[PendingReport] = []
        self._news: list[tuple[str, Receipt]] = []
        self._released: set[str] = set()

    def take(self, reports: Sequence[Report], reply_to: str) -> list[Receipt]:
        """Judge reports in their order.  One receipt each, in that order."""
        answers, items, repeats = self._sift(reports)
        self._judge([*self._companions(list(items.values())), *items.values()], reply_to)
        self._write()
        answers |= {at: item.receipt for at, item in items.items() if item.receipt is not None}
        for at, first in repeats.items():
            answers[at] = _repeated(answers[first])
        return [answers[at] for at in range(len(reports))]

    def _companions(self, items: Sequence[_Item]) -> list[_Item]:
        """Units that name each other enter together: with one unit, all that wait are asked again."""
        if not any(isinstance(item.row, UnitRow) for item in items):
            return []
        here = {item.pending_report.seq for item in items if item.pending_report}
        return [_waiting_item(w) for w in self.waiting.of_type(ROW_KINDS["unit"].wire) if w.seq not in here]

    def _sift(self, reports: Sequence[Report]) -> tuple[dict[int, Receipt], dict[int, _Item], dict[int, int]]:
        """By their place: the receipts that can be given at once, what must be judged, and what repeats an earlier."""
        names = [(report.source, report.id) for report in reports if report.fault is None]
        seen, standing = self.waiting.digests(names)
        answers: dict[int, Receipt] = {}
        items: dict[int, _Item] = {}
        repeats: dict[int, int] = {}
        first: dict[tuple[str, str], int] = {}
        for at, report in enumerate(reports):
            name = (report.source, report.id)
            mark = digest(self._secret, report)
            known = seen.get(name) or standing.get(name)
            if report.fault is not None:
                answers[at] = Receipt(*name, "refused", *report.fault)
            elif report.type not in BY_WIRE:
                answers[at] = _refused(report, "type", "unknown_type", report.type)
            elif (known is not None and known != mark) or (name in first and items[first[name]].digest != mark):
                answers[at] = _refused(report, "id", "conflict", report.id)
            elif known is not None:
                answers[at] = Receipt(*name, "unchanged" if name in seen else "waiting")
            elif name in first:
                repeats[at] = first[name]
            else:
                first[name] = at
                items[at] = _Item(*name, report.type, report.data, mark, row_of(BY_WIRE[report.type], report.data))
        return answers, items, repeats

    def take_ready(self, limit: int) -> int:
        """Decide again rows whose turn has come.  How many were looked at; 0: none is left."""
        ready = [_waiting_item(pending_report) for pending_report in self.waiting.ready(limit)]
        self._judge([*ready, *self._companions(ready)], "")
        self._write()
        return len(ready)

    def expire(self, before: str, limit: int) -> int:
        """Decide for good, as a file's row, what waited longer than the intake's patience."""
        late = [_waiting_item(pending_report) for pending_report in self.waiting.since_before(before, limit)]
        open_book(self.work, [item.row for item in late], self.ledger)
        for item in late:
            self._settle(
                item, judge([item.row], self.ledger, self.rules, self.work.keys.of, allow_pending=False)[0], ""
            )
        self._write()
        return len(late)

    def _judge(self, items: Sequence[_Item], reply_to: str) -> None:
        open_book(self.work, [item.row for item in items], self.ledger)
        units = [item for item in items if isinstance(item.row, UnitRow)]
        decisions = judge([item.row for item in units], self.ledger, self.rules, self.work.keys.of, allow_pending=True)
        for item, decision in zip(units, decisions, strict=True):
            self._settle(item, decision, reply_to)
        others = [item for item in items if not isinstance(item.row, UnitRow)]
        held = self.waiting.held({id_lock(item.row) for item in others})
        for item in others:
            self._settle(item, self._in_turn(item, held), reply_to)

    def _in_turn(self, item: _Item, held: dict[str, int]) -> Decision:
        """The decision on one row, unless an earlier row holds its id: then it waits behind that."""
        hold = id_lock(item.row)
        own = item.pending_report.seq if item.pending_report else _LAST
        if held.get(hold, own) < own:
            return Pending(frozenset((f"hold:{hold}",)))
        decision = judge([item.row], self.ledger, self.rules, self.work.keys.of, allow_pending=True)[0]
        if isinstance(decision, Pending):
            held[hold] = own if item.pending_report else 0
        elif item.pending_report:
            held[hold] = own + 1
        return decision

    def _settle(self, item: _Item, decision: Decision, reply_to: str) -> None:
        match decision:
            case Pending(awaits=awaits):
                self._let_wait(item, awaits, reply_to)
                return
            case Accepted(events=events):
                self._events.extend(events)
                self._accepted.append((item.source, item.id, item.digest))
                receipt = item.answered("accepted")
            case Unchanged():
                receipt = item.answered("unchanged")
            case Refused(column=column, code=code):
                receipt = item.answered("refused", column, code)
        if item.pending_report is not None:
            self._settled.append(item.pending_report)
            self._released.add(f"hold:{item.pending_report.hold}")
            if item.pending_report.reply_to:
                self._news.append((item.pending_report.reply_to, receipt))

    def _let_wait(self, item: _Item, awaits: frozenset[str], reply_to: str) -> None:
        item.answered("waiting")
        final = decide_row(item.row, self.ledger, self.rules, self.work.keys.of)
        code, column = (final.code, final.column) if isinstance(final, Refused) else ("", "")
        if item.pending_report is not None:
            self.waiting.again(item.pending_report, awaits, code, column)
            return
        kept = {c: v for c, v in item.data.items() if c in kind_of(item.row).columns and v}
        pending_report = PendingReport(
            item.source,
            item.id,
            item.type,
            kept,
            item.digest,
            id_lock(item.row),
            reply_to,
            self.work.now,
            code,
            column,
        )
        self._waiters.append((pending_report, awaits))

    def _write(self) -> None:
        self.work.append(*self._events)
        self.waiting.settle(self._settled)
        for publisher, news in groupby(self._news, key=itemgetter(0)):
            keep_receipts(self.work, publisher, [receipt for _, receipt in news])
        self.waiting.add(self._waiters)
        self.waiting.touch(touched(self._events) | self._released)
        if accepted := self._accepted:
            self.work.defer_write(lambda: self.waiting.remember(accepted))


_LAST = 2**62


def _waiting_item(pending_report: PendingReport) -> _Item:
    row = row_of(BY_WIRE[pending_report.type], pending_report.data)
    return _Item(
        pending_report.source,
        pending_report.id,
        pending_report.type,
        pending_report.data,
        pending_report.digest,
        row,
        pending_report,
    )


def _refused(report: Report, column: str, code: str, value: str) -> Receipt:
    return Receipt(report.source, report.id, "refused", column, code, message(code, column, value))


def _repeated(was: Receipt) -> Receipt:
    """The same event twice in one body: the second finds the first."""
    return replace(was, outcome="unchanged") if was.outcome == "accepted" else was


def keep_receipts(work: UnitOfWork, publisher: str, result: Sequence[Receipt]) -> None:
    """Receipts for the publisher's queue, in the transaction of what they tell; the relay sends them."""
    lines = texts(result, work.store.district, work.service, work.now)
    work.store.insert(work.connection, receipts, [(publisher, line) for line in lines])
