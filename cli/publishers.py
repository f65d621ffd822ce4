"""`qihang publisher`: the outside systems that may report rows, and what each may; their secrets are shown once and not
stored by the command."""

import json
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli import output
from cli.api_client import JsonObject, connect
from cli.settings import load_connection_settings
from cli.usage import Command

app = typer.Typer(help="接入系统。", no_args_is_help=True, rich_markup_mode=None)
PATH = "/api/publishers"
CA_FILE = "qihang-ca.pem"
_LISTS = ("--types", "--units", "--sources")
_ALL = "all"
_ANSWERS = {"receipts": "回执", "status": "只用状态码"}
_LIMITS = {"rows_a_minute": "行", "bytes_a_minute": "字节"}
_OUTCOMES = {"accepted": "已接收", "unchanged": "无变化", "waiting": "待关联", "refused": "未接收",
             "unauthorized": "令牌无效"}  # fmt: skip


class ListOptions(Command):
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


Rows = Annotated[int | None, typer.Option("--rows-a-minute", metavar="N", min=0, help="每分钟最多报送多少行；0 为不限")]
Bytes = Annotated[
    int | None, typer.Option("--bytes-a-minute", metavar="N", min=0, help="每分钟最多报送多少字节；0 为不限")
]

Answers = Annotated[
    str | None,
    typer.Option("--answers", metavar="receipts|status", help="HTTP 的答复：receipts 为回执，status 为只用状态码"),
]


@app.command("add", cls=ListOptions)
def add(
    name: Name, types: Types = None, units: Units = None, sources: Sources = None, unnamed: Unnamed = None,
    rows: Rows = None, size: Bytes = None, answers: Answers = None,
) -> None:  # fmt: skip
    """登记一个接入系统可报送的类型、单位和来源，显示它的密码和令牌（只显示这一次）；不给 --units 则为全部单位。"""
    if not types:
        raise typer.BadParameter("请写明可报送的事件类型，如 --types qihang.record.*", param_hint="--types")
    rights = _without_unset(
        types=types,
        units=units,
        sources=sources,
        unnamed=unnamed,
        rows_a_minute=rows,
        bytes_a_minute=size,
        answers=_answers_option(answers),
    )
    _show_secrets(connect().post("participation", PATH, {"name": name, **rights}))


@app.command("change", cls=ListOptions)
def change(
    name: Name, types: Types = None, units: Units = None, sources: Sources = None, unnamed: Unnamed = None,
    rows: Rows = None, size: Bytes = None, answers: Answers = None,
) -> None:  # fmt: skip
    """变更一个接入系统可报送的类型、单位、来源、每分钟的限量或 HTTP 的答复；没有写的不变，密码和令牌不变。"""
    rights = _without_unset(
        types=types,
        units=units,
        sources=sources,
        unnamed=unnamed,
        rows_a_minute=rows,
        bytes_a_minute=size,
        answers=_answers_option(answers),
    )
    if not rights:
        given = "--types、--units、--sources、--unnamed、--rows-a-minute、--bytes-a-minute 或 --answers"
        raise typer.BadParameter(f"请写明要变更的内容：{given}")
    _show_rights(connect().post("participation", f"{PATH}/{_segment(name)}/change", rights))


@app.command("list")
def list_publishers(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序使用")] = False,
) -> None:
    """列出接入系统：可报送的类型、单位和来源，最近报送，各种结果的件数，令牌何时到期。"""
    publishers = connect().get("participation", PATH)["publishers"]
    if as_json:
        output.print_line(json.dumps(publishers, ensure_ascii=False))
        return
    for publisher in publishers:
        output.print_line(f"name: {publisher['name']}")
        _show_rights(publisher)
        _show_figures(publisher)
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


def _answers_option(answers: str | None) -> str | None:
    if answers not in (None, *_ANSWERS):
        raise typer.BadParameter("请写 receipts 或 status", param_hint="--answers")
    return answers


def _without_unset(**rights: Any) -> dict[str, Any]:
    return {column: value for column, value in rights.items() if value is not None and value != []}


def _segment(name: str) -> str:
    return quote(name, safe="")


def _show_secrets(answer: JsonObject) -> None:
    output.print_line(f"name: {answer['name']}")
    if answer.get("amqp"):
        output.print_line(f"user: {answer['user']}")
        output.print_line(f"password: {answer['password']}")
        for member in ("vhost", "exchange", "receipts"):
            output.print_line(f"{member}: {answer[member]}")
        if answer.get("amqps_address"):
            output.print_line(f"amqps: {answer['amqps_address']}")
    else:
        output.print_line("amqp: 未开通（系统没有使用消息服务）")
    output.print_line(f"token: {answer['token']}")
    output.print_line(f"token_expires_at: {answer['token_expires_at']}")
    _show_rights(answer)
    url = load_connection_settings().address()
    output.print_line(f"  报送地址：{url}/s/participation/api/intake")
    output.print_line("  试一试（把令牌存为变量 TOKEN；答复是本系统的登记）：")
    output.print_line(f'curl -sS -H "Authorization: Bearer $TOKEN" {url}/s/participation/api/publisher')
    if answer.get("amqps_address"):
        show_broker(answer, answer["receipts"])
    output.print_line("以上密码和令牌只显示这一次，请妥善保存。")


def show_broker(answer: JsonObject, queue: str) -> None:
    """How to reach the broker from outside: whose certificate it shows, and a command that signs in there."""
    trusting = ""
    if answer["amqps_ca"]:
        trusting = f"SSL_CERT_FILE={CA_FILE} "
        output.print_line(f"  消息服务证书的颁发者，存为 {CA_FILE}（SHA-256 指纹 {answer['amqps_fingerprint']}）：")
        output.print_line(answer["amqps_ca"].strip())
    address = f"amqps://{answer['user']}:$PASSWORD@{answer['amqps_address']}/{_segment(answer['vhost'])}"
    output.print_line(f"  试一试（把密码存为变量 PASSWORD，先安装 Python 的 pika；显示队列 {queue}）：")
    output.print_line(
        f'{trusting}python3 -c "import pika; c = pika.BlockingConnection(pika.URLParameters('
        f"'{address}')); print(c.channel().queue_declare('{queue}', passive=True).method)\""
    )


def _show_rights(answer: JsonObject) -> None:
    units = answer["units"]
    output.print_line(f"  可报送的类型：{'、'.join(answer['types'])}")
    output.print_line(f"  可报送的单位：{'全部' if units == [_ALL] else '、'.join(units)}")
    output.print_line(f"  所用的来源：{'、'.join(answer['sources'])}")
    limits = [f"{answer[member]} {unit}" for member, unit in _LIMITS.items() if answer.get(member)]
    output.print_line(f"  每分钟最多：{'、'.join(limits) or '不限'}")
    output.print_line(f"  HTTP 的答复：{_ANSWERS[answer['answers']]}")
    if answer["unnamed"]:
        output.print_line("  消息可以不带 user_id")


def _show_figures(answer: JsonObject) -> None:
    output.print_line(f"  令牌到期：{answer['token_expires_at'][:10]}")
    output.print_line(f"  最近报送：{answer['last_at'] or '还没有'}；现在待关联：{answer['waiting']}")
    days: dict[str, list[str]] = {}
    for each in answer["days"]:
        code = f"（{each['code']}）" if each["code"] else ""
        days.setdefault(each["day"], []).append(
            f"{_OUTCOMES.get(each['outcome'], each['outcome'])}{code} {each['count']}"
        )
    for day, counted in days.items():
        output.print_line(f"  {day}：{'、'.join(counted)}")
