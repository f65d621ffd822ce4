"""`qihang status`: the status that every service reports."""

from typing import Annotated

import typer

from cli import output
from cli.api_client import ApiClient, JsonObject, connect
from cli.campaign import print_warnings
from cli.failure import Failure
from cli.settings import SERVICES

STATES = {"up": "正常", "away": "连接不上", "off": "未使用", "running": "运行", "stopped": "停止"}

CHANNELS = {"email": "邮件", "wecom": "企业微信群机器人", "wechat": "公众号接口"}
OFF = {
    "email": "提醒不发邮件（QIHANG_SMTP_URL）",
    "wecom": "提醒不发到群（QIHANG_WECOM_URL）",
    "wechat": "推文一律人工发布（QIHANG_WECHAT_ACCOUNTS）",
}
"""What follows when a channel is not set, and which setting it is."""
CHANNEL_STATES = {"open": "（暂停：对方不接收，稍后自动再试）", "half_open": "（暂停：正在再试）"}


def status(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")] = False,
) -> None:
    """各服务的状态：运行、就绪、处理位置与延迟、异常件、待关联、消息服务、存储。"""
    client = connect()
    answers: dict[str, JsonObject] = {}
    away: dict[str, str] = {}
    for service in SERVICES:
        try:
            answers[service] = client.get(service, "/api/status", patience=0)
        except Failure as failure:
            away[service] = str(failure)
            answers[service] = {"service": service, "live": False, "ready": False, "detail": str(failure)}
    campaign = _campaign_warnings(client)
    if as_json:
        output.print_json({"services": answers, "campaign": campaign})
        return
    output.print_table(
        ("服务", "运行", "就绪", "消息服务", "存储", "位置", "待发出", "异常件", "待关联", "收件"),
        [_row(service, answer) for service, answer in answers.items()],
        title="系统状态",
        left=5,
    )
    cursors = [(service, cursor) for service, answer in answers.items() for cursor in answer.get("cursors") or ()]
    if cursors:
        output.print_table(
            ("服务", "来源", "状态", "已处理到", "来源位置", "延迟（件）", "延迟（秒）"),
            [_cursor(service, cursor) for service, cursor in cursors],
            title="处理延迟",
            left=3,
        )
    channels = [
        (service, CHANNELS.get(name, name), _leads_to(name, item))
        for service, answer in answers.items()
        for name, item in (answer.get("channels") or {}).items()
    ]
    if channels:
        output.print_table(("服务", "渠道", "通往"), channels, title="对外渠道", left=3)
    for line in _undelivered(answers.get("notifications", {})):
        output.print_line(line)
    if answers.get("notifications", {}).get("calendar_unknown"):
        output.print_line("注意：近期有年份的放假安排未导入，暂按周一至周五为工作日（qihang notify calendar import）")
    print_warnings(campaign)
    for service, words in away.items():
        output.print_line(f"{service}：{words}")
    if len(away) == len(SERVICES):
        raise Failure("没有一个服务答复")


def _leads_to(name: str, item: JsonObject) -> str:
    if not item["to"]:
        return f"未设置：{OFF.get(name, '')}"
    return item["to"] + CHANNEL_STATES.get(item["state"], "")


def _undelivered(answer: JsonObject) -> list[str]:
    """What was given up, and what nobody can tell of."""
    lines = []
    if answer.get("reminders_given_up"):
        lines.append(
            f"注意：近两周有 {answer['reminders_given_up']} 份提醒未能送达（notify deliveries --code given_up）"
        )
    if answer.get("reminders_unknown"):
        lines.append(
            f"注意：近两周有 {answer['reminders_unknown']} 份提醒不能确定是否送达（notify deliveries --code unknown）"
        )
    return lines


def _campaign_warnings(client: ApiClient) -> JsonObject:
    """The campaign in force and its warnings; empty where participation does not answer."""
    try:
        return client.get("participation", "/api/campaign/warnings", patience=0)
    except Failure:
        return {}


def _cursor(service: str, cursor: JsonObject) -> tuple[object, ...]:
    state = STATES.get(cursor["state"], cursor["state"])
    return (
        service,
        f"{cursor['source']}/{cursor['partition']}",
        f"{state}：{cursor['reason']}" if cursor.get("reason") else state,
        cursor["position"],
        cursor["head"],
        cursor["lag_events"],
        cursor["lag_seconds"],
    )


def _row(service: str, answer: JsonObject) -> tuple[object, ...]:
    broker, store = answer.get("broker") or {}, answer.get("store") or {}
    relay = sum(int(entry["head"]) - int(entry["position"]) for entry in answer.get("relay") or ())
    heads = " ".join(f"{head['partition']}/{head['position']}" for head in answer.get("heads") or ())
    return (
        service,
        "是" if answer.get("live") else "否",
        "是" if answer.get("ready") else "否",
        STATES.get(broker.get("state", ""), ""),
        " ".join(filter(None, (store.get("kind"), STATES.get(store.get("state", ""), "")))),
        heads,
        relay if answer.get("relay") is not None else "",
        answer.get("quarantine"),
        answer.get("waiting"),
        answer.get("intake_pending"),
    )
