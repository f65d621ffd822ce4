"""A registered outside system may report rows and read its own receipts, and nothing else whatever it tries."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable

import amqp
import pytest

from tests.journeys.conftest import AnySystem
from tests.support.publisher_client import Publisher, PublisherClient, register_publisher
from tests.support.reported import event
from tests.support.system import DistrictSystem

EVENT = "application/cloudevents+json"


def deed(id: str, source: str = "oa", **cells: str) -> dict[str, object]:
    unit = {"unit_id": f"U-{id}", "name": "第一小学", "kind": "school", "opened_on": "2015-09-01"}
    return event("unit.reported", id, source, **unit | cells)


@pytest.fixture(scope="module")
def office(small_system: AnySystem) -> Publisher:
    return register_publisher(small_system, "oa")


@pytest.fixture(scope="module")
def neighbour(small_system: AnySystem) -> Publisher:
    return register_publisher(small_system, "other-office")


def test_by_http_it_reports_rows_and_may_use_no_other_route(small_system: AnySystem, office: Publisher) -> None:
    status, answer = small_system.ask(
        "POST", "participation", "/api/intake", deed("1"), token=office.token, Content_Type=EVENT
    )
    assert status == 200 and answer["receipts"][0]["data"]["outcome"] == "accepted"
    for service, path in (
        *(("participation", path) for path in ("/api/units", "/api/status", "/feed", "/feed/0", "/api/waiting")),
        *(("assessment", path) for path in ("/api/scoreboard?window=2023", "/api/status", "/api/quarantine")),
    ):
        assert small_system.ask("GET", service, path, token=office.token)[0] == 403, path
    for path in ("/api/imports", "/api/publishers", "/api/rebuild", "/api/people/P1/erase", "/api/campaign"):
        assert small_system.ask("POST", "participation", path, {"name": "x"}, token=office.token)[0] == 403, path


def test_the_command_that_is_printed_works_as_it_stands(small_system: AnySystem) -> None:
    lines = small_system.qihang("publisher", "add", "printed", "--types", "record").splitlines()
    token = next(line.removeprefix("token: ") for line in lines if line.startswith("token: "))
    (command,) = (line for line in lines if line.startswith("curl "))
    environment = {**os.environ, "TOKEN": token, "no_proxy": "*"}
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, timeout=60, check=True)
    assert json.loads(done.stdout)["name"] == "printed"
    small_system.qihang("publisher", "remove", "printed")


def test_another_system_s_source_is_refused(small_system: AnySystem, office: Publisher, neighbour: Publisher) -> None:
    small_system.ask("POST", "participation", "/api/intake", deed("2"), token=office.token, Content_Type=EVENT)
    _, answer = small_system.ask(
        "POST", "participation", "/api/intake", deed("3"), token=neighbour.token, Content_Type=EVENT
    )
    data = answer["receipts"][0]["data"]
    assert (data["outcome"], data["column"]) == ("refused", "source")


def test_new_secrets_end_the_old_ones(small_system: AnySystem) -> None:
    old = register_publisher(small_system, "rotating")
    new = register_publisher(small_system, "rotating", word="rotate")
    body = deed("4", source="rotating")
    assert small_system.ask("POST", "participation", "/api/intake", body, token=old.token, Content_Type=EVENT)[0] == 401
    assert small_system.ask("POST", "participation", "/api/intake", body, token=new.token, Content_Type=EVENT)[0] == 200
    if isinstance(small_system, DistrictSystem):
        with pytest.raises(amqp.AccessRefused), PublisherClient(old.amqp_url):
            pass
        with PublisherClient(new.amqp_url):
            pass
    small_system.qihang("publisher", "remove", "rotating")
    assert small_system.ask("POST", "participation", "/api/intake", body, token=new.token, Content_Type=EVENT)[0] == 401
    assert "unknown_publisher" in small_system.qihang("publisher", "rotate", "rotating", fails=True)
    register_publisher(small_system, "rotating")
    for token in (old.token, new.token):
        assert small_system.ask("POST", "participation", "/api/intake", body, token=token, Content_Type=EVENT)[0] == 401


FORBIDDEN: dict[str, Callable[[PublisherClient], object]] = {
    "declare a queue": lambda item: item.channel.queue_declare("mine"),
    "delete its queue": lambda item: item.channel.queue_delete(item.receipts),
    "bind its queue to the events": lambda item: item.channel.queue_bind(item.receipts, "qihang.events", "#"),
    "read the intake": lambda item: item.channel.basic_get("qihang.participation.intake"),
    "read a service's queue": lambda item: item.channel.basic_get("qihang.assessment.participation.0"),
    "read another's receipts": lambda item: item.channel.basic_get("qihang.receipts.other-office"),
    "publish events": lambda item: tried(item, exchange="qihang.events"),
    "publish receipts": lambda item: tried(item, exchange="qihang.receipts"),
    "publish straight into a queue": lambda item: tried(item, exchange=""),
    "publish in another's name": lambda item: tried(item, user_id="other-office"),
    "declare an exchange": lambda item: item.channel.exchange_declare("mine", "topic"),
}


def tried(client: PublisherClient, **how: str) -> None:
    client.publish(deed("forbidden"), **how)
    client.wait_for_confirms(10)


def _publish_until_refused(client: PublisherClient, source: str) -> None:
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        client.publish(deed(f"late-{time.monotonic_ns()}", source=source))
        client.wait_for_confirms(10)
        time.sleep(0.1)


@pytest.mark.parametrize("way", ["district"], indirect=True)
class TestOnTheBroker:
    def test_it_reports_rows_and_reads_its_receipts(self, small_system: AnySystem, office: Publisher) -> None:
        with PublisherClient(office.amqp_url) as client:
            client.publish(deed("5", zone_id="U-6"))
            assert client.receipt("5")["outcome"] == "waiting"
            client.publish(deed("6"))
            assert client.receipt("6")["outcome"] == "accepted"
            assert client.receipt("5")["outcome"] == "accepted"
            client.publish(deed("7", kind="academy"))
            refused = client.receipt("7")
        assert (refused["outcome"], refused["column"], refused["code"]) == ("refused", "kind", "bad_kind")

    def test_new_secrets_and_removal_end_connections_that_are_open(self, small_system: AnySystem) -> None:
        for end in ("rotate", "remove"):
            given = register_publisher(small_system, f"open-{end}")
            with PublisherClient(given.amqp_url) as client:
                client.publish(deed(f"8-{end}", source=f"open-{end}"))
                client.wait_for_confirms(10)
                small_system.qihang("publisher", end, f"open-{end}")
                with pytest.raises((amqp.ConnectionForced, OSError)):
                    _publish_until_refused(client, f"open-{end}")

    @pytest.mark.parametrize("what", FORBIDDEN)
    def test_everything_else_is_forbidden(
        self, small_system: AnySystem, office: Publisher, neighbour: Publisher, what: str
    ) -> None:
        with PublisherClient(office.amqp_url) as client, pytest.raises((amqp.AccessRefused, amqp.PreconditionFailed)):
            FORBIDDEN[what](client)
