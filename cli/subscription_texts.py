"""What `qihang subscription` prints: what a subscription may read, its secrets, and how its delivery stands."""

from urllib.parse import quote

from cli import output
from cli.api_client import JsonObject
from cli.publishers import show_broker

PATH = "/api/subscriptions"
_ALL = "all"
_STATES = {
    "running": "正常",
    "paused": "已暂停",
    "stopped": "因故障停止（resume 恢复）",
    "ended": "对方谢绝（resume 恢复）",
}
_CODES = {
    "timeout": "对方没有按时应答", "no_connection": "连接不上", "unknown_host": "找不到这个主机", "tls": "证书不对",
    "local_address": "网址指向本服务器自己（--allow-local）", "redirected": "对方转到别的网址，不予跟随",
    "origin_not_allowed": "对方不同意接收", "queue_full": "队列已满，等待读取", "broker_away": "消息服务没有应答",
    "lost_cursor": "数据已从较早的备份恢复，位置不在了（replay）", "bad_cursor": "位置写法不对",
    "same_place": "总从同一个位置来读，没有记住读到了哪里", "skipped": "人工跳过", "restored": "系统从备份恢复",
}  # fmt: skip


def segment(name: str) -> str:
    return quote(name, safe="")


def show_token(answer: JsonObject) -> None:
    output.print_line(f"name: {answer['name']}")
    output.print_line(f"token: {answer['token']}")
    show_rights(answer)
    output.print_line(f"  读取地址：/api/subscriptions/{segment(answer['name'])}/events")
    show_secrets(answer.get("delivery") or {})
    output.print_line("以上令牌只显示这一次，请妥善保存。")


def show_secrets(answer: JsonObject) -> None:
    """Of a delivery: what is new of it."""
    if answer.get("secret"):
        output.print_line(f"secret: {answer['secret']}")
    if answer.get("former_until"):
        output.print_line(f"  原来的密钥有效期至：{answer['former_until']}")
    if answer.get("queue"):
        for member in ("user", "password", "vhost", "queue"):
            output.print_line(f"{member}: {answer[member]}")
        if answer.get("amqps_address"):
            output.print_line(f"amqps: {answer['amqps_address']}")
            show_broker(answer, answer["queue"])


def show_rights(answer: JsonObject) -> None:
    units = answer["units"]
    output.print_line(f"  可读取的类型：{'、'.join(answer['types'])}")
    output.print_line(f"  可读取的单位：{'全部' if units == [_ALL] else '、'.join(units)}")
    output.print_line("  含个人信息" if answer["personal"] else "  不含个人信息，人员为假名")
    output.print_line(f"  令牌有效期至：{answer['token_expires_at']}")


def show_reading(reading: JsonObject) -> None:
    """Of who asks by a cursor."""
    if not reading["last_at"]:
        output.print_line(f"  还没有来读过；{_backlog_text(reading)}")
        return
    output.print_line(f"  来读：已读 {reading['given']} 个，最近 {reading['last_at'][:19]}；{_backlog_text(reading)}")
    if reading["code"]:
        since = f"，自 {reading['failing_since'][:19]} 起" if reading["failing_since"] else ""
        output.print_line(f"  受阻：{_CODES.get(reading['code'], reading['code'])}{since}")


def _backlog_text(progress: JsonObject) -> str:
    oldest = f"，最早的是 {progress['behind_since'][:19]} 的" if progress["behind_since"] else ""
    return f"日志中还有 {progress['behind']} 条未看{oldest}"


def show_delivery(delivery: JsonObject) -> None:
    mode = f"（{delivery['mode']}）" if delivery["mode"] else ""
    output.print_line(f"  推送：{delivery['way']}{mode} {delivery['address']}，{_STATES[delivery['state']]}")
    output.print_line(f"  已推送 {delivery['delivered']} 个，最近 {delivery['last_at'][:19] or '还没有'}；"
                      f"{_backlog_text(delivery)}")  # fmt: skip
    if delivery["code"]:
        tried = f"，已试 {delivery['attempts']} 次" if delivery["attempts"] else ""
        again = f"，下次 {delivery['next_at'][:19]}" if delivery["state"] == "running" and delivery["next_at"] else ""
        detail = f" {delivery['detail']}" if delivery["detail"] else ""
        output.print_line(f"  受阻：{_CODES.get(delivery['code'], delivery['code'])}{detail}{tried}{again}")
    if delivery["undelivered"]:
        output.print_line(f"  放弃推送的事件：{delivery['undelivered']} 个（subscription failures）")
