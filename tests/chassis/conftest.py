"""Stores of both kinds and pairs of toy services in this process.  Nothing is patched: a green thread is a child's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chassis.runtime.service_runtime import ServiceRuntime
from tests.chassis import toys, worlds
from tests.support.copied_stores import quick_stores
from tests.support.small_disk import SmallDisk

if TYPE_CHECKING:
    from tests.support.postgres import Postgres

Pair = Callable[..., tuple[ServiceRuntime, ServiceRuntime]]


@pytest.fixture(autouse=True, scope="module")
def _replayed_upgrades() -> Iterator[None]:
    with quick_stores():
        yield


@pytest.fixture(autouse=True)
def _known_toys() -> Iterator[None]:
    with toys.known():
        yield


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    """A disk of 24 MB that a test fills and frees."""
    disk = SmallDisk(64)
    yield disk
    disk.discard()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of store, one after the other."""
    return str(request.param)


@pytest.fixture
def url(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes addresses of fresh, empty stores of this kind."""
    result: list[str] = []
    postgres: Postgres | None = request.getfixturevalue("postgres") if kind == "postgresql" else None

    def make() -> str:
        result.append(postgres.create_database() if postgres else f"sqlite:///{tmp_path}/{len(result)}/store.db")
        return result[-1]

    yield make
    for each in result:
        if postgres:
            postgres.drop_database(each)


@pytest.fixture
def pair(url: Callable[[], str], tmp_path: Path) -> Iterator[Pair]:
    """Makes (source, subscriber); everything is closed at the end."""
    result: list[ServiceRuntime] = []

    def make(**more: Any) -> tuple[ServiceRuntime, ServiceRuntime]:
        both = worlds.pair(tmp_path, (url(), url()), **more)
        result.extend(both)
        return both

    yield make
    for runtime in result:
        runtime.store.close()
