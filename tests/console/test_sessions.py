"""Sessions outlive a restart, ended ones stay dead, and their owner sees and ends them."""

from __future__ import annotations

import base64
import re
import sqlite3
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console import sessions
from console.app import create_app
from console.settings import Settings
from tests.console.conftest import OWN_PASSWORD, components_of, csrf, person_with, sign_in
from tests.support.fake_gateway import FakeGateway

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0"


@pytest.fixture
def own_page(services: FakeGateway) -> None:
    services.on("GET", "/api/inboxes/.*", {"messages": []})


@pytest.fixture
def person(app: Flask, services: FakeGateway, own_page: None) -> FlaskClient:
    return person_with(app, services, "P00077")


def another(app: Flask, user_agent: str = EDGE) -> FlaskClient:
    browser = app.test_client()
    browser.environ_base["HTTP_USER_AGENT"] = user_agent
    assert sign_in(browser, "P00077", OWN_PASSWORD).status_code == 303
    return browser


def copied(app: Flask, browser: FlaskClient) -> FlaskClient:
    """A browser with a copy of the cookie."""
    cookie = browser.get_cookie("qihang")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("qihang", cookie.value)
    return thief


def test_a_session_outlives_a_restart_and_one_that_ended_does_not_come_back(
    app: Flask, settings: Settings, person: FlaskClient
) -> None:
    second = another(app)
    restarted = create_app(settings)
    assert copied(restarted, person).get("/inbox").status_code == 200
    here, later = copied(app, second), copied(create_app(settings), second)
    second.post("/signout", data={"csrf": csrf(second, "/account")})
    assert here.get("/inbox").status_code == 302
    assert later.get("/inbox").status_code == 302


def test_only_a_hash_of_the_token_is_kept(app: Flask, person: FlaskClient, tmp_path: Path) -> None:
    with person.session_transaction() as cookie:
        token = cookie[sessions.TOKEN]
    rows = sqlite3.connect(tmp_path / "console.db").execute("SELECT * FROM sessions").fetchall()
    assert len(rows) == 1 and token not in repr(rows)
    assert len(base64.urlsafe_b64decode(token + "==")) == 32, "256 bits"
    addresses = [line for line in person.get("/account").text.split('"') if line.startswith("/")]
    assert addresses and not any(token in address for address in addresses)
    assert token.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("console.db*"))


def test_the_token_is_another_after_sign_in_and_after_a_new_password(app: Flask, person: FlaskClient) -> None:
    thief = copied(app, person)
    form = {"old": OWN_PASSWORD, "new": "长河落日圆，大漠孤烟直", "again": "长河落日圆，大漠孤烟直"}
    person.post("/account/password", data={**form, "csrf": csrf(person, "/account/password")})
    assert person.get("/inbox").status_code == 200
    assert thief.get("/inbox").status_code == 302


def test_a_session_that_somebody_planted_is_not_the_one_after_sign_in(app: Flask, person: FlaskClient) -> None:
    """Fixation: the victim's browser bears the attacker's session when the victim signs in."""
    victim = copied(app, person)
    victim.post("/signin", data={"user": "P00077", "password": OWN_PASSWORD, "csrf": csrf(victim, "/account")})
    assert person.get("/inbox").status_code == 302 and victim.get("/inbox").status_code == 200


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(app: Flask, person: FlaskClient) -> None:
    second = another(app)
    form = {"old": OWN_PASSWORD, "new": "长河落日圆，大漠孤烟直", "again": "长河落日圆，大漠孤烟直"}
    answer = person.post("/account/password", data={**form, "csrf": csrf(person, "/account/password")})
    assert answer.location == "/account?changed=1" and "其他设备上的登录已退出" in person.get(answer.location).text
    assert (person.get("/inbox").status_code, second.get("/inbox").status_code) == (200, 302)


def test_own_sessions_are_listed_with_device_place_and_time_and_ended(app: Flask, person: FlaskClient) -> None:
    second = another(app)
    page = person.get("/account").text
    assert "Edge · Windows" in page and "127.0.0.1" in page and page.count("本次登录") == 1
    ids = re.findall(r'name="session" value="([^"]+)"', page)
    other = next(each for each in ids if each != current(person))
    token = csrf(person, "/account")
    assert person.post("/account/sessions/end", data={"session": other}).status_code == 400
    assert person.post("/account/sessions/end", data={"session": other, "csrf": token}).status_code == 303
    assert (person.get("/inbox").status_code, second.get("/inbox").status_code) == (200, 302)
    assert person.post("/account/sessions/end", data={"session": other, "csrf": token}).status_code == 404


def current(browser: FlaskClient) -> str:
    row = re.search(r'本次登录.*?name="session" value="([^"]+)"', browser.get("/account").text, re.S)
    assert row
    return row[1]


def test_signing_out_everywhere_ends_all_and_nobody_ends_another_s(
    app: Flask, services: FakeGateway, person: FlaskClient
) -> None:
    second, stranger = another(app), person_with(app, services, "P00078")
    token = csrf(stranger, "/account")
    form = {"session": current(person), "csrf": token}
    assert stranger.post("/account/sessions/end", data=form).status_code == 404
    person.post("/account/sessions/end-all", data={"csrf": csrf(person, "/account")})
    assert [each.get("/inbox").status_code for each in (person, second, stranger)] == [302, 302, 200]


def test_an_account_has_so_many_sessions_and_no_more(app: Flask, person: FlaskClient) -> None:
    for _ in range(sessions.MOST_SESSIONS):
        another(app)
    assert len(components_of(app).sessions.open_sessions("P00077")) == sessions.MOST_SESSIONS
    assert person.get("/inbox").status_code == 302


def test_the_forwarded_scheme_counts_only_from_a_proxy_that_is_trusted(settings: Settings) -> None:
    forwarded = {"X-Forwarded-Proto": "https"}
    cookie = create_app(settings).test_client().get("/signin", headers=forwarded).headers["Set-Cookie"]
    assert "Secure" not in cookie and cookie.startswith("qihang=")
    object.__setattr__(settings, "trusted_proxies", 1)
    cookie = create_app(settings).test_client().get("/signin", headers=forwarded).headers["Set-Cookie"]
    assert "Secure" in cookie and cookie.startswith("__Host-qihang=")


def test_under_https_a_cookie_that_a_page_without_tls_could_set_is_not_read(app: Flask, person: FlaskClient) -> None:
    cookie = person.get_cookie("qihang")
    assert cookie is not None
    browser = app.test_client()
    browser.set_cookie("qihang", cookie.value, domain="console.test")
    assert browser.get("/inbox", base_url="https://console.test").status_code == 302
