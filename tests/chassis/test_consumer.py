"""How the consumer gathers a batch."""

from __future__ import annotations

import time
from typing import Any

from chassis.messaging.broker import QueueSpec
from chassis.messaging.consumer import Consumer, Delivery, Subscription
from chassis.messaging.turns import Turns
from chassis.process.loop_monitor import LoopMonitor


def test_a_steady_trickle_does_not_keep_the_first_message_waiting_for_a_full_batch() -> None:
    handled: list[int] = []
    queue = QueueSpec("queue", "exchange", "topic", ("#",))
    subscription = Subscription(queue, "inbox", lambda batch: handled.append(len(batch)), batch_size=500)
    no_store: Any = None
    consumer = Consumer(no_store, "memory://", str, LoopMonitor(), [subscription], lambda: None)
    consumer._held = {queue.name: Turns()}

    def receive_one(_seconds: float) -> bool:
        time.sleep(0.004)  # always sooner than the consumer would notice a pause
        consumer._held[queue.name].append(Delivery(b"{}", {}, "key", False, lambda: None))
        return True

    consumer._drain = receive_one  # type: ignore[method-assign]
    began = time.monotonic()
    consumer._round()
    assert time.monotonic() - began < 0.5
    assert 1 <= sum(handled) < 100
