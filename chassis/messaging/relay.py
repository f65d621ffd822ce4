"""The outbox relay: publishes the events of the log after its cursor, and receipts; the cursor moves after the broker's
confirm."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog
from eventlet import sleep
from eventlet.event import Event
from eventlet.timeout import Timeout

from chassis.events import envelope
from chassis.events.recorded_event import event_from_row
from chassis.messaging import broker, broker_alarms
from chassis.messaging.broker import OutgoingMessage
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.quiet_log import QuietLog
from chassis.store.database import Store, is_transient
from chassis.store.prepared_query import PreparedQuery, QueryRunner
from chassis.store.schema import events, receipts, relays

_log = structlog.get_logger(__name__)
LOOP = "relay"
PAGE = 2000
RECEIPTS_PAGE = 500
IDLE_SECONDS = 1.0
LOOK_SECONDS = 10.0
NO_PARTITION = 999_999_999  # matches the service's write permission; no queue is bound to it
GATHER_SECONDS = 0.005  # the request that woke the relay is answered first; later events share its message
_partition: sa.BindParameter[int] = sa.bindparam("partition")
_cursor = sa.select(relays.c.position).where(relays.c.partition == _partition).scalar_subquery()
UNSENT = PreparedQuery(lambda _: (
    sa.select(_cursor, events)
    .where(events.c.partition == _partition, events.c.position >= _cursor)
    .order_by(events.c.position)
    .limit(PAGE + 1)
))  # fmt: skip
"""(cursor, event) for every event from the cursor on.  The first was sent already; its hash is the next one's
`previous`.  At the start of the log there is no such row."""
RECEIPTS = PreparedQuery(lambda _: sa.select(receipts).order_by(receipts.c.seq).limit(RECEIPTS_PAGE))


class _Receipt(NamedTuple):
    seq: int
    publisher: str
    body: str


class Relay:
    """One loop per service.  Two relays of one log do no harm: consumers skip what they have.

    `on_connect` is called after each connection to the broker.  `state`: "up" or "away"."""

    def __init__(
        self, store: Store, service: str, district: str, amqp_url: str, monitor: LoopMonitor,
        on_connect: Callable[[], None],
    ) -> None:  # fmt: skip
        self._store, self._service, self._district, self._amqp_url = store, service, district, amqp_url
        self._monitor, self._on_connect = monitor, on_connect
        self.state = "away"
        self._last_alarm = ""
        self._looked_at = 0.0
        self._warnings = QuietLog(_log)
        self._woken = Event()
        self._connection: Any = None
        self._sender: Any = None
        self._declared: set[str] = set()

    @property
    def alarm(self) -> str:
        """The alarm that keeps the broker from taking messages, '' if there is none; remembered while reconnecting."""
        return broker_alarms.alarm_of(self._connection) or self._last_alarm

    def wake(self) -> None:
        if not self._woken.ready():
            self._woken.send()

    def run(self) -> None:
        """Loop until the service stops; retries with back-off during an outage."""
        pause = IDLE_SECONDS
        while not self._monitor.stopping:
            self._woken = Event()
            try:
                more = self.publish_batch()
            except Exception as error:
                pause = self.connection_lost(error, pause)
                self._wait(pause, until_stopping=True)
                continue
            pause = IDLE_SECONDS
            self._monitor.pulse(LOOP)
            if not more:
                self._wait(pause)
        broker.close(self._connection)

    def _wait(self, seconds: float, until_stopping: bool = False) -> None:
        with Timeout(seconds, False):
            self._woken.wait()
            while until_stopping and not self._monitor.stopping:
                self._woken = Event()
                self._woken.wait()
            sleep(GATHER_SECONDS)

    def connection_lost(self, error: Exception, pause: float) -> float:
        """Close the connection; returns the seconds until the next attempt."""
        self._last_alarm = broker_alarms.alarm_of(self._connection)
        if isinstance(error, broker.BROKER_ERRORS):
            self.state = "away"
            self._monitor.outage(LOOP)
            reason = f"alarm: {self._last_alarm}" if self._last_alarm else type(error).__name__
            self._warnings.warning("broker away, the log waits", reason, error=repr(error))
        elif is_transient(error):
            self._monitor.outage(LOOP)
            self._warnings.warning("store away, the log waits", type(error).__name__, error=repr(error)[:300])
        else:
            self._warnings.exception("relay failed", type(error).__name__)
        broker.close(self._connection)
        self._connection = self._sender = None
        return min(max(pause, 0.5) * 2, 10.0)

    def publish_batch(self) -> bool:
        """Publish one page of each partition and of the receipts.  Returns True if there may be more."""
        sender = self._connect()
        more = [self._send_events(sender, p) for p in range(self._store.partitions)]
        more.append(self._send_receipts(sender))
        if any(more):
            self._looked_at = time.monotonic()
        else:
            sender.idle()
            self._look_for_alarm(sender)
        self.state, self._last_alarm = "up", ""
        return any(more)

    def _look_for_alarm(self, sender: Any) -> None:
        """Publish a message that no queue takes: the broker reports an alarm only to connections that publish."""
        if time.monotonic() - self._looked_at > LOOK_SECONDS and not broker.in_memory(self._connection):
            key = f"{self._service}.{NO_PARTITION}"
            sender.send([OutgoingMessage(broker.EVENTS, key, b"", envelope.BATCH)])
            self._looked_at = time.monotonic()

    def _connect(self) -> Any:
        if self._connection is None:
            self._connection = broker.connect(self._amqp_url)
            for exchange, kind in ((broker.EVENTS, "topic"), (broker.RECEIPTS, "direct")):
                broker.ensure_exchange(self._connection, exchange, kind)
            self._sender = broker.Sender(self._connection)
            self._declared.clear()
            self._on_connect()
        return self._sender

    def _send_events(self, sender: Any, partition: int) -> bool:
        with self._store.autocommit() as connection:
            rows = QueryRunner(connection)(UNSENT(partition=partition))
        position, page = rows[0][0] if rows else 0, [event_from_row(row[1:]) for row in rows]
        previous = page.pop(0).hash if page and page[0].position == position else ""
        if not page:
            return False
        texts = envelope.encode(self._district, self._service, previous, page)
        key = f"{self._service}.{partition}"
        sender.send(OutgoingMessage(broker.EVENTS, key, body, envelope.BATCH) for _, body in envelope.bodies(texts))
        self._move_cursor(partition, position, page[-1].position)
        return len(page) == PAGE

    def _move_cursor(self, partition: int, position: int, to: int) -> None:
        """Move the cursor without waiting for the disk: if it is lost in a crash, some events are published twice, and
        consumers skip those they have."""
        store = self._store
        with store.writing() as connection:
            store.pipeline_to_commit(connection)
            if store.postgresql:
                store.send(connection, "SET LOCAL synchronous_commit = off", ())
            mark = "%s" if store.postgresql else "?"
            store.send(connection, f"UPDATE log_relays SET position = {mark} WHERE partition = {mark} "
                       f"AND position = {mark}", (to, partition, position))  # fmt: skip

    def _send_receipts(self, sender: Any) -> bool:
        with self._store.autocommit() as connection:
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
        with self._store.writing() as connection:
            connection.execute(sa.delete(receipts).where(receipts.c.seq.in_([row.seq for row in page])))
        return len(page) == RECEIPTS_PAGE
