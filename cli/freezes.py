"""`qihang freeze` and `qihang admit`: official figures that stand still, and what a decision admits to them."""

from typing import Annotated

import typer

from cli import output
from cli.api_client import connect

Campaign = Annotated[str | None, typer.Option(metavar="ID", help="哪个主题活动（缺省为最近启动的）")]
_ROWS = "数据或更正的编号；几处同号时写 TABLE/ID，如 records/R1、corrections/C1"


def freeze(
    window: Annotated[str | None, typer.Argument(metavar="[WINDOW]", help="月、季度、学期编号或年")] = None,
    campaign: Campaign = None,
) -> None:
    """锁定一个已结束的统计时段：此后正式成绩不再变动。不写时段则列出已锁定的。"""
    if window is None:
        _list(campaign)
        return
    result = connect().post("assessment", "/api/freezes", {"window": window, "campaign": campaign})
    words = "已锁定" if result["outcome"] == "frozen" else "早已锁定，没有变动"
    output.print_line(f"{window} {words}：数据时点 {result['known_at']}")


def _list(campaign: str | None) -> None:
    answer = connect().get("assessment", "/api/freezes", campaign=campaign)
    lines = [(item["window"], item["known_at"], item["actor"], len(item["admitted"])) for item in answer["freezes"]]
    output.print_table(("统计时段", "数据时点", "锁定人", "采纳"), lines, title=f"{answer['campaign']}　已锁定", left=3)
    for item in answer["freezes"]:
        for row in item["admitted"]:
            line = (item["window"], row["name"], row["decision"], row["admitted_at"], row["actor"])
            output.print_line("  ".join(line))


def admit(
    window: Annotated[str, typer.Argument(metavar="WINDOW", help="已锁定的统计时段")],
    rows: Annotated[list[str], typer.Argument(metavar="ROW...", help=_ROWS)],
    decision: Annotated[str, typer.Option("--decision", metavar="NUMBER", help="处理决定的文号")],
    campaign: Campaign = None,
) -> None:
    """把锁定之后才到的数据或更正采纳进正式成绩，视同按时填报。"""
    body = {"window": window, "rows": list(rows), "decision": decision, "campaign": campaign}
    result = connect().post("assessment", "/api/admissions", body)
    words = "已采纳" if result["outcome"] == "admitted" else "早已采纳，没有变动"
    output.print_line(f"{window} {words}：{'、'.join(result['rows'])}")
