"""`qihang xapi`: statements of learning platforms that became no record, and whose accounts are whose."""

import csv
import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from cli import output
from cli.api_client import connect
from cli.failure import Failure

app = typer.Typer(help="学习平台的学习记录。", no_args_is_help=True, rich_markup_mode=None)
PATH = "/api/xapi"
AT_ONCE = 1000
STATES = {"recorded": "已成为填报记录", "waiting": "待关联", "refused": "未接收", "unmapped": "未对应", "none": "无",
          "erased": "已删除"}  # fmt: skip
IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid")
Publisher = Annotated[str, typer.Option("--publisher", metavar="NAME", help="只看这一个接入系统；默认全部")]


@app.callback()
def learning() -> None:
    """学习平台的学习记录。"""


@app.command("unmapped")
def unmapped(
    publisher: Publisher = "", as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序使用")] = False
) -> None:
    """没有成为填报记录的学习记录：按动词、活动类型和原因计数；其余的按结果计数。"""
    answer = connect().get("participation", f"{PATH}/unmapped?{urlencode({'publisher': publisher})}")
    if as_json:
        output.print_line(json.dumps(answer, ensure_ascii=False))
        return
    output.print_table(
        ("接入系统", "动词", "活动类型", "账号所在", "原因", "条数", "最近"),
        [(row["publisher"], row["verb"] or "其他", row["activity_type"], row["account"], row["reason"],
          str(row["count"]), row["last_at"][:10]) for row in answer["groups"]],
        title="没有成为填报记录的学习记录", left=5,
    )  # fmt: skip
    for row in answer["others"]:
        code = f" {row['code']}" if row["code"] else ""
        output.print_line(f"{row['publisher']}：{STATES[row['state']]}{code} {row['count']} 条")


@app.command("replay")
def replay(publisher: Publisher = "") -> None:
    """按现在的活动方案和学员账号，把没有成为填报记录的学习记录重新对应一遍。"""
    totals = dict.fromkeys(("looked_at", "recorded", "waiting", "refused", "unmapped"), 0)
    client, after = connect(), 0
    while True:
        answer = client.post("participation", f"{PATH}/replay", {"publisher": publisher, "after": after})
        totals = {name: count + answer[name] for name, count in totals.items()}
        after = answer["next"]
        if not after:
            break
    shown = "，".join(f"{STATES[name]} {count} 条" for name, count in totals.items() if name in STATES)
    output.print_line(f"重新对应 {totals['looked_at']} 条：{shown}")


@app.command("actors")
def actors(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", exists=True, dir_okay=False, help="学员账号文件（CSV）")],
) -> None:
    """登记学员账号是谁的：person_id 列，另有 mbox、mbox_sha1sum、openid 之一，或 home_page 和 name。"""
    rows = _read(file)
    client = connect()
    for at in range(0, len(rows), AT_ONCE):
        client.post("participation", f"{PATH}/actors", {"actors": rows[at : at + AT_ONCE]})
    output.print_line(f"已登记 {len(rows)} 个学员账号；学习记录用 qihang xapi replay 重新对应")


def _read(file: Path) -> list[dict[str, Any]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return [_account_of_row(row, number) for number, row in enumerate(csv.DictReader(lines), 2)]
    except UnicodeDecodeError:
        raise Failure(f"{file.name} 不是 UTF-8 编码，请另存为 UTF-8") from None


def _account_of_row(row: dict[str, str], line: int) -> dict[str, Any]:
    given = {name: (row.get(name) or "").strip() for name in IDENTIFIERS}
    account = {"homePage": (row.get("home_page") or "").strip(), "name": (row.get("name") or "").strip()}
    if all(account.values()):
        actor: dict[str, Any] = {"account": account}
    elif known := [(name, value) for name, value in given.items() if value]:
        name, value = known[0]
        actor = {name: f"mailto:{value.removeprefix('mailto:')}" if name == "mbox" else value}
    else:
        raise Failure(f"第 {line} 行没有学员账号：请填写 {'、'.join(IDENTIFIERS)} 之一，或 home_page 和 name")
    return {"actor": actor, "person_id": (row.get("person_id") or "").strip()}
