"""The embedded system's data folder: SQLite stores copied at one moment, everything else as files."""

import contextlib
import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyrage

from cli.backup.archive import Json, Sink, Writer, read_whole
from cli.backup.consistent_cut import ERASED, ORDER, PERSON, erased_persons, take_cut
from cli.failure import Failure

SERVICES = ORDER[1:]
STORES = {name: Path("console.db") if name == "console" else Path(name) / "store.db" for name in ORDER}
PAGES = 512
"""Pages of a store that are copied at a time: memory stays small."""
LEFT_OUT_FILES = ("address", "held", "operator.token", "operator.token.new")
LEFT_OUT_FOLDERS = (
    Path("participation") / "imports",
    Path("participation") / "bundles",
    Path("participation") / "evidence" / "uploads",
)
"""Uploads in progress: the command sends a file again that the service no longer has."""
STAGE, REPLACED = "backup.part", "replaced.part"
FILES, STORE_FILES = "files/", "stores/"
HOLD_REASON = "系统从备份恢复，备份之后发出过什么不清楚"
ELSEWHERE = ("QIHANG_DATABASE_URL", "QIHANG_SIGNING_KEY_FILE", "QIHANG_TRUSTED_KEYS")
"""Settings that lead to another system's store or keys."""
WORKING_SUFFIXES = (".part", "-wal", "-shm", "-journal", ".db")


