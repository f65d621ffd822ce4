"""What all services' tests in this process share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.store import upgrade
from tests.support.replayed_upgrades import ReplayedUpgrades

REPLAYED = ReplayedUpgrades(upgrade.upgrade)


@pytest.fixture(autouse=True, scope="module")
def _replayed_upgrades() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upgrade, "upgrade", REPLAYED)
        yield
