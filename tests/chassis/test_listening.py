"""How the consumer gathers a batch."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

from chassis.messaging.broker import QueueSpec
from chassis.messaging.consumer import Consumer, Delivery, Subscription


def test_a_steady_trickle_does_not_keep_the_first_message_waiting_for_a_full_batch() -> None:
    handled: list[int] = []
    inlet = QueueSpec("queue", "exchange", "topic", ("#",))
    runtime: Any = SimpleNamespace(stopping=False, pulse=lambda _: None)
    consumer = Consumer(runtime, [Subscription(inlet, "inbox", lambda batch: handled.append(len(batch)), largest=500)])
    consumer._held = {inlet.queue: []}

    def one_more(_seconds: float) -> bool:
        time.sleep(0.004)  # always sooner than quiet would be noticed
        consumer._held[inlet.queue].append(Delivery(b"{}", {}, "key", False, lambda: None))
        return True

    consumer._drain = one_more  # type: ignore[method-assign]
    began = time.monotonic()
    consumer._once()
    assert time.monotonic() - began < 0.5
    assert 1 <= sum(handled) < 100
