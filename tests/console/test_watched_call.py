"""A service that is frozen or gone holds up a page for less than two seconds; one that calculates has its time."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from console.outages import AWAY_SECONDS, Outages
from console.profiles import KEPT_SECONDS, LAST_KNOWN_SECONDS, Profiles
from console.service_client import ServiceClient, ServiceResponse
from console.settings import Settings
from console.users import User
from console.watched_call import NoAnswer, ask
from tests.console.conftest import components_of, person_with
from tests.support.fake_gateway import Call, FakeGateway

WHOLE_PAGE = 2.0


@pytest.fixture
def frozen() -> Iterator[str]:
    """Takes connections, as the kernel does for a stopped process, and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def reached_at(settings: Settings, **peers: str) -> None:
    object.__setattr__(settings, "peers", {**settings.peers, **peers})


def test_a_frozen_service_is_given_up_and_not_waited_for_again(frozen: str) -> None:
    for known_away, most in ((False, 1.6), (True, 0.4)):
        began = time.monotonic()
        with pytest.raises(NoAnswer) as raised:
            ask("GET", f"{frozen}/api/duties", {}, 8, known_away=known_away)
        assert not raised.value.slow and time.monotonic() - began < most


def test_a_service_that_lives_may_take_its_time(services: FakeGateway) -> None:
    def slowly(call: Call) -> dict[str, Any]:
        time.sleep(1.5)
        return {"given": call.query}

    services.on("GET", "/api/slow", slowly)
    assert ask("GET", f"{services.url}/api/slow", {}, 8, params={"名": "值 &"}).json() == {"given": {"名": "值 &"}}
    assert services.called("GET", "/livez")
    with services.silence("/api/slow"), pytest.raises(NoAnswer) as raised:
        ask("GET", f"{services.url}/api/slow", {}, 1.2)
    assert raised.value.slow


def test_a_page_says_which_service_is_away_and_since_when_and_what_it_cannot_show(
    app: Flask, services: FakeGateway, settings: Settings, frozen: str
) -> None:
    browser = person_with(app, services, "P00001", ("see_duties", "see_publicity"), posts=[("clerk", "X1", "一小")])
    reached_at(settings, assessment=frozen)
    began = time.monotonic()
    page = browser.get("/score")
    assert time.monotonic() - began < WHOLE_PAGE and page.status_code == 200
    assert re.search(r"考核服务已断开，截至 \d\d:\d\d 没有答复。本页看不到任务和得分。", page.text)
    assert "assessment" in page.headers["Server-Timing"]
    assert "已断开" not in browser.get("/anthologies").text
    reached_at(settings, assessment=services.url)
    services.on("GET", "/api/duties", {"duties": []})
    assert "已断开" not in browser.get("/score").text  # back at once
    reached_at(settings, assessment=frozen)
    assert re.search(r"没有答复。最近一次答复在 \d\d:\d\d。", browser.get("/score").text)


def test_with_everything_frozen_a_page_that_asks_several_is_still_there_in_time(
    app: Flask, services: FakeGateway, settings: Settings, frozen: str
) -> None:
    browser = person_with(app, services, "P00001", ("see_duties", "confirm_filing"), posts=[("head", "X1", "一小")])
    components_of(app).profiles._kept.clear()
    reached_at(settings, **dict.fromkeys(settings.peers, frozen))
    began = time.monotonic()
    page = browser.get("/todo")
    assert time.monotonic() - began < WHOLE_PAGE
    assert page.text.count("已断开") == 4 and "没有要办的事" not in page.text


def test_a_service_counts_as_away_for_a_while_or_until_it_answers() -> None:
    now = [1000.0]
    outages = Outages(lambda: now[0])
    outages.found_away("assessment")
    assert outages.is_away("assessment") and not outages.is_away("publicity")
    now[0] += AWAY_SECONDS
    assert not outages.is_away("assessment")
    outages.found_away("assessment")
    outages.answered("assessment")
    assert not outages.is_away("assessment") and outages.last_answer("assessment") == now[0]


class Registry(ServiceClient):
    """Participation that is asked who somebody is."""

    def __init__(self, answer: ServiceResponse) -> None:
        self.answer = answer

    def get_json(self, *_: object, **__: object) -> ServiceResponse:
        return self.answer


AWAY, KNOWN = ServiceResponse({}, 502), ServiceResponse({"name": "甲", "rights": ["see_duties"]}, 200)


def test_what_was_known_of_somebody_last_offers_pages_while_the_registry_is_away_but_permits_no_change() -> None:
    now, user = [0.0], User("P1", "p1")
    registry = Registry(KNOWN)
    profiles = Profiles(registry, lambda: now[0])

    def later(answer: ServiceResponse, seconds: float, *, fresh: bool = False) -> User:
        registry.answer, now[0] = answer, now[0] + seconds
        return profiles.with_profile(user, fresh=fresh)

    assert later(KNOWN, 0).may("see_duties")
    assert later(AWAY, KEPT_SECONDS).may("see_duties")
    assert not later(AWAY, 0, fresh=True).may("see_duties")
    assert not later(ServiceResponse({"rights": []}, 200), KEPT_SECONDS).may("see_duties")
    assert later(KNOWN, KEPT_SECONDS).may("see_duties")
    assert not later(AWAY, LAST_KNOWN_SECONDS).profile.known
