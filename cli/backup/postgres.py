"""PostgreSQL's stores at one moment: snapshots that are exported by open sessions and dumped by pg_dump."""

import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from cli.backup.archive import BLOCK, Json, Sink
from cli.backup.consistent_cut import ORDER
from cli.backup.dumped_logs import DumpedLog, compare_heads, heads_in_tar, places
from cli.failure import Failure

STORE_DUMPS, DUMP, HEADS = "stores/", ".dump", "heads.tar"
END = "--qihang-end--"
BEGIN = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
EXPORT = "SELECT pg_export_snapshot()"


class PostgresSnapshots:
    """`prefix`: what stands before psql and pg_dump, such as `docker exec`; `databases`: where each store is."""

    def __init__(self, prefix: Sequence[str], databases: Mapping[str, str]) -> None:
        self._prefix, self._databases = list(prefix), databases
        self._sessions: dict[str, subprocess.Popen[str]] = {}
        self._exported: dict[str, str] = {}

    def __enter__(self) -> "PostgresSnapshots":
        try:
            for store in ORDER:
                words = [*self._prefix, "psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1",
                         "-d", self._databases[store]]  # fmt: skip
                self._sessions[store] = subprocess.Popen(
                    words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
                self.ask(store, BEGIN)
                self._exported[store] = self.ask(store, EXPORT)[0][0]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for session in self._sessions.values():
            with suppress(OSError):
                session.communicate(timeout=30)

    def ask(self, store: str, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query in the store's snapshot.  Failure."""
        session = self._sessions[store]
        assert session.stdin and session.stdout
        with suppress(BrokenPipeError):
            session.stdin.write(f"{query};\n\\echo {END}\n")
            session.stdin.flush()
        rows: list[tuple[Any, ...]] = []
        for line in session.stdout:
            if line.rstrip("\n") == END:
                return rows
            rows.append(tuple(line.rstrip("\n").split("\t")))
        raise Failure(f"{store} 的库不能读")

    def dump(self, store: str) -> Iterator[bytes]:
        """pg_dump's custom format, as the store was when the snapshot was opened.  Failure."""
        words = [*self._prefix, "pg_dump", "--format=custom", f"--snapshot={self._exported[store]}",
                 f"--dbname={self._databases[store]}"]  # fmt: skip
        yield from output_of(words, f"{store} 的库没有导出", (0,))


class Dumps:
    """Takes a backup's members: every dump goes through pg_restore to its end, as a script that nobody runs, its log
    is held against where it should end and against the signed heads: those of the backup and `heads`."""

    def __init__(self, prefix: Sequence[str], heads: Sequence[Json] = ()) -> None:
        self._words = [*prefix, "pg_restore", "--file=-"]
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._readers: list[threading.Thread] = []
        self._logs: dict[str, DumpedLog] = {}
        self._given, self._heads = list(heads), bytearray()

    def __call__(self, name: str) -> Sink | None:
        if name.startswith(HEADS):
            return MemorySink(self._heads)
        path = Path(name)
        if not name.startswith(STORE_DUMPS) or path.with_suffix("").suffix != DUMP:
            return None
        store = path.with_suffix("").stem
        if store not in self._processes:
            self._start(store)
        return Part(self._processes[store])

    @property
    def heads(self) -> list[Json]:
        """The backup's own, which stand in it before the dumps, and those that were given."""
        return [*(heads_in_tar(bytes(self._heads)) if self._heads else ()), *self._given]

    def _start(self, store: str) -> None:
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        process = subprocess.Popen(self._words, stdin=pipe, stdout=pipe, stderr=nowhere)
        log = self._logs[store] = DumpedLog(places(self.heads, store))
        assert process.stdout
        reader = threading.Thread(target=_read_log, args=(log, process.stdout), daemon=True)
        reader.start()
        self._processes[store] = process
        self._readers.append(reader)

    def compare(self, states: Json) -> None:
        """Every store is there, was read to its end, and its log is where the archive says.  Failure."""
        for store in states:
            if store not in self._processes:
                raise Failure(f"备份里缺少 {store} 的库")
        self.end()
        if broken := [store for store, process in self._processes.items() if process.returncode]:
            raise Failure(f"备份里有的库已损坏：{'、'.join(broken)}")
        for store, state in states.items():
            if not self._logs[store].fits(state.get("heads", ())):
                raise Failure(f"备份里 {store} 的日志不到它记下的位置")

    def compare_heads(self, district: str) -> tuple[list[Json], list[str]]:
        """After `compare`: the signed heads that the dumped logs contain, and those that they should and do not."""
        return compare_heads(self.heads, self._logs, district)

    def end(self) -> None:
        for process in self._processes.values():
            end_of(process)
        for reader in self._readers:
            reader.join()


def _read_log(log: DumpedLog, script: IO[bytes]) -> None:
    """To the end in any case, so that pg_restore ends; a log with a row that is none fits nothing afterwards."""
    try:
        log.read(script)
    except (ValueError, IndexError):
        log.count.clear()
        while script.read(BLOCK):
            continue


class MemorySink:
    """Keeps a member's bytes."""

    def __init__(self, into: bytearray) -> None:
        self._into = into

    def write(self, data: bytes) -> None:
        self._into += data

    def close(self) -> None:
        """The next part follows."""


class Part:
    """A part of what a program takes on its input; what it does not take any more shows in how it ends."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def write(self, data: bytes) -> None:
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.write(data)

    def close(self) -> None:
        """The next part follows."""


def end_of(process: "subprocess.Popen[bytes]") -> None:
    """Nothing more comes: waits for its end.  Twice is once."""
    assert process.stdin
    with suppress(BrokenPipeError):
        process.stdin.close()
    process.wait()


def output_of(words: Sequence[str], failure: str, well: Sequence[int]) -> Iterator[bytes]:
    """What a program writes, in blocks; `well`: the codes with which it may end.  Failure."""
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout
        while block := process.stdout.read(BLOCK):
            yield block
    if process.returncode not in well:
        raise Failure(f"{failure}（{process.returncode}）")
