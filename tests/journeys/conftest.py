"""Systems for journeys: one for the tests of a file to share, or fresh ones for tests that end with theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Postgres
from tests.support.rabbitmq import RabbitMQ
from tests.support.system import SAMPLES, DistrictSystem, EmbeddedSystem

AnySystem = EmbeddedSystem | DistrictSystem
BuildSystem = Callable[..., AnySystem]
WAYS = ("embedded", "district")
SMALL_CAMPAIGN = Path(__file__).resolve().parents[1] / "support" / "small_campaign.yaml"
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


@pytest.fixture(scope="module")
def system(build: BuildSystem) -> AnySystem:
    """A running system with the sample campaign and nothing else."""
    system = build()
    system.start()
    system.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    return system


@pytest.fixture(scope="module")
def sample_system(system: AnySystem) -> AnySystem:
    """A running system with the sample district in its book."""
    system.qihang("import", SAMPLES / "district")
    system.qihang("settle")
    return system


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


def reported(system: AnySystem, into: Path) -> Path:
    """The folder with the result files of the sample's windows, once all is settled."""
    system.qihang("settle")
    system.qihang("report", "--windows", SAMPLES / "windows.csv", "--out", into)
    return into
