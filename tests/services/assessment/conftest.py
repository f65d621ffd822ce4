"""What the services of these tests start of their own is forked, as that of services that are forked themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.support import forks


@pytest.fixture(autouse=True, scope="package")
def _forked_runs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(forks.services_python()))
        yield
