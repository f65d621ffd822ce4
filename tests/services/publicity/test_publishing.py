"""Articles through the platform's API: submitted is not published, refusals come late, nothing appears twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from chassis.store.schema import subject_keys
from services.publicity.works.consent import withdraw_consent_everywhere
from tests.services.publicity.district import Bureau
from tests.support.wechat_platform import Platform


@pytest.fixture
def ready(bureau: Bureau) -> Bureau:
    """One article, read three times and ordered."""
    bureau.work("W1")
    bureau.article("A1", "W1")
    bureau.submit("A1")
    return bureau


def run(bureau: Bureau, article_id: str = "A1", rounds: int = 80) -> str:
    """Rounds of the loop, a few minutes apart, until there is nothing left to do."""
    for _ in range(rounds):
        bureau.service.publisher.advance_all()
        if bureau.status(article_id) in ("published", "failed", "refused", "stopped", "taken_down"):
            break
        bureau.pass_time(minutes=3)
    return bureau.status(article_id)


def test_an_article_is_published_when_the_platform_says_so_and_not_before(ready: Bureau, platform: Platform) -> None:
    platform.review_seconds = 3600
    for _ in range(10):
        ready.service.publisher.advance_all()
        ready.pass_time(minutes=1)
    assert ready.status("A1") == "submitted" and not ready.events_of_type("article_published")
    for order in platform.orders.values():
        order.ends = 0
    assert run(ready) == "published"
    assert [item["title"] for item in platform.ever] == ["推文 A1"]
    content = platform.ever[0]["content"]
    assert "立德树人" in content and "class=" not in content


def test_polls_back_off(ready: Bureau, platform: Platform) -> None:
    platform.review_seconds = 3600
    for _ in range(120):
        ready.service.publisher.advance_all()
        ready.pass_time(minutes=1)
    assert 5 <= len(ready.events_of_type("publication_polled")) <= 7


def test_the_platform_may_refuse_later_and_the_article_may_be_tried_again(ready: Bureau, platform: Platform) -> None:
    platform.verdicts = [4]
    assert run(ready) == "refused" and not platform.ever
    ready.submit("A1")
    assert run(ready) == "published" and len(platform.ever) == 1


@pytest.mark.parametrize(("path", "code"), [("token", 48001), ("*", 48001), ("/cgi-bin/draft/add", 45166)])
def test_what_the_platform_will_never_take_is_left_to_hands(
    ready: Bureau, platform: Platform, path: str, code: int
) -> None:
    platform.failing = {path: code}
    assert run(ready) == "failed"
    assert str(code) in ready.events_of_type("submission_failed")[0].data


@pytest.mark.parametrize("code", [45009, 40164, 40001])
@pytest.mark.parametrize("path", ["/cgi-bin/draft/add", "/cgi-bin/freepublish/submit"])
def test_quota_whitelist_and_lost_tokens_are_waited_for(
    ready: Bureau, platform: Platform, code: int, path: str
) -> None:
    platform.failing = {path: code}
    for _ in range(4):
        ready.service.publisher.advance_all()
    assert ready.status("A1") == "submitting"
    stalls = len(ready.events_of_type("submission_stalled"))
    assert stalls == 1, "asked once, then waited"
    platform.failing = {}
    ready.pass_time(days=1)
    assert run(ready) == "published" and len(platform.ever) == 1


def test_consent_withdrawn_takes_a_public_article_down(ready: Bureau, platform: Platform) -> None:
    assert run(ready) == "published"
    ready.do(lambda transaction: withdraw_consent_everywhere(transaction, "W1", ("district",), "author"))
    assert ready.status("A1") == "taking_down"
    ready.service.publisher.advance_all()
    assert ready.status("A1") == "taken_down" and not platform.public


def test_consent_withdrawn_on_the_way_takes_it_down_as_soon_as_it_is_public(ready: Bureau, platform: Platform) -> None:
    platform.review_seconds = 3600
    for _ in range(5):
        ready.service.publisher.advance_all()
    ready.do(lambda transaction: withdraw_consent_everywhere(transaction, "W1", (), "author"))
    next(iter(platform.orders.values())).ends = 0
    for _ in range(5):
        ready.pass_time(minutes=5)
        ready.service.publisher.advance_all()
    assert ready.status("A1") == "taken_down" and not platform.public


def test_an_article_that_was_not_submitted_is_stopped(bureau: Bureau, platform: Platform) -> None:
    bureau.work("W1")
    bureau.article("A1", "W1")
    bureau.do(lambda transaction: withdraw_consent_everywhere(transaction, "W1", (), "author"))
    assert bureau.status("A1") == "stopped" and not platform.calls


def test_a_fifth_of_all_answers_faults_loses_nothing_and_doubles_nothing(bureau: Bureau, platform: Platform) -> None:
    platform.faults = 0.2
    for n in range(12):
        bureau.work(f"W{n}")
        bureau.article(f"A{n}", f"W{n}")
        bureau.submit(f"A{n}")
    for _ in range(150):
        bureau.service.publisher.advance_all()
        bureau.pass_time(minutes=5)
    titles = sorted(item["title"] for item in platform.ever)
    assert [bureau.status(f"A{n}") for n in range(12)] == ["published"] * 12
    assert titles == sorted(f"推文 A{n}" for n in range(12))
    assert len(bureau.events_of_type("article_published")) == 12
    assert max(Counter(order.media_id for order in platform.orders.values()).values()) <= 2


class Killed(BaseException):
    """kill -9 at this very moment."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    "path",
    ["/cgi-bin/material/add_material", "/cgi-bin/draft/add", "/cgi-bin/freepublish/submit", "/cgi-bin/freepublish/get"],
)
def test_killed_at_any_call_nothing_is_lost_and_nothing_appears_twice(
    ready: Bureau, platform: Platform, build: Callable[[], Bureau], path: str, moment: str, monkeypatch: Any
) -> None:
    from services.publicity.wechat.client import WeChat

    real = WeChat._post

    def dying(self: WeChat, where: str, *more: Any) -> Any:
        if where != path:
            return real(self, where, *more)
        if moment == "after":
            real(self, where, *more)
        raise Killed

    monkeypatch.setattr(WeChat, "_post", dying)
    with pytest.raises(Killed):
        run(ready)
    monkeypatch.setattr(WeChat, "_post", real)
    again = build()
    assert run(again) == "published"
    assert [item["title"] for item in platform.ever] == ["推文 A1"]
    assert len(again.events_of_type("article_published")) == 1


def test_the_keys_of_others_are_not_kept(ready: Bureau) -> None:
    with ready.runtime.store.reading() as connection:
        assert connection.execute(subject_keys.select()).all() == []
    assert "体会" not in "".join(item.data for item in ready.events_of_type("work_nominated"))
