"""One participation for all of this folder: that it outlives every kind is the point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.intake.entrances import Participation
from tests.support.system import DistrictSystem

if TYPE_CHECKING:
    from tests.support.postgres import Postgres
    from tests.support.rabbitmq import RabbitMQ


@pytest.fixture(scope="session")
def participation(
    rabbitmq: RabbitMQ, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Participation]:
    vhost = rabbitmq.create_vhost()
    system = DistrictSystem(tmp_path_factory.mktemp("intake") / "system", rabbitmq, vhost, postgres)
    yield Participation(system)
    system.discard()
    rabbitmq.delete_vhost(vhost)
