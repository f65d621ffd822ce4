"""What all services' tests in this process share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support import forks
from tests.support.copied_stores import quick_stores

if TYPE_CHECKING:
    from tests.support.postgres import Postgres


@pytest.fixture(autouse=True, scope="module")
def _replayed_upgrades() -> Iterator[None]:
    with quick_stores(look_again=False):
        yield


@pytest.fixture(autouse=True, scope="package")
def _forked_runs() -> Iterator[None]:
    """What the services start of their own is forked, as that of services that are forked themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(forks.services_python()))
        yield


@pytest.fixture
def new_database(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Makes urls of databases that are there once a service's store is installed in them."""
    postgres: Postgres = request.getfixturevalue("postgres")
    result: list[str] = []

    def promise() -> str:
        result.append(postgres.promise_database())
        return result[-1]

    yield promise
    for url in result:
        postgres.drop_database(url)
