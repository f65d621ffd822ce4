"""What is public at the platform: incomplete answers, callbacks, deletions that fail, and looks now and then."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest

from services.publicity.works.consent import withdraw_consent_everywhere
from tests.services.publicity.district import Bureau
from tests.services.publicity.test_publishing import ready, run
from tests.support.wechat_callbacks import signed_callback
from tests.support.wechat_platform import Platform

__all__ = ["ready"]
DELETE, GET, SUBMIT = (f"/cgi-bin/freepublish/{name}" for name in ("delete", "get", "submit"))


def rounds(bureau: Bureau, count: int, minutes: float) -> None:
    for _ in range(count):
        bureau.pass_time(minutes=minutes)
        bureau.service.publisher.advance_all()


def lose_consent(bureau: Bureau) -> None:
    bureau.do(lambda transaction: withdraw_consent_everywhere(transaction, "W1", ("district",), "author"))


def call_back(
    bureau: Bureau, publish_id: str, nonce: object = 1, seconds: float = 0, account: str = "district"
) -> None:
    """As the platform does, by the route's own steps."""
    publisher, at = bureau.service.publisher, bureau.now().timestamp() + seconds
    query, body = signed_callback("callback-token", publish_id, 0, int(at), nonce)
    signed = dict(parse_qsl(query))
    assert publisher.callbacks.is_signed(account, signed) == (account == "district")
    if callback := publisher.callbacks.read(account, signed, body, publisher.now()):
        publisher.on_callback(account, callback)


@pytest.fixture
def under_way(ready: Bureau, platform: Platform) -> Bureau:
    """Submitted, and decided when a test says so."""
    platform.review_seconds = 3600
    for _ in range(5):
        ready.service.publisher.advance_all()
    assert ready.status("A1") == "submitted"
    ready.pass_time(minutes=2)
    return ready


def test_a_deletion_without_the_right_stays_to_be_taken_down_and_is_tried_again(
    ready: Bureau, platform: Platform
) -> None:
    assert run(ready) == "published"
    platform.failing = {DELETE: 48001}
    lose_consent(ready)
    rounds(ready, 40, 30)
    assert ready.status("A1") == "taking_down" and platform.public
    assert 2 <= platform.calls[DELETE] <= 4
    row = ready.row("A1")
    assert (row["status"], row["reason"]) == ("taking_down", "remove: 48001")
    ready.submit("A1")
    assert ready.status("A1") == "taking_down", "ordered again it is not published twice"
    platform.failing = {}
    rounds(ready, 2, 60 * 24)
    assert ready.status("A1") == "taken_down" and not platform.public and len(platform.ever) == 1


def test_what_a_person_took_down_is_gone_when_the_platform_says_so(ready: Bureau, platform: Platform) -> None:
    assert run(ready) == "published"
    platform.failing = {DELETE: 48001}
    lose_consent(ready)
    rounds(ready, 1, 1)
    ready.taken_down_by_hand("A1")
    row = ready.row("A1")
    assert (row["status"], row["taken_down_by"]) == ("taken_down", "operator:test")
    rounds(ready, 2, 15)
    assert ready.status("A1") == "taking_down", "it is public still"
    platform.public.clear()
    ready.taken_down_by_hand("A1")
    rounds(ready, 3, 60 * 24)
    assert ready.status("A1") == "taken_down" and not ready.row("A1")["look_at"]


def test_a_deletion_whose_answer_says_nothing_is_not_taken_for_one(ready: Bureau, platform: Platform) -> None:
    assert run(ready) == "published"
    platform.blank[DELETE] = 1
    lose_consent(ready)
    ready.service.publisher.advance_all()
    assert ready.status("A1") == "taking_down"
    rounds(ready, 2, 5)
    assert ready.status("A1") == "taken_down" and not platform.public


@pytest.mark.parametrize(
    "path",
    ["/cgi-bin/material/add_material", "/cgi-bin/draft/add", "/cgi-bin/draft/batchget", SUBMIT, GET,
     "/cgi-bin/freepublish/batchget"],
)  # fmt: skip
def test_two_hundred_without_fields_is_a_passing_fault_and_nothing_is_concluded_from_it(
    ready: Bureau, platform: Platform, path: str
) -> None:
    platform.blank[path] = 3
    if path.endswith("batchget"):  # asked only after an order without an answer
        platform.blank[SUBMIT if "freepublish" in path else "/cgi-bin/draft/add"] = 1
    assert run(ready) == "published"
    assert [item["title"] for item in platform.ever] == ["推文 A1"]
    assert len(platform.orders) == 1


