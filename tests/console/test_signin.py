"""Only who has an account comes in, guessing becomes slow, and a session ends when it should."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console import sessions
from console.app import create_app
from console.settings import Settings
from console.throttle import PAIR
from tests.console.conftest import PASSWORD, components_of, csrf, sign_in
from tests.support.fake_gateway import FakeGateway


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(settings: Settings, services: FakeGateway, clock: Clock) -> Flask:
    services.on("GET", "/api/scoreboard", {"units": [], "windows": []})
    app = create_app(settings)
    components_of(app).sessions._clock = clock
    components_of(app).throttle._clock = clock
    return app


def password_file(settings: Settings) -> Path:
    assert settings.password_file is not None
    return settings.password_file


@pytest.fixture
def person(app: Flask) -> FlaskClient:
    return app.test_client()


def test_pages_ask_for_a_sign_in_and_lead_back(person: FlaskClient) -> None:
    answer = person.get("/scoreboard?window=2023")
    assert answer.status_code == 302
    assert answer.location == "/signin?next=/scoreboard?window%3D2023"
    assert sign_in(person, next="/scoreboard?window=2023").location == "/scoreboard?window=2023"
    assert person.get("/scoreboard").status_code == 200


@pytest.mark.parametrize(("user", "password"), [("operator", "wrong"), ("root", PASSWORD), ("", ""), ("operator", "")])
def test_anything_else_is_refused_in_the_same_words(person: FlaskClient, user: str, password: str) -> None:
    answer = sign_in(person, user, password)
    assert answer.status_code == 401 and "账号或密码不正确" in answer.text
    assert person.get("/scoreboard").status_code == 302


@pytest.mark.parametrize("text", ["\n", None])
def test_without_an_installed_password_nobody_comes_in(settings: Settings, text: str | None) -> None:
    password_file(settings).unlink()
    if text is not None:
        password_file(settings).write_text(text)
    browser = create_app(settings).test_client()
    assert sign_in(browser, password="").status_code == 401
    assert browser.get("/readyz").status_code == 503


ELSEWHERE = ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/\t/evil.example",
             "/a/..\\\\evil.example", "\\\\evil.example")  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE)
def test_sign_in_never_leads_to_another_site(person: FlaskClient, path: str) -> None:
    assert sign_in(person, next=path).location == "/"
    assert person.get("/").location == "/status"


def test_a_form_without_the_token_of_the_session_is_refused(person: FlaskClient) -> None:
    assert person.post("/signin", data={"user": "operator", "password": PASSWORD}).status_code == 400
    assert sign_in(person, csrf="forged").status_code == 400
    assert person.get("/scoreboard").status_code == 302


def test_guessing_becomes_slow_even_with_the_right_password(person: FlaskClient, clock: Clock) -> None:
    for _ in range(PAIR.free):
        assert sign_in(person, password="guess").status_code == 401
    answer = sign_in(person)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) == 30
    clock.now += 31
    assert sign_in(person).status_code == 303


def test_thirty_idle_minutes_end_a_session_and_use_keeps_it(person: FlaskClient, clock: Clock) -> None:
    sign_in(person)
    for _ in range(4):
        clock.now += sessions.IDLE_SECONDS - 1
        assert person.get("/scoreboard").status_code == 200
    clock.now += sessions.IDLE_SECONDS + 1
    assert person.get("/scoreboard").status_code == 302


def test_a_page_that_refreshes_itself_does_not_keep_a_session_alive(person: FlaskClient, clock: Clock) -> None:
    sign_in(person)
    for _ in range(3):
        clock.now += sessions.IDLE_SECONDS / 2
        answer = person.get("/status?poll=1", headers={"HX-Request": "true"})
    assert answer.status_code == 401 and answer.headers["HX-Redirect"] == "/signin"


def test_a_session_ends_after_twelve_hours_whatever_its_use(person: FlaskClient, clock: Clock) -> None:
    sign_in(person)
    for _ in range(int(sessions.TOTAL_SECONDS / 1500) + 1):
        clock.now += 1500
        last = person.get("/scoreboard").status_code
    assert last == 302


def test_after_sign_out_a_copy_of_the_cookie_is_worth_nothing(app: Flask, person: FlaskClient) -> None:
    sign_in(person)
    cookie = person.get_cookie("qihang")
    assert cookie is not None
    assert person.post("/signout", data={"csrf": "forged"}).status_code == 400
    assert person.post("/signout", data={"csrf": csrf(person, "/scoreboard")}).status_code == 303
    thief = app.test_client()
    thief.set_cookie("qihang", cookie.value)
    assert thief.get("/scoreboard").status_code == 302


def test_another_password_file_at_a_start_is_the_new_password_and_ends_every_session(
    app: Flask, person: FlaskClient, settings: Settings
) -> None:
    sign_in(person)
    password_file(settings).write_text("another password")
    assert person.get("/scoreboard").status_code == 200
    restarted = create_app(settings)
    assert sign_in(restarted.test_client()).status_code == 401
    assert sign_in(restarted.test_client(), password="another password").status_code == 303
    assert person.get("/scoreboard").status_code == 302


def test_the_session_that_was_open_before_sign_in_is_not_the_one_after(person: FlaskClient) -> None:
    before = csrf(person)
    sign_in(person)
    assert csrf(person, "/scoreboard") != before


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_the_cookie_is_for_this_site_only_and_secure_under_https(app: Flask, scheme: str, secure: bool) -> None:
    cookie = app.test_client().get("/signin", base_url=f"{scheme}://console.test").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie and "Domain" not in cookie
    assert ("Secure" in cookie) is secure
    assert cookie.startswith("__Host-qihang=" if secure else "qihang=")
