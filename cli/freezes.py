"""`qihang freeze` and `qihang admit`: official figures that stand still, and what a decision admits to them."""

from typing import Annotated

import typer

from cli import output
from cli.api_client import connect


def freeze(window: Annotated[str, typer.Argument(metavar="WINDOW", help="月、季度、学期编号或年")]) -> None:
    """锁定一个已结束的统计时段：此后正式成绩不再变动。"""
    result = connect().post("assessment", "/api/freezes", {"window": window})
    words = "已锁定" if result["outcome"] == "frozen" else "早已锁定，没有变动"
    output.print_line(f"{window} {words}：数据时点 {result['known_at']}")


def admit(
    window: Annotated[str, typer.Argument(metavar="WINDOW", help="已锁定的统计时段")],
    rows: Annotated[list[str], typer.Argument(metavar="ROW...", help="记录、督查问题、考核表、免除、评选决定的编号")],
    decision: Annotated[str, typer.Option("--decision", metavar="NUMBER", help="处理决定的文号")],
) -> None:
    """把锁定之后才到的数据采纳进正式成绩，视同按时填报。"""
    body = {"window": window, "rows": list(rows), "decision": decision}
    result = connect().post("assessment", "/api/admissions", body)
    output.print_line(f"{window} {'已采纳' if result['outcome'] == 'admitted' else '早已采纳，没有变动'}")
