"""A circuit breaker per channel: closed, open (nothing is sent until the next probe), half-open (one message is the
probe).  Pure; the state is folded from the channel's stream, so it survives restarts."""

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
"""Seconds from an opening to the next probe, by the number of consecutive openings."""
FAULTS_IN_A_ROW: Final = 3
"""So many consecutive faults of a kind that proves nothing alone (451, a policy) open the channel."""


@dataclass(frozen=True)
class ChannelHealth:
    """`failures`: the number of consecutive openings; 0: closed."""

    failures: int = 0
    probe_at: str = ""

    def state(self, now: str) -> str:
        """`closed`, `open` or `half_open`."""
        if not self.failures:
            return "closed"
        return "half_open" if self.probe_at <= now else "open"


@dataclass(frozen=True)
class RecordChannelOutcome:
    """The outcome of a message; `faults_in_a_row`: the number of consecutive faults of the channel, this one
    included."""

    channel: str
    outcome: Outcome
    faults_in_a_row: int
    now: str

    @property
    def stream(self) -> str:
        return f"channel-{self.channel}"

    def opens(self, half_open: bool) -> bool:
        """Whether the outcome opens the channel; while it is `half_open` one fault is enough."""
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
