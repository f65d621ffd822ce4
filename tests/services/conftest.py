"""What all services' tests in this process share."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.support import forks
from tests.support.copied_stores import quick_stores


@pytest.fixture(autouse=True, scope="module")
def _replayed_upgrades() -> Iterator[None]:
    with quick_stores():
        yield


@pytest.fixture(autouse=True, scope="package")
def _forked_runs() -> Iterator[None]:
    """What the services start of their own is forked, as that of services that are forked themselves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(forks.services_python()))
        yield
