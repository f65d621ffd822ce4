"""Dead letters: messages that the broker gave up delivering to a service are put into its quarantine."""

from collections.abc import Callable, Sequence

from chassis.messaging import broker, quarantine
from chassis.messaging.consumer import Delivery, Subscription
from chassis.messaging.quarantine import Entry
from chassis.process.text import escape_line
from chassis.store.database import Store


def subscription(service: str, store: Store, now: Callable[[], str]) -> Subscription:
    """A subscription to the service's dead-letter queue.  `now`: the instant as text, for the entries."""

    def quarantine_dead_letters(batch: Sequence[Delivery]) -> None:
        with store.writing() as connection:
            quarantine.add(connection, now(), [_entry(delivery, service) for delivery in batch])

    return Subscription(broker.dead_letter_queue(service), "dead", quarantine_dead_letters)


def _entry(delivery: Delivery, service: str) -> Entry:
    detail = "the broker gave up delivering it"
    queue, common = _original_queue(delivery), broker.intake_queue(service).name
    if queue != common and not queue.startswith(f"{common}."):
        return Entry("dead", "gave_up", delivery.body, detail)
    own = queue.removeprefix(common).removeprefix(".")  # the queue of a single outside system is named after it
    content_type, publisher = delivery.properties.get("content_type", ""), delivery.properties.get("user_id", own)
    return Entry(
        "intake", "gave_up", delivery.body, detail, publisher=str(publisher), type=escape_line(str(content_type))
    )


def _original_queue(delivery: Delivery) -> str:
    """The queue that the message was dropped from: the broker puts the latest death first, whatever a publisher wrote
    into the header."""
    death_records = (delivery.properties.get("application_headers") or {}).get("x-death")
    first = death_records[0] if isinstance(death_records, list) and death_records else {}
    return str(first.get("queue", "")) if isinstance(first, dict) else ""
