"""Where reports come in, by HTTP and AMQP, and where waiting rows get their turn; publishers and their sources."""

import json
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog

from chassis.events import strict_json
from chassis.events.canonical_json import instant, moment
from chassis.events.operator_events import QuarantineEdited, QuarantineRetried
from chassis.intake.cloudevents import BadBody, Receipt, Report, read
from chassis.messaging import quarantine
from chassis.messaging.consumer import Delivery
from chassis.messaging.quarantine import Entry
from chassis.process.greenlets import Wakeup, yield_control
from chassis.process.problems import Problem
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.database import is_transient
from chassis.store.prepared_query import PreparedQuery, any_named
from chassis.store.schema import intake_sources, publishers
from chassis.store.unit_of_work import UnitOfWork
from services.participation.desk import Desk, keep_receipts
from services.participation.judging import queries_of

_log = structlog.get_logger(__name__)
BATCH = 500
LOOK_SECONDS = 30.0


class Reception:
    """The intake of this service."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        self.runtime = runtime
        self._wakeup = Wakeup()

    # by HTTP

    def take(
        self, body: bytes, content_type: str | None, actor: Any, correlation: str
    ) -> tuple[list[Receipt], list[str]]:
        """The receipts, in order, and the positions appended.  BadBody; Problem 401 when the token is not the one given
        last."""
        reports = read(body, content_type)
        publisher = actor.name if "publisher" in actor.roles else ""
        queries = [OWNERS(sources=_sources(reports)), *([PUBLISHER(name=publisher)] if publisher else [])]
        with self.runtime.unit_of_work(actor, correlation, [*queries, *queries_of(reports)]) as work:
            known = _registered(work, publisher)
            if publisher and not (known and known.generation == actor.generation):  # it lives long (docs/decisions)
                raise Problem(401, "token_revoked", "该接入系统的令牌已更换或撤销。")
            receipts = self._judge(work, reports, publisher, publisher if known and known.amqp else "")
        return receipts, work.positions

    # by AMQP

    def hear(self, batch: Sequence[Delivery]) -> None:
        """At most 500 rows a transaction, so that others get their turn and receipts flow; bodies that cannot be read
        stand aside.  Cut off in between, what was taken is `unchanged` when the broker brings it again."""
        read_ones: list[tuple[str, Report]] = []
        aside: list[Entry] = []
        for delivery in batch:
            publisher = str(delivery.properties.get("user_id", ""))
            try:
                read_ones.extend((publisher, item) for item in self._read(delivery, publisher, aside))
            except BadBody as error:
                aside.append(
                    Entry(
                        "intake",
                        error.code,
                        delivery.body,
                        error.detail,
                        publisher=publisher,
                        type=strict_json.shown(str(delivery.properties.get("content_type", ""))),
                    )
                )
        if aside:
            with self.runtime.store.writing() as connection:
                quarantine.add(connection, self.runtime.now(), aside)
        for at in range(0, len(read_ones), BATCH):
            with self.runtime.unit_of_work("broker:intake") as work:
                for publisher, group in groupby(read_ones[at : at + BATCH], key=itemgetter(0)):
                    reports = [item for _, item in group]
                    receipts = self._judge(work, reports, publisher, publisher)
                    if publisher:
                        keep_receipts(work, publisher, receipts)
                    else:
                        quarantine.add(work.connection, work.now, _untold(reports, receipts))
                    work.flush()
            yield_control()

    def _read(self, delivery: Delivery, publisher: str, aside: list[Entry]) -> list[Report]:
        encoding = delivery.properties.get("content_encoding", "utf-8")
        headers = delivery.properties.get("application_headers") or delivery.properties.get("headers") or {}
        if "compression" in headers or str(encoding).lower() not in ("utf-8", "binary", ""):
            raise BadBody("compressed", "send the body uncompressed, in UTF-8", 415)
        reports = read(delivery.body, delivery.properties.get("content_type"))
        aside.extend(_entry_of(report, publisher) for report in reports if not _answerable(report, publisher))
        return [report for report in reports if _answerable(report, publisher)]

    # both

    def _judge(self, work: UnitOfWork, reports: Sequence[Report], publisher: str, reply_to: str) -> list[Receipt]:
        """Receipts of reports, those of other people's sources refused."""
        owners = _owners(work, _sources(reports), publisher)
        mine = [
            report
            for report in reports
            if owners.get(report.source, publisher) == publisher or not owners.get(report.source)
        ]
        desk = Desk(work, self.runtime.store.secret)
        result = iter(desk.take(mine, reply_to))
        if desk.waiting.woken:
            work.after_commit(self.wake)
        taken = {id(item) for item in mine}
        return [next(result) if id(report) in taken else _not_yours(report) for report in reports]

    def wake(self) -> None:
        """Something came that others may have waited for."""
        self._wakeup.set()

    def run(self) -> None:
        """Loop: rows whose turn has come, rows whose patience has run out."""
        while not self.runtime.monitor.stopping:
            self._wakeup.clear()
            try:
                while self._turn(lambda desk: desk.take_ready(BATCH)) or self._turn(self._expire):
                    self.runtime.monitor.pulse("waiting")
                self.runtime.monitor.pulse("waiting")
            except Exception as error:
                if not is_transient(error):
                    _log.exception("waiting rows")
                self.runtime.monitor.outage("waiting")
            self._wakeup.wait(min(LOOK_SECONDS, max(1, self.runtime.settings.intake_patience)))

    def _turn(self, what: Any) -> int:
        with self.runtime.unit_of_work("service:participation") as work:
            return int(what(Desk(work, self.runtime.store.secret)))

    def _expire(self, desk: Desk) -> int:
        patience = timedelta(seconds=self.runtime.settings.intake_patience)
        return desk.expire(instant(moment(desk.work.now) - patience), BATCH)

    # quarantine

    def retry(self, row: Any, body: bytes, actor: object, correlation: str) -> bool:
        """Take a quarantined body in again, perhaps edited.  False: it still cannot be read."""
        kind = row.type if row.type.startswith("application/") else _guessed(body)
        try:
            reports = read(body, kind)
            if bad := next((report for report in reports if report.fault is not None), None):
                raise BadBody(bad.fault[1], bad.fault[2])  # type: ignore[index]
        except BadBody as error:
            with self.runtime.store.writing() as connection:
                quarantine.failed_again(connection, row.entry, error.code, error.detail, "")
            return False
        with self.runtime.unit_of_work(actor, correlation) as work:
            receipts = self._judge(work, reports, row.publisher, row.publisher)
            if not row.publisher and (
                said := next((receipt for receipt in receipts if receipt.outcome == "refused"), None)
            ):
                quarantine.failed_again(work.connection, row.entry, said.code, f"{said.column}: {said.message}", "")
                return False
            if row.publisher:
                keep_receipts(work, row.publisher, receipts)
            quarantine.close(work.connection, row.entry, "retried")
            if body == bytes(row.body):
                work.append(QuarantineRetried(row.entry, row.code))
            else:
                work.append(QuarantineEdited(row.entry, quarantine.digest(bytes(row.body)), quarantine.digest(body)))
        self.wake()
        return True

    def edit(self, entry: int, body: str, actor: object, correlation: str) -> None:
        """Problems 404, 409 (not of the intake), 422."""
        with self.runtime.store.reading() as connection:
            row = quarantine.open_entry(connection, entry)
        if row is None:
            raise Problem(404, "unknown_entry", f"没有待处理的异常件 {entry}。")
        if row.origin != "intake":
            raise Problem(409, "not_editable", "只有接收口的异常件可以修改；其他服务的事件不可改写。")
        if not self.retry(row, body.encode(), actor, correlation):
            raise Problem(422, "still_bad", "修改后的内容仍无法读取。", column="body")


