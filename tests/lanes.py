"""Which tests share a lane of `pytest -n`: those that share a running system; otherwise those of a file.

Long lanes begin first, so that no lane is left alone at the end; one worker takes lanes that calculate as long as the
others wait, so that no core is idle.  The order says nothing about what a test needs.
pytest-xdist's own groups (3.8) do not reach its scheduler under pytest 9.2, hence a scheduler of our own."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

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
    "tests/benchmarks",
    "tests/console/test_page_rights.py",
    "tests/journeys",
    "tests/services/notifications/test_killed.py",
    "tests/services/publicity",
    "tests/faults",
    "tests/intake",
    "tests/chassis",
    "tests/services",
)
"""Folders and files with the longest tests first; what is not named comes after them."""
WAITING = ("tests/journeys/", *SHARED.values(), "tests/intake", "tests/chassis/holes/")
"""Lanes that wait for processes, outages and limits of time, and leave cores idle."""


class LaneScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Sends the tests of one lane to one worker, in their order; one worker calculates while the others wait."""

    def _split_scope(self, nodeid: str) -> str:  # what xdist's own schedulers override
        return lane_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        waiting = sum(any(map(waits, self._unfinished(each))) for each in self.nodes if each is not node)
        self.workqueue.move_to_end(next_lane(self.workqueue, waiting < max(1, len(self.nodes) - 1)), last=False)
        super()._assign_work_unit(node)

    def _unfinished(self, node: WorkerController) -> list[str]:
        return [lane for lane, tests in self.assigned_work[node].items() if not all(tests.values())]


def next_lane(lanes: Iterable[str], wait: bool) -> str:
    """The first that waits, or the first that calculates; where there is none, the first of all."""
    left = list(lanes)
    return next((lane for lane in left if waits(lane) is wait), left[0])


def waits(lane: str) -> bool:
    """Whether its tests wait for others more than they calculate."""
    return lane.startswith(WAITING)


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
