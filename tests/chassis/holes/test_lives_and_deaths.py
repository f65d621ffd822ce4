"""Processes that are killed, stopped or stuck: nothing is lost or done twice, and health tells which it is."""

from __future__ import annotations

import random
import signal
import socket
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chassis.process.tokens import Signer, private_key
from tests.chassis.children import Toy
from tests.support.postgres import Postgres
from tests.support.processes import wait_until

pytestmark = pytest.mark.endurance

Both = tuple[Toy, Toy]


def test_killed_at_any_moment_each_event_is_applied_once(both: Both) -> None:
    source, subscriber = both
    expected: dict[str, str] = {}
    moments = random.Random(3)
    for round_ in range(3):
        fresh = {f"r{round_}-{n}": str(n) for n in range(150)}
        for at in range(0, 150, 50):
            source.append(*[f"{k}:{v}" for k, v in list(fresh.items())[at : at + 50]])
        victim = moments.choice(both)
        some = len(expected) + moments.randint(0, 60)
        wait_until(lambda some=some: len(subscriber.rows() or {}) > some, 30, "in the middle")
        victim.process.kill()
        victim.start()
        expected |= fresh
    subscriber.has(expected, 60)
    assert subscriber.get("/toy/state")[1] == {"position": 450, "kept": 450}


def test_sigterm_finishes_what_is_in_hand(both: Both) -> None:
    source, subscriber = both
    source.append(*[f"t{n}:{n}" for n in range(400)])
    assert subscriber.process.stop(30) == 0
    assert source.process.stop(30) == 0
    source.start()
    subscriber.start()
    subscriber.has({f"t{n}": str(n) for n in range(400)})


def test_who_is_being_answered_at_sigterm_is_answered(toy: Callable[..., Toy]) -> None:
    source = toy("participation").start()
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(source.get, f"/toy/slow?ms={ms}") for ms in (1000, 1500, 2000, 2500)]
        wait_until(lambda: source.get("/toy/slow?ms=0")[1] == {"most": 5}, 30, "four are in hand")
        assert source.process.stop(30) == 0
        assert [item.result()[0] for item in asked] == [200] * 4


def test_so_many_requests_are_taken_at_once_and_the_others_wait(toy: Callable[..., Toy]) -> None:
    source = toy("participation", TOY_WORKERS="3").start()
    with ThreadPoolExecutor(12) as pool:
        asked = list(pool.map(lambda _: source.get("/toy/slow?ms=100"), range(12)))
    assert {status for status, _ in asked} == {200}
    assert max(answer["most"] for _, answer in asked) == 3


def test_a_database_that_goes_and_comes_is_waited_for(toy: Callable[..., Toy], own_postgres: Postgres) -> None:
    source = toy("participation").start()
    subscriber = toy("assessment", QIHANG_DATABASE_URL=own_postgres.create_database()).subscribes_to(source).start()
    own_postgres.kill()
    source.append("a:1")
    wait_until(lambda: subscriber.get("/readyz")[0] == 503, 30, "readyz tells of the store")
    assert subscriber.get("/livez")[0] == 200
    assert subscriber.get("/toy/things")[0] == 503
    own_postgres.resume_after_stop()
    subscriber.wait_for("/readyz", 60)
    subscriber.has({"a": "1"})
    assert subscriber.get("/toy/quarantine")[1] == []  # nothing was blamed for it
    assert subscriber.process.running


def test_a_store_that_is_not_there_at_start_is_waited_for(toy: Callable[..., Toy], own_postgres: Postgres) -> None:
    url = own_postgres.create_database()
    own_postgres.stop()
    source = toy("participation", QIHANG_DATABASE_URL=url).start(ready=False)
    source.wait_for("/livez", 60)
    assert source.get("/readyz")[0] == 503
    own_postgres.resume_after_stop()
    source.wait_for("/readyz", 60)
    source.append("a:1")


