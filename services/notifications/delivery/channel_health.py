"""A channel's health as a circuit breaker: closed, open (nothing is sent until the next probe), half-open (one message
tries it).  Pure; the state is folded from the channel's own stream, so that it is the same after a restart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from chassis.events.canonical_json import instant, moment
from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.notifications import ChannelClosed, ChannelOpened
from services.notifications.delivery.domain import Outcome

PROBE_AFTER: Final = (60, 300, 900, 1800)
"""Seconds from an opening to the next probe, by how often in a row it was opened."""
FAULTS_IN_A_ROW: Final = 3
"""So many faults of a channel, one after the other, open it where a single one proves nothing (451, a policy)."""


@dataclass(frozen=True)
class ChannelHealth:
    """`failures`: how often in a row it was opened; 0: it is closed."""

    failures: int = 0
    probe_at: str = ""

    def state(self, now: str) -> str:
        """`closed`, `open` or `half_open`."""
        if not self.failures:
            return "closed"
        return "half_open" if self.probe_at <= now else "open"


@dataclass(frozen=True)
class RecordChannelOutcome:
    """What a message met; `faults_in_a_row`: this one included, how many in a row were the channel's own fault."""

    channel: str
    outcome: Outcome
    faults_in_a_row: int
    now: str

    @property
    def stream(self) -> str:
        return f"channel-{self.channel}"

    def opens(self, half_open: bool) -> bool:
        """Whether the channel is open after this; while it is `half_open` one fault is enough."""
        if self.outcome.fault != "channel" or self.outcome.result == "succeeded":
            return False
        return half_open or self.outcome.outage or self.faults_in_a_row >= FAULTS_IN_A_ROW


def decide(state: ChannelHealth, command: RecordChannelOutcome) -> list[Event]:
    outcome = command.outcome
    if outcome.fault != "channel" or outcome.result == "succeeded":
        return [ChannelClosed(command.channel)] if state.failures else []
    if not command.opens(half_open=state.failures > 0):
        return []
    wait = PROBE_AFTER[min(state.failures, len(PROBE_AFTER) - 1)]
    probe_at = instant(moment(command.now) + timedelta(seconds=wait))
    return [ChannelOpened(command.channel, outcome.code[:60], outcome.detail[:300], state.failures + 1, probe_at)]


def evolve(state: ChannelHealth, event: Event) -> ChannelHealth:
    match event:
        case ChannelOpened():
            return replace(state, failures=event.failures, probe_at=event.probe_at)
        case ChannelClosed():
            return ChannelHealth()
    return state


CHANNEL_HEALTH: Final = Decider(ChannelHealth, decide, evolve)
