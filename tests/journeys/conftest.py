"""Systems for journeys: one for the tests of a file to share, or fresh ones for tests that end with theirs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.console_system import CAST, ConsoleSystem, School, begin, person_of
from tests.support.chromium import Chromium
from tests.support.postgres import Postgres
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitMQ
from tests.support.system import SAMPLES, DistrictSystem, EmbeddedSystem

AnySystem = EmbeddedSystem | DistrictSystem
BuildSystem = Callable[..., AnySystem]
WAYS = ("embedded", "district")
SMALL_CAMPAIGN = Path(__file__).resolve().parents[1] / "support" / "small_campaign.yaml"
STAFFED_ON = "2022-12-01"
FIGURES = ("unit_scores.csv", "units_awarded.csv", "individuals.csv", "outstanding.csv")


@pytest.fixture(params=WAYS, scope="package")
def way(request: pytest.FixtureRequest) -> str:
    """Each way of running: everything in one, then everything in the other."""
    return str(request.param)


@pytest.fixture(scope="module")
def build(request: pytest.FixtureRequest, way: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuildSystem]:
    """Builds systems of this way, not started yet; `settings` are environment variables of its services."""
    yield from _builder(request, way, tmp_path_factory)


def _builder(request: pytest.FixtureRequest, way: str, folders: pytest.TempPathFactory) -> Iterator[BuildSystem]:
    built: list[tuple[AnySystem, Callable[[], None]]] = []

    def build_system(**settings: str) -> AnySystem:
        system, leave = _system(request, way, folders.mktemp(way) / "system")
        system.settings |= settings
        built.append((system, leave))
        return system

    yield build_system
    for system, leave in built:
        system.discard()
        leave()


def _system(request: pytest.FixtureRequest, way: str, data: Path) -> tuple[AnySystem, Callable[[], None]]:
    if way == "embedded":
        return EmbeddedSystem(data), lambda: None
    rabbitmq: RabbitMQ = request.getfixturevalue("rabbitmq")
    postgres: Postgres = request.getfixturevalue("postgres")
    vhost = rabbitmq.create_vhost()
    return DistrictSystem(data, rabbitmq, vhost, postgres), lambda: rabbitmq.delete_vhost(vhost)


@pytest.fixture(scope="package")
def sample_system(
    request: pytest.FixtureRequest, way: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AnySystem]:
    """A running system with the sample campaign, shared by all stories of the whole sample district."""
    for build in _builder(request, way, tmp_path_factory):
        system = build()
        system.start()
        system.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
        yield system


@pytest.fixture(scope="module")
def imported_system(sample_system: AnySystem) -> AnySystem:
    """With the sample district in its book."""
    if not sample_system.get("participation", "/api/units")["units"]:
        sample_system.qihang("import", SAMPLES / "district")
    sample_system.qihang("settle")
    return sample_system


@pytest.fixture(scope="package")
def staffed_system(
    request: pytest.FixtureRequest, way: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AnySystem]:
    """A running system with the sample's units and people and nothing reported, on a morning after books were due, its
    reminders decided; shared by all stories of people: each takes units and works of its own.  Its tests ask for one
    process alone: works, reminders and records between services and servers are in test_semester.py."""
    clock = tmp_path_factory.mktemp("clock") / "now"
    clock.write_text(f"{STAFFED_ON}T07:00:00+08:00")
    for build in _builder(request, way, tmp_path_factory):
        system = build(QIHANG_REHEARSAL_CLOCK=str(clock), QIHANG_WECOM_URL="", QIHANG_DINGTALK_URL="")
        system.start()
        system.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
        system.qihang("import", SAMPLES / "district" / "units.csv", SAMPLES / "district" / "people.csv")
        system.qihang("settle")
        clock.write_text(f"{STAFFED_ON}T09:00:00+08:00")  # only now: a day is decided once, from what is there by then
        system.qihang("notify", "run")
        wait_until(functools.partial(_decided, system), 60)
        yield system


def _decided(system: AnySystem) -> bool:
    return bool(system.get("notifications", f"/api/runs/{STAFFED_ON}")["decided"])


@pytest.fixture(scope="package")
def small_system(
    request: pytest.FixtureRequest, way: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AnySystem]:
    """A running system with the small campaign, shared by all stories of a few units: each names units of its own."""
    for build in _builder(request, way, tmp_path_factory):
        system = build()
        system.start()
        system.qihang("campaign", "launch", SMALL_CAMPAIGN)
        yield system


@pytest.fixture(scope="session")
def console_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleSystem]:
    """A running system of one process on a day in December, with accounts for somebody of each post; shared by all
    journeys through pages, each of which writes for a school of its own."""
    folder = tmp_path_factory.mktemp("console")
    system = ConsoleSystem(folder / "system")
    begin(system, folder)
    system.give_accounts(*map(person_of, CAST))
    yield system
    system.discard()


@pytest.fixture
def school(console_system: ConsoleSystem) -> School:
    """Of one test: it may write for it what it likes."""
    return console_system.school()


@pytest.fixture
def chromium() -> Iterator[Chromium]:
    """A page with cookies and storage of its own, of the lane's browser."""
    page = Chromium()
    yield page
    page.close()


def reported(system: AnySystem, into: Path) -> Path:
    """The folder with the result files of the sample's windows, once all is settled."""
    system.qihang("settle")
    system.qihang("report", "--windows", SAMPLES / "windows.csv", "--out", into)
    return into
