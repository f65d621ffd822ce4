"""Keys that another service owns are fetched once in a while, dropped on demand, unavailable when their owner is."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.process.peers import Peers, PeerUnavailable
from chassis.store.remote_subject_keys import RemoteKeys
from tests.support.fake_gateway import Call, FakeGateway, problem

KEYS = {"P1": "01" * 32, "P2": "02" * 32}


@pytest.fixture
def participation() -> Iterator[FakeGateway]:
    gateway = FakeGateway()
    gateway.token = "service publicity"
    gateway.on("POST", "/api/keys", answered)
    yield gateway
    gateway.close()


def answered(call: Call) -> dict[str, Any]:
    return {"keys": {name: KEYS[name] for name in call.json["subjects"] if name in KEYS}}


def remote(participation: FakeGateway, kept: float = 60) -> RemoteKeys:
    signer = SimpleNamespace(issuer="publicity", issue=lambda name, roles, _: f"{roles[0]} {name}")
    settings = SimpleNamespace(peer=lambda _: participation.url)
    return RemoteKeys(Peers(settings, signer), kept)  # type: ignore[arg-type]


def requested_pages(participation: FakeGateway) -> list[list[str]]:
    return [call.json["subjects"] for call in participation.calls]


def test_a_key_is_asked_for_once_and_who_has_none_is_absent(participation: FakeGateway) -> None:
    keys = remote(participation)
    assert keys.of(["P1", "P9"]) == {"P1": b"\1" * 32}
    assert keys.of(["P2", "P1"]) == {"P1": b"\1" * 32, "P2": b"\2" * 32}
    assert requested_pages(participation) == [["P1", "P9"], ["P2"]]
    assert keys.cached(["P1", "P9"]) == {"P1": b"\1" * 32}


def test_a_forgotten_one_and_one_kept_too_long_are_asked_for_again(participation: FakeGateway) -> None:
    keys = remote(participation)
    keys.of(["P1", "P2"])
    keys.forget("P1")
    keys.of(["P1", "P2"])
    assert requested_pages(participation)[1:] == [["P1"]]
    short = remote(participation, kept=0)
    assert short.of(["P1"]) and short.cached(["P1"]) == {}


def test_many_are_asked_for_page_by_page(participation: FakeGateway) -> None:
    remote(participation).of([f"N{n:05}" for n in range(2500)])
    assert [len(page) for page in requested_pages(participation)] == [1000, 1000, 500]


def test_an_owner_that_does_not_answer_is_away(participation: FakeGateway) -> None:
    keys = remote(participation)
    participation.on("POST", "/api/keys", problem(503, "store_away"))
    with pytest.raises(PeerUnavailable):
        keys.of(["P1"])
    participation.on("POST", "/api/keys", {"other": 1})
    with pytest.raises(PeerUnavailable):
        keys.of(["P1"])
