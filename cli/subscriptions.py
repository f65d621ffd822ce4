"""`qihang subscription`: the outside systems that read our facts, or are sent them; their secrets are shown once and
not stored by the command."""

import json
from typing import Annotated, Any

import typer

from cli import output
from cli.api_client import JsonObject, connect
from cli.publishers import ListOptions
from cli.subscription_texts import PATH, segment, show_delivery, show_reading, show_rights, show_secrets, show_token

app = typer.Typer(help="订阅：读取本系统数据的外部系统。", no_args_is_help=True, rich_markup_mode=None)
MODES = ("structured", "binary", "batched")

Name = Annotated[str, typer.Argument(metavar="NAME", help="订阅的名称")]
Entries = Annotated[list[int] | None, typer.Argument(metavar="ENTRY...", help="failures 所列的编号", min=1)]
Webhook = Annotated[str, typer.Option("--webhook", metavar="URL", help="推送到这个网址（webhook）")]
Amqp = Annotated[bool, typer.Option("--amqp", help="推送到消息服务（RabbitMQ）中它自己的队列")]
Mode = Annotated[
    str, typer.Option("--mode", metavar="M", help="CloudEvents 的写法：structured（不写即此）、binary、batched")
]
Batch = Annotated[
    int | None, typer.Option("--batch", metavar="N", min=1, max=500, help="batched 时一次请求最多多少个事件（100）")
]
Rate = Annotated[
    int | None,
    typer.Option("--rate", metavar="N", min=1, max=60_000, help="每分钟最多多少次请求（6000），对方可要求更少"),
]
Length = Annotated[
    int | None,
    typer.Option(
        "--length", metavar="N", min=1, max=100_000, help="队列中最多积压多少个事件（100000），满了就等待读取"
    ),
]
Http = Annotated[bool, typer.Option("--allow-http", help="允许 http:// 的网址（数据不加密）")]
Local = Annotated[bool, typer.Option("--allow-local", help="允许指向本服务器自己的网址")]
Unasked = Annotated[bool, typer.Option("--no-handshake", help="推送前不用 OPTIONS 询问对方")]
Types = Annotated[
    list[str] | None, typer.Option("--types", metavar="T...", help="可读取的公开事件类型，如 record.accepted、record.*")
]
Units = Annotated[list[str] | None, typer.Option("--units", metavar="U...", help="可读取的单位编号；all 为全部单位")]
Start = Annotated[str, typer.Option("--from", metavar="P", help="起点：start、end、带时区的时间，或事件中的 cursor")]


@app.command("add", cls=ListOptions)
def add(
    name: Name, types: Types = None, units: Units = None,
    personal: Annotated[bool, typer.Option("--personal", help="可读取人员编号、姓名和题目；不给则人员为假名")] = False,
    webhook: Webhook = "", amqp: Amqp = False, mode: Mode = "", batch: Batch = None, rate: Rate = None,
    length: Length = None, allow_http: Http = False, allow_local: Local = False, no_handshake: Unasked = False,
    start: Start = "",
) -> None:  # fmt: skip
    """登记一个订阅可读取的类型和单位，显示它的令牌和密钥（只显示这一次）；不给 --units 则为全部单位。"""
    if not types:
        raise typer.BadParameter("请写明可读取的事件类型，如 --types record.*", param_hint="--types")
    body: dict[str, Any] = {"name": name, "types": types, "units": units or [], "personal": personal}
    options = _webhook_options(webhook, mode, batch, rate, allow_http, allow_local, no_handshake)
    body |= _delivery(options, amqp, length, start)
    show_token(connect().post("participation", PATH, body))


@app.command("change", cls=ListOptions)
def change(
    name: Name, types: Types = None, units: Units = None,
    personal: Annotated[
        bool | None, typer.Option("--personal/--no-personal", help="可否读取人员编号、姓名和题目")
    ] = None,
    webhook: Webhook = "", amqp: Amqp = False, mode: Mode = "", batch: Batch = None, rate: Rate = None,
    length: Length = None, allow_http: Http = False, allow_local: Local = False, no_handshake: Unasked = False,
    none: Annotated[bool, typer.Option("--none", help="不再推送，只按位置读取；未读的队列一并删除")] = False,
    start: Start = "",
) -> None:  # fmt: skip
    """变更一个订阅可读取的内容（从此以后的事件），或它的推送（不写 --from 则从原来的位置继续，未推送过的从头开始）。"""
    options = _webhook_options(webhook, mode, batch, rate, allow_http, allow_local, no_handshake)
    given = {"types": types, "units": units, "personal": personal}
    rights = {member: value for member, value in given.items() if value not in (None, [])}
    if (none and (webhook or amqp)) or not (rights or webhook or amqp or none):
        wanted = "请写明 --types、--units、--personal，或 --webhook、--amqp、--none 其中之一"
        raise typer.BadParameter(wanted, param_hint="--types")
    body = _delivery(options, amqp, length, start)
    if rights:
        _change_rights(name, rights)
    if none:
        connect().call("DELETE", "participation", f"{PATH}/{segment(name)}/delivery")
        output.print_line(f"{name} 不再推送")
    elif body:
        answer = connect().post("participation", f"{PATH}/{segment(name)}/delivery", body)
        output.print_line(f"name: {name}")
        show_secrets(answer)
        output.print_line("推送已设定")


