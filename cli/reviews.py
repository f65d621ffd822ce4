"""`qihang review` and `qihang reading`: anonymous reviews of works, and the three readings before publication."""

from typing import Annotated
from urllib.parse import quote

import typer

from cli import output
from cli.api_client import connect
from cli.failure import WrongUsage

app = typer.Typer(help="评审：指定评审人、看作品、评分。", no_args_is_help=True, rich_markup_mode=None)
Work = Annotated[str, typer.Argument(metavar="WORK", help="作品编号")]
_NOBODY = {"reviewer_id": "未分派", "due_on": "", "total": ""}
Reviewer = Annotated[str, typer.Option(metavar="PERSON", help="评审人的人员编号")]


@app.command("assign")
def assign(
    work: Work,
    reviewer: Annotated[list[str], typer.Option(metavar="PERSON", help="评审人的人员编号，可多次")],
    due: Annotated[str, typer.Option(metavar="DATE", help="评审截止日；缺省为没有")] = "",
) -> None:
    """指定评审人；不能是作者本单位的。"""
    body = {"reviewers": reviewer, **({"due_on": due} if due else {})}
    answer = connect().post("publicity", f"/api/works/{quote(work)}/reviewers", body)
    output.print_line(f"{'已登记' if answer.get('changed') else '无变化'} {work}")


@app.command("list")
def list_reviews(
    unit: Annotated[str, typer.Option(metavar="UNIT", help="只列这个单位的作品")] = "",
    late: Annotated[bool, typer.Option("--late", help="只列逾期未评的")] = False,
) -> None:
    """列出送评的作品、评审人和评分；没有作者。"""
    client, works, after = connect(), [], ""
    while True:
        page = client.get("publicity", "/api/reviews", after=after or None, limit="200", unit_id=unit or None,
                          progress="late" if late else None)  # fmt: skip
        works += page["works"]
        if not (after := page["next"]):
            break
    rows = [[work["work_id"], work["semester"], each["reviewer_id"], each["due_on"], each["total"] or "待评"]
            for work in works for each in work["reviews"] or [_NOBODY]]  # fmt: skip
    headings = ("作品", "学期", "评审人", "评审截止日", "评分")
    output.print_table(headings, rows, title=f"送评的作品 {len(works)}", left=len(headings))


@app.command("take-back")
def take_back(work: Work, reviewer: Reviewer) -> None:
    """收回还没有评分的评审，可以再指定别人。"""
    answer = connect().post("publicity", f"/api/works/{quote(work)}/take-back", {"reviewer_id": reviewer})
    output.print_line(f"{'已收回' if answer.get('changed') else '无变化'} {work}")


@app.command("show")
def show(work: Work, reviewer: Reviewer) -> None:
    """评审人看到的作品：没有作者和单位的名字。"""
    result = connect().get("publicity", f"/api/works/{quote(work)}/text", reviewer_id=reviewer)
    for style, text, picture in result["blocks"]:
        output.print_line("［图片］" if picture else f"\n{text}" if style == "heading" else text)


@app.command("mark")
def mark(
    work: Work,
    reviewer: Reviewer,
    mark: Annotated[list[str], typer.Option(metavar="ITEM=POINTS", help="评审项的评分，如 depth=35.5，可多次")],
    comment: Annotated[str, typer.Option(metavar="TEXT", help="写给作者的评审意见")] = "",
) -> None:
    """按评审表评分。"""
    marks = {}
    for entry in mark:
        item, sign, points = entry.partition("=")
        if not sign:
            raise WrongUsage(f"评分应写成 评审项=分数：{entry}")
        marks[item] = points
    body = {"reviewer_id": reviewer, "marks": marks, "comment": comment}
    answer = connect().post("publicity", f"/api/works/{quote(work)}/marks", body)
    output.print_line(f"{'已登记' if answer.get('changed') else '无变化'} {work}")


def appoint_reader(
    subject: Annotated[str, typer.Argument(metavar="article|anthology", help="article：推文或视频，anthology：汇编")],
    subject_id: Annotated[str, typer.Argument(metavar="ID", help="编号")],
    stage: Annotated[str, typer.Argument(metavar="first|second|final", help="初审、复审、终审")],
    reader: Annotated[str, typer.Option(metavar="PERSON", help="审读人的人员编号")],
) -> None:
    """指定一审的审读人；不能是作者，也不能由作者指定。"""
    body = {"subject": subject, "subject_id": subject_id, "stage": stage, "reader_id": reader}
    answer = connect().post("publicity", "/api/readers", body)
    output.print_line(f"{'已登记' if answer.get('changed') else '无变化'} {subject_id} {stage}")


def reading(
    subject: Annotated[str, typer.Argument(metavar="article|anthology", help="article：推文或视频，anthology：汇编")],
    subject_id: Annotated[str, typer.Argument(metavar="ID", help="编号")],
    stage: Annotated[str, typer.Argument(metavar="first|second|final", help="初审、复审、终审")],
    reader: Annotated[str, typer.Option(metavar="PERSON", help="审读人的人员编号")],
    on: Annotated[str, typer.Option(metavar="DATE", help="审读日期，缺省为今天")] = "",
    content: Annotated[str, typer.Option(metavar="HASH", help="审读的是哪一稿，缺省为现在的")] = "",
    send_back: Annotated[str, typer.Option(metavar="TEXT", help="退回的理由；缺省为通过")] = "",
) -> None:
    """登记三审三校中的一审：通过，或退回；由指定的审读人本人办理。"""
    body = {"subject": subject, "subject_id": subject_id, "stage": stage, "reader_id": reader, "on": on,
            "content": content, "reason": send_back}  # fmt: skip
    answer = connect().post("publicity", "/api/readings", body)
    output.print_line(f"{'已登记' if answer.get('changed') else '无变化'} {subject_id} {stage}")
