"""Use cases of the intake: reports by HTTP, by AMQP, and again from quarantine."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby
from operator import itemgetter
from typing import Any

from chassis.events.operator_events import QuarantineEdited, QuarantineRetried
from chassis.intake.bindings import amqp_attributes
from chassis.intake.cloudevents import JSON, BadBody, Receipt, Report, read, unreadable_message
from chassis.intake.quotas import Quotas
from chassis.messaging import quarantine
from chassis.messaging.consumer import Delivery
from chassis.process.greenlets import yield_control
from chassis.process.problems import Problem
from chassis.process.tokens import Actor, Denials
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.participation.intake.quarantine_entries import (
    Unreadable,
    is_answerable,
    unanswerable_refusals,
    unreadable_body,
    unreadable_report,
)
from services.participation.intake.receipts import queue_receipts
from services.participation.intake.report_batch import ReportBatch, prefetch_queries
from services.participation.intake.report_rights import Sender
from services.participation.intake.sender_turns import sender_of
from services.participation.publishers.domain import STATUS
from services.participation.publishers.queries import PUBLISHERS, RegisteredPublishers

BATCH = 500
_PLAIN = ("utf-8", "utf8", "us-ascii", "ascii", "binary", "identity", "8bit", "")
_UNSAID = ("", "text/plain", "application/octet-stream", "application/data")


class Intake:
    """The intake of this service.  `on_released`: called after a commit that released pending reports."""

    def __init__(
        self, store: Store, units_of_work: UnitsOfWork, now: Callable[[], str], on_released: Callable[[], None],
        denials: Denials,
    ) -> None:  # fmt: skip
        self.quotas, self._denials = Quotas(), denials
        self._by_status: frozenset[str] = frozenset()
        self._store, self._units_of_work, self._now, self._on_released = store, units_of_work, now, on_released

    def submit_reports(
        self, body: bytes, content_type: str | None, actor: Actor, correlation: str,
        attributes: Mapping[str, Any] | None = None,
    ) -> tuple[list[Receipt], list[str]]:  # fmt: skip
        """Submit reports by HTTP; returns the receipts in order, and the positions.  `attributes`: from headers.
        Problem 401 if the token is not the publisher's latest, 4xx if the body cannot be parsed."""
        try:
            reports = read(body, content_type, attributes)
        except BadBody as error:
            raise Problem(error.status, error.code, error.detail, **error.place) from None
        publisher = actor.name if "publisher" in actor.roles else ""
        prefetch = [PUBLISHERS(), *prefetch_queries(reports)]
        with self._turn(publisher), self._units_of_work.begin(actor, correlation, prefetch) as unit_of_work:
            registered = RegisteredPublishers(unit_of_work.query(PUBLISHERS()))
            self._learn(registered)
            known = registered.named(publisher)
            # such tokens are valid for long (docs/decisions)
            if publisher and not (known and known.generation == actor.generation):
                self.deny(publisher)
                raise Problem(401, "token_revoked", "该接入系统的令牌已更换或撤销。")
            self.quotas.take(publisher, len(reports), len(body))
            sender = Sender(publisher, is_operator=not publisher)
            receipts, _ = self._decide(unit_of_work, reports, sender, publisher if known and known.amqp else "")
        return receipts, unit_of_work.positions

    def consume_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Submit reports by AMQP, at most 500 rows per transaction, so that others get their turn and receipts flow;
        undecodable messages are quarantined, and their sender gets a receipt.  After a crash in between, a redelivered
        report is `unchanged`."""
        reports: list[tuple[str, Report]] = []
        unreadable: list[Unreadable] = []
        for delivery in deliveries:
            publisher = sender_of(delivery.properties)
            self.quotas.spend(publisher, 0, len(delivery.body))
            try:
                for report in _read_delivery(delivery):
                    if is_answerable(report, publisher):
                        reports.append((publisher, report))
                    else:
                        unreadable.append(unreadable_report(report, delivery, publisher))
            except BadBody as error:
                unreadable.append(unreadable_body(error, delivery, publisher))
        if unreadable:
            self._set_aside(unreadable)
        for at in range(0, len(reports), BATCH):
            with self._units_of_work.begin("broker:intake") as unit_of_work:
                for publisher, group in groupby(reports[at : at + BATCH], key=itemgetter(0)):
                    self._submit_delivered(unit_of_work, [report for _, report in group], publisher)
            yield_control()

    def _set_aside(self, unreadable: Sequence[Unreadable]) -> None:
        """Quarantine undecodable messages, and answer a publisher that has a queue."""
        with self._units_of_work.begin("broker:intake") as unit_of_work:
            registered = RegisteredPublishers(unit_of_work.query(PUBLISHERS()))
            quarantine.add(unit_of_work.connection, unit_of_work.now, [each.entry for each in unreadable])
            for publisher, group in groupby(unreadable, key=lambda each: each.entry.publisher):
                if registered.named(publisher):
                    queue_receipts(unit_of_work, publisher, [each.receipt for each in group])

    def retry_quarantined(self, row: Any, body: bytes, actor: object, correlation: str) -> bool:
        """Submit a quarantined body again, possibly edited.  Returns False if it is still undecodable or refused."""
        try:
            reports = _faultless(read(body, JSON))  # whatever its content type was
        except BadBody as error:
            detail = unreadable_message(error.code, error.excerpt, error.line, error.position)
            with self._store.writing() as connection:
                quarantine.failed_again(connection, row.entry, error.code, error.detail or detail, "")
            return False
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            receipts, is_registered = self._decide(unit_of_work, reports, Sender(row.publisher), row.publisher)
            refused = next((receipt for receipt in receipts if receipt.outcome == "refused"), None)
            if refused and not is_registered:
                detail = f"{refused.column}: {refused.message}"
                quarantine.failed_again(unit_of_work.connection, row.entry, refused.code, detail, "")
                return False
            if is_registered:
                queue_receipts(unit_of_work, row.publisher, receipts)
            quarantine.close(unit_of_work.connection, row.entry, "retried")
            old_body = bytes(row.body)
            if body == old_body:
                unit_of_work.append(QuarantineRetried(row.entry, row.code))
            else:
                secret = self._store.secret
                digests = [quarantine.keyed_digest(each, secret) for each in (old_body, body)]
                unit_of_work.append(QuarantineEdited(row.entry, *digests))
            unit_of_work.after_commit(self._on_released)
        return True

    def edit_quarantined(self, entry: int, body: str, actor: object, correlation: str) -> None:
        """Edit a quarantined body and submit it.  Problem 404, 409 (not of the intake), 422."""
        with self._store.reading() as connection:
            row = quarantine.open_entry(connection, entry)
        if row is None:
            raise Problem(404, "unknown_entry", f"没有待处理的异常件 {entry}。")
        if row.origin != "intake":
            raise Problem(409, "not_editable", "只有接收口的异常件可以修改；其他服务的事件不可改写。")
        if not self.retry_quarantined(row, body.encode(), actor, correlation):
            with self._store.reading() as connection:
                still = quarantine.read_entry(connection, entry) or {}
            detail = f"修改后的内容仍无法接收：{still.get('detail') or still.get('code', '')}"
            raise Problem(422, "still_bad", detail, column="body")

    def is_answered_by_status(self, publisher: str) -> bool:
        """Whether it was registered so, by the cached registration."""
        return publisher in self._by_status

    def deny(self, publisher: str) -> None:
        """Count a request whose token is not the publisher's latest."""
        self._denials.add(publisher, "token_revoked")

    def _turn(self, publisher: str) -> AbstractContextManager[None]:
        return self.quotas.turn(publisher) if publisher else nullcontext()

    def _learn(self, registered: RegisteredPublishers) -> None:
        self.quotas.learn({publisher.name: publisher.limits for publisher in registered})
        self._by_status = frozenset(publisher.name for publisher in registered if publisher.answers == STATUS)

    def _submit_delivered(self, unit_of_work: UnitOfWork, reports: Sequence[Report], publisher: str) -> None:
        self.quotas.spend(publisher, len(reports), 0)
        receipts, is_registered = self._decide(unit_of_work, reports, Sender(publisher), publisher)
        if is_registered:
            queue_receipts(unit_of_work, publisher, receipts)
        else:
            refusals = unanswerable_refusals(reports, receipts, publisher)
            quarantine.add(unit_of_work.connection, unit_of_work.now, refusals)
        unit_of_work.flush()

    def _decide(
        self, unit_of_work: UnitOfWork, reports: Sequence[Report], sender: Sender, reply_to: str
    ) -> tuple[list[Receipt], bool]:
        """The receipts, and whether the sender is a publisher that gets them by a queue."""
        batch = ReportBatch(unit_of_work)
        self._learn(batch.rights.publishers)
        receipts = batch.submit(reports, sender, reply_to)
        if batch.released:
            unit_of_work.after_commit(self._on_released)
        return receipts, batch.rights.publishers.named(sender.name) is not None


def _read_delivery(delivery: Delivery) -> list[Report]:
    encoding = delivery.properties.get("content_encoding", "utf-8")
    headers = delivery.properties.get("application_headers") or delivery.properties.get("headers") or {}
    if "compression" in headers or str(encoding).lower() not in _PLAIN:
        raise BadBody("compressed", "send the body uncompressed, in UTF-8", 415)
    return read(delivery.body, _content_type(delivery), amqp_attributes(headers))


def _content_type(delivery: Delivery) -> str | None:
    """AMQP libraries often set no content type, or always the same one: then a body that looks like JSON is parsed as
    JSON."""
    given = delivery.properties.get("content_type")
    kind = str(given or "").partition(";")[0].strip().lower()
    is_unsaid = kind in _UNSAID and "unreadable" not in delivery.properties
    return JSON if is_unsaid and delivery.body.lstrip()[:1] in (b"{", b"[") else given


def _faultless(reports: list[Report]) -> list[Report]:
    """The same reports.  Raises BadBody if one of them has a fault."""
    for report in reports:
        if report.fault is not None:
            raise BadBody(report.fault.code, f"{report.fault.path} {report.fault.message}")
    return reports
