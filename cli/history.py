"""`qihang history`: what became of a row, in words, oldest first."""

from typing import Annotated
from urllib.parse import quote

import typer

from cli import output
from cli.api_client import connect
from cli.failure import WrongUsage

TABLES = ("units", "people", "posts", "exemptions", "records", "withdrawals", "findings", "sheets", "decisions")


def history(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="、".join(TABLES))],
    row: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="数据的编号；people 为 person_id/unit_id/from，或只写 person_id 看全部任职；"
            "posts 为 unit_id/post/person_id/from",
        ),
    ],
) -> None:
    """显示一条数据的来龙去脉：何人、何时、由什么改为什么、为什么。"""
    if table not in TABLES:
        raise WrongUsage(f"没有数据表 {table}，应为 {'、'.join(TABLES)}")
    path = f"/api/history/{table}/{quote(row, safe='/')}"
    entries = connect().get("participation", path)["entries"]
    several = len({entry["row"] for entry in entries if entry["row"]}) > 1
    for entry in entries:
        name = f"（{entry['row_name']}）" if entry.get("row_name") else ""
        which = f"{entry['row']}{name}  " if several and entry["row"] else ""
        output.print_line(f"{which}{entry['sentence']}")
