"""Delivery of one digest: by the first channel that accepts it, with an event before and after each attempt.

A started attempt without an outcome means a crash: whether the message was sent is unknown, so it is sent once more on
the same day, and then not again by that channel.  A channel's own fault does not count as an attempt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from chassis.events.canonical_json import instant, moment
from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.notifications import (
    DeliveryCancelled,
    DeliveryEnded,
    DeliveryFailed,
    DeliveryReopened,
    DeliveryStarted,
    DeliverySucceeded,
    DigestDecided,
)

BACKOFF: Final = (60, 300, 900, 3600)
"""Seconds before the next attempt by the same channel.  After the last one the next channel is tried, if the fault was
the recipient's or the message's; a channel's fault is waited out (docs/decisions/0118)."""
INBOX: Final = "inbox"
"""Takes the place of a channel when none is left: its worker ends digests that nothing can send."""
MAX_UNKNOWN_OUTCOMES: Final = 2
Phase: TypeAlias = Literal["none", "waiting", "sending", "ended"]
Result: TypeAlias = Literal["succeeded", "later", "never", "unknown"]
Fault: TypeAlias = Literal["channel", "recipient", "letter"]


@dataclass(frozen=True)
class Delivery:
    """The state of a digest's stream.  `attempts`, `unknown_outcomes` and `refusals` (faults that are not the
    channel's) are counts by channel; `closed_channels` are not tried any more."""

    phase: Phase = "none"
    items: tuple[tuple[str, ...], ...] = ()
    channel: str = ""
    attempt: int = 0
    again_at: str = ""
    closed_channels: frozenset[str] = frozenset()
    attempts: Mapping[str, int] = field(default_factory=dict)
    unknown_outcomes: Mapping[str, int] = field(default_factory=dict)
    refusals: Mapping[str, int] = field(default_factory=dict)
    ended_as: str = ""
    repeats: bool = False

    @property
    def may_have_arrived(self) -> bool:
        """Whether a message may have arrived already; another one must say so."""
        return self.repeats or any(self.unknown_outcomes.values())


@dataclass(frozen=True)
class StartDelivery:
    """Send the digest now by the channel of the calling `worker`.  `channels`: those that reach the recipient, in
    order; `remaining`: the items that still apply; `busy_channels`: those at their rate limit; `today`: a digest of an
    earlier day is not sent any more."""

    recipient: str
    day: str
    channels: Sequence[str]
    remaining: Sequence[Sequence[str]]
    message_id: str
    now: str
    worker: str
    today: str
    busy_channels: Sequence[str] = ()

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@dataclass(frozen=True)
class SupersedeDelivery:
    """The digest's day has ended: the next digest covers what is still owed."""

    recipient: str
    day: str

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@dataclass(frozen=True)
class Outcome:
    """The outcome of sending a message: accepted, temporarily or permanently rejected by this channel, or unknown.
    `fault`: whose; `outage`: the channel can send nothing to anybody now."""

    result: Result
    code: str = ""
    detail: str = ""
    fault: Fault = "recipient"
    outage: bool = False


@dataclass(frozen=True)
class RecordOutcome:
    """Record the outcome of the started attempt."""

    recipient: str
    day: str
    outcome: Outcome
    now: str

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@dataclass(frozen=True)
class CancelDelivery:
    """An operator decides that the digest is not sent."""

    recipient: str
    day: str
    reason: str

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


@dataclass(frozen=True)
class ReopenDelivery:
    """An operator decides that the digest is sent (again); `repeat`: even if it was, or may have been, delivered."""

    recipient: str
    day: str
    reason: str
    repeat: bool

    @property
    def stream(self) -> str:
        return f"digest-{self.recipient}-{self.day}"


DeliveryCommand: TypeAlias = StartDelivery | RecordOutcome | SupersedeDelivery | CancelDelivery | ReopenDelivery


def refusal(state: Delivery, command: CancelDelivery | ReopenDelivery) -> str:
    """Why the operator's command is impossible; empty if it is possible or already in effect."""
    if state.phase == "none":
        return "unknown_digest"
    if isinstance(command, CancelDelivery):
        if state.phase == "sending":
            return "being_sent"
        return "has_ended" if state.phase == "ended" and state.ended_as != "cancelled" else ""
    if state.ended_as in ("met", "superseded"):
        return "nothing_to_send"
    return "would_repeat" if state.ended_as in ("succeeded", "unknown") and not command.repeat else ""


