"""`qihang import`: uploads the files unchanged, advances the import until it is finished, shows the outcome of the
rows."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.progress import Progress, TaskID

from cli import output, result_files
from cli.api_client import ApiClient, Body, JsonObject, Problem, connect
from cli.failure import Failure, WrongUsage
from cli.input_files import InputFile, collect

# After these codes the import is started again under the same SHA-256: a service that was killed may have lost the
# upload.
RESTART_CODES = frozenset({"file_needed", "unknown_import"})
MAX_STARTS = 5


def import_files(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="九个文件中的若干个，或者放它们的文件夹")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入")] = False,
    results_to: Annotated[
        Path | None,
        typer.Option("--results", metavar="DIR", help="在 DIR 写 import.csv 和 refused.csv"),
    ] = None,
    workbook: Annotated[
        Path | None,
        typer.Option("--workbook", metavar="OUT.xlsx", help="写出输入各行，未接收的行附红色原因列"),
    ] = None,
    late_entry: Annotated[
        str | None,
        typer.Option("--late-entry", metavar="REASON", help="补录：写明原因，其中的填报记录不因报送日期而算迟"),
    ] = None,
    campaign: Annotated[
        str | None,
        typer.Option("--campaign", metavar="ID", help="按这个已结束的活动审核和计入；默认按最近启动的活动"),
    ] = None,
    patience: Annotated[float, typer.Option(min=0, help="连接中断后继续重试的秒数")] = 180,
) -> None:
    """导入 CSV（UTF-8、带 BOM 或 GB18030）或 .xlsx 文件；有未接收的行不算失败，中断后再次执行即可续传。"""
    files = collect(paths)
    if workbook and workbook.suffix.lower() != ".xlsx":
        raise WrongUsage(f"--workbook 的文件名应以 .xlsx 结尾：{workbook}")
    if late_entry is not None and not late_entry.strip():
        raise WrongUsage("--late-entry 应写明补录的原因")
    client = connect()
    with output.progress() as bars:
        run = Run(client, files, dry_run, late_entry or "", campaign or "", patience, bars)
        rows = run.finish()
    _show(rows, dry_run)
    with ExitStack() as outputs:
        row_consumers: list[Callable[[JsonObject], None]] = []
        if results_to:
            results_to.mkdir(parents=True, exist_ok=True)
            result_files.write_import(results_to / "import.csv", rows)
            row_consumers.append(outputs.enter_context(result_files.refused_rows_writer(results_to / "refused.csv")))
        if workbook:
            from cli.workbook import Workbook  # slow to load, and seldom asked for

            row_consumers.append(outputs.enter_context(Workbook(workbook, files)).refuse)
        for entry in run.refused() if row_consumers else ():
            for consume in row_consumers:
                consume(entry)


class Run:
    """One import from its first upload to its last row; started again when the service has lost it."""

    def __init__(
        self,
        client: ApiClient,
        files: list[InputFile],
        dry_run: bool,
        late_entry: str,
        campaign: str,
        patience: float,
        bars: Progress,
    ) -> None:
        self._client = client
        self._files = files
        self._dry_run = dry_run
        self._late_entry = late_entry
        self._campaign = campaign
        self._patience = patience
        self._bars = bars
        self._id = ""
        self._order = [{"name": file.name, "size": file.size, "sha256": file.sha256()} for file in files]

    def finish(self) -> list[JsonObject]:
        """Uploads and advances until finished.  Returns the rows of import.csv as the service counts them."""
        for _ in range(MAX_STARTS):
            try:
                self._start()
                return self._advance()
            except Problem as problem:
                if problem.code not in RESTART_CODES:
                    raise
                last = problem
        raise last

    def refused(self) -> Iterator[JsonObject]:
        """Every refused row in file and line order, a page at a time."""
        after: Any = None
        while True:
            page = self._client.get(
                "participation",
                f"/api/imports/{self._id}/refused",
                patience=self._patience,
                after=after,
                limit=1000,
            )
            entries = page.get("refused") or []
            yield from entries
            if not page.get("more") or not entries:
                return
            after = entries[-1]["seq"]

    def _start(self) -> None:
        answer = self._client.post(
            "participation",
            "/api/imports",
            {
                "files": self._order,
                "dry_run": self._dry_run,
                "late_entry": self._late_entry,
                "campaign": self._campaign,
            },
            patience=self._patience,
        )
        self._id = str(answer["import_id"])
        needed = {entry["name"] for entry in answer.get("files", ()) if entry.get("needed")}
        for file in self._files:
            if file.name in needed:
                self._upload(file)

    def _upload(self, file: InputFile) -> None:
        bar = self._bars.add_task(f"上传 {file.path.name}", total=file.size, note="")
        self._client.call(
            "PUT",
            "participation",
            f"/api/imports/{self._id}/files/{file.name}",
            body=lambda: _open_upload(file, self._bars, bar),
            content_type="application/octet-stream",
            patience=self._patience,
        )
        self._bars.remove_task(bar)

    def _advance(self) -> list[JsonObject]:
        bars: dict[str, TaskID] = {}
        while True:
            state = self._client.post("participation", f"/api/imports/{self._id}/advance", patience=self._patience)
            rows: list[JsonObject] = state.get("files") or []
            for row in rows:
                name = row["file"]
                if name not in bars:
                    bars[name] = self._bars.add_task(name, total=row.get("bytes") or 1, note="")
                note = f"{row.get('rows', 0)} 行" + (f"，未接收 {row['refused']}" if row.get("refused") else "")
                self._bars.update(
                    bars[name],
                    completed=row.get("done_bytes", 0),
                    total=row.get("bytes") or None,
                    note=note,
                )
            if state.get("finished"):
                return rows


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


def _show(rows: list[JsonObject], dry_run: bool) -> None:
    columns = ("rows", "accepted", "unchanged", "refused")
    output.print_table(
        ("文件 file", "行 rows", "已接收 accepted", "无变化 unchanged", "未接收 refused"),
        [(row["file"], *(row.get(column, 0) for column in columns)) for row in rows],
        title="试导入（没有写入）" if dry_run else "导入结果",
    )
    if not rows:
        raise Failure("服务没有答复任何文件的结果")
