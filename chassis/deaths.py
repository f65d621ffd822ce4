"""What the broker gave up delivering to a service: it stands in quarantine as what it was."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chassis import broker, quarantine, strict
from chassis.listening import Delivery, Tap
from chassis.quarantine import Entry

if TYPE_CHECKING:
    from chassis.frame import Frame


def tap(frame: "Frame") -> Tap:
    """Drains the service's own dead letters."""

    def set_aside(batch: Sequence[Delivery]) -> None:
        with frame.store.writing() as connection:
            quarantine.add(connection, frame.now(), [_entry(one) for one in batch])

    return Tap(broker.dead_inlet(frame.service), "dead", set_aside)


def _entry(one: Delivery) -> Entry:
    detail = "the broker gave up delivering it"
    if _queue(one) != broker.INTAKE:
        return Entry("dead", "gave_up", one.body, detail)
    kind, publisher = one.properties.get("content_type", ""), one.properties.get("user_id", "")
    return Entry("intake", "gave_up", one.body, detail, publisher=str(publisher), type=strict.shown(str(kind)))


def _queue(one: Delivery) -> str:
    """Where it died: the broker puts the last death first, whatever a publisher wrote there."""
    deaths = (one.properties.get("application_headers") or {}).get("x-death")
    first = deaths[0] if isinstance(deaths, list) and deaths else {}
    return str(first.get("queue", "")) if isinstance(first, dict) else ""
