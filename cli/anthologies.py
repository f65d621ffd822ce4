"""`qihang anthology`: compile a unit's semester anthology, list, download, take down."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from cli import output
from cli.api_client import connect
from cli.failure import WrongUsage

app = typer.Typer(help="优秀成果汇编。", no_args_is_help=True, rich_markup_mode=None)
Anthology = Annotated[str, typer.Argument(metavar="ANTHOLOGY", help="汇编编号，如 S01.2022-autumn")]
ENDINGS = ("docx", "html", "pdf")
CHUNK_BYTES = 64 * 1024


@app.command("compile")
def compile_anthology(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="单位编号")],
    semester: Annotated[str, typer.Argument(metavar="SEMESTER", help="学期编号")],
    level: Annotated[str, typer.Option(metavar="LEVEL", help="展示范围：inside、unit、district、print")] = "inside",
    title: Annotated[str, typer.Option(metavar="TEXT", help="书名")] = "优秀成果汇编",
    work: Annotated[list[str] | None, typer.Option(metavar="WORK", help="收入的作品，按此顺序；缺省为全部")] = None,
) -> None:
    """把入选且有授权的作品汇编成 .docx、.html、.pdf。"""
    body = {"unit_id": unit, "semester": semester, "level": level, "title": title, "works": work or []}
    answer = connect().post("publicity", "/api/anthologies", body)
    changed = "已汇编" if answer.get("changed") else "无变化"
    output.print_line(f"{changed} {answer['anthology_id']} 第 {answer['edition']} 版，作品 {len(answer['works'])} 件")


@app.command("list")
def list_anthologies(
    unit: Annotated[str, typer.Option(metavar="UNIT", help="只列这个单位的")] = "",
    semester: Annotated[str, typer.Option(metavar="ID", help="只列这个学期的")] = "",
) -> None:
    """列出汇编。"""
    result = connect().get("publicity", "/api/anthologies", unit_id=unit or None, semester=semester or None)
    rows = [
        [
            anthology["anthology_id"],
            anthology["unit"],
            anthology["semester"],
            anthology["title"],
            anthology["level"],
            anthology["edition"],
            len(anthology["works"]),
            f"{len(anthology['readings'])}/3",
            state(anthology),
        ]
        for anthology in result["anthologies"]
    ]
    headings = ("编号", "单位", "学期", "书名", "范围", "版次", "作品", "三审", "状态")
    output.print_table(headings, rows, title=f"优秀成果汇编 {len(rows)}", left=len(headings))


def state(item: dict[str, object]) -> str:
    if item["taken_down_at"]:
        return "已撤下"
    return "待重编" if item["outdated"] else "已退回" if item["returned"] else "有效"


@app.command("download")
def download(
    anthology: Anthology,
    out: Annotated[Path, typer.Option(metavar="FILE", help="存到哪里，以 .docx、.html 或 .pdf 结尾")],
) -> None:
    """下载一种格式。"""
    ending = out.suffix.lstrip(".")
    if ending not in ENDINGS:
        raise WrongUsage("--out 应以 .docx、.html 或 .pdf 结尾")
    save(f"/api/anthologies/{quote(anthology)}/{ending}", out)


def save(path: str, out: Path) -> None:
    """Downloads a file of the publicity service; the target appears only when it is complete."""
    part = out.with_name(f".{out.name}.part")
    with connect().open("GET", "publicity", path, stream=True, patience=15) as answer, part.open("wb") as file:
        for piece in answer.iter_content(CHUNK_BYTES):
            file.write(piece)
    part.replace(out)
    output.print_line(f"已保存 {out}")


@app.command("take-down")
def take_down(
    anthology: Anthology, reason: Annotated[str, typer.Option(metavar="TEXT", help="理由，留在记录里")]
) -> None:
    """撤下一本汇编，它的填报记录随之作废。"""
    connect().post("publicity", f"/api/anthologies/{quote(anthology)}/take-down", {"reason": reason})
    output.print_line(f"已撤下 {anthology}")
