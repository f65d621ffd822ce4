"""`qihang security-log`: sign-ins, failures, changes of accounts and exports, as the console's store has them."""

from datetime import date, datetime
from typing import Annotated, Any

import typer

from cli import output
from cli.api_client import connect
from cli.failure import WrongUsage
from cli.slips import ZONE

EVENTS = {
    "signin": "登录", "signin_failed": "登录失败", "signout": "退出", "session_ended": "退出一台设备",
    "sessions_ended": "退出所有设备", "password_changed": "修改密码", "password_change_failed": "修改密码失败",
    "password_reset": "重置密码", "password_installed": "安装密码", "account_created": "开通账号",
    "account_disabled": "停用账号", "account_enabled": "启用账号", "account_renamed": "改登录账号",
    "account_removed": "注销账号", "second_step_added": "启用两步验证", "second_step_removed": "停用两步验证",
    "second_step_reset": "重置两步验证", "second_step_failed": "验证码错误",
    "second_step_change_failed": "变更两步验证失败", "recovery_code_used": "使用备用码",
    "recovery_codes_renewed": "重新生成备用码", "export": "导出", "record_exported": "导出本人信息",
    "refused": "拒绝访问",
}  # fmt: skip


def security_log(
    since: Annotated[str, typer.Option("--since", metavar="DAY", help="从这一天起，如 2023-01-01")] = "",
    account: Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="只看这个账号，或由它办理的")] = "",
    event: Annotated[str, typer.Option("--event", metavar="EVENT", help="只看这一种，如 signin_failed")] = "",
    limit: Annotated[int, typer.Option("--limit", help="最多几条", min=1, max=1000)] = 100,
) -> None:
    """登录、失败、账号变更和导出的记录，最近的在前；其中没有密码。"""
    query = {"since": _seconds(since), "account": account, "event": event, "limit": str(limit)}
    given: dict[str, Any] = {name: value for name, value in query.items() if value}
    result = connect().get("console", "/api/security-log", **given)
    rows = [
        (f"{datetime.fromtimestamp(item['at'], ZONE):%Y-%m-%d %H:%M:%S}", EVENTS.get(item["event"], item["event"]),
         item["account_id"], item["actor"], item["address"], item["device"],
         "，".join(f"{name}={value}" for name, value in item["detail"].items()))
        for item in result["entries"]
    ]  # fmt: skip
    headings = ("时间", "事项", "账号", "办理人", "地址", "设备", "说明")
    output.print_table(headings, rows, title=f"安全日志 {len(rows)}", left=7)


def _seconds(day: str) -> str:
    if not day:
        return ""
    try:
        at = date.fromisoformat(day)
    except ValueError:
        raise WrongUsage(f"--since 应是日期，如 2023-01-01：{day}") from None
    return str(datetime(at.year, at.month, at.day, tzinfo=ZONE).timestamp())
