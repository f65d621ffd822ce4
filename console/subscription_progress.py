"""How far an outside system is that reads our data, in words."""

from collections.abc import Mapping
from typing import Any

from console.import_words import local_time
from console.labels import label
from console.language import words

WAYS = {"webhook": "推送（webhook）", "amqp": "消息服务的队列"}
STATES = {"running": "正常", "paused": "已暂停", "stopped": "因故障停止", "ended": "对方不再接收"}


def progress_of(subscription: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """How far it is, as far as the service says: read by itself, or sent to it."""
    read, sent = subscription.get("read") or {}, subscription.get("delivery") or {}
    shown = [
        ("最近来读", local_time(read.get("last_at", ""))), ("还没有读的", read.get("behind")),
        ("怎样送去", label(WAYS, sent.get("way"))), ("现在", label(STATES, sent.get("state"))),
        ("最近送到", local_time(sent.get("last_at", ""))), ("已送到", sent.get("delivered")),
        ("连续失败", sent.get("attempts")), ("从何时起失败", local_time(sent.get("failing_since", ""))),
        ("最近的失败", " ".join(part for part in (sent.get("code"), sent.get("detail")) if part)),
        ("没有送到、已放弃的", sent.get("undelivered")),
    ]  # fmt: skip
    return [(words(name), value) for name, value in shown if value not in (None, "")]
