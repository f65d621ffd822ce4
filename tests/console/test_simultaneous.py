"""Two requests at once for the same account: one is first, the other gets an answer too, on both kinds of store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from console.accounts import Accounts, BadName
from console.app import create_app
from console.sessions import IDLE_SECONDS, Sessions
from console.settings import Settings
from console.store.database import Store
from console.store.tables import sessions
from console.throttle import Attempt, Throttle
from console.users import OPERATOR
from tests.console.conftest import OWN_PASSWORD, components_of, csrf, sign_in
from tests.support.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'console.db'}"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.create_database()


@pytest.fixture
def app(settings: Settings, url: str) -> Flask:
    object.__setattr__(settings, "database_url", url)
    return create_app(settings)


@pytest.fixture
def store(app: Flask) -> Store:
    return components_of(app).store


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each returned or raised."""
    results: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(place: int) -> None:
        start.wait()
        try:
            results[place] = calls[place]()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_an_account_that_two_create_at_once_is_given_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.passwords.hash_password", lambda _: "digest")
    accounts = Accounts(store)
    for turn in range(25):
        people = [f"P{turn}-{number}" for number in range(5)]
        orders = (people, people[::-1], people[2:] + people[:2])
        results = at_once(*(lambda order=order: accounts.create(order) for order in orders))
        assert not [result for result in results if isinstance(result, Exception)]
        assert sorted(issued.account_id for result in results for issued in result) == people


def test_a_sign_in_name_that_two_choose_at_once_is_given_to_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.passwords.hash_password", lambda _: "digest")
    accounts = Accounts(store)
    people = [f"P{number}" for number in range(4)]
    accounts.create(people)
    for turn in range(25):
        name = f"wang{turn}"
        results = at_once(*(lambda person=person, name=name: accounts.rename(person, name) for person in people))
        assert [type(result) for result in results if result is not None] == [BadName] * 3


def test_the_operator_s_password_is_installed_once_by_consoles_that_start_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.passwords.hash_password", lambda _: "digest")
    accounts = Accounts(store)
    for _ in range(25):
        accounts.remove(OPERATOR)
        results = at_once(*[lambda: accounts.install_operator("a password", False)] * 3)
        assert results.count(True) >= 1 and not [result for result in results if isinstance(result, Exception)]


def test_attempts_and_right_passwords_of_one_account_at_once_are_all_counted(store: Store) -> None:
    throttle = Throttle(store, b"s" * 32)
    throttle.take(Attempt("P1", "203.0.113.7"))

    def often() -> None:
        for number in range(60):
            attempt = Attempt("P1", f"203.0.113.{number % 2}")
            if throttle.take(attempt) == 0:
                throttle.give_back(attempt)

    assert at_once(*[often] * 6) == [None] * 6


def test_sessions_that_ended_are_cleared_by_many_who_sign_in_at_once(app: Flask, store: Store) -> None:
    accounts, kept = components_of(app).accounts, components_of(app).sessions
    people = [f"P{number}" for number in range(6)]
    accounts.create(people)

    def ended_sessions() -> None:
        with store.writing() as connection:
            connection.execute(sa.update(sessions).values(seen_at=sessions.c.seen_at - 2 * IDLE_SECONDS))

    def start_again(person: str, cookie: str) -> str:
        with app.test_request_context(headers={"Cookie": cookie}):
            return start(kept, accounts, person)

    def cookie_of(person: str) -> str:
        with app.test_request_context() as context:
            start(kept, accounts, person)
            response = app.response_class()
            app.session_interface.save_session(app, context.session, response)
            return response.headers["Set-Cookie"].partition(";")[0]

    for _ in range(15):
        cookies = {person: cookie_of(person) for person in people}
        ended_sessions()
        results = at_once(*(lambda each=each: start_again(*each) for each in cookies.items()))
        assert not [result for result in results if isinstance(result, Exception)]


def start(kept: Sessions, accounts: Accounts, person: str) -> str:
    account = accounts.account(person)
    assert account
    return str(kept.start(person, "203.0.113.7", "Firefox", account.changed_at, "password"))


def test_a_password_that_is_reset_while_it_is_checked_opens_no_session(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = components_of(app)
    parts.accounts.create(["P00077"])
    parts.accounts.change_password("P00077", OWN_PASSWORD)
    give_back = parts.throttle.give_back

    def reset_meanwhile(attempt: Attempt) -> None:
        parts.accounts.reset("P00077")
        give_back(attempt)

    monkeypatch.setattr(parts.throttle, "give_back", reset_meanwhile)
    browser = app.test_client()
    assert sign_in(browser, "P00077", OWN_PASSWORD).status_code == 401
    assert browser.get("/account").status_code == 302
    assert parts.sessions.open_sessions("P00077") == []


@pytest.mark.parametrize("name", ["a\0b", "\0"])
def test_a_name_that_no_store_can_hold_is_nobody_s(app: Flask, name: str) -> None:
    browser = app.test_client()
    assert sign_in(browser, name, "x").status_code == 401
    assert sign_in(browser).status_code == 303
    form = {"csrf": csrf(browser, "/account"), "session": name}
    assert browser.post("/account/sessions/end", data=form).status_code in (400, 404)


def test_a_store_that_has_no_connection_to_give_is_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: Any, **__: Any) -> None:
        raise sa.exc.TimeoutError("QueuePool limit")

    browser = app.test_client()
    sign_in(browser)
    monkeypatch.setattr(components_of(app).sessions, "user", exhausted)
    assert browser.get("/status").status_code == 503
    assert browser.get("/s/assessment/api/status").status_code == 503
