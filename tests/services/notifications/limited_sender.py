"""A process that sends one message as a service does, under eventlet, and prints its outcome and how long it took."""

# ruff: noqa: E402

import eventlet

eventlet.monkey_patch()

import json
import sys
import time

from services.notifications.channels import Channel, Message
from services.notifications.channels.email import Email, MailServer
from services.notifications.channels.smtp_transfer import Timeouts
from services.notifications.channels.wecom import Wecom
from services.notifications.contacts.domain import Contact
from services.notifications.digests.message_texts import MessageText


def channel_to(port: int, seconds: float, smtp: bool) -> Channel:
    """No byte is late for a socket's own limit; all together may take so long."""
    if smtp:
        server = MailServer.of(f"smtp://127.0.0.1:{port}", "tixing@edu.example.cn", "")
        return Email(server, Timeouts(connect=20, command=20, data=20, after_dot=seconds, before_dot=seconds))
    robot = Wecom(f"http://127.0.0.1:{port}/cgi-bin/webhook/send")
    robot.server.seconds_in_all = seconds
    return robot


if __name__ == "__main__":
    what, port, seconds = sys.argv[1:]
    text = MessageText("题", "您好！\n", "<p>您好！</p>", "您好！")
    contact = Contact("person-P1", "许悦丽", "xu@x1.example.cn", "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa")
    started = time.monotonic()
    outcome = channel_to(int(port), float(seconds), what == "smtp").send(
        Message("<1@edu.example.cn>", "2022-12-30T00:30:00.000000Z", contact, text)
    )
    print(json.dumps({**vars(outcome), "seconds": time.monotonic() - started}))  # noqa: T201
