"""`qihang publisher`: the outside systems that may report rows, and what each may; their secrets are shown once and not
stored by the command."""

import json
from typing import Annotated, Any
from urllib.parse import quote

import typer
from typer.core import TyperCommand

from cli import output
from cli.api_client import JsonObject, connect

app = typer.Typer(help="接入系统。", no_args_is_help=True, rich_markup_mode=None)
PATH = "/api/publishers"
_LISTS = ("--types", "--units", "--sources")
_ALL = "all"


class ListOptions(TyperCommand):
    """`--types A B C`, `--types A,B` and `--types A --types B` name the same."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _spread(args))


def _spread(args: list[str]) -> list[str]:
    """Every value of a list under an option of its own."""
    result: list[str] = []
    option = ""
    for arg in args:
        name, equals, value = arg.partition("=")
        if name in _LISTS:
            option = name
            values = value.split(",") if equals else []
        elif option and not arg.startswith("--"):
            values = arg.split(",")
        else:
            option, values = "", []
            result.append(arg)
        result += [item for part in values if part for item in (option, part)]
    return result


Name = Annotated[str, typer.Argument(metavar="NAME", help="接入系统的名称")]
Types = Annotated[
    list[str] | None,
    typer.Option("--types", metavar="T...", help="可报送的事件类型，如 qihang.record.reported.v1、qihang.record.*"),
]
Units = Annotated[list[str] | None, typer.Option("--units", metavar="U...", help="可报送的单位编号；all 为全部单位")]
Sources = Annotated[
    list[str] | None,
    typer.Option("--sources", metavar="S...", help="所用的来源，末尾可为 *；不给则为 NAME、/NAME 和 /NAME/*"),
]
Unnamed = Annotated[bool | None, typer.Option("--unnamed/--named", help="消息可以（不可以）不带消息服务验证的 user_id")]


@app.command("add", cls=ListOptions)
def add(name: Name, types: Types = None, units: Units = None, sources: Sources = None, unnamed: Unnamed = None) -> None:
    """登记一个接入系统可报送的类型、单位和来源，显示它的密码和令牌（只显示这一次）；不给 --units 则为全部单位。"""
    if not types:
        raise typer.BadParameter("请写明可报送的事件类型，如 --types qihang.record.*", param_hint="--types")
    rights = _given(types=types, units=units, sources=sources, unnamed=unnamed)
    _show_secrets(connect().post("participation", PATH, {"name": name, **rights}))


@app.command("change", cls=ListOptions)
def change(
    name: Name, types: Types = None, units: Units = None, sources: Sources = None, unnamed: Unnamed = None
) -> None:
    """变更一个接入系统可报送的类型、单位或来源；没有写的不变，密码和令牌不变。"""
    rights = _given(types=types, units=units, sources=sources, unnamed=unnamed)
    if not rights:
        raise typer.BadParameter("请写明要变更的内容：--types、--units、--sources 或 --unnamed")
    _show_rights(connect().post("participation", f"{PATH}/{_segment(name)}/change", rights))


@app.command("list")
def list_publishers(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序使用")] = False,
) -> None:
    """列出接入系统及其可报送的类型、单位和来源。"""
    publishers = connect().get("participation", PATH)["publishers"]
    if as_json:
        output.print_line(json.dumps(publishers, ensure_ascii=False))
        return
    for publisher in publishers:
        output.print_line(f"name: {publisher['name']}")
        _show_rights(publisher)
    if not publishers:
        output.print_line("没有登记接入系统")


@app.command("rotate")
def rotate(name: Name) -> None:
    """更换一个接入系统的密码和令牌（只显示这一次）。"""
    _show_secrets(connect().post("participation", f"{PATH}/{_segment(name)}/rotate"))


@app.command("remove")
def remove(name: Name) -> None:
    """注销一个接入系统；它的密码和令牌立即失效，它报送后还在等待的不再处理。"""
    connect().call("DELETE", "participation", f"{PATH}/{_segment(name)}")
    output.print_line(f"已注销 {name}")


def _given(**rights: Any) -> dict[str, Any]:
    return {column: value for column, value in rights.items() if value is not None and value != []}


def _segment(name: str) -> str:
    return quote(name, safe="")


def _show_secrets(answer: JsonObject) -> None:
    output.print_line(f"name: {answer['name']}")
    if answer.get("amqp"):
        output.print_line(f"user: {answer['user']}")
        output.print_line(f"password: {answer['password']}")
    else:
        output.print_line("amqp: 未开通（系统没有使用消息服务）")
    output.print_line(f"token: {answer['token']}")
    _show_rights(answer)
    output.print_line("以上密码和令牌只显示这一次，请妥善保存。")


def _show_rights(answer: JsonObject) -> None:
    units = answer["units"]
    output.print_line(f"  可报送的类型：{'、'.join(answer['types'])}")
    output.print_line(f"  可报送的单位：{'全部' if units == [_ALL] else '、'.join(units)}")
    output.print_line(f"  所用的来源：{'、'.join(answer['sources'])}")
    if answer["unnamed"]:
        output.print_line("  消息可以不带 user_id")
