"""What a backup holds and refuses: keys, damage, names, how many are kept, one moment of all stores."""

from __future__ import annotations

import io
import sqlite3
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

import pyrage
import pytest

from cli.backup.archive import Writer, read_about, read_whole
from cli.backup.consistent_cut import ORDER, TRIES, take_cut
from cli.backup.embedded import STORES, EmbeddedSystem
from cli.backup.keys import make_key, read_key
from cli.backup.restoring import ROOT, VERSIONS, known_revisions, restore_system
from cli.backup.write_backup import make_backup, remove_older
from cli.failure import Failure
from tests.support.command import run_command

BIG = bytes(range(256)) * 80_000
IDENTITY = pyrage.x25519.Identity.generate()


def archive(path: Path, **members: bytes) -> Path:
    with path.open("wb") as file:
        writer = Writer(file, IDENTITY)
        writer.add_about({"district": "d"})
        for name, content in members.items():
            writer.add_bytes(name, content)
        writer.finish()
    return path


def empty_system(folder: Path) -> EmbeddedSystem:
    """Stores without an event."""
    for store, path in STORES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(folder / path) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            revision = "console_0001" if store == "console" else "store_0001"
            connection.executescript("""CREATE TABLE alembic_version (version_num);
                CREATE TABLE accounts (account_id); CREATE TABLE sessions (account_id);
                CREATE TABLE second_steps (account_id); CREATE TABLE recovery_codes (account_id);
                CREATE TABLE log_meta (key, value);
                INSERT INTO log_meta VALUES ('district', 'd'), ('epoch', 'e');
                CREATE TABLE log_heads (partition, position, hash); INSERT INTO log_heads VALUES (0, 0, '');
                CREATE TABLE log_events (partition, position, hash, type, stream);
                CREATE TABLE inbox_events (source, partition, position);
                CREATE TABLE inbox_cursors (source, partition, position);""")
            connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        connection.close()
    return EmbeddedSystem(folder)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = archive(tmp_path / "a", small=b"x", big=BIG)
    sinks = {"small": io.BytesIO(), "big": io.BytesIO()}
    kept: dict[str, bytes] = {}
    for name, sink in sinks.items():
        sink.close = lambda name=name, sink=sink: kept.update({name: sink.getvalue()})  # type: ignore[method-assign]
    assert read_whole(path, IDENTITY, sinks.get) == {"district": "d"} == read_about(path, IDENTITY)
    assert kept == {"small": b"x", "big": BIG}
    assert b"district" not in path.read_bytes()


