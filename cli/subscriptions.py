"""`qihang subscription`: the outside systems that read our facts; their tokens are shown once and not stored by the
command."""

import json
from typing import Annotated
from urllib.parse import quote

import typer

from cli import output
from cli.api_client import JsonObject, connect
from cli.publishers import ListOptions

app = typer.Typer(help="订阅：读取本系统数据的外部系统。", no_args_is_help=True, rich_markup_mode=None)
PATH = "/api/subscriptions"
_ALL = "all"

Name = Annotated[str, typer.Argument(metavar="NAME", help="订阅的名称")]


@app.command("add", cls=ListOptions)
def add(
    name: Name,
    types: Annotated[
        list[str] | None,
        typer.Option("--types", metavar="T...", help="可读取的公开事件类型，如 record.accepted、record.*"),
    ] = None,
    units: Annotated[
        list[str] | None, typer.Option("--units", metavar="U...", help="可读取的单位编号；all 为全部单位")
    ] = None,
    personal: Annotated[bool, typer.Option("--personal", help="可读取人员编号、姓名和题目；不给则人员为假名")] = False,
) -> None:
    """登记一个订阅可读取的类型和单位，显示它的令牌（只显示这一次）；不给 --units 则为全部单位。"""
    if not types:
        raise typer.BadParameter("请写明可读取的事件类型，如 --types record.*", param_hint="--types")
    body = {"name": name, "types": types, "units": units or [], "personal": personal}
    _show_token(connect().post("participation", PATH, body))


@app.command("list")
def list_subscriptions(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序使用")] = False,
) -> None:
    """列出订阅及其可读取的类型和单位。"""
    subscriptions = connect().get("participation", PATH)["subscriptions"]
    if as_json:
        output.print_line(json.dumps(subscriptions, ensure_ascii=False))
        return
    for subscription in subscriptions:
        output.print_line(f"name: {subscription['name']}")
        _show_rights(subscription)
    if not subscriptions:
        output.print_line("没有登记订阅")


@app.command("rotate")
def rotate(name: Name) -> None:
    """更换一个订阅的令牌（只显示这一次）；原来的立即失效。"""
    _show_token(connect().post("participation", f"{PATH}/{_segment(name)}/rotate"))


@app.command("revoke")
def revoke(name: Name) -> None:
    """撤销一个订阅；它的令牌立即失效。"""
    connect().call("DELETE", "participation", f"{PATH}/{_segment(name)}")
    output.print_line(f"已撤销 {name}")


def _segment(name: str) -> str:
    return quote(name, safe="")


def _show_token(answer: JsonObject) -> None:
    output.print_line(f"name: {answer['name']}")
    output.print_line(f"token: {answer['token']}")
    _show_rights(answer)
    output.print_line(f"  读取地址：/api/subscriptions/{_segment(answer['name'])}/events")
    output.print_line("以上令牌只显示这一次，请妥善保存。")


def _show_rights(answer: JsonObject) -> None:
    units = answer["units"]
    output.print_line(f"  可读取的类型：{'、'.join(answer['types'])}")
    output.print_line(f"  可读取的单位：{'全部' if units == [_ALL] else '、'.join(units)}")
    output.print_line("  含个人信息" if answer["personal"] else "  不含个人信息，人员为假名")
    output.print_line(f"  令牌有效期至：{answer['token_expires_at']}")
