"""`qihang imports undo`: undoes a whole import or roster, and names the rows that stay."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli import output
from cli.api_client import JsonObject, connect
from cli.failure import WrongUsage

LEFT_SHOWN = 200


def undo(
    import_id: Annotated[str, typer.Argument(metavar="ID", help="导入的编号，见 qihang imports")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="为什么撤销；写入每一行的来龙去脉")],
) -> None:
    """撤销一次导入或花名册：带来的作废，作废、撤回、结束或更正的恢复；其他数据已用到的行保留并列出。"""
    if not reason.strip():
        raise WrongUsage("--reason 应写明撤销的原因")
    client, path = connect(), f"/api/imports/{quote(import_id, safe='')}/undo"
    undone, left = 0, list[JsonObject]()
    place: Any = None
    while True:
        answer = client.post("participation", path, {"reason": reason, "place": place}, patience=180)
        undone, left, place = undone + answer["undone"], left + answer["left"], answer["place"]
        if place is None:
            break
    output.print_line(f"撤销了 {undone} 行" + (f"，{len(left)} 行没有撤销：" if left else "。"))
    if left:
        rows = [(row["table"], row["row"], row["message"]) for row in left[:LEFT_SHOWN]]
        output.print_table(("表", "编号", "原因"), rows)
    if len(left) > LEFT_SHOWN:
        output.print_line(f"还有 {len(left) - LEFT_SHOWN} 行没有列出。")
