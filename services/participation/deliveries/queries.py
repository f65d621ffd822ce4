"""The state of deliveries, for lists, status and Prometheus."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from chassis.events.canonical_json import moment
from chassis.messaging.deliveries import PAUSED, RUNNING, Delivery, all_deliveries, undelivered_counts
from chassis.runtime.health import Metric
from services.participation.subscribers.queries import events_behind, waiting_since
from services.participation.subscribers.readings import seconds_behind

FAILING_SECONDS = 15 * 60
"""How long a receiver may fail before it is reported."""


def shown_deliveries(connection: Connection) -> dict[str, dict[str, Any]]:
    """By name of the subscription; without secrets."""
    counts = undelivered_counts(connection)
    return {
        each.name: _delivery_summary(connection, each, counts.get(each.name, 0)) for each in all_deliveries(connection)
    }


def _delivery_summary(connection: Connection, delivery: Delivery, undelivered: int) -> dict[str, Any]:
    same = (
        "way",
        "state",
        "position",
        "delivered",
        "last_at",
        "attempts",
        "failing_since",
        "next_at",
        "code",
        "detail",
    )
    return {
        **{name: getattr(delivery, name) for name in same}, "address": delivery.address.partition("?")[0],
        "mode": delivery.options.get("mode", ""), "behind": events_behind(connection, delivery.position),
        "behind_since": waiting_since(connection, delivery.position), "undelivered": undelivered,
    }  # fmt: skip


def deliveries_failing(connection: Connection, _: datetime) -> int:
    """The number of deliveries that are stopped, fail for some time, or have given-up events."""
    given_up = undelivered_counts(connection)
    return sum(1 for each in all_deliveries(connection) if each.name in given_up or _is_failing(each))


def _is_failing(delivery: Delivery) -> bool:
    if delivery.state in (RUNNING, PAUSED):
        return delivery.state == RUNNING and _failing_seconds(delivery) > FAILING_SECONDS
    return True


def _failing_seconds(delivery: Delivery) -> int:
    if not delivery.failing_since:
        return 0
    return int((datetime.now(UTC) - moment(delivery.failing_since)).total_seconds())


def delivery_metrics(connection: Connection, now: datetime) -> list[Metric]:
    """Figures of each delivery, for Prometheus."""
    result, counts = [], undelivered_counts(connection)
    for each in all_deliveries(connection):
        labels = {"subscription": each.name, "way": each.way}
        result += [
            Metric("qihang_subscription_behind", "events of the log that were not delivered yet", labels,
                   events_behind(connection, each.position)),
            Metric("qihang_subscription_behind_seconds", "how long the oldest of these waits", labels,
                   seconds_behind(waiting_since(connection, each.position), now)),
            Metric("qihang_subscription_undelivered", "events that were given up", labels, counts.get(each.name, 0)),
            Metric("qihang_subscription_failing_seconds", "since when nothing is taken", labels,
                   _failing_seconds(each)),
            Metric("qihang_subscription_delivered", "events that were delivered", labels, each.delivered),
            Metric("qihang_subscription_stopped", "1: an operator has to resume it", labels,
                   int(each.state not in (RUNNING, PAUSED))),
        ]  # fmt: skip
    return result
