"""The broker, the database and the services fail in turn while the district comes in; in the end nothing is missing.

One system, one district: each test brings in its share of the rows under another misfortune, the last one looks at all.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.conftest import FIGURES, reported
from tests.support.postgres import Postgres
from tests.support.processes import Process, wait_until
from tests.support.publisher_client import Publisher, PublisherClient, register_publisher
from tests.support.rabbitmq import RabbitMQ
from tests.support.reported import event, events_of, shuffled, write
from tests.support.system import ROOT, SAMPLES, SERVICES, DistrictSystem

pytestmark = pytest.mark.endurance

BY_FILE = ("units.csv", "people.csv", "exemptions.csv")
SHARES = 6


registered: list[Publisher] = []
"""Who sends the files' rows, once the system runs."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DistrictSystem]:
    """On a broker and a database of its own, all in the default virtual host, which a wiped broker has again."""
    rabbitmq, postgres = RabbitMQ(), Postgres.start()  # the first test starts the broker: a start takes 3.5 s
    system = DistrictSystem(tmp_path_factory.mktemp("outages") / "system", rabbitmq, "/", postgres)
    yield system
    system.kill()
    rabbitmq.discard()
    postgres.discard()


def share(number: int, folder: Path) -> Path:
    """That part of what the files imported at the beginning do not hold."""
    rest = [item for item in events_of(SAMPLES / "district") if item["id"].split(":")[0] not in BY_FILE]
    order = shuffled(rest, seed=5)
    size = len(order) // SHARES + 1
    return write(order[number * size : (number + 1) * size], folder / f"share-{number}.jsonl")


def publishing(system: DistrictSystem, events: Path) -> Process:
    command = [sys.executable, "-m", "cli.main", "publish", events, "--amqp", registered[0].amqp_url]
    return Process(command, events.with_suffix(".log"), cwd=ROOT, env=system.environment())


def position(system: DistrictSystem, service: str = "participation") -> int:
    status, answer = system.ask("GET", service, "/feed")
    return int(answer["partitions"][0]["position"]) if status == 200 else 0


def wait_for_more(system: DistrictSystem, than: int) -> None:
    wait_until(lambda: position(system) > than, 60, lambda: f"the log grows past {than}\n{system.logs()}")


def assert_all_notified(system: DistrictSystem, publisher: Process) -> None:
    """Every event got its receipt, and every service comes to rest with nothing set aside."""
    assert publisher.wait(150) == 0, f"{publisher.tail()}\n{system.logs()}"
    assert "quarantine 0" in system.qihang("settle"), system.qihang("quarantine", "list")


def test_services_come_up_before_broker_and_database(system: DistrictSystem) -> None:
    system.postgres.stop()
    system.start(wait=False)
    for name in SERVICES:
        wait_until(lambda name=name: system.answers(name, "/livez"), 60, lambda: f"it is alive\n{system.logs()}")
        assert not system.answers(name, "/readyz")
    system.postgres.resume_after_stop()
    system.ready("console")  # it asks for the operator below; a service may be alive before it
    wait_until(lambda: system.ask("GET", "participation", "/api/status")[0] == 200, 60, "the store is found")
    assert not system.answers("participation", "/readyz"), "without a broker nobody is ready"
    system.rabbitmq.resume_after_stop()
    system.ready()
    system.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    registered.append(register_publisher(system, "files", "--types", "qihang.*", "--sources", "journeys"))


def test_an_import_goes_on_without_the_broker_and_others_catch_up(system: DistrictSystem) -> None:
    system.qihang("settle")
    system.rabbitmq.kill()
    system.qihang("import", *(SAMPLES / "district" / name for name in BY_FILE))
    head = position(system)
    for name in ("assessment", "publicity", "notifications"):

        def has_caught_up(name: str = name) -> bool:
            cursors = system.get(name, "/api/status").get("cursors", [])
            return any(cursor["source"] == "participation" and cursor["position"] == head for cursor in cursors)

        wait_until(has_caught_up, 60, lambda: f"it has read the feed to {head}\n{system.logs()}")
    system.rabbitmq.resume_after_stop()
    system.ready()
    system.qihang("settle")


def test_a_stopped_service_catches_up(system: DistrictSystem, tmp_path: Path) -> None:
    assert system.processes["assessment"].stop(30) == 0
    publisher = publishing(system, share(0, tmp_path))
    assert publisher.wait(120) == 0, publisher.tail()
    system.start("assessment")
    assert_all_notified(system, publisher)


def test_a_broker_wiped_while_services_run(system: DistrictSystem, tmp_path: Path) -> None:
    office = register_publisher(system, "office")
    before = position(system)
    publisher = publishing(system, share(1, tmp_path))
    wait_for_more(system, before)
    system.rabbitmq.wipe()
    system.ready()
    assert_all_notified(system, publisher)
    wait_until(lambda: reports(office.amqp_url), 30, "the broker knows its publishers again", interval=0.5)


def reports(url: str) -> bool:
    """Whether that publisher can report a row and read its receipt."""
    try:
        with PublisherClient(url) as client:
            client.publish(event("unit.reported", "after-the-wipe", "office", unit_id=""))
            return client.receipt("after-the-wipe")["code"] == "missing"
    except (OSError, AssertionError):
        return False


def test_a_broker_wiped_while_services_are_stopped(system: DistrictSystem, tmp_path: Path) -> None:
    for name in SERVICES:
        assert system.processes[name].stop(30) == 0, system.logs()
    system.rabbitmq.empty()
    system.start(*SERVICES)
    assert_all_notified(system, publishing(system, share(2, tmp_path)))


def test_a_database_that_stops_while_events_come_in(system: DistrictSystem, tmp_path: Path) -> None:
    before = position(system)
    publisher = publishing(system, share(3, tmp_path))
    wait_for_more(system, before)
    system.postgres.stop()
    wait_until(lambda: not system.answers("participation"), 60, "participation sees that the database is away")
    assert system.answers("participation", "/livez")
    system.postgres.resume_after_stop()
    system.ready()
    assert_all_notified(system, publisher)


def test_services_terminated_under_load_finish_what_they_hold(system: DistrictSystem, tmp_path: Path) -> None:
    before = position(system)
    publisher = publishing(system, share(4, tmp_path))
    wait_for_more(system, before)
    for name in SERVICES:
        system.processes[name].signal(signal.SIGTERM)
    assert [system.processes[name].wait(30) for name in SERVICES] == [0, 0, 0, 0], system.logs()
    system.start(*SERVICES)
    assert_all_notified(system, publisher)


def test_a_power_cut_of_everything(system: DistrictSystem, tmp_path: Path) -> None:
    before = position(system)
    publisher = publishing(system, share(5, tmp_path))
    wait_for_more(system, before)
    system.kill()
    system.postgres.kill()
    system.rabbitmq.kill()
    system.postgres.resume_after_stop()
    system.rabbitmq.resume_after_stop()
    system.start()
    assert_all_notified(system, publisher)


def test_after_all_that_every_figure_is_exact(system: DistrictSystem, tmp_path: Path) -> None:
    system.qihang("import", SAMPLES / "district" / "corrections.csv")
    system.matches(reported(system, tmp_path), *FIGURES)
    verified = system.qihang("verify")
    assert verified.count("intact") == len(SERVICES), verified
    system.stop()
