"""How far a reader is said to be, and what a change of its rights is."""

from __future__ import annotations

import pytest

from contracts.subscriptions import SubscriptionAdded, SubscriptionChanged
from services.participation.subscribers.domain.reading import SAME_PLACE, Reading, cursor_refused, page_given
from services.participation.subscribers.domain.subscription import (
    SUBSCRIPTIONS,
    BadSubscription,
    ChangeSubscription,
    Subscription,
    SubscriptionConflict,
    decide_subscription,
    evolve_subscription,
)

ADDED = SubscriptionAdded("dashboard", ("qihang.public.record.*",), ("S1", "S2"), True, "ab", 1, "")


def registered() -> Subscription:
    state = evolve_subscription(SUBSCRIPTIONS.initial(), ADDED)
    assert state is not None
    return state


def test_what_is_not_named_stays_and_what_is_so_already_is_no_event() -> None:
    state = registered()
    (changed,) = decide_subscription(state, ChangeSubscription("dashboard", units=["S3", "S3"]))
    assert changed == SubscriptionChanged("dashboard", ("qihang.public.record.*",), ("S3",), True)
    after = evolve_subscription(state, changed)
    assert after is not None and (after.units, after.salt, after.token_number) == (("S3",), "ab", 1)
    assert decide_subscription(after, ChangeSubscription("dashboard", ["record"], ["S3"], True)) == []
    (whole,) = decide_subscription(state, ChangeSubscription("dashboard", units=["all"], personal=False))
    assert whole == SubscriptionChanged("dashboard", ("qihang.public.record.*",), ("all",), False)


def test_bad_rights_and_names_of_nobody_are_refused() -> None:
    with pytest.raises(BadSubscription):
        decide_subscription(registered(), ChangeSubscription("dashboard", types=["finding"]))
    with pytest.raises(BadSubscription):
        decide_subscription(registered(), ChangeSubscription("dashboard", types=[]))
    with pytest.raises(SubscriptionConflict):
        decide_subscription(None, ChangeSubscription("nobody", personal=True))


@pytest.mark.parametrize(("given", "less"), [
    ({"units": ["S1"]}, True), ({"units": ["S1", "S2", "S3"]}, False), ({"units": ["all"]}, False),
    ({"types": ["record.accepted"]}, True), ({"types": ["*"]}, False), ({"types": ["unit"]}, True),
    ({"personal": False}, True), ({"types": ["*"], "personal": False}, True),
])  # fmt: skip
def test_whether_less_may_be_read(given: dict[str, object], less: bool) -> None:
    before = registered()
    (changed,) = decide_subscription(before, ChangeSubscription("dashboard", **given))  # type: ignore[arg-type]
    after = evolve_subscription(before, changed)
    assert after is not None and after.reads_less_than(before) is less
    assert before.reads_less_than(before) is False


def test_who_asks_past_one_cursor_again_though_something_was_there_does_not_get_on() -> None:
    first = page_given(Reading("dashboard"), "", "5.a", 3, "09:00")
    assert (first.position, first.given, first.code) == ("5.a", 3, "")
    assert page_given(first, "", "5.a", 3, "09:01").code == "", "who always begins at the first event chose to"
    moved = page_given(first, "5.a", "7.b", 1, "09:01")
    hangs = page_given(page_given(moved, "5.a", "7.b", 1, "09:02"), "5.a", "8.c", 2, "09:03")
    assert (hangs.code, hangs.failing_since, hangs.last_at, hangs.position) == (SAME_PLACE, "09:02", "09:03", "8.c")
    assert hangs.given == 3 + 1 + 1 + 2
    on = page_given(hangs, "8.c", "8.c", 0, "09:04")
    assert (on.code, on.failing_since) == ("", "")
    assert page_given(on, "8.c", "9.d", 1, "09:05").code == "", "nothing was there before"


def test_a_refused_cursor_leaves_the_place_where_it_was() -> None:
    known = page_given(Reading("dashboard"), "", "5.a", 3, "09:00")
    refused = cursor_refused(cursor_refused(known, "lost_cursor", "09:01"), "lost_cursor", "09:02")
    assert (refused.position, refused.failing_since, refused.last_at) == ("5.a", "09:01", "09:02")
    assert page_given(refused, "", "5.a", 3, "09:03").failing_since == ""
