"""Keeps the uploaded files of imports as spooled rows until they are decided."""

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from chassis.process import file_readers
from chassis.process.problems import Problem
from chassis.process.subprocesses import LimitReached, Limits, ProcessFailed
from chassis.store.write_health import ask_for_room
from services.participation.domain import ROW_KINDS, row_of
from services.participation.imports.domain import FileProgress, Line, SpooledRows
from services.participation.imports.refused_values import RefusedValues

KIND_OF_FILE = {kind.file: name for name, kind in ROW_KINDS.items() if kind.file}
PARSE_MODULE = "services.participation.imports.parse_upload"
BATCH = 500
LEFT_SECONDS = 3600
PARSE_LIMITS, PARSE_SECONDS = Limits(memory=192 << 20, cpu_seconds=270), 280
"""Memory for the texts of a workbook; a CSV needs next to none, whatever its size."""
_UPLOAD_SECONDS = 3600  # no upload lasts longer
_ALL_UNITS = 1_000_000  # units name each other: they are decided in one batch


class Spool:
    """A folder per import, a file of rows per uploaded file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.refused_values = RefusedValues(folder / "refused")
        for path in [*folder.glob("*/*.raw"), *folder.glob("*/*.new")]:
            with contextlib.suppress(OSError):  # of a process that was ended while it took a file
                if time.time() - path.stat().st_mtime > LEFT_SECONDS:
                    path.unlink()

    def is_spooled(self, import_id: str, name: str) -> bool:
        return self._path(import_id, name).exists()

    def size(self, import_id: str, name: str) -> int | None:
        path = self._path(import_id, name)
        return path.stat().st_size if path.exists() else None

    def receive(self, import_id: str, name: str, sha256: str, chunks: Iterable[bytes]) -> None:
        """Takes a file's bytes, durably, and spools its rows.  Problems 409, 422."""
        target = self._path(import_id, name)
        if target.exists():
            for _ in chunks:
                pass
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        raw, fresh = (target.with_suffix(f".{os.urandom(4).hex()}.{kind}") for kind in ("raw", "new"))
        try:
            if _write_durably(chunks, raw) != sha256:
                raise Problem(409, "changed", f"{name} 的内容与登记时不同，请重新导入。")
            _parse(name, raw, fresh)
            with fresh.open("rb+") as file:
                os.fsync(file.fileno())
            fresh.replace(target)
        finally:
            raw.unlink(missing_ok=True)
            fresh.unlink(missing_ok=True)

    def read(self, import_id: str, current: FileProgress) -> SpooledRows:
        """The next batch of a file's rows; units come all at once.  Problem 409 when the file is not there."""
        path = self._path(import_id, current.file)
        if not path.exists():
            raise Problem(409, "file_needed", f"请先上传 {current.file}。", column=current.file)
        kind = KIND_OF_FILE[current.file]
        columns, limit = ROW_KINDS[kind].columns, _ALL_UNITS if kind == "unit" else BATCH
        lines = []
        with path.open("rb") as spooled:
            spooled.seek(current.done_bytes)
            for raw in _at_most(spooled, limit):
                number, cells = json.loads(raw)
                lines.append(Line(number, row_of(kind, dict(zip(columns, cells, strict=True)))))
            done_bytes = spooled.tell()
            return SpooledRows(lines, done_bytes, not spooled.read(1))

    def erase(self, person_id: str) -> int:
        """Empties the rows that name this person, in place: an import that runs goes on, and refuses them as
        empty.  How many.  What a broken upload left goes whole, and what stood in refused cells."""
        self.refused_values.erase()
        for leftover in (*self._folder.glob("*/*.raw"), *self._folder.glob("*/*.new")):
            if time.time() - leftover.stat().st_mtime > _UPLOAD_SECONDS:
                leftover.unlink(missing_ok=True)
        return sum(_empty_rows_of(person_id, path) for path in self._folder.glob("*/*.rows"))

    def discard(self, import_id: str) -> None:
        """The rows are not needed any more: the log has them."""
        shutil.rmtree(self._folder / import_id, ignore_errors=True)

    def _path(self, import_id: str, name: str) -> Path:
        return self._folder / import_id / f"{name}.rows"


def _empty_rows_of(person_id: str, path: Path) -> int:
    """Each row keeps its length, so that every place in the file stays."""
    count = 0
    with path.open("rb+") as spooled:
        while raw := spooled.readline():
            number, cells = json.loads(raw)
            if person_id not in (part for cell in cells for part in (cell, *cell.split("/"))):
                continue
            empty = json.dumps([number, [""] * len(cells)], separators=(",", ":")).encode()
            spooled.seek(-len(raw), os.SEEK_CUR)
            spooled.write(empty.ljust(len(raw) - 1) + b"\n")
            count += 1
        spooled.flush()
        os.fsync(spooled.fileno())
    return count


def _parse(name: str, raw: Path, target: Path) -> None:
    """Problem 422."""
    columns = ",".join(ROW_KINDS[KIND_OF_FILE[name]].columns)
    try:
        out = file_readers.read_file(PARSE_MODULE, columns, str(raw), str(target), limits=PARSE_LIMITS,
                                     seconds=PARSE_SECONDS)  # fmt: skip
        answer = json.loads(out)
    except LimitReached:
        answer = {"unreadable": "读取所需的内存或时间超出限度，请另存为 CSV 或拆分后导入。"}
    except ProcessFailed:
        ask_for_room(target.parent)  # it says why, where that is a full disk
        raise
    if "unreadable" in answer:
        raise Problem(422, "unreadable", f"{name}：{answer['unreadable']}", column=name)


def _at_most(spooled: IO[bytes], limit: int) -> Iterator[bytes]:
    """Lines by readline: `tell` must say where the last one ended."""
    for _ in range(limit):
        if not (raw := spooled.readline()):
            return
        yield raw


def _write_durably(chunks: Iterable[bytes], target: Path) -> str:
    """The SHA-256 (hex) of what was written."""
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for chunk in chunks:
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()
