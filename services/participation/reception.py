"""Where reports come in, by HTTP and AMQP, and where waiting rows get their turn; publishers and their sources."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
import structlog

from chassis import broker, quarantine, strict
from chassis.asking import Question, any_named
from chassis.canonical import instant, moment
from chassis.frame import Frame
from chassis.handling import About, Work
from chassis.intake import BadBody, Receipt, Report, read
from chassis.listening import Delivery, Tap
from chassis.memory import decided
from chassis.operations import QuarantineEdited, QuarantineRetried
from chassis.pacing import Bell, breathe
from chassis.problems import Problem
from chassis.quarantine import Entry
from chassis.store import passes
from chassis.tables import intake_sources, publishers
from services.participation.desk import Desk, keep_receipts
from services.participation.judging import foreseen

_log = structlog.get_logger(__name__)
T = TypeVar("T")
BATCH = 500
LOOK_SECONDS = 30.0


class Reception:
    """The intake of this service."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._bell = Bell()
        frame.taps.append(Tap(broker.intake_inlet(frame.service), "intake", self.hear, largest=BATCH))
        frame.loops.append(("waiting", self.run))
        frame.wakers.append(self.wake)
        frame.retry_intake = self.retry

    # by HTTP

    def take(
        self, body: bytes, content_type: str | None, actor: Any, correlation: str,
        told: Callable[[list[Receipt], list[str]], T],
    ) -> T:  # fmt: skip
        """What `told` makes of the receipts, in order, and the positions made.  BadBody; Problem 401 when the token is
        not the one given last."""
        reports = read(body, content_type)
        publisher = actor.name if "publisher" in actor.roles else ""
        ahead = foreseen(reports)
        asked = [OWNERS(sources=_sources(reports)), *([PUBLISHER(name=publisher)] if publisher else []), *ahead.asked]

        def decide(work: Work) -> list[Receipt]:
            known = _registered(work, publisher)
            if publisher and not (known and known.generation == actor.generation):  # it lives long (docs/decisions)
                raise Problem(401, "token_revoked", "该接入系统的令牌已更换或撤销。")
            return self._judge(work, reports, publisher, publisher if known and known.amqp else "")

        return decided(self.frame, About(str(actor), correlation), ahead._replace(asked=asked), decide, told)

    # by AMQP

    def hear(self, batch: Sequence[Delivery]) -> None:
        """At most 500 rows a transaction, so that others get their turn and receipts flow; bodies that cannot be read
        stand aside.  Cut off in between, what was taken is `unchanged` when the broker brings it again."""
        read_ones: list[tuple[str, Report]] = []
        aside: list[Entry] = []
        for delivery in batch:
            publisher = str(delivery.properties.get("user_id", ""))
            try:
                read_ones.extend((publisher, one) for one in self._read(delivery, publisher, aside))
            except BadBody as error:
                aside.append(Entry("intake", error.code, delivery.body, error.detail, publisher=publisher,
                                   type=strict.shown(str(delivery.properties.get("content_type", "")))))  # fmt: skip
        if aside:
            with self.frame.store.writing() as connection:
                quarantine.add(connection, self.frame.now(), aside)
        for at in range(0, len(read_ones), BATCH):
            with self.frame.working("broker:intake") as work:
                for publisher, group in groupby(read_ones[at : at + BATCH], key=itemgetter(0)):
                    reports = [one for _, one in group]
                    receipts = self._judge(work, reports, publisher, publisher)
                    if publisher:
                        keep_receipts(work, publisher, receipts)
                    else:
                        quarantine.add(work.connection, work.now, _untold(reports, receipts))
                    work.finish()
            breathe()

    def _read(self, delivery: Delivery, publisher: str, aside: list[Entry]) -> list[Report]:
        encoding = delivery.properties.get("content_encoding", "utf-8")
        headers = delivery.properties.get("application_headers") or delivery.properties.get("headers") or {}
        if "compression" in headers or str(encoding).lower() not in ("utf-8", "binary", ""):
            raise BadBody("compressed", "send the body uncompressed, in UTF-8", 415)
        reports = read(delivery.body, delivery.properties.get("content_type"))
        aside.extend(_entry_of(one, publisher) for one in reports if not _answerable(one, publisher))
        return [one for one in reports if _answerable(one, publisher)]

    # both

    def _judge(self, work: Work, reports: Sequence[Report], publisher: str, reply_to: str) -> list[Receipt]:
        """Receipts of reports, those of other people's sources refused."""
        owners = _owners(work, _sources(reports), publisher)
        mine = [one for one in reports if owners.get(one.source, publisher) == publisher or not owners.get(one.source)]
        desk = Desk(work, self.frame.store.secret)
        made = iter(desk.take(mine, reply_to))
        if desk.waiting.woken:
            work.afterwards(self.wake)
        taken = {id(one) for one in mine}
        return [next(made) if id(one) in taken else _not_yours(one) for one in reports]

    def wake(self) -> None:
        """Something came that others may have waited for."""
        self._bell.ring()

    def run(self) -> None:
        """Loop: rows whose turn has come, rows whose patience has run out."""
        while not self.frame.stopping:
            self._bell.quiet()
            try:
                while self._turn(lambda desk: desk.take_ready(BATCH)) or self._turn(self._expire):
                    self.frame.pulse("waiting")
                self.frame.pulse("waiting")
            except Exception as error:
                if not passes(error):
                    _log.exception("waiting rows")
                self.frame.outage("waiting")
            self._bell.wait(min(LOOK_SECONDS, max(1, self.frame.settings.intake_patience)))

    def _turn(self, what: Any) -> int:
        with self.frame.working("service:participation") as work:
            return int(what(Desk(work, self.frame.store.secret)))

    def _expire(self, desk: Desk) -> int:
        patience = timedelta(seconds=self.frame.settings.intake_patience)
        return desk.expire(instant(moment(desk.work.now) - patience), BATCH)

    # quarantine

    def retry(self, row: Any, body: bytes, actor: object, correlation: str) -> bool:
        """Take a quarantined body in again, perhaps edited.  False: it still cannot be read."""
        kind = row.type if row.type.startswith("application/") else _guessed(body)
        try:
            reports = read(body, kind)
            if bad := next((one for one in reports if one.fault is not None), None):
                raise BadBody(bad.fault[1], bad.fault[2])  # type: ignore[index]
        except BadBody as error:
            with self.frame.store.writing() as connection:
                quarantine.failed_again(connection, row.entry, error.code, error.detail, "")
            return False
        with self.frame.working(actor, correlation) as work:
            receipts = self._judge(work, reports, row.publisher, row.publisher)
            if not row.publisher and (said := next((one for one in receipts if one.outcome == "refused"), None)):
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
        with self.frame.store.reading() as connection:
            row = quarantine.standing(connection, entry)
        if row is None:
            raise Problem(404, "unknown_entry", f"没有待处理的异常件 {entry}。")
        if row.origin != "intake":
            raise Problem(409, "not_editable", "只有接收口的异常件可以修改；其他服务的事件不可改写。")
        if not self.retry(row, body.encode(), actor, correlation):
            raise Problem(422, "still_bad", "修改后的内容仍无法读取。", column="body")


