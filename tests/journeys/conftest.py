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
FIGURES = ("unit_scores.csv", "units_awarded.csv", "individuals.csv", "outstanding.csv")


@pytest.fixture(params=WAYS, scope="module")
def way(request: pytest.FixtureRequest) -> str:
    """Each way of running, one after the other."""
    return str(request.param)


@pytest.fixture(scope="module")
def build(request: pytest.FixtureRequest, way: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuildHouse]:
    """Builds houses of this way, not started yet; `settings` are environment variables of its services."""
    built: list[tuple[AnyHouse, Callable[[], None]]] = []

    def one(**settings: str) -> AnyHouse:
        data = tmp_path_factory.mktemp(way) / "house"
        house, leave = _house(request, way, data)
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


def reported(house: AnyHouse, into: Path) -> Path:
    """The folder with the result files of the sample's windows, once all is settled."""
    house.qihang("settle")
    house.qihang("report", "--windows", SAMPLES / "windows.csv", "--out", into)
    return into
