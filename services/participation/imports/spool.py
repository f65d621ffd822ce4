"""Stores the uploaded files of imports and the rows read from them until every row is decided, and the files for a
week.

One folder per import: `N.raw` the upload, `N.read` what was read from it, `N.rows` the rows of part N, `N.outcomes`
their outcomes, `lock` for the process that works on it, `ended` when all is done."""

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from chassis.process.file_lock import file_lock
from chassis.process.problems import Problem
from services.participation.domain import KIND_OF_TABLE, ROW_KINDS, row_of
from services.participation.imports import accepted_rows
from services.participation.imports.domain import (
    ImportProgress,
    Line,
    PartProgress,
    ReadPart,
    SpooledRows,
)
from services.participation.imports.import_notes import ImportNotes
from services.participation.imports.refused_values import RefusedValues

BATCH, BATCH_ALONE = 20, 200
"""Rows per transaction: other writers wait that long (docs/performance.md, docs/decisions/0310); and while nobody else
sends requests (docs/decisions/0313)."""
KEPT_SECONDS = 7 * 24 * 3600
"""How long the files of an ended import are kept, for the workbook with outcomes."""
OUTCOMES = frozenset({"accepted", "unchanged", "refused"})
LEFT_SECONDS = 3600  # no upload takes longer
_ALL_UNITS = 1_000_000  # units refer to each other, so they are decided in one batch


