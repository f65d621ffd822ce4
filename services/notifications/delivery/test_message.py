"""A message of trial: shows an operator that mail server or robot take what we send, at any hour; keeps nothing."""

import uuid
from collections.abc import Mapping
from html import escape
from typing import Any

from chassis.process.problems import Problem
from chassis.runtime.service_runtime import ServiceRuntime
from services.notifications.channels import Channel, Message
from services.notifications.contacts import WORDS
from services.notifications.domain.line import CAMPAIGN_OFFICE
from services.notifications.domain.register import Contact, contact_problem
from services.notifications.letters import MessageText

SETTING = {"email": "QIHANG_SMTP_URL", "wecom": "QIHANG_WECOM_URL"}
SUBJECT = "【催办提醒】启航测试消息"
TEXT = "这是启航发出的测试消息。收到它，说明这个渠道可以发送催办提醒；不需要回复。"


def send_test_message(runtime: ServiceRuntime, channels: Mapping[str, Channel], email: str, robot: str) -> dict[str, Any]:
    """What became of a message by each channel that was named.  Problems 409, 422."""
    contact = Contact(CAMPAIGN_OFFICE, "", email, robot)
    if wrong := contact_problem(contact):
        raise Problem(422, wrong[1], WORDS[wrong[1]], column=wrong[0])
    wanted = [name for name, given in (("email", email), ("wecom", robot)) if given]
    for name in wanted:
        if name not in channels:
            raise Problem(409, "channel_off", f"没有设置 {SETTING[name]}，这个渠道未启用。")
    render_message = MessageText(SUBJECT, f"{TEXT}\n", f"<p>{escape(TEXT)}</p>", TEXT)
    message = Message(f"<{uuid.uuid4().hex}@qihang.invalid>", runtime.now(), contact, render_message)
    outcomes = []
    for name in wanted:
        outcome = channels[name].send(message)
        channels[name].close()
        outcomes.append({"channel": name, "to": channels[name].to, "result": outcome.result, "code": outcome.code,
                         "detail": outcome.detail})  # fmt: skip
    return {"outcomes": outcomes}
