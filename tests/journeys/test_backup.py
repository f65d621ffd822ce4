"""A backup of a running system, then everything is destroyed: restored, it ends as the first one did."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import SMALL_CAMPAIGN
from tests.journeys.small_district import outcomes, teacher, unit
from tests.support.command import run_command
from tests.support.forks import forked_command
from tests.support.processes import wait_until
from tests.support.system import EmbeddedSystem

ROWS, IN_THE_MIDDLE = 3000, 500
AUTHOR, READER, ERASED_LATER = "K1", "K2", "K3"
TEXT = "立德树人，久久为功。" * 9


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedSystem]:
    result = EmbeddedSystem(tmp_path_factory.mktemp("kept") / "system")
    clock = result.data.parent / "now"
    clock.write_text("2023-03-30T09:00:00Z")
    result.settings["QIHANG_REHEARSAL_CLOCK"] = str(clock)
    result.start()
    result.qihang("campaign", "launch", SMALL_CAMPAIGN)
    _, positions = outcomes(result, unit("B1"), *(teacher(person, "B1") for person in (AUTHOR, READER, ERASED_LATER)))
    path = f"/api/works/BW1?author_id={AUTHOR}&unit_id=B1&levels=inside"
    status, answer = result.ask("PUT", "publicity", path, TEXT.encode(), X_Qihang_Title="one", X_Qihang_After=positions)
    assert status == 201, answer
    yield result
    result.discard()


@pytest.fixture(scope="module")
def key(system: EmbeddedSystem) -> Path:
    path = system.data.parent / "backup.key"
    assert run_command(["backup", "--new-key", str(path)], {}, 60).code == 0
    assert path.stat().st_mode & 0o077 == 0
    return path


def command(system: EmbeddedSystem, key: Path, *words: object, code: int = 0) -> str:
    environment = {"QIHANG_DATA": str(system.data), "QIHANG_BACKUP_KEY": str(key), **system.settings}
    result = run_command([str(word) for word in words], environment, 180)
    assert result.code == code, result
    return result.out + result.err


def rows(path: Path) -> Path:
    """Notes of one teacher, a day and number each."""
    lines = ["record_id,record,unit_id,person_id,occurred_at,evidence"]
    lines += [f"n{at},note,B1,{READER},2023-03-{1 + at % 28:02},e{at}.jpg" for at in range(ROWS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def position(system: EmbeddedSystem) -> int:
    return int(system.get("participation", "/feed")["partitions"][0]["position"])


def keys_of(system: EmbeddedSystem) -> set[str]:
    """Whose names and texts can be read in the stopped system."""
    with contextlib.closing(sqlite3.connect(system.data / "participation" / "store.db")) as store:
        return {row[0] for row in store.execute("SELECT subject FROM subject_keys")} - {"publications"}


def figures_of_all(system: EmbeddedSystem) -> Any:
    system.qihang("settle")
    board = system.get("assessment", "/api/scoreboard", window="2023-Q1", as_of="2023-03-31")
    board.pop("positions", None)
    return board["units"]


def test_a_backup_in_the_middle_of_an_import_is_restored_after_everything_was_destroyed(
    system: EmbeddedSystem, key: Path, tmp_path: Path
) -> None:
    clerk = forked_command(["import", rows(tmp_path / "records.csv")], tmp_path / "clerk.log", system.environment())
    wait_until(lambda: position(system) > IN_THE_MIDDLE, 60, "the import is in its middle")
    out = tmp_path / "one.qihang"
    assert "已读回核对" in command(system, key, "backup", "--out", out)
    assert out.stat().st_mode & 0o077 == 0 and not list(tmp_path.glob("*.part"))
    assert clerk.wait(120) == 0, clerk.tail()
    assert "在运行" in command(system, key, "restore", out, "--replace", "--yes", code=1)
    before = figures_of_all(system)
    system.qihang("erase", ERASED_LATER, "--yes")
    command(system, key, "backup", "--out", tmp_path / "two.qihang")

    system.stop()
    shutil.rmtree(system.data)
    shown = command(system, key, "restore", out)
    assert ERASED_LATER in shown, "the newer list beside the backup names who was erased since"
    assert not [path for path in system.data.rglob("*") if path.stat().st_mode & 0o077]
    assert keys_of(system) == {AUTHOR, READER}
    system.start()
    assert "everybody" in system.qihang("notify", "hold") and "everybody" in shown
    assert position(system) < ROWS
    system.qihang("import", tmp_path / "records.csv")
    assert figures_of_all(system) == before
    assert "broken" not in system.qihang("verify", "--rows", "--files")
    status, answer = system.ask("GET", "publicity", "/api/works/BW1/text", token=system.token_of_person(AUTHOR))
    assert status == 200 and "久久为功" in str(answer), answer
    assert system.get("participation", "/api/quarantine")["entries"] == []


def test_what_was_restored_replaces_nothing_unasked(system: EmbeddedSystem, key: Path, tmp_path: Path) -> None:
    out = tmp_path / "again.qihang"
    command(system, key, "backup", "--out", out)
    system.stop()
    before = (system.data / "participation" / "store.db").read_bytes()
    assert "--replace" in command(system, key, "restore", out, code=1)
    assert "--yes" in command(system, key, "restore", out, "--replace", code=2)
    assert (system.data / "participation" / "store.db").read_bytes() == before
    command(system, key, "restore", out, "--replace", "--yes")
    system.start()
    assert "intact" in system.qihang("verify")
