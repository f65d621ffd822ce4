"""How the consumer gathers a batch."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

from chassis.broker import Inlet
from chassis.listening import Delivery, Listener, Tap


def test_a_steady_trickle_does_not_keep_the_first_message_waiting_for_a_full_batch() -> None:
    handled: list[int] = []
    inlet = Inlet("queue", "exchange", "topic", ("#",))
    frame: Any = SimpleNamespace(stopping=False, pulse=lambda _: None)
    listener = Listener(frame, [Tap(inlet, "inbox", lambda batch: handled.append(len(batch)), largest=500)])
    listener._held = {inlet.queue: []}

    def one_more(_seconds: float) -> bool:
        time.sleep(0.004)  # always sooner than quiet would be noticed
        listener._held[inlet.queue].append(Delivery(b"{}", {}, "key", False, lambda: None))
        return True

    listener._drain = one_more  # type: ignore[method-assign]
    began = time.monotonic()
    listener._once()
    assert time.monotonic() - began < 0.5
    assert 1 <= sum(handled) < 100