@pytest.mark.parametrize("damage", ["cut", "cut at the end", "changed", "another key", "nothing"])
def test_a_file_that_is_not_whole_is_refused(tmp_path: Path, damage: str) -> None:
    path = archive(tmp_path / "a", big=BIG)
    raw = bytearray(path.read_bytes())
    if damage == "changed":
        raw[len(raw) // 2] ^= 1
    end = {"cut": len(raw) // 2, "cut at the end": len(raw) - 1, "nothing": 0}.get(damage, len(raw))
    path.write_bytes(raw[:end])
    key = pyrage.x25519.Identity.generate() if damage == "another key" else IDENTITY
    with pytest.raises(Failure, match=r"损坏|不是"):
        read_whole(path, key, lambda _: None)


@pytest.mark.parametrize("name", ["../out", "/out", "a/../../out"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Failure, match="不该有"):
        read_whole(archive(tmp_path / "a", **{name: b"x"}), IDENTITY, lambda _: None)


def test_a_full_disk_is_an_error_and_no_backup(tmp_path: Path) -> None:
    system = empty_system(tmp_path / "d")
    (tmp_path / "d" / "big").write_bytes(BIG * 4)
    with pytest.raises(OSError, match="space"), Path("/dev/full").open("wb") as full:
        write(system, full)


def write(system: EmbeddedSystem, file: IO[bytes]) -> None:
    writer = Writer(file, IDENTITY)
    try:
        system.write({}, writer)
        writer.finish()
    finally:
        writer.abandon()


def test_the_key_is_made_once_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "k"
    make_key(path)
    before = str(read_key(path))
    with pytest.raises(Failure, match="已经存在"):
        make_key(path)
    assert str(read_key(path)) == before
    (tmp_path / "other").write_text("AGE-SECRET-KEY-1X\n")
    with pytest.raises(Failure, match="没有备份密钥"):
        read_key(tmp_path / "other")


@pytest.mark.parametrize("words", [["backup"], ["backup", "--out", "x"], ["backup", "--out", "x", "--check", "y"]])
def test_without_key_or_with_two_words_nothing_is_made(tmp_path: Path, words: list[str]) -> None:
    assert run_command(words, {"QIHANG_DATA": str(tmp_path)}).code == 2
    assert list(tmp_path.iterdir()) == []


def test_an_older_backup_of_that_name_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "a.qihang"
    system = empty_system(tmp_path / "d")
    make_backup(out, IDENTITY, system)
    before = out.read_bytes()
    (tmp_path / "d" / "console.db").write_bytes(b"no store any more" * 999)
    with pytest.raises((Failure, sqlite3.DatabaseError)):
        make_backup(out, IDENTITY, system)
    assert out.read_bytes() == before and out.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.qihang", "a.qihang.erased.txt", "d"]
    assert not list((tmp_path / "d").glob("*.part*")), "no plain copy is left"


def test_the_newest_are_kept(tmp_path: Path) -> None:
    for name in ("c", "a", "b", "d"):
        make_backup(tmp_path / f"{name}.qihang", IDENTITY, empty_system(tmp_path / name))
    (tmp_path / "other.txt").touch()
    assert {path.name for path in remove_older(tmp_path / "d.qihang", 2)} == {"c.qihang", "a.qihang"}
    assert {path.name for path in tmp_path.glob("*.*")} == {
        "b.qihang", "b.qihang.erased.txt", "d.qihang", "d.qihang.erased.txt", "other.txt",
    }  # fmt: skip


class Moving:
    """Stores in which a consumer runs ahead of its source's copy, for so many looks."""

    def __init__(self, ahead: int) -> None:
        self.looks, self.ahead = 0, ahead

    def ask(self, store: str, query: str) -> list[tuple[Any, ...]]:
        if store == ORDER[0]:
            self.looks += "alembic" in query
        if "log_meta" in query:
            return [("district", "d"), ("epoch", "e")]
        if "log_heads" in query:
            return [(0, 5, "h")]
        if "inbox_cursors" in query and store == "participation":
            return [("publicity", 0, 5, 6 if self.looks <= self.ahead else 5)]
        return []


def test_snapshots_are_opened_again_until_no_consumer_is_ahead_of_its_source() -> None:
    moving, used = Moving(3), []
    take_cut(lambda: nullcontext(moving), lambda _, states: used.append(states["participation"]["received"]))
    assert moving.looks == 4 and used == [[{"source": "publicity", "partition": 0, "position": 5}]]


def test_a_backup_that_finds_no_one_moment_says_who_is_ahead() -> None:
    moving = Moving(TRIES)
    with pytest.raises(Failure, match="participation ← publicity/0"):
        take_cut(lambda: nullcontext(moving), lambda *_: pytest.fail("used"))


@pytest.mark.parametrize(("changed", "reason"), [
    ({"format": 2}, "格式"), ({"kind": "containers"}, "另一种"),
    ({"stores": {"participation": {"revisions": ["participation_0009"]}}}, "participation_0009"),
])  # fmt: skip
def test_a_backup_that_does_not_fit_is_refused(tmp_path: Path, changed: dict[str, Any], reason: str) -> None:
    path, system = tmp_path / "a", EmbeddedSystem(tmp_path / "d")
    with path.open("wb") as file:
        writer = Writer(file, IDENTITY)
        writer.add_about({"format": 1, "kind": "embedded", "version": "9", "stores": {}} | changed)
        writer.finish()
    with pytest.raises(Failure, match=reason):
        restore_system(system, path, IDENTITY, replace=True, yes=True, erased=())
    assert not (tmp_path / "d").exists()


def test_every_version_of_every_service_is_known_however_its_file_says_it(tmp_path: Path) -> None:
    folder = tmp_path / "services" / "toys" / "migrations"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "first.py").write_text('revision = "toys_0001"\ndown_revision = None\n')
    (folder / "second.py").write_text('revision, down_revision = "toys_0002", "toys_0001"\n')
    (folder / "third.py").write_text("revision: str = 'toys_0003'\ndown_revision: str | None = 'toys_0002'\n")
    assert known_revisions(tmp_path) == {"toys_0001", "toys_0002", "toys_0003"}


def test_each_migration_of_the_program_is_known() -> None:
    files = [path for pattern in VERSIONS for path in ROOT.glob(f"{pattern}/*_[0-9]*.py")]
    named = {"_".join(path.stem.split("_")[:2]) for path in files}
    assert known_revisions() == named and {"participation_0001", "participation_0002", "console_0001"} <= named


@pytest.mark.parametrize(("revision", "fits"), [("0001", True), ("0002", True), ("9999", False)])
def test_own_and_older_backups_are_restored_and_newer_ones_refused(tmp_path: Path, revision: str, fits: bool) -> None:
    path, system = tmp_path / "a", EmbeddedSystem(tmp_path / "d")
    about = {"format": 1, "kind": "embedded", "version": "9", "erased": [],
             "stores": {"participation": {"revisions": [f"participation_{revision}", "store_0001"]}}}  # fmt: skip
    with path.open("wb") as file:
        writer = Writer(file, IDENTITY)
        writer.add_about(about)
        writer.finish()
    with pytest.raises(Failure, match="备份里缺少" if fits else "更新的版本"):  # no store is in it
        restore_system(system, path, IDENTITY, replace=True, yes=True, erased=())


def test_a_store_is_copied_as_it_was_at_its_moment_while_others_write(tmp_path: Path) -> None:
    from cli.backup.embedded import SqliteSnapshots

    empty_system(tmp_path)
    with SqliteSnapshots(tmp_path) as snapshots:
        with sqlite3.connect(tmp_path / STORES["assessment"]) as writing:
            writing.execute("INSERT INTO log_events VALUES (0, 1, 'h', 't', 's')")
        writing.close()
        snapshots.copy("assessment", tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT count(*) FROM log_events").fetchone() == (0,)
    copy.close()
