"""How far an outside system is that reads our data, in words."""

from collections.abc import Mapping
from typing import Any

from console.import_words import local_time
from console.labels import label
from console.language import words

WAYS = {"webhook": "推送（webhook）", "amqp": "消息服务的队列"}
CODES = {
    "timeout": "对方没有按时应答", "no_connection": "连接不上", "unknown_host": "找不到这个主机", "tls": "证书不对",
    "local_address": "网址指向本服务器自己", "redirected": "对方转到别的网址，不予跟随",
    "origin_not_allowed": "对方不同意接收",
    "queue_full": "队列已满，等待读取", "broker_away": "消息服务没有应答", "skipped": "人工跳过",
    "lost_cursor": "数据已从较早的备份恢复，位置不在了",
    "bad_cursor": "位置写法不对", "same_place": "总从同一个位置来读，没有记住读到了哪里",
}  # fmt: skip
STATES = {"running": "正常", "paused": "已暂停", "stopped": "因故障停止", "ended": "对方不再接收"}


def hindrance(code: str, detail: str) -> str:
    """Why it was not delivered."""
    return " ".join(part for part in (words(label(CODES, code)) if code else "", detail) if part)


def progress_of(subscription: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """How far it is: read by itself, or sent to it."""
    read, sent = subscription.get("read") or {}, subscription.get("delivery") or {}
    if sent and not read.get("last_at"):
        read = {}
    shown = [
        ("最近来读", local_time(read["last_at"]) or words("还没有来读过") if read else ""),
        ("还没有读的日志", read.get("behind")), ("其中最早的", local_time(read.get("behind_since", ""))),
        ("来读受阻", hindrance(read.get("code", ""), "")), ("来读受阻自", local_time(read.get("failing_since", ""))),
        ("怎样送去", label(WAYS, sent.get("way"))), ("现在", label(STATES, sent.get("state"))),
        ("还没有看的日志", sent.get("behind")), ("未看的最早", local_time(sent.get("behind_since", ""))),
        ("最近送到", local_time(sent.get("last_at", ""))),
        ("已送到", sent.get("delivered")), ("送到哪里", sent.get("address")), ("连续失败", sent.get("attempts")),
        ("从何时起失败", local_time(sent.get("failing_since", ""))), ("下次再试", local_time(sent.get("next_at", ""))),
        ("最近的失败", hindrance(sent.get("code", ""), sent.get("detail", ""))),
        ("没有送到、已放弃的", sent.get("undelivered")),
    ]  # fmt: skip
    return [(words(name), value) for name, value in shown if value not in (None, "")]
