"""`qihang import` and `qihang imports`: uploads the files unchanged, waits for the import, shows what became of the
rows; the list of all imports."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli import output
from cli.api_client import connect
from cli.failure import WrongUsage
from cli.import_outcome import ImportOutput, write_outputs
from cli.import_run import ImportOptions, Run
from cli.import_undo import undo
from cli.input_files import KINDS, CollectedFiles, collect

STATES = {
    "uploading": "等待上传", "reading": "正在读取", "deciding": "正在审核", "finished": "已完成",
    "unreadable": "未导入：文件无法读取", "abandoned": "未完成：一天内没有传完，已中止",
}  # fmt: skip
LEFT_OUT_SHOWN = 20
app = typer.Typer(invoke_without_command=True, help="已有的导入。")
app.command("undo")(undo)


def import_files(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="要导入的文件，或者放它们的文件夹")],
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help=f"文件是哪一类数据（{'、'.join(KINDS)}），或 FILE=KIND；默认由文件名或表头判断",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入")] = False,
    results_to: Annotated[
        Path | None,
        typer.Option("--results", metavar="DIR", help="在 DIR 写 import.csv、refused.csv 和 notes.csv"),
    ] = None,
    workbook: Annotated[
        Path | None,
        typer.Option(
            "--workbook", metavar="OUT.xlsx", help="取回原工作簿，末列写明各行结果；有几个文件时写入文件夹 OUT"
        ),
    ] = None,
    late_entry: Annotated[
        str | None,
        typer.Option("--late-entry", metavar="REASON", help="补录：写明原因，其中的填报记录不因报送日期而算迟"),
    ] = None,
    as_source: Annotated[
        str | None,
        typer.Option("--as-source", metavar="NAME", help="代某个接入系统导入：这些数据以后可由该系统更正"),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="UNIT", help="是这个单位的文件：只收本单位的行；默认为本人任职填报的单位"),
    ] = None,
    campaign: Annotated[
        str | None,
        typer.Option("--campaign", metavar="ID", help="按这个已结束的活动审核和计入；默认按最近启动的活动"),
    ] = None,
    patience: Annotated[float, typer.Option(min=0, help="连接中断后继续重试的秒数")] = 180,
) -> None:
    """导入工作簿或 CSV 文件；有未接收的行不算失败，中断后再次执行即可续传。"""
    collected = collect(paths, kinds or ())
    if workbook and workbook.suffix.lower() != ".xlsx":
        raise WrongUsage(f"--workbook 的文件名应以 .xlsx 结尾：{workbook}")
    if late_entry is not None and not late_entry.strip():
        raise WrongUsage("--late-entry 应写明补录的原因")
    _name_left_out(collected)
    options = ImportOptions(dry_run, late_entry or "", campaign or "", as_source or "", unit or "", patience)
    with output.progress() as bars:
        run = Run(connect(), collected.files, options, bars)
        rows = run.finish()
    write_outputs(run, rows, ImportOutput(dry_run, results_to, workbook))


def _name_left_out(collected: CollectedFiles) -> None:
    if collected.left_out:
        names = "、".join(path.name for path in collected.left_out[:LEFT_OUT_SHOWN])
        more = f" 等 {len(collected.left_out)} 个" if len(collected.left_out) > LEFT_OUT_SHOWN else ""
        output.print_line(f"文件夹里没有导入：{names}{more}")


@app.callback(invoke_without_command=True)
def imports(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="最多显示几个")] = 50,
) -> None:
    """列出已有的导入和花名册，最近的在前：何人、何时、哪些文件、结果如何。"""
    if context.invoked_subcommand is not None:
        return
    page = connect().get("participation", "/api/imports", limit=limit)
    rows = page.get("imports") or []
    output.print_table(
        ("编号 id", "开始", "操作人", "文件", "类别", "状态", "行 rows", "已接收", "无变化", "未接收"),
        [_line(row) for row in rows], left=6,
    )  # fmt: skip
    if page.get("more"):
        output.print_line(f"更早的没有列出；要多看，用 --limit（这里是 {limit}）")


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    files = row["files"]
    names = "、".join(files[:3]) + (f" 等 {len(files)} 个" if len(files) > 3 else "")
    counts = (row["rows"], row["accepted"], row["unchanged"], row["refused"])
    state = "已撤销" if row.get("undone_at") else STATES.get(row["state"], row["state"])
    return (row["import_id"], row["started_at"][:16], row["actor"], names, "、".join(row["kinds"]), state, *counts)
