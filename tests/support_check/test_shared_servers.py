"""All lanes of a run get the same server, and nobody but who started it ends it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.postgres import Postgres
from tests.support.rabbitmq import RabbitMQ
from tests.support.shared_servers import SharedServer, shared_server

started: list[str] = []


class Numbered:
    """Stands in for a server: says which start it is of, and whether it was ended."""

    def __init__(self) -> None:
        started.append("one more")
        self.number, self.ended = len(started), False

    def discard(self) -> None:
        self.ended = True


class Missing(Numbered):
    def __init__(self) -> None:
        super().__init__()
        raise RuntimeError("not installed")


@pytest.fixture
def shared(request: pytest.FixtureRequest) -> Iterator[SharedServer[Numbered]]:
    started.clear()
    server = SharedServer[Numbered](getattr(request, "param", Numbered))
    yield server
    server.discard()


def test_the_first_that_asks_has_it_started_and_all_get_it(shared: SharedServer[Numbered]) -> None:
    assert (shared.running, started) == (None, [])
    with ThreadPoolExecutor(4) as lanes:
        assert [each.number for each in lanes.map(shared_server, [shared.address] * 8)] == [1] * 8
    assert len(started) == 1


def test_it_ends_with_the_run() -> None:
    shared = SharedServer(Numbered)
    shared_server(shared.address)
    server = shared.running
    shared.discard()
    assert server is not None and server.ended
    assert not Path(shared.address).parent.exists()


@pytest.mark.parametrize("shared", [Missing], indirect=True)
def test_why_it_did_not_start_is_the_error_of_every_lane(shared: SharedServer[Numbered]) -> None:
    for _ in "12":
        with pytest.raises(RuntimeError, match="not installed"):
            shared_server(shared.address)


def test_a_lane_does_not_end_the_broker_of_all(rabbitmq: RabbitMQ, vhost: str) -> None:
    of_a_lane: RabbitMQ = copy.copy(rabbitmq)
    for end in (of_a_lane.stop, of_a_lane.kill, of_a_lane.wipe, of_a_lane.pause, of_a_lane.discard, of_a_lane.restart):
        with pytest.raises(AssertionError):
            end()
    assert of_a_lane.api("GET", f"/api/vhosts/{vhost}")["name"] == vhost


def test_a_lane_does_not_end_the_database_server_of_all(postgres: Postgres) -> None:
    of_a_lane: Postgres = copy.copy(postgres)
    for end in (of_a_lane.stop, of_a_lane.kill, of_a_lane.pause, of_a_lane.discard, of_a_lane.restart):
        with pytest.raises(AssertionError):
            end()
    of_a_lane.drop_database(of_a_lane.create_database())


def test_two_systems_that_name_a_publisher_alike_are_an_error(rabbitmq: RabbitMQ, vhost: str) -> None:
    other = rabbitmq.create_vhost()
    for place in (vhost, other):
        rabbitmq.create_user("hr-of-two", place)
    with pytest.raises(AssertionError, match="hr-of-two"):
        rabbitmq.delete_vhost(other)
