"""Assembles the deliverer from its parts."""

from pathlib import Path

from chassis.messaging.deliveries import Delivery, DeliveryLog
from chassis.process.clock import utcnow
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.settings import BadSetting, Settings
from chassis.store.database import Store
from services.participation.deliveries.attempts import Attempts
from services.participation.deliveries.broker_queues import BrokerQueues
from services.participation.deliveries.deliverer import Deliverer
from services.participation.deliveries.queue_turn import QueueTurn
from services.participation.deliveries.webhook import Webhook
from services.participation.deliveries.webhook_turn import WebhookTurn


def assemble_deliverer(
    store: Store, settings: Settings, monitor: LoopMonitor, queues: BrokerQueues, folder: Path
) -> Deliverer:
    """`folder`: for its lock file, if the store is SQLite."""
    log, pace, ca_file = DeliveryLog(store), dict[str, float](), _checked_ca_file(settings.webhook_ca_file)
    attempts = Attempts(log, utcnow)

    def stopping() -> bool:
        return monitor.stopping

    def webhook(delivery: Delivery) -> Webhook:
        return Webhook(delivery, settings.district, ca_file, utcnow, pace)

    webhooks = WebhookTurn(store, attempts, log, webhook, stopping)
    queue_turn = QueueTurn(store, attempts, queues, settings.amqp_url, settings.district, stopping)
    return Deliverer(store, attempts, webhooks, queue_turn, folder, monitor)


def _checked_ca_file(ca_file: str) -> str:
    """The file, or '' if it is empty, which means none.  Raises BadSetting."""
    try:
        return ca_file if ca_file and Path(ca_file).read_bytes().strip() else ""
    except OSError as error:
        raise BadSetting(f"QIHANG_WEBHOOK_CA_FILE: {ca_file} cannot be read ({error.strerror})") from None