class Spool:
    """The folder of all imports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refused_values = RefusedValues(folder / "refused")
        self.notes = ImportNotes(folder / "notes")

    def folder_of(self, import_id: str) -> Path:
        return self.folder / import_id

    def folders(self) -> list[Path]:
        """The folder of each import that has one."""
        return [path for path in sorted(self.folder.glob("*")) if path.is_dir() and path.name[:1].isdigit()]

    @contextlib.contextmanager
    def locked(self, import_id: str) -> Iterator[bool]:
        """Whether this process got the lock of the import, which all replicas share; held until the end of the
        block."""
        folder = self.folder_of(import_id)
        if not folder.is_dir():
            yield False
            return
        with file_lock(folder / "lock") as is_held:
            yield is_held

    def raw(self, import_id: str, number: int) -> Path:
        return self.folder_of(import_id) / f"{number}.raw"

    def rows(self, import_id: str, part: int) -> Path:
        return self.folder_of(import_id) / f"{part}.rows"

    def size(self, import_id: str, part: int) -> int | None:
        path = self.rows(import_id, part)
        return path.stat().st_size if path.exists() else None

    def is_lost(self, progress: ImportProgress) -> bool:
        """Whether rows that are not decided yet are missing here."""
        return any(self.size(progress.import_id, part.number) is None for part in progress.left)

    def files_needed(self, progress: ImportProgress) -> list[str]:
        """The files that must be uploaded (again)."""
        if progress.parts is not None and not self.is_lost(progress):
            return []
        folder = self.folder_of(progress.import_id)
        return [
            name for at, name in enumerate(progress.files)
            if not (folder / f"{at}.raw").exists() and not (folder / f"{at}.read" / "summary.json").exists()
        ]  # fmt: skip

    def files_read(self, progress: ImportProgress) -> int:
        """The number of files that are read."""
        if progress.parts is not None:
            return len(progress.manifest)
        folder = self.folder_of(progress.import_id)
        return sum((folder / f"{at}.read").exists() for at in range(len(progress.manifest)))

    def receive(self, import_id: str, number: int, name: str, sha256: str, chunks: Iterable[bytes]) -> None:
        """Store a file's bytes durably, under a temporary name until it is complete.  Problem 409."""
        target = self.raw(import_id, number)
        if target.exists():
            for _ in chunks:
                pass
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(f".{os.urandom(4).hex()}.new")
        try:
            if _write_durably(chunks, fresh) != sha256:
                raise Problem(409, "changed", f"{name} 的内容与登记时不同，请重新导入。", column="files")
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)

    def require_uploads(self, progress: ImportProgress) -> None:
        """Problem 410 if one of the files is not kept any more."""
        for number, name in enumerate(progress.files):
            if not self.raw(progress.import_id, number).exists():
                raise Problem(410, "upload_gone", f"{name} 已不再保存（检查后保留七天），请重新上传。")

    def lend_uploads(self, checked: ImportProgress, import_id: str) -> None:
        """Link the files of a dry run into its import; idempotent."""
        self.folder_of(import_id).mkdir(parents=True, exist_ok=True)
        for number in range(len(checked.manifest)):
            with contextlib.suppress(FileExistsError):
                self.raw(import_id, number).hardlink_to(self.raw(checked.import_id, number))

    def unread(self, progress: ImportProgress) -> list[int]:
        """The numbers of the files that are uploaded and not read yet."""
        folder, numbers = self.folder_of(progress.import_id), range(len(progress.manifest))
        return [at for at in numbers if (folder / f"{at}.raw").exists() and not (folder / f"{at}.read").exists()]

    def read_parts(self, progress: ImportProgress) -> list[ReadPart] | None:
        """The parts of the files, in order; None if one is not read yet.  Problem 422 names those that cannot be
        read."""
        folder = self.folder_of(progress.import_id)
        summaries = []
        for number, name in enumerate(progress.files):
            path = folder / f"{number}.read" / "summary.json"
            if not path.exists():
                return None
            summaries.append((name, json.loads(path.read_text(encoding="utf-8"))))
        faults = [f"{name}：{summary['unreadable']}" for name, summary in summaries if "unreadable" in summary]
        if not faults and not any(summary["parts"] for _, summary in summaries):
            faults = ["没有一个文件是可导入的表，请核对表头。"]
        if faults:
            raise Problem(422, "unreadable", "\n".join(faults), column="files")
        return [ReadPart(name, part["sheet"], part["kind"], int(part["rows"]))
                for name, summary in summaries for part in summary["parts"]]  # fmt: skip

    def arrange(self, progress: ImportProgress, discovered: Sequence[ReadPart], parts: Sequence[PartProgress]) -> None:
        """Name each part's rows by the part's number; idempotent."""
        folder, files = self.folder_of(progress.import_id), progress.files
        for part in parts:
            of_file = [item for item in discovered if item.file == part.file]
            same_table = [item for item in parts if (item.file, item.table) == (part.file, part.table)]
            sheets = [at for at, item in enumerate(of_file) if item.table == part.table]
            place = sheets[same_table.index(part)]
            with contextlib.suppress(FileNotFoundError):  # it has that name already
                (folder / f"{files.index(part.file)}.read" / f"{place}.rows").rename(folder / f"{part.number}.rows")
        self.notes.begin(progress.import_id, [folder / f"{at}.read" / "notes.jsonl" for at in range(len(files))])

    def read(self, import_id: str, left: Sequence[PartProgress], most: int) -> list[SpooledRows]:
        """The next batch of at most this many rows, of one or several parts of one table; units come all at once.
        Problem 409 if the rows are missing."""
        table = left[0].table
        room = _ALL_UNITS if KIND_OF_TABLE[table] == "unit" else most
        result: list[SpooledRows] = []
        for part in left:
            if part.table != table or room <= 0:
                break
            result.append(self._read_part(import_id, part, room))
            room -= len(result[-1].lines)
        return result

    def _read_part(self, import_id: str, part: PartProgress, limit: int) -> SpooledRows:
        path = self.rows(import_id, part.number)
        if not path.exists():
            raise Problem(409, "file_needed", f"请先上传 {part.file}。", column=part.file)
        kind = KIND_OF_TABLE[part.table]
        columns = ROW_KINDS[kind].columns
        lines = []
        with path.open("rb") as spooled:
            spooled.seek(part.done_bytes)
            for raw in _at_most(spooled, limit):
                number, cells, fault = json.loads(raw)
                row = row_of(kind, dict(zip(columns, cells, strict=False)))
                lines.append(Line(number, row, tuple(fault) if fault else None, "".join(cells[len(columns) :])))
            done_bytes = spooled.tell()
            return SpooledRows(part, lines, done_bytes, not spooled.read(1))

    def keep_outcomes(self, import_id: str, spooled: SpooledRows, outcomes: Sequence[str]) -> None:
        """Store the outcome of each row, for the workbook; idempotent."""
        path = self.folder_of(import_id) / f"{spooled.part.number}.outcomes"
        with path.open("a", encoding="ascii") as out:
            for line, outcome in zip(spooled.lines, outcomes, strict=True):
                out.write(f"{line.number} {outcome}\n")

    def outcomes(self, import_id: str, part: int) -> Iterator[tuple[int, str]]:
        """(line, outcome), ascending; of one written twice because of a crash the last."""
        path = self.folder_of(import_id) / f"{part}.outcomes"
        if not path.exists():
            return
        kept: dict[int, str] = {}
        with path.open(encoding="ascii") as lines:
            for text in lines:
                line, _, outcome = text.rstrip("\n").partition(" ")
                if outcome in OUTCOMES:  # an incomplete last line, after the disk was full
                    kept[int(line)] = outcome
        yield from sorted(kept.items())

    def keep_fault(self, import_id: str, sentences: str) -> None:
        """Store why its files cannot be read."""
        (self.folder_of(import_id) / "fault").write_text(sentences, encoding="utf-8")

    def fault_of(self, import_id: str) -> str:
        path = self.folder_of(import_id) / "fault"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def mark_seen(self, import_id: str) -> None:
        """Record that somebody was shown how the import ended."""
        with contextlib.suppress(OSError):  # its folder is gone, or the disk is full
            (self.folder_of(import_id) / "seen").touch()

    def is_unseen(self, import_id: str) -> bool:
        """Whether the import ended this week and nobody was shown how: sending the same files again then returns this
        one."""
        folder = self.folder_of(import_id)
        return (folder / "ended").exists() and not (folder / "seen").exists()

    def end(self, import_id: str, keep_files: bool = True) -> None:
        """Delete the rows, which are in the log now; keep the files for a week if `keep_files`."""
        folder = self.folder_of(import_id)
        if not folder.is_dir():
            return
        for path in (*folder.glob("*.rows"), *(() if keep_files else folder.glob("*.raw"))):
            path.unlink(missing_ok=True)
        for path in folder.glob("*.read"):
            shutil.rmtree(path, ignore_errors=True)
        (folder / "ended").touch()
        self.notes.close(import_id)

    def discard(self, import_id: str) -> None:
        """Delete the import's folder."""
        shutil.rmtree(self.folder_of(import_id), ignore_errors=True)
        self.notes.discard(import_id)
        self.refused_values.discard(import_id)

    def sweep(self, is_open: Iterable[str]) -> None:
        """End abandoned imports, and delete what is too old: interrupted uploads, files of ended imports."""
        alive, now = set(is_open), time.time()
        for folder in self.folders():
            ended = folder / "ended"
            if folder.name not in alive and not ended.exists():
                self.end(folder.name)
                (folder / accepted_rows.FILE).unlink(missing_ok=True)
            elif ended.exists() and now - ended.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
        for left in (*self.folder.glob("*/*.new"), *self.folder.glob("*/*.reading")):
            with contextlib.suppress(OSError):  # of a process that was killed while storing or reading a file
                if now - left.stat().st_mtime > LEFT_SECONDS:
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
        self.notes.sweep()
        self.refused_values.sweep()


def _at_most(spooled: IO[bytes], limit: int) -> Iterator[bytes]:
    """Uses readline, since `tell` must give the offset after the last line."""
    for _ in range(limit):
        if not (raw := spooled.readline()):
            return
        yield raw


def _write_durably(chunks: Iterable[bytes], target: Path) -> str:
    """Returns the SHA-256 (hex) of what was written."""
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for chunk in chunks:
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()
