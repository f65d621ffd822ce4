"""Runs all deliveries concurrently, so that a slow receiver delays no other, in one process across all replicas."""

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from chassis.events.canonical_json import instant
from chassis.messaging.deliveries import AMQP, ANEW, RUNNING, Delivery, all_deliveries, wanted_names
from chassis.process.greenlets import GreenletGroup, Wakeup, sleep
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.quiet_log import QuietLog
from chassis.store.database import Store, is_transient
from chassis.store.named_lock import NamedLock, NamedLockLost, try_named_lock
from chassis.store.unit_of_work import HANDLER_ERRORS
from services.participation.deliveries.attempts import Attempts, DeliveryChanged
from services.participation.deliveries.queue_turn import QueueTurn
from services.participation.deliveries.webhook_turn import WebhookTurn
from services.participation.subscribers.queries import end_of_log

LOOP, SECONDS = "deliveries", 1.0
BREATH_SECONDS = 0.02
AT_ONCE = 32
LOCK, LOCK_NUMBER = "deliveries", 0x64656C69
"""An arbitrary number: PostgreSQL's advisory locks are per database."""
QUEUES = "queues"
_warnings = QuietLog(structlog.get_logger(__name__))


class Deliverer:
    """One per process; the one that holds the lock delivers."""

    def __init__(
        self, store: Store, attempts: Attempts, webhooks: WebhookTurn, queues: QueueTurn, folder: Path,
        monitor: LoopMonitor,
    ) -> None:  # fmt: skip
        self._store, self._attempts, self._folder, self._monitor = store, attempts, folder, monitor
        self._webhooks, self._queues = webhooks, queues
        self.wakeup = Wakeup()

    def deliver_due(self) -> None:
        """Deliver until nothing is due, or the service stops."""
        self._queues.idle()
        if not self._due_deliveries():
            return
        with try_named_lock(self._store, self._folder, LOCK, LOCK_NUMBER) as lock:
            if lock is None:
                return
            ended = Wakeup()
            at_work = GreenletGroup(ended)
            try:
                self._work(lock, at_work, ended)
            except NamedLockLost as error:
                _warnings.warning("another process may deliver by now", type(error).__name__)
            finally:
                at_work.kill()

    def _work(self, lock: NamedLock, at_work: GreenletGroup, ended: Wakeup) -> None:
        """Start due deliveries until the lock is lost.  Raises NamedLockLost."""
        while True:
            ended.clear()
            lock.verify()
            if not self._monitor.stopping:
                self._start_due(at_work)
            self._monitor.pulse(LOOP)
            if not len(at_work):
                return
            sleep(BREATH_SECONDS)
            ended.wait(SECONDS)
            if QUEUES not in at_work:
                self._queues.idle()

    def _start_due(self, at_work: GreenletGroup) -> None:
        due = self._due_deliveries()
        queues = [each.name for each in due if each.way == AMQP]
        if queues and QUEUES not in at_work:
            at_work.start(QUEUES, lambda: self._fill_queues(queues))
        for each in due:
            if each.way != AMQP and each.name not in at_work and len(at_work) < AT_ONCE:
                at_work.start(each.name, self._turn_of(each.name))

    def _fill_queues(self, names: Sequence[str]) -> None:
        for name in names:
            self._take_turn(self._queues.run, name)

    def _turn_of(self, name: str) -> Callable[[], None]:
        return lambda: self._take_turn(self._webhooks.run, name)

    def _take_turn(self, run: Callable[[str], None], name: str) -> None:
        try:
            run(name)
        except DeliveryChanged:
            self.wakeup.set()
        except HANDLER_ERRORS as error:
            if is_transient(error):
                _warnings.warning("store away, deliveries wait", type(error).__name__)
                sleep(SECONDS)
                return
            _warnings.exception("delivery failed", type(error).__name__, subscription=name)
            self._attempts.note_fault(name, type(error).__name__)

    def _due_deliveries(self) -> list[Delivery]:
        """The due deliveries, longest waiting first."""
        now = instant(self._attempts.now())
        with self._store.reading() as connection:
            known = [each for each in all_deliveries(connection) if each.next_at <= now]
            running = [each for each in known if each.state == RUNNING or each.options.get(ANEW)]
            if not running:
                return []
            end, wanted = end_of_log(connection), wanted_names(connection)
        due = [each for each in running if each.position != end or each.name in wanted or each.options.get(ANEW)]
        return sorted(due, key=lambda each: (each.next_at, each.last_at, each.name))
