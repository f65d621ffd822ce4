"""Desks over a store of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.services.participation import cluster
from tests.services.participation.cluster import Replica

if TYPE_CHECKING:
    from tests.support.postgres import Postgres


@pytest.fixture
def make_replica(postgres: Postgres, tmp_path: Path) -> Iterator[Callable[[], Replica]]:
    """Makes desks over one store on PostgreSQL, whose first has launched the campaign."""
    url = postgres.promise_database()
    result: list[Replica] = []

    def make_store() -> Replica:
        result.append(cluster.make_replica(tmp_path, url))
        if len(result) == 1:
            cluster.campaign(result[0])
        return result[-1]

    yield make_store
    for each in result:
        each.runtime.store.close()
    postgres.drop_database(url)
