"""The console's store: what does not fit is not served nor changed, and readiness says why nothing can be written."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import chassis.store.write_health
from console.app import create_app
from console.components import KEY
from console.settings import Settings
from console.store import write_health
from console.store.database import Store, StoreMismatch
from console.store.upgrade import main as upgrade
from tests.support.small_disk import SmallDisk

Make = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'accounts.db'}"
    return str(request.getfixturevalue("postgres").create_database())


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    store.install()
    yield store
    store.close()


@pytest.fixture
def small_disk() -> Iterator[SmallDisk]:
    disk = SmallDisk(16)
    yield disk
    disk.discard()


def change(store: Store, statement: str) -> None:
    with store.writing() as connection:
        connection.execute(sa.text(statement))


def test_an_empty_store_is_filled_and_a_fitting_one_left_as_it_is(store: Store) -> None:
    store.install()
    store.probe_writing()
    store.install(migrate=True)


def test_a_newer_store_is_neither_served_nor_upgraded(store: Store) -> None:
    change(store, "UPDATE alembic_version SET version_num = 'console_9999'")
    for migrate in (False, True):
        with pytest.raises(StoreMismatch, match=r"newer version of qihang \(console_9999\)"):
            store.install(migrate=migrate)


def test_an_older_store_is_upgraded_by_the_command_and_not_at_the_start(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(tempfile.mkdtemp())
    from console.store import database

    shutil.copytree(database.HERE, folder / "migrations")
    (folder / "migrations" / "versions" / "console_0002.py").write_text(
        'import sqlalchemy as sa\nfrom alembic import op\n'
        'revision, down_revision, branch_labels, depends_on = "console_0002", "console_0001", None, None\n'
        'def upgrade():\n    op.add_column("accounts", sa.Column("colour", sa.Text()))\n'
    )  # fmt: skip
    monkeypatch.setattr("console.store.database.HERE", folder / "migrations")
    with pytest.raises(StoreMismatch, match=r"older than this program \(console_0002 is missing\).*qihang upgrade"):
        store.install()
    store.install(migrate=True)
    change(store, "UPDATE accounts SET colour = 'grey'")
    store.install()
    shutil.rmtree(folder)


def test_a_store_that_was_changed_by_hand_is_not_served(store: Store) -> None:
    change(store, "ALTER TABLE second_steps DROP COLUMN last_step")
    with pytest.raises(StoreMismatch, match=r"second_steps\.last_step is missing"):
        store.install()


def test_the_process_ends_with_the_sentence(settings: Settings, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "console.db") as driver:
        driver.execute("DROP TABLE attempts")
    driver.close()
    with pytest.raises(StoreMismatch):
        create_app(settings)
    code = (
        "import console.server as s\n"
        f"s.from_environ = lambda: None\ns.create_app = lambda _: s.Store('sqlite:///{tmp_path}/console.db').install()\n"
        "from console.store.database import Store\ns.Store = Store\ns.main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.startswith("qihang: the console's store does not fit this program: attempts.key is missing")
    assert ended.stderr.count("\n") == 1


def test_the_command_upgrades_the_store_that_is_named_and_makes_none(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("QIHANG_DATABASE_URL", url)
    assert upgrade([]) == 0 and "console 已是最新版本" in capsys.readouterr().out
    change(store, "UPDATE alembic_version SET version_num = 'console_9999'")
    assert upgrade([]) == 1 and "newer version" in capsys.readouterr().err
    assert upgrade([str(tmp_path / "none.db")]) == 1 and not (tmp_path / "none.db").exists()


def readyz(settings: Settings) -> tuple[int, Any]:
    """A console's answer whose last look is a while ago."""
    app = create_app(settings)
    app.extensions[KEY].store.write_health._looked_at = float("-inf")
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.json


def test_readiness_says_a_full_disk_by_its_word_and_that_it_is_over(settings: Settings, small_disk: SmallDisk) -> None:
    app = create_app(replace(settings, database_url=f"sqlite:///{small_disk.place / 'console.db'}"))
    browser, health = app.test_client(), app.extensions[KEY].store.write_health
    assert browser.get("/readyz").json == {
        "status": "pass", "reasons": [], "checks": {"store": "pass", "operator": "pass"}}  # fmt: skip
    small_disk.fill()
    assert browser.get("/readyz").status_code == 200, "what was seen a moment ago is not looked at again"
    health._looked_at -= write_health.KEPT_SECONDS
    answer = browser.get("/readyz")
    assert answer.status_code == 503 and answer.text.startswith('{"status": "fail", "reasons": ["disk_full"]')
    assert browser.get("/livez").status_code == 200
    small_disk.free()
    health._looked_at -= write_health.KEPT_SECONDS
    assert browser.get("/readyz").status_code == 200


def test_readiness_says_a_disk_that_became_read_only(settings: Settings, small_disk: SmallDisk) -> None:
    app = create_app(replace(settings, database_url=f"sqlite:///{small_disk.place / 'console.db'}"))
    app.extensions[KEY].store.close()  # a file that is open to be written would forbid it
    subprocess.run(["mount", "-o", "remount,ro", small_disk.place], check=True)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503 and answer.json is not None and answer.json["reasons"] == ["read_only"]


def test_readiness_says_a_postgresql_that_takes_no_writes(settings: Settings, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgres").create_database()
    app = create_app(replace(settings, database_url=url))
    name = sa.make_url(url).database
    change(Store(url), f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    app.extensions[KEY].store.close()  # connections of before keep what they had
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503 and answer.json is not None and answer.json["reasons"] == ["read_only"]


def test_a_console_without_an_operator_is_not_ready_for_that_reason(settings: Settings) -> None:
    status, answer = readyz(replace(settings, password_file=None))
    assert (status, answer["reasons"]) == (503, ["no_operator"])


def test_the_words_are_those_of_the_services() -> None:
    for name in ("_OF_ERRNO", "_OF_SQLITE", "_OF_STATE"):
        mine = getattr(write_health, name)
        assert mine.items() <= getattr(chassis.store.write_health, name).items()
    assert write_health.write_fault(OSError(errno.EIO, "x")) == chassis.store.write_health.FAILED
    assert (write_health.ROOM, write_health.KEPT_SECONDS) == (chassis.store.write_health.ROOM, 5)
