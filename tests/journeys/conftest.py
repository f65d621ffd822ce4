"""Houses for journeys: one for the tests of a file to share, or fresh ones for tests that end with theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.house import SAMPLES, DistrictHouse, EmbeddedHouse
from tests.support.postgres import Postgres
from tests.support.rabbitmq import RabbitMQ

AnyHouse = EmbeddedHouse | DistrictHouse
BuildHouse = Callable[..., AnyHouse]
WAYS = ("embedded", "district")
SMALL_CAMPAIGN = Path(__file__).resolve().parents[1] / "support" / "small_campaign.yaml"
FIGURES = ("unit_scores.csv", "units_awarded.csv", "individuals.csv", "outstanding.csv")


@pytest.fixture(params=WAYS, scope="package")
def way(request: pytest.FixtureRequest) -> str:
    """Each way of running: everything in one, then everything in the other."""
    return str(request.param)


@pytest.fixture(scope="module")
def build(request: pytest.FixtureRequest, way: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuildHouse]:
    """Builds houses of this way, not started yet; `settings` are environment variables of its services."""
    yield from _builder(request, way, tmp_path_factory)


def _builder(request: pytest.FixtureRequest, way: str, folders: pytest.TempPathFactory) -> Iterator[BuildHouse]:
    built: list[tuple[AnyHouse, Callable[[], None]]] = []

    def one(**settings: str) -> AnyHouse:
        house, leave = _house(request, way, folders.mktemp(way) / "house")
        house.settings |= settings
        built.append((house, leave))
        return house

    yield one
    for house, leave in built:
        house.discard()
        leave()


def _house(request: pytest.FixtureRequest, way: str, data: Path) -> tuple[AnyHouse, Callable[[], None]]:
    if way == "embedded":
        return EmbeddedHouse(data), lambda: None
    rabbitmq: RabbitMQ = request.getfixturevalue("rabbitmq")
    postgres: Postgres = request.getfixturevalue("postgres")
    vhost = rabbitmq.create_vhost()
    return DistrictHouse(data, rabbitmq, vhost, postgres), lambda: rabbitmq.delete_vhost(vhost)


@pytest.fixture(scope="module")
def house(build: BuildHouse) -> AnyHouse:
    """A running house with the sample campaign and nothing else."""
    house = build()
    house.start()
    house.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    return house


@pytest.fixture(scope="module")
def sample_house(house: AnyHouse) -> AnyHouse:
    """A running house with the sample district in its book."""
    house.qihang("import", SAMPLES / "district")
    house.qihang("settle")
    return house


@pytest.fixture(scope="package")
def small_house(
    request: pytest.FixtureRequest, way: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AnyHouse]:
    """A running house with the small campaign, shared by all stories of a few units: each names units of its own."""
    for build in _builder(request, way, tmp_path_factory):
        house = build()
        house.start()
        house.qihang("campaign", "launch", SMALL_CAMPAIGN)
        yield house


def reported(house: AnyHouse, into: Path) -> Path:
    """The folder with the result files of the sample's windows, once all is settled."""
    house.qihang("settle")
    house.qihang("report", "--windows", SAMPLES / "windows.csv", "--out", into)
    return into
