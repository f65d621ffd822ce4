"""What all services' tests in this process share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.copied_stores import quick_stores


@pytest.fixture(autouse=True, scope="module")
def _replayed_upgrades() -> Iterator[None]:
    with quick_stores():
        yield
