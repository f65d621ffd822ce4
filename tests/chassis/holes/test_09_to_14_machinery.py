"""Holes 9 to 14: the hub, the command, the drivers, the queues and the broker in memory (8 is in test_log.py)."""
# ruff: noqa: S608 - scripts of children

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import amqp
import kombu
import pytest

from chassis.messaging import broker
from tests.chassis.children import Plain, Toy, python
from tests.chassis.holes.conftest import Stranger
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitMQ

PATCHED = "import eventlet; eventlet.monkey_patch()\n"


def run_script(script: str, folder: Path, *arguments: str, limit: float = 60, **environment: str) -> Any:
    """The JSON on the last line of what a script printed."""
    process = python(script, folder / "script.log", *arguments, **environment)
    assert process.wait(limit) == 0, process.tail()
    return json.loads(process.output().splitlines()[-1])


TICKER = (
    PATCHED
    + """
import json, sys, time
from chassis.process import subprocesses
gaps, last, done = [], time.monotonic(), False
def tick():
    global last
    while not done:
        eventlet.sleep(0.02)
        gaps.append(time.monotonic() - last)
        last = time.monotonic()
eventlet.spawn(tick)
eventlet.sleep(0.1)
if sys.argv[1] == "inside":
    from tests.chassis.holes.burning import burn
    answer = burn(1.5)
else:
    answer = subprocesses.run_module("tests.chassis.holes.burning", "1.5", given={"n": 2})
eventlet.sleep(0.1)
done = True
print(json.dumps([answer, max(gaps)]))
"""
)


@pytest.mark.plain_library
def test_9_work_in_a_handler_stops_the_hub(tmp_path: Path) -> None:
    answer, gap = run_script(TICKER, tmp_path, "inside")
    assert answer == "burnt"
    assert gap > 1.4


def test_9_work_in_a_process_of_its_own_does_not(tmp_path: Path) -> None:
    answer, gap = run_script(TICKER, tmp_path, "beside")
    assert answer == {"n": 2}
    assert gap < 1.0


@pytest.mark.plain_library
def test_9_plain_loses_its_connection_to_a_long_handler(plain: Callable[..., Plain], stranger: Stranger) -> None:
    """The broker misses two heartbeats and gives the message to another, or the container ends of the reset."""
    service = plain(HEARTBEAT="1").ready()
    stranger.send(b'{"do": "burn"}')
    wait_until(
        lambda: len(service.lines_with("handled")) >= 2 or not service.process.running, 60, "handled again, or ended"
    )


@pytest.mark.plain_library
def test_10_nameko_s_own_command_needs_what_setuptools_removed(tmp_path: Path) -> None:
    script = "import sys; sys.modules['pkg_resources'] = None; sys.argv = ['nameko', '--help']\n"
    script += "from nameko.cli.main import main; main()"
    process = python(script, tmp_path / "nameko.log")
    assert process.wait(30) != 0
    assert "pkg_resources" in process.output()


def test_10_ours_starts_without(toy: Callable[..., Toy]) -> None:
    assert toy("participation", TOY_NO_PKG_RESOURCES="1").start().get("/livez")[0] == 200


SLEEPERS = (
    PATCHED
    + """
import json, os, sys, time
if sys.argv[2] == "ours":
    import chassis.runtime.launcher
    from chassis.store.database import Store
    from sqlalchemy import MetaData
    engine = Store(sys.argv[1], MetaData()).engine
else:
    import sqlalchemy
    engine = sqlalchemy.create_engine(sys.argv[1])
def sleep(_):
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(0.5)")
pool = eventlet.GreenPool(4)
list(pool.imap(lambda _: engine.connect().close(), range(4)))
began = time.monotonic()
list(pool.imap(sleep, range(4)))
print(json.dumps(time.monotonic() - began))
"""
)


@pytest.mark.plain_library
def test_11_plain_psycopg_takes_turns(database: str, tmp_path: Path) -> None:
    assert run_script(SLEEPERS, tmp_path, database, "plain") >= 2.0


