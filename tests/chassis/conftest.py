"""Stores of both kinds and pairs of toy services in this process.  Nothing is patched: a green thread is a child's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chassis.frame import Frame
from tests.chassis import toys, worlds

if TYPE_CHECKING:
    from tests.support.postgres import Postgres

Pair = Callable[..., tuple[Frame, Frame]]


@pytest.fixture(autouse=True)
def _known_toys() -> Iterator[None]:
    with toys.known():
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of store, one after the other."""
    return str(request.param)


@pytest.fixture
def url(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes addresses of fresh, empty stores of this kind."""
    made: list[str] = []
    postgres: Postgres | None = request.getfixturevalue("postgres") if kind == "postgresql" else None

    def one() -> str:
        made.append(postgres.create_database() if postgres else f"sqlite:///{tmp_path}/{len(made)}/store.db")
        return made[-1]

    yield one
    for each in made:
        if postgres:
            postgres.drop_database(each)


@pytest.fixture
def pair(url: Callable[[], str], tmp_path: Path) -> Iterator[Pair]:
    """Makes (source, hearer); everything is closed at the end."""
    made: list[Frame] = []

    def one(**more: Any) -> tuple[Frame, Frame]:
        both = worlds.pair(tmp_path, (url(), url()), **more)
        made.extend(both)
        return both

    yield one
    for frame in made:
        frame.store.close()
