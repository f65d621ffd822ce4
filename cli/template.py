"""`qihang template`: a workbook to fill in."""

from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.api_client import connect
from cli.failure import WrongUsage
from cli.result_files import write_atomically
from cli.terminal_text import escape_controls

KINDS = (
    "units", "people", "posts", "exemptions", "records", "withdrawals", "findings", "sheets", "decisions",
    "corrections", "month",
)  # fmt: skip


def template(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="、".join(KINDS) + "；month 为一个单位一个月的全部填报")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.xlsx", help="写到这个文件")],
    unit: Annotated[str, typer.Option("--unit", metavar="U", help="单位编号：填好本单位的人员")] = "",
    month: Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="月份，只用于 month；默认本月")] = "",
) -> None:
    """写出填报模板：中文表头、下拉选项、填写说明；填好后用 qihang import 导入。"""
    if kind not in KINDS:
        raise WrongUsage(f"没有 {kind} 的模板，应为 {'、'.join(KINDS)}")
    if out.suffix.lower() != ".xlsx":
        raise WrongUsage(f"--out 的文件名应以 .xlsx 结尾：{out}")
    if month and kind != "month":
        raise WrongUsage("--month 只用于 month 模板")
    if kind == "month" and not unit:
        raise WrongUsage("month 模板要用 --unit 写明单位编号")
    with (
        connect().open(
            "GET", "participation", f"/api/templates/{kind}", params={"unit_id": unit, "month": month}
        ) as answer,
        write_atomically(out) as draft,
    ):
        draft.write_bytes(answer.content)
    output.print_line(escape_controls(str(out)))
