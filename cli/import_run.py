"""One import from its first upload to its last row: uploads what the service needs, waits, starts again when it is
lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from rich.progress import Progress, TaskID

from cli.api_client import ApiClient, Body, JsonObject, Problem
from cli.failure import Failure
from cli.input_files import InputFile
from cli.result_files import write_atomically

# After these codes the import is started again under the same SHA-256: a service that was killed may have lost the
# upload.
RESTART_CODES = frozenset({"file_needed", "unknown_import"})
LOST_OF_A_UNIT = frozenset({"not_allowed"})
"""Whoever imports by a unit's post hears so of an import that the service lost: it might be another unit's."""
MAX_STARTS = 5
BARS = 12
"""So many parts have a bar of their own; more would not fit on a screen."""


@dataclass(frozen=True)
class ImportOptions:
    """As on the command line; an empty text: not given.  `patience` in seconds."""

    dry_run: bool
    late_entry: str
    campaign: str
    source: str
    unit: str
    patience: float


class Run:
    """An import; started again when the service has lost it."""

    def __init__(self, client: ApiClient, files: list[InputFile], options: ImportOptions, bars: Progress) -> None:
        self._client, self._options, self._bars = client, options, bars
        self.files = files
        self._id = ""
        self._order = [{"name": file.name, "size": file.size, "sha256": file.sha256(), "kind": file.kind}
                       for file in files]  # fmt: skip

    def finish(self) -> list[JsonObject]:
        """Uploads and waits until finished.  Returns the rows of import.csv as the service counts them.  Failure."""
        for _ in range(MAX_STARTS):
            self._id = ""
            try:
                self._start()
                return self._wait()
            except Problem as problem:
                lost = RESTART_CODES | (LOST_OF_A_UNIT if self._id else frozenset())
                if problem.code not in lost:
                    raise
                last = problem
        raise last

    def refused(self) -> Iterator[JsonObject]:
        """Every refused row in the order of parts and lines, a page at a time."""
        return self._pages("refused")

    def notes(self) -> Iterator[JsonObject]:
        """Every note, a page at a time."""
        return self._pages("notes")

    def fetch_workbook(self, file: InputFile, target: Path) -> Path:
        """Writes an uploaded file with what became of its rows; where, since one with macros ends in .xlsm."""
        path = f"/api/imports/{self._id}/files/{quote(file.name, safe='')}/workbook"
        with (
            self._client.open("GET", "participation", path, patience=self._options.patience, stream=True) as answer,
            write_atomically(target) as draft,
        ):
            is_macro_book = answer.headers.get("Content-Disposition", "").endswith(".xlsm")
            with draft.open("wb") as out:
                for chunk in answer.iter_content(1 << 16):
                    out.write(chunk)
        return target.rename(target.with_suffix(".xlsm")) if is_macro_book else target

    def _pages(self, what: str) -> Iterator[JsonObject]:
        after: Any = None
        while True:
            page = self._client.get("participation", f"/api/imports/{self._id}/{what}",
                                    patience=self._options.patience, after=after, limit=1000)  # fmt: skip
            entries = page.get(what) or []
            yield from entries
            if not page.get("more") or not entries:
                return
            after = entries[-1]["seq"]

    def _start(self) -> None:
        options = self._options
        body: JsonObject = {"files": self._order, "dry_run": options.dry_run, "late_entry": options.late_entry,
                            "campaign": options.campaign, "source": options.source,
                            "unit_id": options.unit}  # fmt: skip
        answer = self._client.post("participation", "/api/imports", body, patience=options.patience)
        self._id = str(answer["import_id"])
        needed = {entry["name"] for entry in answer.get("files", ()) if entry.get("needed")}
        for file in self.files:
            if file.name in needed:
                self._upload(file)

    def _upload(self, file: InputFile) -> None:
        bar = self._bars.add_task(f"上传 {file.path.name}", total=file.size, note="")
        self._client.call(
            "PUT",
            "participation",
            f"/api/imports/{self._id}/files/{quote(file.name, safe='')}",
            body=lambda: _open_upload(file, self._bars, bar),
            content_type="application/octet-stream",
            patience=self._options.patience,
        )
        self._bars.remove_task(bar)

    def _wait(self) -> list[JsonObject]:
        """Until the service has read the files and decided their rows."""
        bars: dict[str, TaskID] = {}
        path = f"/api/imports/{self._id}/advance"
        while True:
            state = self._client.post("participation", path, patience=self._options.patience)
            rows: list[JsonObject] = state.get("files") or []
            self._show(bars, state, rows)
            if state.get("finished"):
                if state.get("state", "finished") != "finished":
                    raise Failure(state.get("fault") or f"导入已中止（{state['state']}）")
                return rows

    def _show(self, bars: dict[str, TaskID], state: JsonObject, rows: list[JsonObject]) -> None:
        if not rows and len(self.files) > 1:
            if not bars:
                bars[""] = self._bars.add_task("读取", total=len(self.files), note="")
            self._bars.update(bars[""], completed=state.get("files_read", 0))
        for row in rows:
            name = row["file"]
            if name not in bars and len(bars) < BARS:
                bars[name] = self._bars.add_task(name, total=row.get("bytes") or 1, note="")
            if name in bars:
                note = f"{row.get('rows', 0)} 行" + (f"，未接收 {row['refused']}" if row.get("refused") else "")
                self._bars.update(bars[name], completed=row.get("done_bytes", 0), total=row.get("bytes") or None,
                                  note=note)  # fmt: skip


class _Upload:
    """A file-like object that reports to the progress bar how much has been read."""

    def __init__(self, file: BinaryIO, size: int, on_progress: Callable[[int], None]) -> None:
        self._file = file
        self._left = size
        self._on_progress = on_progress
        self.len = size  # requests asks for this and so sends a Content-Length

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(chunk)
        self._on_progress(len(chunk))
        return chunk

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(1 << 16):
            yield chunk

    def close(self) -> None:
        self._file.close()


def _open_upload(file: InputFile, bars: Progress, bar: TaskID) -> Body:
    if not file.size:
        return b""  # requests would send an empty stream chunked
    bars.reset(bar)
    return _Upload(file.path.open("rb"), file.size, lambda n: bars.advance(bar, n))  # type: ignore[return-value]  # the part of BinaryIO that requests uses
