"""An intent before and an outcome after; the next channel when one is left; once more when nobody can tell."""

from __future__ import annotations

from functools import reduce

from chassis.events.definition import Event
from contracts.notifications import DeliveryEnded, DeliveryFailed, DeliveryStarted, DeliverySucceeded, DigestDecided
from services.notifications.delivery.domain import (
    INBOX,
    Delivery,
    Outcome,
    RecordOutcome,
    StartDelivery,
    SupersedeDelivery,
    decide,
    evolve,
)

ITEM = ("overdue", "video", "2022-11", "", "X1", "", "2022-11-30", "1", "2022-12-01", "")
DAY = "2022-12-01"
NOON = "2022-12-01T04:00:00.000000Z"
LATER = "2022-12-01T04:01:00.000000Z"
decided = DigestDecided("clerk-X1", DAY, "X1", "xue", 1, (ITEM,))


def started(channel: str = "email", attempt: int = 1) -> DeliveryStarted:
    return DeliveryStarted("clerk-X1", DAY, channel, attempt, "<1@x>")


def failed(code: str, again_at: str, channel: str = "email", attempt: int = 1) -> DeliveryFailed:
    return DeliveryFailed("clerk-X1", DAY, channel, attempt, code, "", again_at)


def start(
    *channels: str, left: tuple[tuple[str, ...], ...] = (ITEM,), now: str = NOON, worker: str = "", today: str = DAY
) -> StartDelivery:
    worker = worker or (channels[0] if channels else INBOX)
    return StartDelivery("clerk-X1", DAY, channels, left, "<1@x>", now, worker, today)


def outcome(result: str, code: str = "c") -> RecordOutcome:
    return RecordOutcome("clerk-X1", DAY, Outcome(result, code), NOON)  # type: ignore[arg-type]


def given(*events: Event) -> Delivery:
    return reduce(evolve, events, Delivery())


def test_what_is_decided_is_sent_by_the_first_channel() -> None:
    assert decide(given(decided), start("email", "wecom")) == [started()]
    assert decide(given(decided, started()), outcome("succeeded")) == [DeliverySucceeded("clerk-X1", DAY, "email", 1)]
    assert decide(given(decided, started(), DeliverySucceeded("clerk-X1", DAY, "email", 1)), start("email")) == []


def test_without_an_address_the_inbox_is_all() -> None:
    assert decide(given(decided), start()) == [DeliveryEnded("clerk-X1", DAY, "inbox_only")]


def test_what_was_met_is_not_sent() -> None:
    assert decide(given(decided), start("email", left=())) == [DeliveryEnded("clerk-X1", DAY, "met")]


def test_what_is_left_is_remembered() -> None:
    (event,) = decide(given(decided, failed("x", "")), start("wecom", left=((*ITEM[:7], "2", *ITEM[8:]),)))
    assert isinstance(event, DeliveryStarted)
    assert event.items_left == ((*ITEM[:7], "2", *ITEM[8:]),)


def test_what_can_be_later_is_later_and_not_before() -> None:
    state = given(decided, started())
    assert decide(state, outcome("later")) == [failed("c", LATER)]
    waiting = evolve(state, failed("c", LATER))
    assert decide(waiting, start("email")) == []
    assert decide(waiting, start("email", now=LATER)) == [started(attempt=2)]


def test_five_attempts_then_the_next_channel() -> None:
    state, pauses = given(decided), []
    for attempt in range(1, 6):
        state = evolve(state, started(attempt=attempt))
        (event,) = decide(state, outcome("later"))
        assert isinstance(event, DeliveryFailed)
        pauses.append(event.again_at)
        state = evolve(state, event)
    assert pauses[-1] == "" and all(pauses[:-1])
    assert decide(state, start("email", "wecom", worker="wecom")) == [started("wecom", 6)]
    assert decide(state, start("email")) == [], "it is another worker's"
    assert decide(state, start("email", worker=INBOX)) == [DeliveryEnded("clerk-X1", DAY, "given_up")]


def test_an_intent_without_an_outcome_is_sent_once_more_by_that_channel() -> None:
    crashed = given(decided, started())
    lost, again = decide(crashed, start("email", "wecom"))
    assert isinstance(lost, DeliveryFailed) and lost.code == "unknown_interrupted"
    assert again == started(attempt=2)
    twice = reduce(evolve, (lost, again), crashed)
    assert decide(twice, start("email", "wecom", worker="wecom")) == [], "who sends records what became of it"
    (lost,) = decide(twice, start("email", "wecom"))
    assert isinstance(lost, DeliveryFailed) and lost.again_at == ""
    left = evolve(twice, lost)
    assert decide(left, start("email", "wecom", worker="wecom")) == [started("wecom", 3)]
    assert decide(left, start("email", worker=INBOX)) == [DeliveryEnded("clerk-X1", DAY, "unknown")]


def test_a_channel_s_fault_costs_the_recipient_no_attempt() -> None:
    state = given(decided)
    away = RecordOutcome("clerk-X1", DAY, Outcome("later", "connect", "", "channel", outage=True), NOON)
    for attempt in range(1, 20):
        state = evolve(state, started(attempt=attempt))
        (event,) = decide(state, away)
        assert event == DeliveryFailed("clerk-X1", DAY, "email", attempt, "connect", "", LATER, "channel")
        state = evolve(state, event)
    assert state.closed_channels == frozenset()


def test_what_its_day_did_not_see_delivered_comes_with_the_next_digest() -> None:
    failed_once = given(decided, started(), failed("connect", LATER))
    expected = [DeliveryEnded("clerk-X1", DAY, "superseded")]
    assert decide(failed_once, SupersedeDelivery("clerk-X1", DAY)) == expected
    assert decide(failed_once, start("email", now="2022-12-02T04:00:00.000000Z", today="2022-12-02")) == expected
    assert decide(given(decided, started()), SupersedeDelivery("clerk-X1", DAY)) == [], "it may be on its way"


def test_what_may_have_arrived_yesterday_is_not_repeated_by_itself() -> None:
    lost, ended = decide(given(decided, started()), start("email", today="2022-12-02"))
    assert isinstance(lost, DeliveryFailed) and lost.code == "unknown_interrupted"
    assert ended == DeliveryEnded("clerk-X1", DAY, "unknown")


def test_an_outcome_that_was_recorded_already_changes_nothing() -> None:
    assert decide(given(decided), outcome("succeeded")) == []
