"""What an operator sees of deliveries, and what nobody sees."""

from __future__ import annotations

import json
from datetime import timedelta

import sqlalchemy as sa

from chassis.events.canonical_json import instant
from chassis.process.clock import utcnow
from chassis.store.schema import deliveries
from services.participation.deliveries.queries import deliveries_failing, delivery_metrics, shown_deliveries
from tests.services.participation.cluster import Replica
from tests.services.participation.test_webhooks import KEY_HOLDER, Hook, receiver, replica
from tests.support.webhook_receiver import WebhookReceiver

__all__ = ["receiver", "replica"]  # fixtures


def test_what_holds_a_delivery_up_stands_in_the_list_the_status_and_the_figures(
    replica: Replica, receiver: WebhookReceiver
) -> None:
    receiver.answer = lambda _: (503, {})
    hook = Hook(replica, receiver)
    hook.deliver()
    store = replica.runtime.store
    with store.reading() as connection:
        shown = shown_deliveries(connection)["dashboard"]
        now = utcnow()
        assert deliveries_failing(connection, now) == 0
    assert (shown["code"], shown["behind"] > 0, shown["address"].endswith("/hook")) == ("http_503", True, True)
    assert not {"secret", "hash"} & shown.keys() and "key=k" not in json.dumps(shown)
    long_ago = instant(now - timedelta(days=4))
    with store.engine.begin() as connection:
        connection.execute(sa.update(deliveries).values(failing_since=long_ago))
    hook.deliver()
    assert (hook.row.state, hook.row.detail) == ("stopped", "away_too_long")
    with store.reading() as connection:
        assert deliveries_failing(connection, now) == 1
        figures = {metric.name: metric.value for metric in delivery_metrics(connection, now)}
    assert figures["qihang_subscription_stopped"] == 1 and figures["qihang_subscription_failing_seconds"] > 3 * 86400
    assert b'qihang_subscription_behind{service="participation",subscription="dashboard",way="webhook"}' in (
        replica.runtime.health.metrics()
    )


def test_no_secret_and_no_key_of_an_address_stands_in_the_log(replica: Replica, receiver: WebhookReceiver) -> None:
    hook = Hook(replica, receiver)
    replica.service.deliveries.rotate_secret("dashboard", KEY_HOLDER, "")
    replica.service.deliveries.remove("dashboard", KEY_HOLDER, "")
    written = json.dumps([event.data for event in replica.log()], ensure_ascii=False)
    assert hook.secret not in written and "key=k" not in written and "/hook" in written
    assert replica.rows(deliveries) == []
