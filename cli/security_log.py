"""`qihang security-log`: sign-ins, failures, changes of accounts and exports, as the console's store has them,
and changes of rights, imports and erasures, as the services' logs have them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from cli import output
from cli.api_client import ApiClient, JsonObject, connect
from cli.failure import Failure, WrongUsage
from cli.settings import SERVICES
from cli.slips import ZONE

MOST = 1000
CONSOLE_EVENTS = {
    "signin": "登录", "signin_failed": "登录失败", "signout": "退出", "session_ended": "退出一台设备",
    "sessions_ended": "退出所有设备", "password_changed": "修改密码", "password_change_failed": "修改密码失败",
    "password_reset": "重置密码", "password_installed": "安装密码", "account_created": "开通账号",
    "account_disabled": "停用账号", "account_enabled": "启用账号", "account_renamed": "改登录账号",
    "account_removed": "注销账号", "erasure_ordered": "办理个人信息删除",
    "second_step_added": "启用两步验证", "second_step_removed": "停用两步验证",
    "second_step_reset": "重置两步验证", "second_step_failed": "验证码错误",
    "second_step_change_failed": "变更两步验证失败", "recovery_code_used": "使用备用码",
    "recovery_codes_renewed": "重新生成备用码", "export": "导出", "record_exported": "导出本人信息",
    "refused": "拒绝访问", "keys_changed": "签名密钥变更",
}  # fmt: skip
SERVICE_EVENTS = {
    "subscription_added": "订阅登记", "subscription_changed": "订阅变更", "subscription_rotated": "订阅更换密钥",
    "subscription_revoked": "订阅撤销",
    "subscription_delivery_set": "订阅推送设定", "subscription_delivery_changed": "订阅推送变更",
    "publisher_registered": "接入系统登记", "publisher_changed": "接入系统变更",
    "delivery_cancelled": "提醒取消发送", "delivery_reopened": "提醒重发", "recipient_held": "收件人暂缓发送",
    "recipient_released": "收件人恢复发送",
    "publisher_rotated": "接入系统更换密钥", "publisher_removed": "接入系统注销", "import_started": "导入开始",
    "import_finished": "导入完成", "import_stopped": "导入中止",
    "post_assigned": "岗位职务", "post_corrected": "岗位职务更正",
    "person_erased": "个人信息删除", "quarantine_retried": "异常件重新处理", "quarantine_edited": "异常件修改后处理",
    "quarantine_discarded": "异常件放弃", "restored_from_backup": "从备份恢复", "replayed_from_source": "重新接收",
}  # fmt: skip
EVENTS = CONSOLE_EVENTS | SERVICE_EVENTS


def security_log(
    since: Annotated[str, typer.Option("--since", metavar="DAY", help="从这一天起，如 2023-01-01")] = "",
    account: Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="只看这个账号，或由它办理的")] = "",
    event: Annotated[str, typer.Option("--event", metavar="EVENT", help="只看这一种，如 signin_failed")] = "",
    limit: Annotated[int, typer.Option("--limit", help="最多几条", min=1, max=1000)] = 100,
) -> None:
    """登录、失败、账号变更、导出，以及接入系统、岗位职务、导入和个人信息删除的记录，最近的在前；其中没有密码。"""
    query = {"since": _seconds(since), "account": account, "event": event, "limit": str(limit)}
    given: dict[str, Any] = {name: value for name, value in query.items() if value}
    client = connect()
    entries = client.get("console", "/api/security-log", **given)["entries"]
    away = []
    for service in SERVICES:
        try:
            entries += _of_service(client, service, query)
        except Failure as failure:
            away.append(f"{service}（{failure}）")
    newest = sorted(entries, key=lambda item: item["at"], reverse=True)[:limit]
    rows = [
        (f"{datetime.fromtimestamp(item['at'], ZONE):%Y-%m-%d %H:%M:%S}", EVENTS.get(item["event"], item["event"]),
         item["account_id"], item["actor"], item["address"], item["device"],
         "，".join(f"{name}={value}" for name, value in item["detail"].items()))
        for item in newest
    ]  # fmt: skip
    headings = ("时间", "事项", "账号", "办理人", "地址", "设备", "说明")
    output.print_table(headings, rows, title=f"安全日志 {len(rows)}", left=7)
    if away:
        raise Failure(f"没有列入这些服务的记录：{'、'.join(away)}")


def _of_service(client: ApiClient, service: str, asked: dict[str, str]) -> Iterator[JsonObject]:
    """What the service's own log has, in the form of the console's entries; the address is the place in the log."""
    instant = datetime.fromtimestamp(float(asked["since"] or 0), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for item in client.get(service, "/api/security-events", since=instant, limit=MOST)["entries"]:
        actor = item["actor"].partition(":")[2].partition("@")[0]
        if asked["account"] in ("", actor) and asked["event"] in ("", item["event"]):
            at = datetime.fromisoformat(item["at"]).timestamp()
            yield {**item, "at": at, "account_id": "", "address": f"{service}/{item['place']}", "device": ""}


def _seconds(day: str) -> str:
    if not day:
        return ""
    try:
        at = date.fromisoformat(day)
    except ValueError:
        raise WrongUsage(f"--since 应是日期，如 2023-01-01：{day}") from None
    return str(datetime(at.year, at.month, at.day, tzinfo=ZONE).timestamp())
