"""The broker, the database and the services fail in turn while the district comes in; in the end nothing is missing.

One house, one district: each test brings in its share of the rows under another misfortune, the last one looks at all.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.conftest import FIGURES, reported
from tests.support.house import ROOT, SAMPLES, SERVICES, DistrictHouse
from tests.support.outsider import Outsider, registered
from tests.support.postgres import Postgres
from tests.support.processes import Process, wait_until
from tests.support.rabbitmq import RabbitMQ
from tests.support.reported import event, events_of, shuffled, write

BY_FILE = ("units.csv", "people.csv", "exemptions.csv")
SHARES = 6


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DistrictHouse]:
    """On a broker and a database of its own, all in the default virtual host, which a wiped broker has again."""
    rabbitmq, postgres = RabbitMQ.start(), Postgres.start()
    house = DistrictHouse(tmp_path_factory.mktemp("outages") / "house", rabbitmq, "/", postgres)
    yield house
    house.kill()
    rabbitmq.discard()
    postgres.discard()


def share(number: int, folder: Path) -> Path:
    """That part of what the files imported at the beginning do not hold."""
    rest = [one for one in events_of(SAMPLES / "district") if one["id"].split(":")[0] not in BY_FILE]
    order = shuffled(rest, seed=5)
    size = len(order) // SHARES + 1
    return write(order[number * size : (number + 1) * size], folder / f"share-{number}.jsonl")


def publishing(house: DistrictHouse, events: Path) -> Process:
    command = [sys.executable, "-m", "cli.main", "publish", events, "--amqp", house.amqp_url]
    return Process(command, events.with_suffix(".log"), cwd=ROOT, env=house.environment())


def position(house: DistrictHouse, service: str = "participation") -> int:
    status, answer = house.ask("GET", service, "/feed")
    return int(answer["partitions"][0]["position"]) if status == 200 else 0


def wait_for_more(house: DistrictHouse, than: int) -> None:
    wait_until(lambda: position(house) > than, 60, lambda: f"the log grows past {than}\n{house.logs()}")


def assert_all_told(house: DistrictHouse, publisher: Process) -> None:
    """Every event got its receipt, and every service comes to rest with nothing set aside."""
    assert publisher.wait(150) == 0, f"{publisher.tail()}\n{house.logs()}"
    assert "quarantine 0" in house.qihang("settle"), house.qihang("quarantine", "list")


def test_services_come_up_before_broker_and_database(house: DistrictHouse) -> None:
    house.rabbitmq.stop()
    house.postgres.stop()
    house.start(wait=False)
    for name in SERVICES:
        wait_until(lambda name=name: house.answers(name, "/livez"), 60, lambda: f"it is alive\n{house.logs()}")
        assert not house.answers(name, "/readyz")
    house.postgres.resume_after_stop()
    wait_until(lambda: house.ask("GET", "participation", "/api/status")[0] == 200, 60, "the store is found")
    assert not house.answers("participation", "/readyz"), "without a broker nobody is ready"
    house.rabbitmq.resume_after_stop()
    house.ready()
    house.qihang("campaign", "launch", SAMPLES / "campaign.yaml")


def test_an_import_goes_on_without_the_broker_and_others_catch_up(house: DistrictHouse) -> None:
    house.qihang("settle")
    house.rabbitmq.kill()
    house.qihang("import", *(SAMPLES / "district" / name for name in BY_FILE))
    head = position(house)
    for name in ("assessment", "publicity", "notifications"):

        def heard(name: str = name) -> bool:
            cursors = house.get(name, "/api/status").get("cursors", [])
            return any(one["source"] == "participation" and one["position"] == head for one in cursors)

        wait_until(heard, 60, lambda: f"it has read the feed to {head}\n{house.logs()}")
    house.rabbitmq.resume_after_stop()
    house.ready()
    house.qihang("settle")


def test_a_stopped_service_catches_up(house: DistrictHouse, tmp_path: Path) -> None:
    assert house.processes["assessment"].stop(30) == 0
    publisher = publishing(house, share(0, tmp_path))
    assert publisher.wait(120) == 0, publisher.tail()
    house.start("assessment")
    assert_all_told(house, publisher)


def test_a_broker_wiped_while_services_run(house: DistrictHouse, tmp_path: Path) -> None:
    office = registered(house, "office")
    before = position(house)
    publisher = publishing(house, share(1, tmp_path))
    wait_for_more(house, before)
    house.rabbitmq.wipe()
    house.ready()
    assert_all_told(house, publisher)
    wait_until(lambda: reports(office.amqp_url), 30, "the broker knows its publishers again", interval=0.5)


def reports(url: str) -> bool:
    """Whether that publisher can report a row and read its receipt."""
    try:
        with Outsider(url) as outsider:
            outsider.publish(event("unit.reported", "after-the-wipe", "office", unit_id=""))
            return outsider.receipt("after-the-wipe")["code"] == "missing"
    except (OSError, AssertionError):
        return False


def test_a_broker_wiped_while_services_are_stopped(house: DistrictHouse, tmp_path: Path) -> None:
    for name in SERVICES:
        assert house.processes[name].stop(30) == 0, house.logs()
    house.rabbitmq.wipe()
    house.start(*SERVICES)
    assert_all_told(house, publishing(house, share(2, tmp_path)))


def test_a_database_that_stops_while_events_come_in(house: DistrictHouse, tmp_path: Path) -> None:
    before = position(house)
    publisher = publishing(house, share(3, tmp_path))
    wait_for_more(house, before)
    house.postgres.stop()
    wait_until(lambda: not house.answers("participation"), 60, "participation sees that the database is away")
    assert house.answers("participation", "/livez")
    house.postgres.resume_after_stop()
    house.ready()
    assert_all_told(house, publisher)


def test_services_told_to_end_under_load_finish_what_they_hold(house: DistrictHouse, tmp_path: Path) -> None:
    before = position(house)
    publisher = publishing(house, share(4, tmp_path))
    wait_for_more(house, before)
    for name in SERVICES:
        house.processes[name].signal(signal.SIGTERM)
    assert [house.processes[name].wait(30) for name in SERVICES] == [0, 0, 0, 0], house.logs()
    house.start(*SERVICES)
    assert_all_told(house, publisher)


def test_a_power_cut_of_everything(house: DistrictHouse, tmp_path: Path) -> None:
    before = position(house)
    publisher = publishing(house, share(5, tmp_path))
    wait_for_more(house, before)
    house.kill()
    house.postgres.kill()
    house.rabbitmq.kill()
    house.postgres.resume_after_stop()
    house.rabbitmq.resume_after_stop()
    house.start()
    assert_all_told(house, publisher)


def test_after_all_that_every_figure_is_exact(house: DistrictHouse, tmp_path: Path) -> None:
    house.matches(reported(house, tmp_path), *FIGURES)
    verified = house.qihang("verify")
    assert verified.count("intact") == len(SERVICES), verified
    house.stop()
