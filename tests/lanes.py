"""Which tests share a lane of `pytest -n`: those that share a running system; otherwise those of a file.

Long lanes begin first, so that no lane is left alone at the end.  The order says nothing about what a test needs.
pytest-xdist's own groups (3.8) do not reach its scheduler under pytest 9.2, hence a scheduler of our own."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
WAYS = ("embedded", "district")
SHARED = {"small_system": "small system", "staffed_system": "staffed system", "sample_system": "sample system",
          "imported_system": "sample system"}  # fmt: skip
"""Fixtures of tests/journeys/conftest.py, and which system each gives."""
ONE_AFTER_THE_OTHER = ("tests/e2e/test_by_amqp.py", "tests/e2e/test_full_disk.py")
"""Together they take as long as each of the other two files of `make e2e`: three installations are up at once."""
LONG = (
    "tests/journeys/test_semester.py",
    "tests/journeys/test_outages.py",
    "tests/http_contract",
    "tests/journeys",
    "tests/services/notifications/test_killed.py",
    "tests/services/publicity",
    "tests/intake",
    "tests/chassis",
    "tests/services",
)
"""Folders and files with the longest tests first; what is not named comes after them."""


class LaneScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Sends the tests of one lane to one worker, in their order."""

    def _split_scope(self, nodeid: str) -> str:  # what xdist's own schedulers override
        return lane_of(nodeid)


def lane_of(nodeid: str) -> str:
    """The name of a test's lane."""
    file = nodeid.partition("::")[0]
    parameters = nodeid.partition("[")[2].removesuffix("]").split("-")
    way = next((name for name in WAYS if name in parameters), "")
    if file.startswith("tests/intake/"):
        return "tests/intake"
    if file in ONE_AFTER_THE_OTHER:
        return ONE_AFTER_THE_OTHER[0]
    if way and (shared := _shared_system(file)):
        return f"{shared}, {way}"
    return f"{file}, {way}"


def long_first(items: list[pytest.Item]) -> None:
    """Put the long lanes first; a file's tests keep their order."""
    items.sort(key=lambda item: _length(item.nodeid))


def _length(nodeid: str) -> int:
    return next((at for at, name in enumerate(LONG) if nodeid.startswith(name)), len(LONG))


@functools.cache
def _shared_system(file: str) -> str:
    """The fixture by which a file's tests share a running system with those of other files."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return next((shared for word, shared in SHARED.items() if word in text), "")
