"""The relay: reads the log past its cursor and publishes it; the cursor moves after the broker's confirm."""

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
import structlog
from eventlet import sleep
from eventlet.event import Event
from eventlet.timeout import Timeout

from chassis.events import envelope
from chassis.events.recorded_event import event_from_row
from chassis.messaging import broker
from chassis.messaging.broker import OutgoingMessage
from chassis.store.database import is_transient
from chassis.store.prepared_query import PreparedQuery, QueryRunner
from chassis.store.schema import events, receipts, relays

if TYPE_CHECKING:
    from chassis.runtime.service_runtime import ServiceRuntime

_log = structlog.get_logger(__name__)
PAGE = 2000
RECEIPTS_PAGE = 500
LOOK_SECONDS = 1.0
GATHER_SECONDS = 0.005  # after the first of several: who submitted it has the answer first, and the others go along
_here: sa.BindParameter[int] = sa.bindparam("partition")
_place = sa.select(relays.c.position).where(relays.c.partition == _here).scalar_subquery()
UNSENT = PreparedQuery(lambda _: (
    sa.select(_place, events)
    .where(events.c.partition == _here, events.c.position >= _place)
    .order_by(events.c.position)
    .limit(PAGE + 1)
))  # fmt: skip
"""The cursor beside every event from it on; the first is the last that was sent, for its hash (none at the start)."""
RECEIPTS = PreparedQuery(lambda _: sa.select(receipts).order_by(receipts.c.seq).limit(RECEIPTS_PAGE))


class _Receipt(NamedTuple):
    seq: int
    publisher: str
    body: str


class Relay:
    """One loop a service.  Two relays of one log are no harm: what a consumer has seen it skips."""

    def __init__(self, runtime: "ServiceRuntime") -> None:
        self.runtime = runtime
        self.state = "away"
        self._woken = Event()
        self._connection: Any = None
        self._sender: Any = None
        self._declared: set[str] = set()

    def wake(self) -> None:
        if not self._woken.ready():
            self._woken.send()

    def run(self) -> None:
        """Loop until the service stops; an outage is waited out with backoff."""
        pause = LOOK_SECONDS
        while not self.runtime.stopping:
            self._woken = Event()
            try:
                more = self.send_some()
                pause = 0.0 if more else LOOK_SECONDS
                self.runtime.pulse("relay")
            except Exception as error:
                pause = self._lost(error, pause)
            if pause:
                with Timeout(pause, False):
                    self._woken.wait()
                    sleep(GATHER_SECONDS)
        broker.close(self._connection)

    def _lost(self, error: Exception, pause: float) -> float:
        if isinstance(error, broker.BROKER_ERRORS):
            self.state = "away"
            self.runtime.outage("relay")
            _log.warning("broker away, the log waits", error=repr(error))
        elif is_transient(error):
            self.runtime.outage("relay")
        else:
            _log.exception("relay failed")
        broker.close(self._connection)
        self._connection = self._sender = None
        return min(max(pause, 0.5) * 2, 15.0)

    def send_some(self) -> bool:
        """Publish one page of every partition and of the receipts.  True when there may be more."""
        sender = self._connected()
        more = [self._send_events(sender, p) for p in range(self.runtime.store.partitions)]
        more.append(self._send_receipts(sender))
        if not any(more):
            sender.idle()
        self.state = "up"
        return any(more)

    def _connected(self) -> Any:
        if self._connection is None:
            self._connection = broker.connect(self.runtime.settings.amqp_url)
            channel = self._connection.channel()
            for exchange, kind in ((broker.EVENTS, "topic"), (broker.RECEIPTS, "direct")):
                channel.exchange_declare(exchange=exchange, type=kind, durable=True, auto_delete=False)
            self._sender = broker.Sender(self._connection)
            self._declared.clear()
            self.runtime.broker_connected()
        return self._sender

    def _send_events(self, sender: Any, partition: int) -> bool:
        with self.runtime.store.autocommit() as connection:
            query_runner = QueryRunner(connection)(UNSENT(partition=partition))
        place, page = query_runner[0][0] if query_runner else 0, [event_from_row(row[1:]) for row in query_runner]
        before = page.pop(0).hash if page and page[0].position == place else ""
        if not page:
            return False
        texts = envelope.encode(self.runtime.settings.district, self.runtime.service, before, page)
        key = f"{self.runtime.service}.{partition}"
        sender.send(OutgoingMessage(broker.EVENTS, key, body, envelope.BATCH) for _, body in envelope.bodies(texts))
        self._move(partition, place, page[-1].position)
        return len(page) == PAGE

    def _move(self, partition: int, place: int, to: int) -> None:
        """Move the cursor, in one round trip and without waiting for the disk: lost in a crash, some events go twice
        and their consumers skip them."""
        store = self.runtime.store
        with store.writing() as connection:
            store.pipeline_to_commit(connection)
            if store.postgresql:
                store.send(connection, "SET LOCAL synchronous_commit = off", ())
            mark = "%s" if store.postgresql else "?"
            store.send(connection, f"UPDATE log_relays SET position = {mark} WHERE partition = {mark} "
                       f"AND position = {mark}", (to, partition, place))  # fmt: skip

    def _send_receipts(self, sender: Any) -> bool:
        with self.runtime.store.autocommit() as connection:
            page = [_Receipt(*row) for row in QueryRunner(connection)(RECEIPTS())]
        if not page:
            return False
        for publisher in {row.publisher for row in page} - self._declared:
            broker.declare(self._connection, [broker.receipts_queue(publisher)])
            self._declared.add(publisher)
        sender.send(
            OutgoingMessage(broker.RECEIPTS, row.publisher, row.body.encode(), envelope.SINGLE, must_arrive=True)
            for row in page
        )
        with self.runtime.store.writing() as connection:
            connection.execute(sa.delete(receipts).where(receipts.c.seq.in_([row.seq for row in page])))
        return len(page) == RECEIPTS_PAGE