def _answerable(one: Report, publisher: str) -> bool:
    """Whether a receipt can say what it is for, and somebody would get it."""
    return one.named and (bool(publisher) or one.fault is None)


def _entry_of(one: Report, publisher: str, told: Receipt | None = None) -> Entry:
    column, code, detail = one.fault or ("", "bad_event", "")
    if told is not None:
        column, code, detail = told.column, told.code, told.message
    body = json.dumps(one.raw, ensure_ascii=True).encode()
    return Entry("intake", code, body, f"{column}: {detail}", publisher=publisher, source=one.source, type=one.type)


def _untold(reports: Sequence[Report], receipts: Sequence[Receipt]) -> list[Entry]:
    """What was refused of messages that name no publisher: only an operator can be told."""
    pairs = zip(reports, receipts, strict=True)
    return [_entry_of(one, "", told) for one, told in pairs if told.outcome == "refused"]


def _guessed(body: bytes) -> str:
    return "application/cloudevents-batch+json" if body.lstrip()[:1] == b"[" else "application/cloudevents+json"


def _not_yours(one: Report) -> Receipt:
    return Receipt(one.source, one.id, "refused", "source", "not_your_source", "该来源属于另一个接入系统。")


OWNERS = Question(lambda pg: sa.select(intake_sources).where(any_named(intake_sources.c.source, "sources", pg)))
PUBLISHER = Question(
    lambda _: sa.select(publishers.c.generation, publishers.c.amqp).where(publishers.c.name == sa.bindparam("name"))
)


class _Registered(NamedTuple):
    """A publisher as registered: its token's generation, and whether it has a queue on the broker for later news."""

    generation: int
    amqp: int


def _sources(reports: Sequence[Report]) -> list[str]:
    return sorted({one.source for one in reports if one.named})


def _owners(work: Work, sources: list[str], publisher: str) -> dict[str, str]:
    """Who owns these sources.  A registered publisher comes to own a source by using it first."""
    owners: dict[str, str] = dict(tuple(row) for row in work.ask(OWNERS(sources=sources)))
    if publisher and _registered(work, publisher):
        fresh = [source for source in sources if source not in owners]
        work.frame.store.insert(work.connection, intake_sources, [[source, publisher] for source in fresh])
        owners |= dict.fromkeys(fresh, publisher)
    return owners


def _registered(work: Work, publisher: str) -> _Registered | None:
    return next((_Registered(*row) for row in work.ask(PUBLISHER(name=publisher))), None) if publisher else None