def decide(state: Delivery, command: DeliveryCommand) -> list[Event]:
    """The resulting events; none if it was done already or is too early."""
    match command:
        case RecordOutcome() if state.phase != "sending":
            return []
        case RecordOutcome(outcome=Outcome(result="succeeded")):
            return [DeliverySucceeded(command.recipient, command.day, state.channel, state.attempt)]
        case RecordOutcome():
            return [_failure_event(state, command.recipient, command.day, command.outcome, command.now)]
        case StartDelivery() if state.phase in ("none", "ended") or state.again_at > command.now:
            return []
        case StartDelivery():
            return _start(state, command)
        case CancelDelivery():
            possible = state.phase == "waiting"
            return [DeliveryCancelled(command.recipient, command.day, command.reason)] if possible else []
        case ReopenDelivery():
            repeats = state.ended_as in ("succeeded", "unknown")
            possible = state.phase == "ended" and not refusal(state, command)
            return [DeliveryReopened(command.recipient, command.day, command.reason, repeats)] if possible else []
        case SupersedeDelivery():
            return [_superseded_event(state, command.recipient, command.day)] if state.phase == "waiting" else []


def _start(state: Delivery, command: StartDelivery) -> list[Event]:
    recipient, day = command.recipient, command.day
    before: list[Event] = []
    if state.phase == "sending":
        if state.channel != command.worker:
            return []  # another channel's worker is about to record an outcome
        interrupted = Outcome("unknown", "interrupted", "the process ended between sending and recording", "channel")
        before = [_failure_event(state, recipient, day, interrupted, command.now, pause=False)]
        state = evolve(state, before[0])
    if day < command.today:
        return [*before, _superseded_event(state, recipient, day)]
    channel = next((name for name in command.channels if name not in state.closed_channels), INBOX)
    if channel != command.worker:
        return before
    if not command.remaining:
        return [*before, DeliveryEnded(recipient, day, "met")]
    if channel == INBOX:
        return [*before, DeliveryEnded(recipient, day, _end_without_channel(state))]
    if channel in command.busy_channels:
        return before  # the digest stays with its channel
    remaining = tuple(tuple(item) for item in command.remaining)
    items_left = () if remaining == state.items else remaining
    return [*before, DeliveryStarted(recipient, day, channel, state.attempt + 1, command.message_id, items_left)]


def _end_without_channel(state: Delivery) -> str:
    """`unknown` if a message may have arrived: it is not repeated automatically."""
    if state.may_have_arrived:
        return "unknown"
    return "given_up" if state.attempt else "inbox_only"


def _superseded_event(state: Delivery, recipient: str, day: str) -> DeliveryEnded:
    return DeliveryEnded(recipient, day, "unknown" if state.may_have_arrived else "superseded")


def _failure_event(
    state: Delivery, recipient: str, day: str, outcome: Outcome, now: str, pause: bool = True
) -> DeliveryFailed:
    attempts = state.attempts.get(state.channel, 0)
    unknown_outcomes = state.unknown_outcomes.get(state.channel, 0) + (outcome.result == "unknown")
    is_final = unknown_outcomes >= MAX_UNKNOWN_OUTCOMES
    if outcome.fault != "channel":
        is_final = is_final or outcome.result == "never" or state.refusals.get(state.channel, 0) >= len(BACKOFF)
    wait = _wait(attempts, outcome) if pause else 0
    again_at = "" if is_final else instant(moment(now) + timedelta(seconds=wait))
    code = outcome.code if outcome.result != "unknown" else f"unknown_{outcome.code}"
    return DeliveryFailed(recipient, day, state.channel, state.attempt, code[:60], outcome.detail[:300], again_at,
                          outcome.fault)  # fmt: skip


def _wait(attempts: int, outcome: Outcome) -> int:
    """Seconds until the next attempt; after a temporary rejection at most 15 minutes."""
    if outcome.outage:
        return BACKOFF[0]
    return BACKOFF[min(attempts, len(BACKOFF) if outcome.fault != "channel" else 3) - 1]


def evolve(state: Delivery, event: Event) -> Delivery:
    match event:
        case DigestDecided():
            return Delivery("waiting", event.items)
        case DeliveryStarted(channel=channel):
            attempts = {**state.attempts, channel: state.attempts.get(channel, 0) + 1}
            return replace(state, phase="sending", channel=channel, attempt=event.attempt, attempts=attempts,
                           again_at="", items=event.items_left or state.items)  # fmt: skip
        case DeliveryFailed(channel=channel):
            closed_channels = state.closed_channels if event.again_at else state.closed_channels | {channel}
            count = state.unknown_outcomes.get(channel, 0) + event.code.startswith("unknown_")
            unknown_outcomes = {**state.unknown_outcomes, channel: count}
            refusals = {**state.refusals, channel: state.refusals.get(channel, 0) + (event.fault != "channel")}
            return replace(state, phase="waiting", again_at=event.again_at, closed_channels=closed_channels,
                           unknown_outcomes=unknown_outcomes, refusals=refusals)  # fmt: skip
        case DeliverySucceeded():
            return replace(state, phase="ended", again_at="", ended_as="succeeded")
        case DeliveryEnded():
            return replace(state, phase="ended", again_at="", ended_as=event.code)
        case DeliveryCancelled():
            return replace(state, phase="ended", again_at="", ended_as="cancelled")
        case DeliveryReopened():
            return Delivery("waiting", state.items, attempt=state.attempt, repeats=event.repeats)
    return state


DELIVERY: Final = Decider(Delivery, decide, evolve)