def _answerable(report: Report, publisher: str) -> bool:
    """Whether a receipt can say what it is for, and somebody would get it."""
    return report.named and (bool(publisher) or report.fault is None)


def _entry_of(report: Report, publisher: str, told: Receipt | None = None) -> Entry:
    column, code, detail = report.fault or ("", "bad_event", "")
    if told is not None:
        column, code, detail = told.column, told.code, told.message
    body = json.dumps(report.raw, ensure_ascii=True).encode()
    return Entry(
        "intake", code, body, f"{column}: {detail}", publisher=publisher, source=report.source, type=report.type
    )


def _untold(reports: Sequence[Report], receipts: Sequence[Receipt]) -> list[Entry]:
    """What was refused of messages that name no publisher: only an operator can be told."""
    pairs = zip(reports, receipts, strict=True)
    return [_entry_of(item, "", told) for item, told in pairs if told.outcome == "refused"]


def _guessed(body: bytes) -> str:
    return "application/cloudevents-batch+json" if body.lstrip()[:1] == b"[" else "application/cloudevents+json"


def _not_yours(report: Report) -> Receipt:
    return Receipt(report.source, report.id, "refused", "source", "not_your_source", "该来源属于另一个接入系统。")


OWNERS = PreparedQuery(lambda pg: sa.select(intake_sources).where(any_named(intake_sources.c.source, "sources", pg)))
PUBLISHER = PreparedQuery(
    lambda _: sa.select(publishers.c.generation, publishers.c.amqp).where(publishers.c.name == sa.bindparam("name"))
)


class _Registered(NamedTuple):
    """A publisher as registered: its token's generation, and whether it has a queue on the broker for later news."""

    generation: int
    amqp: int


def _sources(reports: Sequence[Report]) -> list[str]:
    return sorted({report.source for report in reports if report.named})


def _owners(work: UnitOfWork, sources: list[str], publisher: str) -> dict[str, str]:
    """Who owns these sources.  A registered publisher comes to own a source by using it first."""
    owners: dict[str, str] = dict(tuple(row) for row in work.query(OWNERS(sources=sources)))
    if publisher and _registered(work, publisher):
        fresh = [source for source in sources if source not in owners]
        work.store.insert(work.connection, intake_sources, [[source, publisher] for source in fresh])
        owners |= dict.fromkeys(fresh, publisher)
    return owners


def _registered(work: UnitOfWork, publisher: str) -> _Registered | None:
    return next((_Registered(*row) for row in work.query(PUBLISHER(name=publisher))), None) if publisher else None