def _change_rights(name: str, rights: JsonObject) -> None:
    answer = connect().post("participation", f"{PATH}/{segment(name)}/change", rights)
    output.print_line(f"name: {name}")
    show_rights(answer)
    output.print_line(
        "从现在起按此读取；以前已经过去的，要再看一遍的用 qihang subscription replay（自己来读的，从以前的位置读）"
    )


@app.command("list")
def list_subscriptions(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序使用")] = False,
) -> None:
    """列出订阅：可读取的类型和单位，读到或推送到什么位置、有什么受阻。"""
    subscriptions = connect().get("participation", PATH)["subscriptions"]
    if as_json:
        output.print_line(json.dumps(subscriptions, ensure_ascii=False))
        return
    for subscription in subscriptions:
        output.print_line(f"name: {subscription['name']}")
        show_rights(subscription)
        if subscription.get("delivery"):
            show_delivery(subscription["delivery"])
        if subscription.get("read") and (subscription["read"]["last_at"] or not subscription.get("delivery")):
            show_reading(subscription["read"])
    if not subscriptions:
        output.print_line("没有登记订阅")


@app.command("rotate")
def rotate(
    name: Name,
    secret: Annotated[bool, typer.Option("--secret", help="更换 webhook 的签名密钥；原来的一天内仍有效")] = False,
) -> None:
    """更换一个订阅的令牌和消息服务的密码（只显示这一次）；原来的立即失效。"""
    if not secret:
        show_token(connect().post("participation", f"{PATH}/{segment(name)}/rotate"))
        return
    output.print_line(f"name: {name}")
    show_secrets(connect().post("participation", f"{PATH}/{segment(name)}/rotate-secret"))
    output.print_line("以上密钥只显示这一次，请妥善保存。")


@app.command("revoke")
def revoke(name: Name) -> None:
    """撤销一个订阅；它的令牌立即失效，不再推送。"""
    connect().call("DELETE", "participation", f"{PATH}/{segment(name)}")
    output.print_line(f"已撤销 {name}")


@app.command("pause")
def pause(name: Name) -> None:
    """暂停推送；位置保留。"""
    connect().post("participation", f"{PATH}/{segment(name)}/pause")
    output.print_line(f"{name} 已暂停推送")


@app.command("resume")
def resume(name: Name) -> None:
    """恢复推送：暂停的、因故障停止的、对方谢绝的都可恢复。"""
    connect().post("participation", f"{PATH}/{segment(name)}/resume")
    output.print_line(f"{name} 已恢复推送")


@app.command("replay")
def replay(
    name: Name, start: Annotated[str, typer.Option("--from", metavar="P", help="起点：start、end、时间或 cursor")]
) -> None:
    """从一个位置起重新推送；同一事件的 id 不变。"""
    connect().post("participation", f"{PATH}/{segment(name)}/replay", {"start": start})
    output.print_line(f"{name} 将从 {start} 起重新推送")


@app.command("failures")
def failures(
    name: Name, as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序使用")] = False
) -> None:
    """列出放弃推送的事件和原因。"""
    known = connect().get("participation", f"{PATH}/{segment(name)}/failures")["failures"]
    if as_json:
        output.print_line(json.dumps(known, ensure_ascii=False))
        return
    for each in known:
        words = [str(each["entry"]), each["at"][:19], each["type"], each["event_id"], each["code"], each["detail"]]
        again = "（将重试）" if each["state"] == "wanted" else ""
        output.print_line("  ".join(word for word in words if word) + again)
    if not known:
        output.print_line("没有放弃推送的事件")


@app.command("retry")
def retry(name: Name, entries: Entries = None) -> None:
    """重新推送放弃的事件；不写编号则立即再试下一个待推送的。"""
    count = _intervene(name, "retry", entries)
    output.print_line(f"将重试 {count} 个事件" if entries else f"{name} 立即再试")


@app.command("skip")
def skip(name: Name, entries: Entries = None) -> None:
    """删去放弃的事件；不写编号则跳过下一个待推送的（列入 failures）。"""
    output.print_line(f"已跳过 {_intervene(name, 'skip', entries)} 个事件")


def _intervene(name: str, word: str, entries: list[int] | None) -> int:
    answer = connect().post("participation", f"{PATH}/{segment(name)}/{word}", {"entries": entries or []})
    return int(answer["count"])


def _webhook_options(
    url: str, mode: str, batch: int | None, rate: int | None, allow_http: bool, allow_local: bool, no_handshake: bool
) -> JsonObject:
    if mode and mode not in MODES:
        raise typer.BadParameter(f"请写 {'、'.join(MODES)} 其中之一", param_hint="--mode")
    given = {"mode": mode or None, "batch": batch, "rate": rate, "allow_http": allow_http or None,
             "allow_local": allow_local or None, "handshake": False if no_handshake else None}  # fmt: skip
    options = {key: value for key, value in given.items() if value is not None}
    if options and not url:
        raise typer.BadParameter("这些选项只用于 --webhook", param_hint="--webhook")
    return {"url": url, **options} if url else {}


def _delivery(webhook: JsonObject, amqp: bool, length: int | None, start: str) -> JsonObject:
    """Nothing where it only reads by a cursor."""
    if length is not None and not amqp:
        raise typer.BadParameter("只用于 --amqp", param_hint="--length")
    if start and not (webhook or amqp):
        raise typer.BadParameter("只用于 --webhook 或 --amqp", param_hint="--from")
    result: dict[str, Any] = {"webhook": webhook} if webhook else {}
    if amqp:
        result["amqp"] = {"length": length} if length is not None else {}
    if start:
        result["start"] = start
    return result
