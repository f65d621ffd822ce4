"""How one digest is sent: by the first channel that takes it, an intent before and an outcome after each attempt.

An intent without an outcome is the mark of a crash: nobody can tell whether the message went, so it is sent once
more and not again by that channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from chassis.events.canonical_json import instant, moment
from chassis.events.definition import Event
from contracts.notifications import (
    DeliveryEnded,
    DeliveryFailed,
    DeliverySucceeded,
    DeliveryStarted,
    DigestDecided,
)

BACKOFF: Final = (60, 300, 900, 3600)
"""Seconds before the next attempt by the same channel; after that the next channel has its turn."""
MAX_UNKNOWN_OUTCOMES: Final = 2
Phase: TypeAlias = Literal["none", "waiting", "sending", "ended"]
Result: TypeAlias = Literal["made", "later", "never", "unknown"]


@dataclass(frozen=True)
class Delivery:
    """What a digest's stream has come to.  `tries` and `unknown` count attempts by channel."""

    phase: Phase = "none"
    items: tuple[tuple[str, ...], ...] = ()
    channel: str = ""
    attempt: int = 0
    again_at: str = ""
    closed: frozenset[str] = frozenset()
    tries: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class StartDelivery:
    """Send it now.  `channels`: those by which the recipient can be reached, in the campaign's order; `left`: the
    items that are still to be told."""

    recipient: str
    day: str
    channels: Sequence[str]
    left: Sequence[Sequence[str]]
    message_id: str
    now: str


@dataclass(frozen=True)
class Outcome:
    """What a channel made of a message: taken, to be tried later, never by this channel, or nobody can tell."""

    result: Result
    code: str = ""
    detail: str = ""


@dataclass(frozen=True)
class RecordOutcome:
    recipient: str
    day: str
    outcome: Outcome
    now: str


def decide(state: Delivery, command: StartDelivery | RecordOutcome) -> list[Event]:
    """The events that follow; none where another has done it already, or it is too early."""
    match command:
        case RecordOutcome() if state.phase != "sending":
            return []
        case RecordOutcome(outcome=Outcome(result="made")):
            return [DeliverySucceeded(command.recipient, command.day, state.channel, state.attempt)]
        case RecordOutcome():
            return [_failed(state, command.recipient, command.day, command.outcome, command.now)]
        case StartDelivery() if state.phase in ("none", "ended") or state.again_at > command.now:
            return []
        case StartDelivery():
            return _start(state, command)


def _start(state: Delivery, command: StartDelivery) -> list[Event]:
    recipient, day = command.recipient, command.day
    before: list[Event] = []
    if state.phase == "sending":
        lost = Outcome("unknown", "interrupted", "the process ended between sending and recording")
        before = [_failed(state, recipient, day, lost, command.now, pause=False)]
        state = evolve(state, before[0])
    if not command.left:
        return [*before, DeliveryEnded(recipient, day, "met")]
    channel = next((item for item in command.channels if item not in state.closed), None)
    if channel is None:
        return [*before, DeliveryEnded(recipient, day, "given_up" if state.attempt else "box_only")]
    left = tuple(tuple(item) for item in command.left)
    told = () if left == state.items else left
    return [*before, DeliveryStarted(recipient, day, channel, state.attempt + 1, command.message_id, told)]


def _failed(
    state: Delivery, recipient: str, day: str, outcome: Outcome, now: str, pause: bool = True
) -> DeliveryFailed:
    tries = state.tries.get(state.channel, 0)
    unknown = state.unknown.get(state.channel, 0) + (outcome.result == "unknown")
    over = outcome.result == "never" or tries > len(BACKOFF) or unknown >= MAX_UNKNOWN_OUTCOMES
    wait = BACKOFF[min(tries, len(BACKOFF)) - 1] if pause else 0
    again_at = "" if over else instant(moment(now) + timedelta(seconds=wait))
    code = outcome.code if outcome.result != "unknown" else f"unknown_{outcome.code}"
    return DeliveryFailed(recipient, day, state.channel, state.attempt, code[:60], outcome.detail[:300], again_at)


def evolve(state: Delivery, event: Event) -> Delivery:
    match event:
        case DigestDecided():
            return Delivery("waiting", event.items)
        case DeliveryStarted(channel=channel):
            tries = {**state.tries, channel: state.tries.get(channel, 0) + 1}
            return replace(state, phase="sending", channel=channel, attempt=event.attempt, tries=tries, again_at="",
                           items=event.told or state.items)  # fmt: skip
        case DeliveryFailed(channel=channel):
            closed = state.closed if event.again_at else state.closed | {channel}
            count = state.unknown.get(channel, 0) + event.code.startswith("unknown_")
            unknown = {**state.unknown, channel: count}
            return replace(state, phase="waiting", again_at=event.again_at, closed=closed, unknown=unknown)
        case DeliverySucceeded() | DeliveryEnded():
            return replace(state, phase="ended", again_at="")
    return state
