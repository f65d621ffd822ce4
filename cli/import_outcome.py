"""What became of an import: the table of its parts, its notes, and the result files that were asked for."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from cli import output, result_files
from cli.api_client import JsonObject
from cli.failure import Failure
from cli.import_run import Run

NOTES_SHOWN = 10
"""Of each sort; the rest are counted."""
PARTS_SHOWN = 50


@dataclass(frozen=True)
class ImportOutput:
    """What is wanted of it: whether it was a dry run, the folder for result files, the workbook."""

    dry_run: bool
    results_to: Path | None
    workbook: Path | None


def write_outputs(run: Run, rows: list[JsonObject], wanted: ImportOutput) -> None:
    """Shows the outcome and writes the files."""
    _show(rows, wanted.dry_run)
    with ExitStack() as outputs:
        note_consumers: list[Callable[[JsonObject], object]] = []
        row_consumers: list[Callable[[JsonObject], object]] = []
        if wanted.results_to:
            wanted.results_to.mkdir(parents=True, exist_ok=True)
            result_files.write_import(wanted.results_to / "import.csv", rows)
            row_consumers.append(
                outputs.enter_context(result_files.refused_rows_writer(wanted.results_to / "refused.csv"))
            )
            note_consumers.append(outputs.enter_context(result_files.notes_writer(wanted.results_to / "notes.csv")))
        for entry in run.refused() if row_consumers else ():
            for consume in row_consumers:
                consume(entry)
        _show_notes(_pass_through(run.notes(), note_consumers))
    if wanted.workbook:
        _fetch_workbooks(run, wanted.workbook)


def _fetch_workbooks(run: Run, target: Path) -> None:
    """The file's own workbook; of several files one each in a folder, since one could not keep what each of them has
    (docs/decisions/0142)."""
    if len(run.files) == 1:
        written = [run.fetch_workbook(run.files[0], target)]
    else:
        folder = target.with_suffix("")
        folder.mkdir(parents=True, exist_ok=True)
        stems = Counter(Path(file.name).stem for file in run.files)
        names = [Path(file.name).stem if stems[Path(file.name).stem] == 1 else file.name for file in run.files]
        written = [run.fetch_workbook(file, folder / f"{name}.xlsx")
                   for file, name in zip(run.files, names, strict=True)]  # fmt: skip
    if written != [target]:
        listed = "、".join(str(path) for path in written[:3]) + (f" 等 {len(written)} 个" if len(written) > 3 else "")
        output.print_line(f"工作簿：{listed}")


def _pass_through(
    notes: Iterator[JsonObject], consumers: list[Callable[[JsonObject], object]]
) -> Iterator[JsonObject]:  # fmt: skip
    for note in notes:
        for consume in consumers:
            consume(note)
        yield note


def _show(rows: list[JsonObject], dry_run: bool) -> None:
    columns = ("rows", "accepted", "unchanged", "refused")
    if not rows:
        raise Failure("服务没有答复任何文件的结果")
    lines = [(row["file"], *(row.get(column, 0) for column in columns)) for row in rows[:PARTS_SHOWN]]
    if len(rows) > PARTS_SHOWN:
        rest = rows[PARTS_SHOWN:]
        lines.append((f"另 {len(rest)} 个", *(sum(row.get(column, 0) for row in rest) for column in columns)))
    if len(rows) > 1:
        lines.append(("合计", *(sum(row.get(column, 0) for row in rows) for column in columns)))
    output.print_table(
        ("文件 file", "行 rows", "已接收 accepted", "无变化 unchanged", "未接收 refused"),
        lines,
        title="试导入（没有写入）" if dry_run else "导入结果",
    )


def _show_notes(notes: Iterator[JsonObject]) -> None:
    """The first of each sort; the others are counted."""
    counts: Counter[str] = Counter()
    for note in notes:
        counts[note["code"]] += 1
        if counts[note["code"]] <= NOTES_SHOWN:
            place = note["file"] + (f"/{note['sheet']}" if note["sheet"] else "")
            line = f" 第 {note['line']} 行" if note["line"] else ""
            output.print_line(f"提示：{place}{line}：{note['text']}（{note['code']}）")
    for code, count in counts.items():
        if count > NOTES_SHOWN:
            output.print_line(f"提示：{code} 另有 {count - NOTES_SHOWN} 条，见 notes.csv")