def test_one_article_s_bad_answers_neither_stop_the_others_nor_eat_the_day_s_polls(
    under_way: Bureau, platform: Platform, monkeypatch: Any
) -> None:
    from services.publicity.wechat.client import WeChat

    real, bad = WeChat.publication, next(iter(platform.orders))

    def broken(self: WeChat, publish_id: str) -> Any:
        platform.calls["asked"] += publish_id == bad
        return real(self, publish_id) if publish_id != bad else {}["publish_status"]

    monkeypatch.setattr(WeChat, "publication", broken)
    under_way.work("W2")
    under_way.article("A2", "W2")
    under_way.submit("A2")
    platform.review_seconds = 0
    rounds(under_way, 24 * 60 // 8, 8)  # asked in each it would be 180 times
    assert under_way.status("A2") == "published" and under_way.status("A1") == "submitted"
    assert 5 <= platform.calls["asked"] <= 15


@pytest.mark.parametrize("code", [48001, 53600, 40007, 99999])
def test_an_error_to_a_poll_leaves_what_is_submitted_submitted(
    under_way: Bureau, platform: Platform, code: int
) -> None:
    platform.failing = {GET: code}
    rounds(under_way, 60, 60)
    assert under_way.row("A1")["reason"] == f"poll: {code}" and under_way.status("A1") == "submitted"
    platform.failing = {}
    next(iter(platform.orders.values())).ends = 0
    rounds(under_way, 3, 400)
    assert under_way.status("A1") == "published"


def test_what_somebody_deleted_at_the_platform_is_found_gone(ready: Bureau, platform: Platform) -> None:
    assert run(ready) == "published"
    rounds(ready, 4, 12 * 60)
    assert ready.status("A1") == "published" and 1 <= platform.calls["/cgi-bin/freepublish/getarticle"] <= 2
    platform.public.clear()
    rounds(ready, 3, 3 * 24 * 60)
    assert ready.status("A1") == "taken_down" and ready.row("A1")["taken_down_by"] == "platform"


def test_a_callback_hurries_the_poll_whatever_it_claims(under_way: Bureau, platform: Platform) -> None:
    (publish_id,) = platform.orders
    call_back(under_way, publish_id)
    assert under_way.status("A1") == "submitted", "the callback is not believed"
    platform.orders[publish_id].ends = 0
    under_way.pass_time(seconds=61)
    call_back(under_way, publish_id, nonce=2)
    assert under_way.status("A1") == "published" and len(under_way.events_of_type("article_published")) == 1


def test_callbacks_that_are_old_replayed_or_of_another_order_change_nothing(
    under_way: Bureau, platform: Platform
) -> None:
    (publish_id,) = platform.orders
    platform.orders[publish_id].ends = 0
    asked = platform.calls[GET]
    call_back(under_way, publish_id, seconds=-400)
    call_back(under_way, publish_id, seconds=400)
    call_back(under_way, "999")
    call_back(under_way, publish_id, account="S01")
    assert platform.calls[GET] == asked and under_way.status("A1") == "submitted"
    call_back(under_way, publish_id, nonce=7)
    assert platform.calls[GET] == asked + 1 and under_way.status("A1") == "published"
    events, calls = len(under_way.events_of_type("")), sum(platform.calls.values())
    for _ in range(3):
        call_back(under_way, publish_id, nonce=7)
    assert (len(under_way.events_of_type("")), sum(platform.calls.values())) == (events, calls)


def test_a_callback_from_before_the_present_order_changes_nothing(ready: Bureau, platform: Platform) -> None:
    platform.verdicts = [4]
    assert run(ready) == "refused"
    old = next(iter(platform.orders))
    platform.review_seconds = 3600
    ready.submit("A1")
    for _ in range(5):
        ready.service.publisher.advance_all()
    ready.pass_time(minutes=2)
    asked = sum(platform.calls.values())
    call_back(ready, old)
    call_back(ready, list(platform.orders)[1], seconds=-200)
    assert sum(platform.calls.values()) == asked


def test_an_order_before_the_present_one_that_went_through_after_all_is_found(
    ready: Bureau, platform: Platform, monkeypatch: Any
) -> None:
    platform.review_seconds = 3600
    platform.blank[SUBMIT] = 2
    for _ in range(30):
        if ready.status("A1") == "failed":
            break
        rounds(ready, 1, 11)
    assert "unknown_outcome" in ready.row("A1")["reason"]
    next(iter(platform.orders.values())).ends = 0
    ready.submit("A1")
    assert run(ready) == "published"
    assert [item["title"] for item in platform.ever] == ["推文 A1"]
