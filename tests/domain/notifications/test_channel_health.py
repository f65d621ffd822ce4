"""A channel as a circuit breaker: closed, open until a probe, half-open; only its own faults open it."""

from __future__ import annotations

from functools import reduce

import pytest

from chassis.events.definition import Event
from contracts.notifications import ChannelClosed, ChannelOpened
from services.notifications.delivery.channel_health import (
    FAULTS_IN_A_ROW,
    PROBE_AFTER,
    ChannelHealth,
    RecordChannelOutcome,
    decide,
    evolve,
)
from services.notifications.delivery.domain import Outcome

NOON = "2022-12-01T04:00:00.000000Z"
AWAY = Outcome("later", "connect", "", "channel", outage=True)
BUSY = Outcome("later", "smtp_451", "", "channel")
TAKEN = Outcome("succeeded")
NO_SUCH_USER = Outcome("never", "smtp_550")


def met(outcome: Outcome, in_a_row: int = 1) -> RecordChannelOutcome:
    return RecordChannelOutcome("email", outcome, in_a_row, NOON)


def opened(failures: int, probe_at: str) -> ChannelOpened:
    return ChannelOpened("email", "connect", "", failures, probe_at)


def given(*events: Event) -> ChannelHealth:
    return reduce(evolve, events, ChannelHealth())


def test_an_outage_opens_it_at_once_and_a_passing_fault_when_it_repeats() -> None:
    assert decide(given(), met(AWAY)) == [opened(1, "2022-12-01T04:01:00.000000Z")]
    assert [bool(decide(given(), met(BUSY, n))) for n in range(1, FAULTS_IN_A_ROW + 1)] == [False, False, True]


@pytest.mark.parametrize("outcome", [TAKEN, NO_SUCH_USER, Outcome("never", "smtp_552", "", "letter")])
def test_an_answer_about_recipient_or_letter_shows_that_it_works(outcome: Outcome) -> None:
    assert decide(given(), met(outcome)) == []
    assert decide(given(opened(1, NOON)), met(outcome)) == [ChannelClosed("email")]
    assert given(opened(1, NOON), ChannelClosed("email")).state(NOON) == "closed"


def test_it_is_half_open_from_the_probe_on() -> None:
    state = given(opened(1, NOON))
    assert [state.state(now) for now in ("2022-12-01T03:59:59.999999Z", NOON)] == ["open", "half_open"]


def test_each_probe_that_fails_opens_it_for_longer_up_to_half_an_hour() -> None:
    state, waits = given(), []
    for _ in range(6):
        (event,) = decide(state, met(BUSY if state.failures else AWAY))
        assert isinstance(event, ChannelOpened)
        state = evolve(state, event)
        waits.append(event.probe_at[14:16])
    assert waits == ["01", "05", "15", "30", "30", "30"] and PROBE_AFTER[-1] == 1800
