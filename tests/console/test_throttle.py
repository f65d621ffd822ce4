"""Guessing is slowed by account and by address; nobody is shut out by the mistakes of others for long."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from console import passwords
from console.app import create_app
from console.settings import Settings
from console.store.database import Store
from console.throttle import ACCOUNT, ADDRESS, PAIR, Attempt, Throttle
from tests.console.conftest import OWN_PASSWORD, components_of, person_with, sign_in
from tests.support.fake_gateway import FakeGateway
from tests.support.postgres import Postgres

SCHOOL = "203.0.113.7"


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _quick_passwords() -> None:
    """Not here: what a hash takes is what these are about."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'throttle.db'}"
    if request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.create_database()
    result = Store(url)
    result.install()
    yield result
    result.close()


@pytest.fixture
def throttle(store: Store, clock: Clock) -> Throttle:
    return Throttle(store, b"s" * 32, clock)


def guesses(throttle: Throttle, attempts: Callable[[int], Attempt], count: int) -> int:
    """How many of so many wrong attempts were looked at."""
    return sum(throttle.take(attempts(number)) == 0 for number in range(count))


def test_twenty_four_guesses_at_an_account_are_not_looked_at(throttle: Throttle) -> None:
    assert guesses(throttle, lambda _: Attempt("P1", SCHOOL), 24) == PAIR.free
    assert throttle.take(Attempt("P1", SCHOOL)) == 30


def test_as_many_at_once_as_there_are_threads_gain_nothing(throttle: Throttle) -> None:
    looked_at: list[int] = []
    ready = threading.Barrier(16)

    def guess() -> None:
        ready.wait()
        looked_at.append(throttle.take(Attempt("P1", SCHOOL)) == 0)

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(looked_at) == PAIR.free


def test_waits_double_up_to_a_limit(throttle: Throttle, clock: Clock) -> None:
    waits = []
    guesses(throttle, lambda _: Attempt("P1", SCHOOL), PAIR.free)
    for _ in range(8):
        waits.append(throttle.take(Attempt("P1", SCHOOL)))
        clock.now += waits[-1]
        assert throttle.take(Attempt("P1", SCHOOL)) == 0
    assert waits[:4] == [30, 60, 120, 240] and waits[-1] == PAIR.longest


def test_one_s_own_success_between_does_not_make_guessing_at_others_free(throttle: Throttle) -> None:
    """Four guesses and a sign-in of one's own, again and again."""
    looked_at = 0
    for _ in range(10):
        looked_at += guesses(throttle, lambda _: Attempt("P1", SCHOOL), 4)
        assert throttle.take(Attempt("attacker", SCHOOL)) == 0
        throttle.give_back(Attempt("attacker", SCHOOL))
    assert looked_at == PAIR.free


def test_many_addresses_do_not_make_guessing_at_one_account_free(throttle: Throttle) -> None:
    assert guesses(throttle, lambda number: Attempt("P1", f"198.51.100.{number}"), 200) == ACCOUNT.free
    assert guesses(throttle, lambda number: Attempt("P2", f"2001:db8::{number:x}"), 24) == PAIR.free


def test_one_guess_at_each_of_many_accounts_becomes_slow(throttle: Throttle, clock: Clock) -> None:
    assert guesses(throttle, lambda number: Attempt(f"P{number}", SCHOOL), 500) == ADDRESS.free
    clock.now += 3600
    assert 0 < guesses(throttle, lambda number: Attempt(f"Q{number}", SCHOOL), 500) <= ADDRESS.free


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # hundreds of what others here do on both
def test_a_school_s_first_morning_behind_one_address(throttle: Throttle, clock: Clock) -> None:
    """Three hundred people within an hour, a third of whom mistype twice: nobody waits."""
    for person in range(300):
        clock.now += 12
        for _ in range(2 if person % 3 == 0 else 0):
            assert throttle.take(Attempt(f"P{person}", SCHOOL)) == 0
        assert throttle.take(Attempt(f"P{person}", SCHOOL)) == 0
        throttle.give_back(Attempt(f"P{person}", SCHOOL))


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # hundreds of what others here do on both
def test_somebody_who_guesses_shuts_neither_the_owner_s_device_nor_the_school_out(
    throttle: Throttle, clock: Clock
) -> None:
    guesses(throttle, lambda number: Attempt(f"P{number % 9}", SCHOOL), 2000)
    assert throttle.take(Attempt("P1", SCHOOL, "device-of-the-owner")) == 0
    wait = throttle.take(Attempt("P999", SCHOOL))
    assert wait <= ADDRESS.longest  # slow, and never closed
    clock.now += ADDRESS.longest
    assert throttle.take(Attempt("P999", SCHOOL)) == 0


def test_a_known_device_is_limited_too(throttle: Throttle) -> None:
    assert guesses(throttle, lambda _: Attempt("P1", SCHOOL, "device"), 24) == PAIR.free


def test_a_restart_forgets_nothing_and_names_are_not_kept(store: Store, throttle: Throttle, clock: Clock) -> None:
    guesses(throttle, lambda _: Attempt("my password typed here", SCHOOL), PAIR.free)
    assert Throttle(store, b"s" * 32, clock).take(Attempt("my password typed here", SCHOOL)) == 30
    with store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM attempts").fetchall()
    assert len(rows) == 3 and "password" not in repr(rows) and SCHOOL not in repr(rows)


def test_the_wait_is_kept_across_a_restart_of_the_console(app: Flask, settings: Settings) -> None:
    for _ in range(PAIR.free):
        assert sign_in(app.test_client(), password="guess").status_code == 401
    assert sign_in(create_app(settings).test_client()).status_code == 429


def test_a_browser_that_signed_in_before_is_known_again(app: Flask, services: FakeGateway) -> None:
    owner = person_with(app, services, "P00077")
    owner.delete_cookie("qihang")
    stranger = app.test_client()
    for _ in range(PAIR.free):
        sign_in(stranger, "P00077", "guess")
    assert sign_in(stranger, "P00077", OWN_PASSWORD).status_code == 429
    assert sign_in(owner, "P00077", OWN_PASSWORD).status_code == 303


def test_an_unknown_account_takes_as_long_as_a_known_one(app: Flask, services: FakeGateway) -> None:
    person_with(app, services, "P00077")
    accounts = components_of(app).accounts

    def seconds(name: str) -> float:
        measured = []
        for _ in range(9):
            begun = time.thread_time()
            accounts.verify(name, "guess")
            measured.append(time.thread_time() - begun)
        return statistics.median(measured)

    known, unknown = seconds("P00077"), seconds("nobody")
    assert 0.6 < known / unknown < 1.6


def test_a_hash_of_weaker_parameters_is_renewed_at_sign_in(
    app: Flask, services: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    with monkeypatch.context() as patch:
        patch.setattr(passwords, "_hasher", weak)
        person_with(app, services, "P00077")
    assert sign_in(app.test_client(), "P00077", OWN_PASSWORD).status_code == 303
    with components_of(app).store.reading() as connection:
        query = "SELECT password_hash FROM accounts WHERE account_id = 'P00077'"
        stored = connection.exec_driver_sql(query).scalar_one()
    assert "m=19456,t=2" in stored and not passwords.needs_rehash(stored)
