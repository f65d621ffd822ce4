"""PostgreSQL's stores at one moment: snapshots that are exported by open sessions and dumped by pg_dump."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from cli.backup.archive import BLOCK, Json, Sink
from cli.backup.cut import ORDER
from cli.failure import Failure

STORE_DUMPS, DUMP = "stores/", ".dump"
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
                words = [
                    *self._prefix,
                    "psql",
                    "-XqAt",
                    "-F",
                    "\t",
                    "-v",
                    "ON_ERROR_STOP=1",
                    "-d",
                    self._databases[store],
                ]
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
    """Takes a backup's members: every dump goes through pg_restore to its end, as a script that nobody runs."""

    def __init__(self, prefix: Sequence[str]) -> None:
        self._words = [*prefix, "pg_restore", "--file=/dev/null"]
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __call__(self, name: str) -> Sink | None:
        path = Path(name)
        if not name.startswith(STORE_DUMPS) or path.with_suffix("").suffix != DUMP:
            return None
        store = path.with_suffix("").stem
        if store not in self._processes:
            self._processes[store] = subprocess.Popen(self._words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return _Part(self._processes[store])

    def compare(self, states: Json) -> None:
        """Every store is there and was read to its end.  Failure."""
        for store in states:
            if store not in self._processes:
                raise Failure(f"备份里缺少 {store} 的库")
        self.end()
        if broken := [store for store, process in self._processes.items() if process.returncode]:
            raise Failure(f"备份里有的库已损坏：{'、'.join(broken)}")

    def end(self) -> None:
        for process in self._processes.values():
            assert process.stdin
            with suppress(BrokenPipeError):
                process.stdin.close()
            process.wait()


class _Part:
    """A part of a dump; what pg_restore does not take any more shows in how it ends."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def write(self, data: bytes) -> None:
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.write(data)

    def close(self) -> None:
        """The next part follows."""


def output_of(words: Sequence[str], failure: str, well: Sequence[int]) -> Iterator[bytes]:
    """What a program writes, in blocks; `well`: the codes with which it may end.  Failure."""
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout
        while block := process.stdout.read(BLOCK):
            yield block
    if process.returncode not in well:
        raise Failure(f"{failure}（{process.returncode}）")
