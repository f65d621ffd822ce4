"""What the broker gave up delivering to a service: it stands in quarantine as what it was."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chassis.events import strict_json
from chassis.messaging import broker, quarantine
from chassis.messaging.consumer import Delivery, Subscription
from chassis.messaging.quarantine import Entry

if TYPE_CHECKING:
    from chassis.runtime.service_runtime import ServiceRuntime


def subscription(runtime: "ServiceRuntime") -> Subscription:
    """Drains the service's own dead letters."""

    def set_aside(batch: Sequence[Delivery]) -> None:
        with runtime.store.writing() as connection:
            quarantine.add(connection, runtime.now(), [_entry(item) for item in batch])

    return Subscription(broker.dead_letter_queue(runtime.service), "dead", set_aside)


def _entry(delivery: Delivery) -> Entry:
    detail = "the broker gave up delivering it"
    if _queue(delivery) != broker.INTAKE:
        return Entry("dead", "gave_up", delivery.body, detail)
    kind, publisher = delivery.properties.get("content_type", ""), delivery.properties.get("user_id", "")
    return Entry(
        "intake", "gave_up", delivery.body, detail, publisher=str(publisher), type=strict_json.shown(str(kind))
    )


def _queue(delivery: Delivery) -> str:
    """Where it died: the broker puts the last death first, whatever a publisher wrote there."""
    deaths = (delivery.properties.get("application_headers") or {}).get("x-death")
    first = deaths[0] if isinstance(deaths, list) and deaths else {}
    return str(first.get("queue", "")) if isinstance(first, dict) else ""