def test_11_ours_waits_for_four_answers_at_once(database: str, tmp_path: Path) -> None:
    assert run_script(SLEEPERS, tmp_path, database, "ours") < 1.5


def give_back(rabbitmq: RabbitMQ, vhost: str, queue: str, times: int) -> int:
    """Take the queue's message and give it back, as a consumer that loses its connection; how often it came."""
    connection = amqp.Connection(f"127.0.0.1:{rabbitmq.port}", rabbitmq.user, rabbitmq.password, virtual_host=vhost,
                                 login_method="PLAIN")  # fmt: skip
    connection.connect()
    channel, came = connection.channel(), 0

    def refuse(message: Any) -> None:
        nonlocal came
        came += 1
        if came < times:
            channel.basic_reject(message.delivery_tag, requeue=True)

    channel.basic_qos(0, 1, False)
    channel.basic_consume(queue, callback=refuse)
    try:
        while came < times:
            connection.drain_events(timeout=2)
    except TimeoutError:
        pass
    connection.close()
    return came


@pytest.mark.plain_library
def test_12_a_plain_quorum_queue_never_gives_up_or_loses_it(
    plain: Callable[..., Plain], stranger: Stranger, rabbitmq: RabbitMQ
) -> None:
    service = plain("quorum").ready()
    service.process.kill()
    wait_until(lambda: rabbitmq.api("GET", f"/api/queues/{stranger.vhost}/plain.in").get("consumers") == 0, 20, "alone")
    stranger.send(b'{"n": 1}')
    came = give_back(rabbitmq, stranger.vhost, "plain.in", 150)
    major = int(rabbitmq.api("GET", "/api/overview")["rabbitmq_version"].split(".")[0])
    if major < 4:
        assert came == 150  # for ever
    else:
        assert came <= 21  # then dropped, and nobody is told


def test_12_ours_stands_in_quarantine_after_a_hundred(
    both: tuple[Toy, Toy], stranger: Stranger, rabbitmq: RabbitMQ
) -> None:
    source, subscriber = both
    subscriber.process.stop()
    stranger.send(b'["poison"]', exchange=broker.EVENTS, key="participation.0")
    came = give_back(rabbitmq, stranger.vhost, "qihang.assessment.participation.0", 300)
    assert 100 <= came <= 101
    subscriber.start()
    wait_until(lambda: subscriber.get("/toy/quarantine")[1], 30, "the dead letter stands")
    assert [item[0] for item in subscriber.get("/toy/quarantine")[1]] == ["gave_up"]
    source.append("a:1")
    subscriber.has({"a": "1"})


def test_12_ours_holds_at_most_two_batches(both: tuple[Toy, Toy], stranger: Stranger, rabbitmq: RabbitMQ) -> None:
    _, subscriber = both
    subscriber.process.pause()
    for _ in range(200):
        stranger.channel.basic_publish(amqp.Message(b"[]"), exchange=broker.EVENTS, routing_key="participation.0")
    queue = f"/api/queues/{stranger.vhost}/qihang.assessment.participation.0"
    wait_until(lambda: rabbitmq.api("GET", queue).get("messages") == 200, 20, "all are there")
    assert rabbitmq.api("GET", queue)["messages_unacknowledged"] <= 2 * 20
    subscriber.process.resume()
    stranger.gone("qihang.assessment.participation.0")


TWO_WRITERS = (
    PATCHED
    + """
import json, sqlite3, sys, time
place, way = sys.argv[1:]
ticks, errors = [], []
def tick():
    last = time.monotonic()
    while True:
        eventlet.sleep(0.02)
        ticks.append(time.monotonic() - last)
        last = time.monotonic()
if way == "ours":
    from sqlalchemy import MetaData
    from chassis.store.database import Store
    store = Store(f"sqlite:///{place}", MetaData())
    with store.writing() as c: c.exec_driver_sql("CREATE TABLE t (n)")
    def write(n):
        with store.writing() as c:
            c.exec_driver_sql("INSERT INTO t VALUES (%d)" % n)
            eventlet.sleep(0.3)
else:
    def write(n):
        c = sqlite3.connect(place, timeout=2, isolation_level=None)
        c.execute("PRAGMA journal_mode=WAL"); c.execute("CREATE TABLE IF NOT EXISTS t (n)")
        try:
            c.execute("BEGIN IMMEDIATE")
            c.execute("INSERT INTO t VALUES (%d)" % n)
            eventlet.sleep(0.3)
            c.execute("COMMIT")
        except sqlite3.OperationalError as error:
            errors.append(str(error))
        c.close()
eventlet.spawn(tick)
list(eventlet.GreenPool(4).imap(write, range(4)))
written = sqlite3.connect(place).execute("SELECT count(*) FROM t").fetchone()[0]
print(json.dumps([written, max(ticks), errors]))
"""
)


