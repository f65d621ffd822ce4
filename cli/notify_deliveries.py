"""`qihang notify resend`, `cancel` and `hold`: what a person decides about deliveries."""

from datetime import datetime, timedelta, timezone
from typing import Annotated

import typer

from cli import output
from cli.api_client import connect
from cli.failure import WrongUsage

SERVICE = "notifications"
CHINA = timezone(timedelta(hours=8))
PHASES = {"waiting": "待发送", "sending": "正在发送", "ended": "不再发送"}
Recipient = Annotated[str, typer.Argument(metavar="RECIPIENT", help="如 clerk-X001、person-P00001")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="理由，记入事件日志")]


def resend(
    recipient: Recipient,
    reason: Reason,
    repeat: Annotated[bool, typer.Option("--repeat", help="已经送达或可能已经送达的，也重发（信中注明）")] = False,
) -> None:
    """重发今天的提醒：未能送达、已取消或刚登记地址的；此前各天未送达的会并入下一份提醒。"""
    body = {"reason": reason, "repeat": repeat}
    result = connect().post(SERVICE, f"/api/deliveries/{recipient}/resend", body)
    output.print_line(f"{recipient} {result['day']}：{PHASES[result['phase']]}")


def cancel(recipient: Recipient, reason: Reason) -> None:
    """今天的提醒不再发送；消息箱中仍可查看。"""
    result = connect().post(SERVICE, f"/api/deliveries/{recipient}/cancel", {"reason": reason})
    output.print_line(f"{recipient} {result['day']}：{PHASES[result['phase']]}")


def hold(
    recipient: Annotated[
        str, typer.Argument(metavar="RECIPIENT", help="如 clerk-X001，everybody 为全部；不写则列出已暂缓的")
    ] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="理由，记入事件日志")] = "",
    release: Annotated[bool, typer.Option("--release", help="恢复发送")] = False,
) -> None:
    """暂缓向一个收件人发送，直到恢复；消息箱照常。"""
    client = connect()
    if not recipient:
        holds = client.get(SERVICE, "/api/holds")["holds"]
    elif not reason:
        raise WrongUsage("请用 --reason 写明理由")
    else:
        path = f"/api/holds/{recipient}/release" if release else f"/api/holds/{recipient}"
        holds = client.post(SERVICE, path, {"reason": reason})["holds"]
    if not holds:
        output.print_line("没有暂缓发送的收件人。")
        return
    rows = [(item["recipient"], _local(item["since"]), item["reason"]) for item in holds]
    output.print_table(("收件人", "自", "理由"), rows, title="暂缓发送的收件人", left=3)


def _local(instant: str) -> str:
    """As a clock in China shows it."""
    return datetime.fromisoformat(instant).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
