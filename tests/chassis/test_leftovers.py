"""What a process leaves that is killed in the middle goes at the next start; what another replica uses stays."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.process.settings import Settings
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.rebuild import SHADOW
from chassis.store.row_verification import COMPARISON
from chassis.store.shadow_rows import ShadowRows, UsedElsewhereError
from tests.chassis import toys, worlds
from tests.chassis.children import python
from tests.chassis.test_row_verification import leftovers

KILLED = """
import os, signal, sys
from chassis.process.settings import Settings
from chassis.store.replay import Replay
from tests.chassis import toys, worlds
url, data, part = sys.argv[1:]
with toys.known():
    runtime = worlds.installed(toys.source(Settings(data=data, database_url=url)))
    worlds.append(runtime, *worlds.things("a:1", "b:2"))
    page = Replay._page
    def killed(replay, shadow):
        page(replay, shadow)
        os.kill(os.getpid(), signal.SIGKILL)
    Replay._page = killed
    getattr(runtime, part).run()
"""


def booted(url: str, folder: Path) -> ServiceRuntime:
    runtime = toys.source(Settings(data=str(folder), database_url=url))
    runtime.boot(lambda *_: None)
    return runtime


@pytest.mark.parametrize("part", ["rebuild", "row_verification"])
def test_shadow_rows_of_a_killed_process_are_dropped_at_the_next_start(
    url: Callable[[], str], tmp_path: Path, part: str
) -> None:
    place = url()
    child = python(KILLED, tmp_path / "killed.log", place, str(tmp_path), part)
    assert child.wait(90) == -signal.SIGKILL, child.tail()
    before = worlds.installed(toys.source(Settings(data=str(tmp_path), database_url=place)))
    assert leftovers(before), "else this shows nothing"
    before.store.close()
    runtime = booted(place, tmp_path)
    assert leftovers(runtime) == []
    assert worlds.rows(runtime) == {"a": "1", "b": "2"}
    runtime.rebuild.run()
    assert runtime.row_verification.run().different == 0
    runtime.store.close()


def test_a_start_leaves_what_another_replica_makes(database: str, tmp_path: Path) -> None:
    first = booted(database, tmp_path)
    worlds.append(first, *worlds.things("a:1"))
    for space, part in ((SHADOW, "rebuild"), (COMPARISON, "row_verification")):
        shadow = ShadowRows(first.store, space)
        with shadow.held():
            shadow.prepare()
            second = booted(database, tmp_path)
            assert leftovers(second) == [space]
            with pytest.raises(UsedElsewhereError):
                getattr(second, part).run()
            second.store.close()
        shadow.drop()
    first.store.close()
