"""`qihang status`: the status that every service reports."""

from typing import Annotated

import typer

from cli import concurrent_calls, output
from cli.api_client import ApiClient, JsonObject, connect
from cli.campaign import print_warnings
from cli.concurrent_calls import NOT_READY, ask_each, incomplete, unreachable_services
from cli.failure import Failure
from cli.settings import SERVICES

STATES = {"up": "正常", "unreachable_services": "连接不上", "off": "未使用", "running": "运行", "stopped": "停止"}

REASONS = {
    "disk_full": "磁盘已满，无法写入",
    "read_only": "存储只能读取，无法写入",
    "no_connection": "存储连接不上",
    "locked": "存储被其他程序占用",
    "write_failed": "写入出错",
    "broker_memory": "消息服务内存不足，暂停接收",
    "broker_disk": "消息服务磁盘不足，暂停接收",
    "broker_blocked": "消息服务暂停接收",
    "broker_away": "消息服务连接不上",
    "partition_stopped": "事件处理已停止",
    "stalled": "处理停滞",
}
"""As on the console's status page; tests hold both to the services' words."""
CHANNELS = {"email": "邮件", "wecom": "企业微信群机器人", "dingtalk": "钉钉群机器人", "wechat": "公众号接口"}
OFF = {
    "email": "提醒不发邮件（QIHANG_SMTP_URL）",
    "wecom": "提醒不发到企业微信群（QIHANG_WECOM_URL）",
    "dingtalk": "提醒不发到钉钉群（QIHANG_DINGTALK_URL）",
    "wechat": "推文一律人工发布（QIHANG_WECHAT_ACCOUNTS）",
}
"""What follows when a channel is not set, and which setting it is."""
CHANNEL_STATES = {"open": "（暂停：对方不接收，稍后自动再试）", "half_open": "（暂停：正在再试）"}


def status(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")] = False,
) -> None:
    """各服务的状态：运行、就绪、处理位置与延迟、异常件、待关联、消息服务、存储。"""
    asked = ask_each(lambda client, service: client.get(service, "/api/status", patience=0))
    missing = unreachable_services(asked)
    answers = {service: _absent(service, item) if isinstance(item, Failure) else item
               for service, item in asked.items()}  # fmt: skip
    campaign = {} if "participation" in missing else _campaign_warnings(connect(concurrent_calls.SECONDS))
    if as_json:
        output.print_json({"services": answers, "campaign": campaign})
    else:
        _show(answers, campaign, missing)
    _end(answers, missing)


def _absent(service: str, failure: Failure) -> JsonObject:
    return {"service": service, "live": False, "ready": False, "detail": str(failure)}


def _end(answers: dict[str, JsonObject], missing: dict[str, Failure]) -> None:
    """Failure with the exit code of what was seen: docs/cli.md."""
    if len(missing) == len(SERVICES):
        raise Failure("没有一个服务答复")
    if missing:
        raise incomplete(missing)
    unready = [service for service, answer in answers.items() if not answer.get("ready")]
    if unready:
        raise Failure(f"没有就绪：{'、'.join(unready)}", exit_code=NOT_READY)


def _show(answers: dict[str, JsonObject], campaign: JsonObject, missing: dict[str, Failure]) -> None:
    output.print_table(
        ("服务", "运行", "就绪", "消息服务", "存储", "位置", "待发出", "异常件", "待关联", "收件"),
        [_row(service, answer) for service, answer in answers.items()],
        title="系统状态",
        left=5,
    )
    for service, answer in answers.items():
        detail = (answer.get("store") or {}).get("detail")
        for reason in answer.get("reasons") or ():
            words = f"{service}：没有就绪，{REASONS.get(reason, '原因见手册')}（{reason}）"
            output.print_line(f"{words}：{detail}" if detail and reason == answer["store"].get("fault") else words)
    _show_cursors(answers)
    _show_channels(answers)
    for line in _undelivered_lines(answers.get("notifications", {})):
        output.print_line(line)
    if answers.get("notifications", {}).get("calendar_unknown"):
        output.print_line("注意：近期有年份的放假安排未导入，暂按周一至周五为工作日（qihang notify calendar import）")
    for line in _outside_systems(answers.get("participation", {})):
        output.print_line(line)
    print_warnings(campaign)
    for service, failure in missing.items():
        output.print_line(f"{service}：{failure}")


def _show_cursors(answers: dict[str, JsonObject]) -> None:
    cursors = [(service, cursor) for service, answer in answers.items() for cursor in answer.get("cursors") or ()]
    if cursors:
        output.print_table(
            ("服务", "来源", "状态", "已处理到", "来源位置", "延迟（件）", "延迟（秒）"),
            [_cursor(service, cursor) for service, cursor in cursors],
            title="处理延迟",
            left=3,
        )


def _show_channels(answers: dict[str, JsonObject]) -> None:
    channels = [
        (service, CHANNELS.get(name, name), _leads_to(name, item))
        for service, answer in answers.items()
        for name, item in (answer.get("channels") or {}).items()
    ]
    if channels:
        output.print_table(("服务", "通道", "通往"), channels, title="对外通道", left=3)


def _leads_to(name: str, item: JsonObject) -> str:
    if not item["to"]:
        return f"未设置：{OFF.get(name, '')}"
    return item["to"] + CHANNEL_STATES.get(item["state"], "")


def _undelivered_lines(answer: JsonObject) -> list[str]:
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


def _outside_systems(answer: JsonObject) -> list[str]:
    """Outside systems whose token ends soon, or is not honoured any more."""
    lines = []
    if answer.get("tokens_ending"):
        lines.append(
            f"注意：有 {answer['tokens_ending']} 个接入系统的令牌在 30 天内到期或已到期（publisher list、rotate）"
        )
    if answer.get("deliveries_failing"):
        lines.append(
            f"注意：有 {answer['deliveries_failing']} 个订阅受阻：推送不通，或不来读（subscription list、failures）"
        )
    if answer.get("publishers_unauthorized"):
        lines.append(f"注意：近一天有 {answer['publishers_unauthorized']} 次报送因令牌无效被拒（publisher list）")
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