def test_a_loop_that_hangs_fails_livez(toy: Callable[..., Toy]) -> None:
    source = toy("participation", TOY_SLOW="2").start()
    assert source.get("/livez")[0] == 200
    source.get("/toy/stuck")
    wait_until(lambda: source.get("/livez")[0] == 503, 30, "livez tells of the stuck loop")
    assert source.process.running


def test_hole_5_the_watchdog_ends_a_process_without_progress(toy: Callable[..., Toy]) -> None:
    source = toy("participation").start()
    subscriber = toy("assessment", QIHANG_WATCHDOG="6").subscribes_to(source).start()
    source.append("a:freeze")  # the whole hub stands still: not even HTTP answers
    assert subscriber.process.wait(40) == 70
    assert "without progress" in subscriber.process.output()


def test_hole_5_the_watchdog_lets_an_outage_be(toy: Callable[..., Toy], own_postgres: Postgres) -> None:
    url = own_postgres.create_database()
    source = toy("participation", url="amqp://x:x@127.0.0.1:1/", QIHANG_DATABASE_URL=url, QIHANG_WATCHDOG="6")
    source.start(ready=False).wait_for("/livez", 60)
    own_postgres.kill()
    until = time.monotonic() + 11
    wait_until(lambda: time.monotonic() > until or not source.process.running, 30, "the watchdog's patience is over")
    assert source.process.running, source.process.tail()


def test_the_watchdog_lets_a_loop_rest_as_long_as_it_should(toy: Callable[..., Toy]) -> None:
    """Heads are signed once a minute: ten times as long as this watchdog's patience."""
    source = toy("participation", QIHANG_WATCHDOG="6").start()
    until = time.monotonic() + 13
    wait_until(lambda: time.monotonic() > until or not source.process.running, 30, "the watchdog's patience is over")
    assert source.process.running, source.process.tail()
    assert source.get("/livez")[0] == 200


def test_a_slow_body_holds_nobody_else_up(both: Both) -> None:
    source, _ = both
    slow = []
    for _ in range(80):  # more than it has workers
        connection = socket.create_connection(("127.0.0.1", source.port), 10)
        connection.sendall(b"POST /toy/things HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nslo")
        slow.append(connection)
    assert source.get("/livez", 10)[0] == 200
    answers = [item.recv(100).split()[1] for item in slow[-40:]]  # those that came too late were told at once
    assert set(answers) == {b"503"}
    for connection in slow:
        connection.close()
    wait_until(lambda: source.get("/livez")[0] == 200 and answers_others(source), 20, "others are served again")


def answers_others(source: Toy) -> bool:
    try:
        source.append("a:1")
    except AssertionError:
        return False
    return True


def test_stopped_and_continued_it_catches_up(both: Both) -> None:
    source, subscriber = both
    subscriber.process.signal(signal.SIGSTOP)
    source.append("a:1", "b:2")
    subscriber.process.signal(signal.SIGCONT)
    subscriber.has({"a": "1", "b": "2"})


def test_read_your_writes_waits_and_is_bounded(both: Both, tmp_path: Path) -> None:
    source, subscriber = both
    source.append("a:1")
    key = private_key(Path(subscriber.folder) / "keys" / "assessment.key")
    token = Signer("assessment", "district", key).issue("assessment", ["service"], 60)
    asked = urllib.request.Request(f"http://127.0.0.1:{subscriber.port}/toy/seen")
    asked.add_header("Authorization", f"Bearer {token}")
    asked.add_header("X-Qihang-After", "participation/0/1")
    assert subscriber._ask(asked, 20) == (200, {"a": "1"})
    asked.add_header("X-Qihang-After", "participation/0/99")
    began = time.monotonic()
    status, problem = subscriber._ask(asked, 30)
    assert (status, problem["code"]) == (503, "not_caught_up")
    assert 8 < time.monotonic() - began < 20


def test_who_has_no_token_is_not_waited_for(both: Both) -> None:
    asked = urllib.request.Request(f"http://127.0.0.1:{both[1].port}/readyz")
    asked.add_header("X-Qihang-After", "participation/0/99")
    began = time.monotonic()
    assert both[1]._ask(asked, 30)[0] == 200
    assert time.monotonic() - began < 5
