"""Two-step sign-in: set up by oneself, a code works once, guessing is slowed, a store without its key opens nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from console import signin
from console.app import create_app
from console.second_steps import RECOVERY_CODES, SecondSteps
from console.secret_box import SecretBox
from console.settings import Settings
from console.store.tables import recovery_codes, second_steps
from console.throttle import PAIR
from tests.console.conftest import OWN_PASSWORD, PASSWORD, components_of, csrf, person_with, sign_in
from tests.console.test_accounts import bearer
from tests.console.test_accounts import operator_key as operator_key
from tests.console.test_signin import Clock
from tests.support.fake_gateway import Answer, FakeGateway

PAGE = "/account/second-step"
KEY = b"k" * 43
OFFICE = [("campaign_office", "B1", "教育局")]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, second_step_keys=(KEY,))


@pytest.fixture
def app(settings: Settings, services: FakeGateway, clock: Clock) -> Flask:
    services.on("GET", "/api/scoreboard", {"units": [], "windows": []})
    services.on("GET", "/api/inboxes/.*", {"messages": []})
    return with_clock(create_app(settings), clock)


def with_clock(app: Flask, clock: Clock) -> Flask:
    parts = components_of(app)
    for part in (parts.sessions, parts.throttle, parts.accounts, parts.second_steps):
        part._clock = clock
    return app


def post(browser: FlaskClient, path: str, **form: str) -> Any:
    return browser.post(f"{PAGE}/{path}", data={**form, "csrf": csrf(browser, PAGE)})


def begin(browser: FlaskClient, password: str = PASSWORD) -> str:
    """The secret as the page shows it."""
    answer = post(browser, "begin", password=password)
    assert answer.status_code == 200, answer.text
    match = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', answer.text)
    assert match and "<svg" in answer.text
    return match[1].replace(" ", "")


def set_up(browser: FlaskClient, clock: Clock, password: str = PASSWORD) -> tuple[str, list[str]]:
    """The secret and the recovery codes; the clock goes on to a code that was not used yet."""
    secret = begin(browser, password)
    answer = post(browser, "confirm", code=code(secret, clock))
    assert answer.status_code == 200, answer.text
    clock.now += 30
    return secret, re.findall(r"<li><code>([a-z0-9-]+)</code></li>", answer.text)


def code(secret: str, clock: Clock, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(clock.now), counter_offset=steps)


def half_way(app: Flask, user: str = "operator", password: str = PASSWORD) -> FlaskClient:
    """A browser in which the password was right."""
    browser = app.test_client()
    answer = sign_in(browser, user, password)
    assert answer.status_code == 303 and answer.location.startswith("/signin/code"), answer.text
    return browser


def type_code(browser: FlaskClient, typed: str, **more: str) -> Any:
    return browser.post("/signin/code", data={"code": typed, "csrf": csrf(browser, "/signin/code"), **more})


def events(app: Flask) -> list[str]:
    return [entry.event for entry in reversed(components_of(app).security_log.entries())]


@pytest.fixture
def secret(operator: FlaskClient, clock: Clock) -> str:
    return set_up(operator, clock)[0]


def test_password_and_code_sign_in_and_the_password_alone_opens_nothing(app: Flask, secret: str, clock: Clock) -> None:
    browser = half_way(app)
    assert browser.get("/scoreboard").location.startswith("/signin")
    assert browser.get("/s/assessment/api/scoreboard").status_code in (200, 401)  # as without any session
    assert type_code(browser, code(secret, clock), next="/account").location == "/account"
    assert "密码、验证码" in browser.get("/account").text
    assert events(app)[-1] == "signin"


def test_a_code_works_once(app: Flask, secret: str, clock: Clock) -> None:
    typed = code(secret, clock)
    assert type_code(half_way(app), typed).status_code == 303
    second = half_way(app)
    assert type_code(second, typed).status_code == 401
    clock.now += 30
    assert type_code(second, code(secret, clock)).status_code == 303
    assert type_code(half_way(app), code(secret, clock, -1)).status_code == 401  # of before one that was used


def test_the_code_that_confirmed_does_not_sign_in(app: Flask, operator: FlaskClient, clock: Clock) -> None:
    secret = begin(operator)
    typed = code(secret, clock)
    post(operator, "confirm", code=typed)
    assert type_code(half_way(app), typed).status_code == 401


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 303), (0, 303), (1, 303), (2, 401)])
def test_a_clock_may_be_one_step_off(app: Flask, secret: str, clock: Clock, steps: int, status: int) -> None:
    clock.now += 300
    assert type_code(half_way(app), code(secret, clock, steps)).status_code == status


def test_a_recovery_code_signs_in_once(app: Flask, operator: FlaskClient, clock: Clock) -> None:
    _, codes = set_up(operator, clock)
    assert len(set(codes)) == RECOVERY_CODES
    browser = half_way(app)
    assert type_code(browser, codes[0].upper().replace("-", " ")).status_code == 303
    assert "密码、备用码" in browser.get("/account").text
    assert f"{RECOVERY_CODES - 1} 个" in browser.get(PAGE).text
    assert type_code(half_way(app), codes[0]).status_code == 401
    assert "recovery_code_used" in events(app)


def test_guessing_codes_is_slowed_and_a_right_password_forgives_no_wrong_code(
    app: Flask, secret: str, clock: Clock
) -> None:
    for _ in range(PAIR.free):
        assert type_code(half_way(app), "000000").status_code == 401
    browser = half_way(app)
    answer = type_code(browser, code(secret, clock))
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) == 30
    clock.now += 31
    assert type_code(browser, code(secret, clock)).status_code == 303
    assert events(app).count("second_step_failed") == PAIR.free


def test_the_password_is_good_for_five_minutes(app: Flask, secret: str, clock: Clock) -> None:
    browser = half_way(app)
    token = csrf(browser, "/signin/code")
    clock.now += signin.SECOND_STEP_SECONDS + 1
    answer = browser.post("/signin/code", data={"code": code(secret, clock), "csrf": token})
    assert answer.status_code == 401 and "重新登录" in answer.text
    assert browser.get("/signin/code").location == "/signin"


def test_a_password_that_is_reset_meanwhile_opens_no_session(app: Flask, secret: str, clock: Clock) -> None:
    browser = half_way(app)
    clock.now += 1
    components_of(app).accounts.reset("operator")
    assert type_code(browser, code(secret, clock)).status_code == 401


def test_setting_up_asks_for_the_password_and_ends_other_sessions(
    app: Flask, operator: FlaskClient, clock: Clock
) -> None:
    other = app.test_client()
    sign_in(other)
    assert post(operator, "begin", password="wrong").status_code == 422
    secret = begin(operator)
    wrong = post(operator, "confirm", code="000000")
    assert wrong.status_code == 422 and secret[:4] not in wrong.text and "qr-box" not in wrong.text
    assert sign_in(app.test_client()).location == "/"  # nothing is in force before the first code
    assert post(operator, "confirm", code=code(secret, clock)).status_code == 200
    assert other.get("/account").status_code == 302 and operator.get("/account").status_code == 200
    assert "second_step_added" in events(app)


def test_secret_and_recovery_codes_are_shown_once(operator: FlaskClient, clock: Clock) -> None:
    secret, codes = set_up(operator, clock)
    assert post(operator, "begin", password=PASSWORD).status_code == 303
    assert post(operator, "confirm", code=code(secret, clock)).status_code == 303
    pages = operator.get(PAGE).text + operator.get("/account").text
    assert not any(text in pages for text in [secret, secret[:4], *codes])


def test_a_second_step_is_removed_with_the_password(app: Flask, operator: FlaskClient, secret: str) -> None:
    assert post(operator, "remove", password="wrong").status_code == 422
    assert post(operator, "remove", password=PASSWORD).status_code == 303
    assert sign_in(app.test_client()).location == "/"
    assert events(app)[-3:] == ["second_step_change_failed", "second_step_removed", "signin"]


def test_new_recovery_codes_replace_all_others(app: Flask, operator: FlaskClient, clock: Clock) -> None:
    _, before = set_up(operator, clock)
    answer = post(operator, "codes", password=PASSWORD)
    codes = re.findall(r"<li><code>([a-z0-9-]+)</code></li>", answer.text)
    assert len(codes) == RECOVERY_CODES and not set(codes) & set(before)
    assert type_code(half_way(app), before[0]).status_code == 401
    assert type_code(half_way(app), codes[0]).status_code == 303


def test_the_operator_resets_the_second_step_of_another(
    settings: Settings, services: FakeGateway, clock: Clock, operator_key: Any
) -> None:
    app = with_clock(create_app(settings), clock)
    browser = person_with(app, services, "P00001")
    set_up(browser, clock, OWN_PASSWORD)
    path, token = "/s/console/api/accounts/{}/second-step/reset", bearer(operator_key)
    assert app.test_client().post(path.format("P00001")).status_code == 401
    assert app.test_client().post(path.format("P00001"), headers=token).status_code == 204
    assert browser.get("/account").status_code == 302
    assert sign_in(app.test_client(), "P00001", OWN_PASSWORD).location == "/"
    again = app.test_client().post(path.format("P00001"), headers=token)
    assert (again.status_code, again.json["code"]) == (422, "no_second_step")
    assert app.test_client().post(path.format("P9"), headers=token).json["code"] == "unknown_account"
    assert ("second_step_reset", "operator") in [
        (entry.event, entry.actor) for entry in components_of(app).security_log.entries()
    ]


def test_with_an_account_goes_its_second_step(app: Flask, services: FakeGateway, clock: Clock) -> None:
    set_up(person_with(app, services, "P00001"), clock, OWN_PASSWORD)
    components_of(app).accounts.remove("P00001")
    with components_of(app).store.reading() as connection:
        assert connection.execute(sa.select(second_steps)).all() == []
        assert connection.execute(sa.select(recovery_codes)).all() == []


def test_the_store_has_neither_secret_nor_recovery_code(app: Flask, operator: FlaskClient, clock: Clock) -> None:
    secret, codes = set_up(operator, clock)
    with components_of(app).store.reading() as connection:
        rows = [*connection.execute(sa.select(second_steps)), *connection.execute(sa.select(recovery_codes))]
    assert len(rows) == 1 + RECOVERY_CODES
    plain = [secret, *codes, *(item.replace("-", "") for item in codes)]
    assert not any(text in repr(rows) for text in plain)


@pytest.mark.parametrize("keys", [(), (b"another key" * 4,)])
def test_without_its_key_a_second_step_lets_nobody_in(
    app: Flask, settings: Settings, clock: Clock, operator: FlaskClient, keys: tuple[bytes, ...]
) -> None:
    secret, codes = set_up(operator, clock)
    restarted = with_clock(create_app(replace(settings, second_step_keys=keys)), clock)
    browser = half_way(restarted)
    assert {type_code(browser, typed).status_code for typed in (code(secret, clock), codes[0])} <= {503, 401}
    assert browser.get("/scoreboard").status_code == 302


def test_a_replaced_key_opens_what_was_made_before(
    settings: Settings, clock: Clock, operator: FlaskClient, app: Flask
) -> None:
    secret, codes = set_up(operator, clock)
    restarted = with_clock(create_app(replace(settings, second_step_keys=(b"n" * 43, KEY))), clock)
    assert type_code(half_way(restarted), code(secret, clock)).status_code == 303
    assert type_code(half_way(restarted), codes[0]).status_code == 303


@pytest.fixture
def obliged(settings: Settings, services: FakeGateway, clock: Clock, app: Flask) -> Iterator[Flask]:
    return with_clock(create_app(replace(settings, second_step_required=True)), clock)


def test_where_it_is_compulsory_operator_and_campaign_office_open_nothing_before(
    obliged: Flask, services: FakeGateway, clock: Clock
) -> None:
    operator = obliged.test_client()
    sign_in(operator)
    office = person_with(obliged, services, "P00001", ["see_figures"], OFFICE)
    clerk = person_with(obliged, services, "P00002", ["see_figures"], [("clerk", "X001", "第一小学")])
    for browser, password in ((operator, PASSWORD), (office, OWN_PASSWORD)):
        assert browser.get("/scoreboard").location == PAGE and "须启用" in browser.get(PAGE).text
        answer = browser.get("/s/assessment/api/scoreboard")
        assert (answer.status_code, answer.json["code"]) == (403, "second_step_missing")  # type: ignore[index]
        set_up(browser, clock, password)
        assert browser.get("/scoreboard").status_code == 200
        assert browser.get("/s/assessment/api/scoreboard").status_code == 200
    assert clerk.get("/scoreboard").status_code == 200
    assert clerk.get("/s/assessment/api/scoreboard").status_code == 200


def test_where_it_is_compulsory_nobody_calls_services_while_posts_are_unknown(
    obliged: Flask, services: FakeGateway
) -> None:
    office = person_with(obliged, services, "P00001", ["see_figures"], OFFICE)
    services.on("GET", "/api/me", Answer(503, {"code": "away"}))
    components_of(obliged).profiles._kept.clear()
    assert office.get("/s/assessment/api/scoreboard").status_code == 503


def test_of_two_with_the_same_code_at_once_one_is_let_in(app: Flask, secret: str, clock: Clock) -> None:
    steps, outcomes = components_of(app).second_steps, []
    other = SecondSteps(components_of(app).store, SecretBox([KEY]), clock=clock)
    typed = code(secret, clock)
    step = steps._step

    def both(row: Any, text: str) -> int:
        result = step(row, text)
        outcomes.append(other.verify("operator", typed))
        return result

    steps._step = both  # type: ignore[method-assign]
    assert [steps.verify("operator", typed), *outcomes] == ["", "code"]
