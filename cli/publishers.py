"""`qihang publisher`: the outside systems that may report rows; their secrets are shown once and not stored by the
command."""

from typing import Annotated
from urllib.parse import quote

import typer

from cli import output
from cli.api_client import JsonObject, connect

app = typer.Typer(help="接入系统。", no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="NAME", help="接入系统的名称")]


@app.command("add")
def add(name: Name) -> None:
    """登记一个接入系统，显示它的密码和令牌（只显示这一次）。"""
    _show(connect().post("participation", "/api/publishers", {"name": name}))


@app.command("rotate")
def rotate(name: Name) -> None:
    """更换一个接入系统的密码和令牌（只显示这一次）。"""
    _show(connect().post("participation", f"/api/publishers/{_segment(name)}/rotate"))


@app.command("remove")
def remove(name: Name) -> None:
    """注销一个接入系统；它的密码和令牌立即失效。"""
    connect().call("DELETE", "participation", f"/api/publishers/{_segment(name)}")
    output.print_line(f"已注销 {name}")


def _segment(name: str) -> str:
    return quote(name, safe="")


def _show(answer: JsonObject) -> None:
    output.print_line(f"name: {answer['name']}")
    if answer.get("amqp"):
        output.print_line(f"user: {answer['user']}")
        output.print_line(f"password: {answer['password']}")
    else:
        output.print_line("amqp: 未开通（系统没有使用消息服务）")
    output.print_line(f"token: {answer['token']}")
    output.print_line("以上密码和令牌只显示这一次，请妥善保存。")
