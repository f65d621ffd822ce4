"""Holes 1 to 4: what a handler raises, what a body or header holds, and what happens around a worker."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.messaging import broker
from tests.chassis.children import Plain, Toy
from tests.chassis.holes.conftest import Stranger
from tests.support.processes import wait_until

Both = tuple[Toy, Toy]
StartPlain = Callable[..., Plain]


@pytest.mark.plain_library
def test_1_plain_acknowledges_what_its_handler_failed_at(plain: StartPlain, stranger: Stranger) -> None:
    service = plain().ready()
    stranger.send(b'{"do": "raise"}')
    stranger.send(b'{"n": 1}')
    wait_until(lambda: len(service.lines_with("handled")) == 2, 20, "both handled")
    stranger.gone()
    assert len(service.lines_with("handled")) == 2  # lost: nobody will ever see it again


@pytest.mark.plain_library
def test_1_plain_requeues_for_ever(plain: StartPlain, stranger: Stranger) -> None:
    service = plain("requeue").ready()
    stranger.send(b'{"do": "raise"}')
    wait_until(lambda: len(service.lines_with("handled")) > 200, 30, "again and again, without a pause or an end")
    assert service.process.running


def test_1_ours_quarantines_it_and_goes_on(both: Both) -> None:
    source, subscriber = both
    source.append("a:1", "b:raise", "b:2", "c:3")
    subscriber.has({"a": "1", "c": "3"})
    wait_until(lambda: len(subscriber.get("/toy/quarantine")[1]) == 2, 20, "one stands, one is parked")
    assert [item[:2] for item in subscriber.get("/toy/quarantine")[1]] == [
        ["handler_failed", "open"],
        ["behind", "parked"],
    ]


BODIES = {
    "truncated": (b'{"do": ', {}),
    "not UTF-8": (b"\xff\xfe", {}),
    "pickle": (b"\x80\x04K\x05.", {"content_type": "application/x-python-serialize", "content_encoding": "binary"}),
    "text": (b"hello", {"content_type": "text/plain", "content_encoding": "koi-9"}),
    "deep": (b"[" * 100_000, {}),
    "digits": (b"9" * 5000, {}),
    "typed": (b'{"__type__": "uuid", "__value__": "zz"}', {}),
    "compressed": (b'{"n": 0}', {"application_headers": {"compression": "application/x-never"}}),
}


@pytest.mark.plain_library
def test_2_plain_loses_what_it_cannot_decode(plain: StartPlain, stranger: Stranger) -> None:
    service = plain().ready()
    for body, properties in BODIES.values():
        stranger.send(body, **properties)
    stranger.send(b'{"n": "last"}')
    wait_until(lambda: service.lines_with("handled"), 20, "the good one")
    stranger.gone()
    assert service.lines_with("handled") == ['handled {"n": "last"}']


def test_2_ours_keeps_it(both: Both, stranger: Stranger) -> None:
    source, subscriber = both
    for body, properties in BODIES.values():
        stranger.send(body, exchange=broker.EVENTS, key="participation.0", **properties)
    source.append("a:1")
    subscriber.has({"a": "1"})
    wait_until(
        lambda: len(subscriber.get("/toy/quarantine")[1]) == len(BODIES),
        20,
        lambda: str(subscriber.get("/toy/quarantine")),
    )
    assert {item[0] for item in subscriber.get("/toy/quarantine")[1]} == {"bad_wire"}
    stranger.gone("qihang.assessment.participation.0")


HEADERS = [{"call_id_stack": 5}, {"nameko.call_id_stack": [1, 2]}]


@pytest.mark.plain_library
@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_3_plain_dies_of_a_header_again_and_again(
    plain: StartPlain, stranger: Stranger, headers: dict[str, object]
) -> None:
    first = plain().ready()
    stranger.send(b'{"n": 1}', application_headers=headers)
    assert first.process.wait(20) == 3
    assert plain().process.wait(30) == 3  # it is delivered again: a crash loop
    wait_until(lambda: stranger.left() == 1, 20, "the message waits for the next victim")


def test_3_ours_does_not_even_look(both: Both, stranger: Stranger) -> None:
    source, subscriber = both
    for headers in HEADERS:
        stranger.send(b"[]", exchange=broker.EVENTS, key="participation.0", application_headers=headers)
    source.append("a:1")
    subscriber.has({"a": "1"})
    assert subscriber.process.running
    assert subscriber.get("/toy/quarantine")[1] == []


@pytest.mark.plain_library
@pytest.mark.parametrize("where", ["worker_setup", "get_dependency", "worker_result", "worker_teardown", "ack"])
def test_3_plain_dies_of_what_happens_around_a_worker(plain: StartPlain, stranger: Stranger, where: str) -> None:
    service = plain(where).ready()
    stranger.send(b'{"n": 1}')
    assert service.process.wait(20) == 3


def test_3_ours_survives_a_broken_pipe_at_the_acknowledgement(toy: Callable[..., Toy]) -> None:
    source = toy("participation").start()
    subscriber = toy("assessment", TOY_BREAK_ACK="1").subscribes_to(source).start()
    source.append("a:1")
    wait_until(lambda: "Broken pipe" in subscriber.process.output(), 20, "the acknowledgement broke")
    source.append("b:2")
    subscriber.has({"a": "1", "b": "2"})
    assert subscriber.process.running
    assert subscriber.get("/toy/state")[1] == {"position": 2, "kept": 2}


def test_3_ours_survives_its_routes(both: Both) -> None:
    source, _ = both
    assert [source.get(path)[0] for path in ("/toy/fail", "/toy/late", "/toy/none")] == [500, 504, 404]
    source.append("a:1")
    assert source.process.running


@pytest.mark.plain_library
def test_4_plain_goes_deaf_after_as_many_timeouts_as_it_has_workers(plain: StartPlain, stranger: Stranger) -> None:
    service = plain().ready()
    for _ in range(2):
        stranger.send(b'{"do": "timeout"}')
    wait_until(lambda: len(service.lines_with("handled")) == 2, 20, "two timeouts")
    for number in range(5):
        stranger.send(json.dumps({"n": number}).encode())
    wait_until(lambda: stranger.left() == 7, 20, "nothing was acknowledged")
    assert len(service.lines_with("handled")) == 2
    assert service.process.running  # and nobody notices


def test_4_ours_quarantines_them(both: Both, tmp_path: Path) -> None:
    source, subscriber = both
    source.append(*[f"t{number}:timeout" for number in range(70)], "a:1")  # more than it has workers
    subscriber.has({"a": "1"})
    wait_until(lambda: len(subscriber.get("/toy/quarantine")[1]) == 70, 20, "all stand")
    assert subscriber.get("/livez")[0] == 200
