"""`qihang work`: nominate a person's work with consent, withdraw consent, select, list."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from cli import output
from cli.anthologies import save
from cli.api_client import connect
from cli.failure import Failure

app = typer.Typer(help="作品：推荐、授权、选用。", no_args_is_help=True, rich_markup_mode=None)
Work = Annotated[str, typer.Argument(metavar="WORK", help="作品编号")]
Level = Annotated[
    list[str] | None, typer.Option(metavar="LEVEL", help="授权范围：inside、unit、district、print，可多次")
]
LEVELS = {"inside": "内部展示", "unit": "单位公众号", "district": "区级公众号", "print": "刊印"}
MAX_BYTES = 12 << 20


@app.command("nominate")
def nominate(
    work: Work,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help=".txt、.docx、.jpg 或 .png")
    ],
    author: Annotated[str, typer.Option(metavar="PERSON", help="作者的人员编号")],
    unit: Annotated[str, typer.Option(metavar="UNIT", help="推荐单位")],
    title: Annotated[str, typer.Option(metavar="TEXT", help="作品标题")],
    level: Level = None,
    semester: Annotated[str, typer.Option(metavar="ID", help="学期，缺省为今天所在学期")] = "",
) -> None:
    """推荐一件作品，并登记作者的授权范围。"""
    if file.stat().st_size > MAX_BYTES:
        raise Failure(f"{file} 超过 12 MiB")
    query = {"author_id": author, "unit_id": unit, "levels": ",".join(level or []), "semester": semester or None}
    answer = connect().call(
        "PUT", "publicity", f"/api/works/{quote(work)}", params=query, body=file.read_bytes, patience=30,
        content_type="application/octet-stream", headers={"X-Qihang-Title": quote(title)},
    )  # fmt: skip
    output.print_line(f"{_outcome(answer)} {work}（{answer.get('kind', '')}）")
    for sentence in answer.get("left_out", ()):
        output.print_line(f"注意：{sentence}")
    if answer.get("left_out"):
        output.print_line(f"请看清样：qihang work proof {work} --out 清样.pdf")


@app.command("proof")
def proof(
    work: Work,
    out: Annotated[Path, typer.Option(metavar="FILE", dir_okay=False, help="写到哪里：.pdf 或 .html")],
) -> None:
    """下载一件作品的清样：收入了什么，印出来是什么样。"""
    form = "html" if out.suffix.lower() in (".html", ".htm") else "pdf"
    save(f"/api/works/{quote(work)}/proof?form={form}", out)


@app.command("put-forward")
def put_forward(work: Work) -> None:
    """作者自己交来的作品，由单位推荐送评。"""
    answer = connect().post("publicity", f"/api/works/{quote(work)}/put-forward")
    output.print_line(f"{_outcome(answer)} {work}")


@app.command("consent")
def consent(work: Work, level: Level = None) -> None:
    """登记作者增加的授权范围。"""
    answer = connect().post("publicity", f"/api/works/{quote(work)}/consent", {"levels": level or []})
    output.print_line(f"{_outcome(answer)} {work}")


@app.command("withdraw")
def withdraw(work: Work, level: Level = None) -> None:
    """撤回授权（缺省为全部）：不再新发，已公开的撤稿。"""
    answer = connect().post("publicity", f"/api/works/{quote(work)}/withdraw", {"levels": level or []})
    output.print_line(f"{_outcome(answer)} {work}")


@app.command("select")
def select(
    work: Work,
    level: Annotated[str, typer.Option(metavar="unit|district", help="由单位还是全区选用")] = "unit",
    at: Annotated[str, typer.Option(metavar="INSTANT", help="选定的时间，缺省为现在")] = "",
) -> None:
    """选用一件评审合格的作品。"""
    answer = connect().post("publicity", f"/api/works/{quote(work)}/select", {"level": level, "at": at})
    output.print_line(f"{_outcome(answer)} {work}")


@app.command("deselect")
def deselect(
    work: Work,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="理由，留在记录里")],
    level: Annotated[str, typer.Option(metavar="unit|district", help="由单位还是全区选用")] = "unit",
) -> None:
    """取消选用。"""
    answer = connect().post("publicity", f"/api/works/{quote(work)}/deselect", {"level": level, "reason": reason})
    output.print_line(f"{_outcome(answer)} {work}")


@app.command("return")
def send_back(
    work: Work,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="请作者改什么")],
    reviewer: Annotated[str, typer.Option(metavar="PERSON", help="退回的评审人；不写则由推荐单位退回")] = "",
) -> None:
    """退回修改：请作者用同一编号再次推荐修改稿，评审重新开始。"""
    answer = connect().post(
        "publicity", f"/api/works/{quote(work)}/return", {"reason": reason, "reviewer_id": reviewer}
    )
    output.print_line(f"{_outcome(answer)} {work}")


@app.command("list")
def list_works(
    unit: Annotated[str, typer.Option(metavar="UNIT", help="只列这个单位的")] = "",
    semester: Annotated[str, typer.Option(metavar="ID", help="只列这个学期的")] = "",
) -> None:
    """列出作品及其授权、评审、选用。"""
    result = connect().get("publicity", "/api/works", unit_id=unit or None, semester=semester or None)["works"]
    rows = [
        [
            item["work_id"],
            item["unit_id"],
            item["semester"],
            item["kind"],
            item.get("author", ""),
            item.get("title", ""),
            "、".join(LEVELS.get(name, name) for name in item["levels"]),
            "、".join(review["total"] or "待评" for review in item["reviews"]),
            "、".join(item["selected"]),
            "{on} {reason}".format_map(item["returned"]) if item.get("returned") else "",
        ]
        for item in result
    ]
    headings = ("编号", "单位", "学期", "类型", "作者", "标题", "授权范围", "评审", "选用", "退回修改")
    output.print_table(headings, rows, title=f"作品 {len(rows)}", left=len(headings))


def _outcome(answer: dict[str, object]) -> str:
    return "已登记" if answer.get("changed") else "无变化"
