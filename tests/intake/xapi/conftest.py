"""One district for the tests of a file: requirements outlive each other's statements."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.participation.platform import Platform, district


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    replica = district(tmp_path_factory.mktemp("xapi"))
    yield Platform(replica)
    replica.runtime.store.close()
