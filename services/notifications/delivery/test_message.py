"""Test messages: show an operator whether a mail server or robot accepts what is sent; nothing is stored."""

import uuid
from collections.abc import Mapping
from html import escape
from typing import Any

from chassis.process.problems import Problem
from services.notifications.channels import Channel, Message
from services.notifications.contacts.domain import Contact, contact_error
from services.notifications.contacts.handlers import ERROR_MESSAGES
from services.notifications.digests.message_texts import MessageText

SETTINGS = {"email": "QIHANG_SMTP_URL", "wecom": "QIHANG_WECOM_URL", "dingtalk": "QIHANG_DINGTALK_URL"}
SUBJECT = "【催办提醒】启航测试消息"
TEXT = "这是启航发出的测试消息。收到它，说明这个通道可以发送催办提醒；不需要回复。"


def send_test_message(channels: Mapping[str, Channel], now: str, contact: Contact) -> dict[str, Any]:
    """Send a test message by each channel with an address; returns the outcomes.  Problem 409, 422."""
    if error := contact_error(contact):
        raise Problem(422, error.code, ERROR_MESSAGES[error.code], column=error.column)
    addresses = {"email": contact.email, "wecom": contact.robot, "dingtalk": contact.dingtalk}
    wanted = [name for name, address in addresses.items() if address]
    for name in wanted:
        if name not in channels:
            raise Problem(409, "channel_off", f"没有设置 {SETTINGS[name]}，这个通道未启用。")
    text = MessageText(SUBJECT, f"{TEXT}\n", f"<p>{escape(TEXT)}</p>", TEXT)
    message = Message(f"<{uuid.uuid4().hex}@qihang.invalid>", now, contact, text)
    outcomes = []
    for name in wanted:
        outcome = channels[name].send(message)
        channels[name].close()
        outcomes.append({"channel": name, "to": channels[name].to, "result": outcome.result, "code": outcome.code,
                         "detail": outcome.detail})  # fmt: skip
    return {"outcomes": outcomes}