class SqliteSnapshots:
    """Each store in a read transaction of its own: what is written meanwhile is not seen."""

    def __init__(self, folder: Path) -> None:
        self.connections: dict[str, sqlite3.Connection] = {}
        for store in ORDER:
            path = folder / STORES[store]
            if not path.is_file():
                self.close()
                raise Failure(f"没有这个库：{path}")
            connection = sqlite3.connect(path, isolation_level=None, timeout=30)
            self.connections[store] = connection
            connection.execute("BEGIN")
            connection.execute(
                "SELECT count(*) FROM alembic_version"
            ).fetchone()  # the snapshot is taken by the first read

    def ask(self, store: str, query: str) -> list[tuple[Any, ...]]:
        return self.connections[store].execute(query).fetchall()

    def copy(self, store: str, to: Path) -> None:
        """The store as it was when the snapshot was opened."""
        to.touch(mode=0o600)
        with contextlib.closing(sqlite3.connect(to)) as target:
            self.connections[store].backup(target, pages=PAGES)
            target.execute("PRAGMA journal_mode=DELETE")

    def close(self) -> None:
        for connection in self.connections.values():
            connection.close()

    def __enter__(self) -> "SqliteSnapshots":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class EmbeddedSystem:
    """An embedded system, running or stopped."""

    kind = "embedded"

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for plain copies, where the plain data lies too; what a killed backup left in it goes."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{STAGE}.", dir=self.folder) as stage:
            yield Path(stage)

    def sweep(self) -> None:
        """Plain copies that a killed backup or restore left behind."""
        for left in self.folder.glob(f"{STAGE}.*"):
            if not _is_in_use(left):
                shutil.rmtree(left, ignore_errors=True)

    def write(self, about: Json, out: Writer) -> None:
        """All of the system into the archive.  Failure."""
        self.sweep()
        with self.scratch() as stage, _in_use(stage):

            def copy(snapshots: Any, states: Json) -> None:
                about["stores"] = states
                about["erased"] = erased_persons(snapshots)
                for store in ORDER:
                    snapshots.copy(store, stage / f"{store}.db")

            take_cut(lambda: SqliteSnapshots(self.folder), copy)
            about["district"] = about["stores"]["participation"]["district"]
            out.add_about(about)
            for store in ORDER:
                out.add_file(f"{STORE_FILES}{store}.db", stage / f"{store}.db")
                (stage / f"{store}.db").unlink()
        for path in self._files():
            out.add_file(FILES + path.relative_to(self.folder).as_posix(), path)

    def _files(self) -> Iterator[Path]:
        """Every file but the stores, what is being written, and what is made anew at a start."""
        for at, folders, files in os.walk(self.folder):
            here = Path(at)
            below = here.relative_to(self.folder)
            folders[:] = sorted(
                name for name in folders
                if below / name not in LEFT_OUT_FOLDERS and not name.startswith((STAGE, REPLACED))
            )  # fmt: skip
            for name in sorted(files):
                if not name.endswith(WORKING_SUFFIXES) and not (here == self.folder and name in LEFT_OUT_FILES):
                    yield here / name

    @contextlib.contextmanager
    def checking(self) -> Iterator["ExtractedMembers"]:
        with self.scratch() as stage, _in_use(stage):
            yield ExtractedMembers(stage)

    def holds_data(self) -> bool:
        return any((self.folder / path).exists() for path in STORES.values())

    def known_erased(self) -> list[str]:
        """Who is erased in the system that is about to be replaced, if it can still be read."""
        path = self.folder / STORES["participation"]
        with contextlib.suppress(sqlite3.Error):
            if path.is_file():
                with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection:
                    return [str(row[0]).removeprefix(PERSON) for row in connection.execute(ERASED)]
        return []

    @contextlib.contextmanager
    def held(self, _: Json) -> Iterator[None]:
        """Held so that no system starts on the folder.  Failure: one runs."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        with os.fdopen(os.open(self.folder / "held", os.O_WRONLY | os.O_CREAT, 0o600), "w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Failure(f"{self.folder} 里的系统正在运行，请先停止它") from None
            yield

    def restore(self, file: Path, identity: pyrage.x25519.Identity, erased: list[str]) -> Json:
        """Extracts and checks all, then puts it in the place of what is there.  The folder is held by the caller."""
        self.sweep()
        with self.scratch() as stage, _in_use(stage):
            extracted = ExtractedMembers(stage, all_files=True)
            about = read_whole(file, identity, extracted)
            extracted.compare(about["stores"])
            self._put_in_place(stage, erased)
        return about

    def _put_in_place(self, stage: Path, erased: list[str]) -> None:
        files, stores = stage / FILES, stage / STORE_FILES
        files.mkdir(mode=0o700, exist_ok=True)
        for store, path in STORES.items():
            (files / path).parent.mkdir(mode=0o700, exist_ok=True)
            (stores / f"{store}.db").rename(files / path)
        _end_sessions(files / STORES["console"], erased)
        with tempfile.TemporaryDirectory(prefix=f"{REPLACED}.", dir=self.folder) as away:
            for path in list(self.folder.iterdir()):
                if path.name not in ("held", stage.name, Path(away).name):
                    path.rename(Path(away) / path.name)
            for path in list(files.iterdir()):
                path.rename(self.folder / path.name)
            os.sync()

    def begin_again(self, about: Json, erased: list[str]) -> None:
        """Tables of this version, new epochs, reminders held, and erased again who was erased since."""
        self._run(about, "console.store.upgrade", str(self.folder / STORES["console"]))
        self._recover(about, "begin-epoch", *SERVICES)
        self._recover(about, "hold-reminders", HOLD_REASON)
        if erased:
            self._recover(about, "erase", *erased)

    def next_step(self) -> str:
        return f"qihang up --embedded --data {self.folder}，再执行 qihang verify"

    def _recover(self, about: Json, *words: str) -> None:
        """A word of chassis.recovery.restore on the stopped system.  Failure."""
        self._run(about, "chassis.recovery.restore", *words)

    def _run(self, about: Json, module: str, *words: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ELSEWHERE)}
        environment |= {
            "QIHANG_DATA": str(self.folder),
            "QIHANG_DISTRICT": about["district"],
            "QIHANG_LOG_LEVEL": "ERROR",
            "QIHANG_PARTITIONS": str(len(about["stores"]["participation"]["heads"])),
        }
        command = [sys.executable, "-W", "ignore", "-m", module, *words]
        done = subprocess.run(command, env=environment, cwd=Path(__file__).parents[2], capture_output=True, text=True,
                              check=False)  # fmt: skip
        if done.returncode:
            raise Failure(f"恢复之后的处理没有完成：{done.stderr.strip()}")


class ExtractedMembers:
    """Puts every member into a folder, and looks into each store."""

    def __init__(self, folder: Path, *, all_files: bool = False) -> None:
        self.folder, self._all_files = folder, all_files

    def __call__(self, name: str) -> Sink | None:
        if not self._all_files and not name.startswith(STORE_FILES):
            return None
        path = self.folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _private(path)

    def compare(self, states: Json) -> None:
        """Each store is whole and where the archive says that it is.  Failure."""
        for store in ORDER:
            path = self.folder / STORE_FILES / f"{store}.db"
            if not path.is_file():
                raise Failure(f"备份里缺少 {store} 的库")
            with contextlib.closing(sqlite3.connect(path)) as connection:
                try:
                    outcome = connection.execute("PRAGMA integrity_check").fetchone()[0]
                except sqlite3.DatabaseError as error:
                    outcome = str(error)
                if outcome != "ok":
                    raise Failure(f"备份里 {store} 的库已损坏：{outcome}")
                if store != "console":
                    _compare_heads(connection, store, states[store]["heads"])


def _compare_heads(connection: sqlite3.Connection, store: str, heads: list[Json]) -> None:
    for head in heads:
        last = connection.execute(
            "SELECT hash FROM log_events WHERE partition = ? ORDER BY position DESC LIMIT 1", (head["partition"],)
        ).fetchone()
        count = connection.execute("SELECT count(*) FROM log_events WHERE partition = ?", (head["partition"],))
        if count.fetchone()[0] != head["position"] or (last and last[0] != head["hash"]):
            raise Failure(f"备份里 {store} 的日志不到它记下的位置 {head['position']}")


def _end_sessions(console: Path, erased: list[str]) -> None:
    """Who signed out since the backup stays signed out, and who was erased has no account: all sign in anew."""
    with contextlib.closing(sqlite3.connect(console)) as connection, connection:
        connection.execute("DELETE FROM sessions")
        for table in ("accounts", "second_steps", "recovery_codes"):
            connection.executemany(f"DELETE FROM {table} WHERE account_id = ?", [(person,) for person in erased])  # noqa: S608 - a name of ours


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


@contextlib.contextmanager
def _in_use(stage: Path) -> Iterator[None]:
    with (stage / "held").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _is_in_use(stage: Path) -> bool:
    try:
        with (stage / "held").open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
