"""Two replicas over one store: one delivers at a time, and another goes on where it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from chassis.store.named_lock import try_named_lock
from services.participation.deliveries.deliverer import LOCK, LOCK_NUMBER
from tests.services.participation import cluster
from tests.services.participation.cluster import Replica
from tests.services.participation.outside_system import attendance
from tests.services.participation.test_webhooks import Hook
from tests.support.webhook_receiver import WebhookReceiver, receiving

MakeReplica = Callable[[], Replica]


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with receiving() as receiver:
        yield receiver


def test_one_replica_delivers_at_a_time_and_the_other_goes_on(
    make_replica: MakeReplica, receiver: WebhookReceiver
) -> None:
    here, there = make_replica(), make_replica()
    cluster.district(here)
    for number in range(3):
        here.submit("record", **attendance(f"R{number}"))
    hook = Hook(here, receiver, types=["record"])
    store = there.runtime.store
    with try_named_lock(store, there.runtime.data, LOCK, LOCK_NUMBER) as lock:
        assert lock is not None
        hook.deliver()
        assert receiver.requests == []
    hook.deliver()
    assert [event["subject"] for event in receiver.received] == ["record/R0", "record/R1", "record/R2"]
    there.submit("record", **attendance("R3"))
    there.service.deliverer.deliver_due()
    here.service.deliverer.deliver_due()
    assert [event["subject"] for event in receiver.received[3:]] == ["record/R3"]
    assert hook.row.delivered == 4