@pytest.mark.plain_library
def test_13_plain_sqlite_freezes_the_hub_and_fails(tmp_path: Path) -> None:
    written, gap, errors = run_script(TWO_WRITERS, tmp_path, str(tmp_path / "plain.db"), "plain")
    assert written < 4
    assert gap > 1.8
    assert "locked" in errors[0]


def test_13_ours_lets_writers_wait_in_green(tmp_path: Path) -> None:
    written, gap, errors = run_script(TWO_WRITERS, tmp_path, str(tmp_path / "ours.db"), "ours")
    assert (written, errors) == (4, [])
    assert gap < 1.0


def rounds(connection: Any) -> float:
    """Seconds for five messages that each come while the consumer waits."""
    import threading
    import time

    channel, got = connection.channel(), []
    channel.exchange_declare("r", "direct")
    channel.queue_declare("r")
    channel.queue_bind("r", "r", routing_key="r")
    channel.basic_consume("r", no_ack=True, callback=got.append, consumer_tag="r")
    began = time.monotonic()
    for number in range(5):
        later = threading.Timer(0.05, lambda: connection.channel().basic_publish(
            connection.channel().prepare_message(b"x"), exchange="r", routing_key="r"))  # fmt: skip
        later.start()
        while len(got) <= number:
            connection.drain_events(timeout=5)
        later.join()
    return time.monotonic() - began


@pytest.mark.plain_library
def test_14_the_broker_in_memory_polls_slowly_unless_configured() -> None:
    with kombu.Connection("memory://") as plain:
        assert rounds(plain) > 2.5
    assert rounds(broker.connect("memory://")) < 1.5


@pytest.mark.plain_library
def test_14_the_broker_in_memory_knows_no_single_active_consumer() -> None:
    """Why what the broker promises is tested on RabbitMQ only."""
    with kombu.Connection("memory://") as connection:
        first, second = connection.channel(), connection.channel()
        first.queue_declare("sac", arguments={"x-single-active-consumer": True})
        first.exchange_declare("sac", "direct")
        first.queue_bind("sac", "sac", routing_key="sac")
        seen: dict[str, int] = {"first": 0, "second": 0}
        for name, channel in (("first", first), ("second", second)):
            channel.basic_qos(0, 1, False)
            channel.basic_consume("sac", no_ack=False, consumer_tag=name,
                                  callback=lambda _, name=name: seen.__setitem__(name, seen[name] + 1))  # fmt: skip
        for _ in range(4):
            first.basic_publish(first.prepare_message(b"x"), exchange="sac", routing_key="sac")
        with contextlib.suppress(TimeoutError):
            while sum(seen.values()) < 4:
                connection.drain_events(timeout=5)
        assert seen["second"], seen


def test_14_on_rabbitmq_one_consumer_is_active(both: tuple[Toy, Toy], toy: Callable[..., Toy], tmp_path: Path) -> None:
    source, subscriber = both
    second = toy("assessment", QIHANG_DATABASE_URL=f"sqlite:///{tmp_path}/assessment.db").subscribes_to(source).start()
    source.append("a:1", "b:2")
    subscriber.has({"a": "1", "b": "2"})
    subscriber.process.kill()
    source.append("c:3")
    second.has({"a": "1", "b": "2", "c": "3"}, 40)
    assert second.get("/toy/state")[1] == {"position": 3, "kept": 3}
