"""`qihang access`: who may sign in to the console beside the operator; passwords are shown once and not stored by the
command."""

import csv
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from cli import output
from cli.api_client import JsonObject, connect
from cli.failure import WrongUsage

app = typer.Typer(help="控制台登录账号。", no_args_is_help=True, rich_markup_mode=None)
NAME_FORMS = "person-人员编号、clerk-单位编号、head-单位编号、leader-姓名拼音"
BATCH_SIZE = 1000
Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help=NAME_FORMS)]
File = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", exists=True, dir_okay=False, help="每行一个账号名")
]


@app.command("add")
def add(names: Names = None, file: File = None) -> None:
    """开通账号，显示初始密码（只显示这一次）；已有的账号不变。"""
    _print_passwords(_requested_names(names, file), renew=False)


@app.command("rotate")
def rotate(names: Names = None, file: File = None) -> None:
    """更换账号的密码（只显示这一次），原来的登录立即失效；岗位换人时用。"""
    _print_passwords(_requested_names(names, file), renew=True)


@app.command("remove")
def remove(name: Annotated[str, typer.Argument(metavar="NAME", help=NAME_FORMS)]) -> None:
    """注销一个账号；它的登录立即失效。"""
    connect().call("DELETE", "console", f"/api/access/{quote(name, safe='')}")
    output.print_line(f"已注销 {name}")


@app.command("list")
def list_accounts() -> None:
    """列出账号和密码设定的日期。"""
    result = connect().get("console", "/api/access")["accounts"]
    rows = [(item["name"], item["since"]) for item in result]
    output.print_table(("账号", "密码设定于"), rows, title=f"登录账号 {len(rows)}", left=2)


def _requested_names(names: list[str] | None, file: Path | None) -> list[str]:
    lines = file.read_text(encoding="utf-8-sig").split() if file else []
    if not (requested := [*(names or []), *lines]):
        raise WrongUsage("请写账号名，或 --file FILE")
    return requested


def _print_passwords(names: list[str], *, renew: bool) -> None:
    """The passwords as CSV on stdout, so that they can be kept as a file and handed out."""
    client, accounts = connect(), list[JsonObject]()
    for start in range(0, len(names), BATCH_SIZE):
        body = {"names": names[start : start + BATCH_SIZE], "renew": renew}
        accounts += client.post("console", "/api/access", body)["accounts"]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if accounts:
        writer.writerow(["account", "password"])
    writer.writerows([item["name"], item["password"]] for item in accounts)
    left = len(set(names)) - len(accounts)
    if left:
        typer.echo(f"{left} 个账号{'还没有开通' if renew else '已经开通'}，没有变化", err=True)
