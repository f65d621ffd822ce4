"""The drill: a backup in the middle of an import and one after it, everything destroyed, restored by one command: every
row is what it was, and the figures are exact."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Install, Installation
from tests.e2e.test_district_server import SAMPLES, SERVICES, assert_figures, assert_same
from tests.support.processes import wait_until

IN_THE_MIDDLE = 500
AUTHOR, TEXT = "P00008", "立德树人，久久为功。" * 9
STORES = (*SERVICES, "console")
CHANGED = {"log_meta", "log_heads", "log_events", "log_relays", "inbox_cursors", "holds", "sessions", "attempts",
           "security_log"}  # fmt: skip
"""What a restore itself changes: epochs, with an event each; reminders held; sessions ended; who saw it."""
PSQL = ("psql", "-U", "postgres", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d")
EVERY_TABLE = r"""
SELECT format($$SELECT %L, count(*), coalesce(md5(string_agg(t::text, E'\n' ORDER BY t::text)), '') FROM %s t$$,
              name, name)
FROM (SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
      WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE') AS tables \gexec
"""
"""For psql, which asks what this answers with: of each table its name, how many rows it has, a hash of them all."""
Figures = dict[str, tuple[int, str]]


@pytest.fixture(scope="module")
def server(install: Install) -> Installation:
    server = install("drill")
    server.qihang("campaign", "launch", SAMPLES / "campaign.yaml")
    return server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, server: Installation) -> Path:
    """Where the backups and their key lie."""
    folder = tmp_path_factory.mktemp("backups")
    server.qihang("backup", "--new-key", folder / "key")
    return folder


def rows(server: Installation) -> Figures:
    """Of every table of every store, how many rows it has and a hash of them all."""
    result, postgres = {}, server.inspect()["postgres"]["Id"]
    for store in STORES:
        words = ["docker", "exec", "--interactive", postgres, *PSQL, store]
        done = subprocess.run(words, input=EVERY_TABLE, capture_output=True, text=True, check=True)
        for line in done.stdout.splitlines():
            table, count, digest = line.split("|")
            result[f"{store} {table}"] = int(count), digest
    return result


def position(server: Installation) -> int:
    _, status = server.ask("/s/participation/api/status")
    heads = (status or {}).get("heads")  # none while the service is too busy to say
    return int(heads[0]["position"]) if heads else 0


def destroy(server: Installation) -> None:
    """Containers, networks, volumes and secrets."""
    server.discard()
    assert not server.containers() and not server.volumes() and not server.secrets.exists()


def restore(server: Installation, file: Path, *words: str | Path) -> str:
    return server.qihang("restore", file, "--containers", "--key", file.parent / "key", *words)


def test_everything_is_destroyed_and_restored(
    server: Installation, folder: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    def timed(name: str, do: Callable[[], object]) -> None:
        began = time.monotonic()
        do()
        record_property(f"{name}_seconds", round(time.monotonic() - began, 1))

    importing = server.start("import", SAMPLES / "district", "--results", tmp_path)
    wait_until(lambda: position(server) > IN_THE_MIDDLE, 120, "the import is in its middle")
    middle, end = folder / "middle.qihang", folder / "end.qihang"
    backup = ["backup", "--containers", "--key", folder / "key", "--out"]
    timed("backup_in_the_middle", lambda: server.qihang(*backup, middle))
    _, errors = importing.communicate(timeout=600)
    assert importing.returncode == 0, errors
    assert_same(tmp_path, "import.csv", "refused.csv")
    text = tmp_path / "BW1.txt"
    text.write_text(TEXT)
    server.qihang("work", "nominate", "BW1", text, "--author", AUTHOR, "--unit", "X001", "--title", "one",
                  "--level", "inside", "--semester", "2023-spring")  # fmt: skip
    server.qihang("settle")
    server.qihang("heads", "--now", "--out", folder / "heads")
    timed("backup", lambda: server.qihang(*backup, end))
    before = rows(server)

    timed("destroy", lambda: destroy(server))
    timed("restore", lambda: restore(server, end, "--heads", folder / "heads"))
    after = rows(server)
    server.qihang("settle")
    assert_figures(server, tmp_path)
    assert "broken" not in server.qihang("verify", "--rows", "--files")
    different = {name for name in before | after if before.get(name) != after.get(name)}
    assert {name.rpartition(".")[2] for name in different} <= CHANGED, different
    record_property("rows_compared", sum(count for count, _ in before.values()))

    assert_nothing_is_touched_for_a_rewritten_history(server, end, folder, tmp_path)
    destroy(server)
    timed("restore_of_the_middle", lambda: restore(server, middle))
    assert IN_THE_MIDDLE < position(server) < middle_of(before)
    server.qihang("import", SAMPLES / "district", "--results", tmp_path)
    server.qihang("settle")
    assert_figures(server, tmp_path)
    assert "intact" in server.qihang("verify")
    assert json.loads(server.qihang("quarantine", "list", "--json")) == []


def middle_of(before: Figures) -> int:
    """How many events participation's log had at the end."""
    return before["participation public.log_events"][0]


def assert_nothing_is_touched_for_a_rewritten_history(
    server: Installation, file: Path, folder: Path, tmp_path: Path
) -> None:
    """Heads that were kept elsewhere say another thing than the backup's logs."""
    kept = next((folder / "heads").glob("participation-*.head.json"))
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / kept.name).write_text(json.dumps(json.loads(kept.read_text()) | {"hash": "0" * 64}))
    begun = {service: details["State"]["StartedAt"] for service, details in server.inspect().items()}
    words = ["--containers", "--key", folder / "key", "--replace", "--yes", "--heads", tmp_path / "kept"]
    done = server.run("restore", file, *words)
    assert done.returncode == 1 and "participation/0" in done.stderr and "什么都没有改" in done.stderr, done
    assert begun == {service: details["State"]["StartedAt"] for service, details in server.inspect().items()}
