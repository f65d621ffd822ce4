"""The DingTalk group robot (钉钉群自定义机器人): markdown with a title, signed by time and secret, 20 messages a
minute, and ten minutes of rest for whoever sends more."""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable

from services.notifications.channels import Message
from services.notifications.channels.robot_server import Pace, RobotAnswer, RobotServer
from services.notifications.contacts.domain import Contact
from services.notifications.delivery.domain import Outcome

A_MINUTE = 20
_BUSY, _TOO_MANY = -1, (130101, 410100)
_REST_SECONDS = 600
_NOT_TAKEN = 310000
_CLOCK = re.compile("签名过期|invalid timestamp", re.IGNORECASE)
_OF_THE_LETTER = (430101, 430102, 430103, 430104, 460101)
"""Words, links or a length that the platform takes from nobody."""


class DingTalk:
    """Speaks to one address for all robots; token and secret are the contact's and stand in no log or event."""

    def __init__(
        self, url: str, clock: Callable[[], float] = time.monotonic, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self.server, self._pace, self._wall_clock = RobotServer(url, "dingtalk"), Pace(A_MINUTE, clock), wall_clock

    @property
    def to(self) -> str:
        return self.server.to

    def address(self, contact: Contact) -> str:
        return contact.dingtalk

    def wait(self, contact: Contact) -> float:
        """Seconds until this robot may speak again."""
        return self._pace.wait(contact.dingtalk)

    def send(self, message: Message) -> Outcome:
        contact = message.contact
        content = {"title": message.text.subject, "text": _paragraphs(message.text.markdown)}
        query = {"access_token": contact.dingtalk}
        if contact.dingtalk_secret:  # without one a keyword or an address guards the robot
            query |= signature(contact.dingtalk_secret, int(self._wall_clock() * 1000))
        answer = self.server.post(query, {"msgtype": "markdown", "markdown": content})
        self._pace.count(contact.dingtalk)
        if isinstance(answer, Outcome):
            return answer
        if answer.errcode in _TOO_MANY:
            self._pace.rest(contact.dingtalk, _REST_SECONDS)
        return _classified(answer, signed="sign" in query)

    def close(self) -> None:
        self.server.close()


def signature(secret: str, timestamp: int) -> dict[str, str]:
    """What shows that the sender has the secret: time (ms, an hour off at most) and secret under HmacSHA256."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": str(timestamp), "sign": base64.b64encode(digest).decode()}


def _paragraphs(markdown: str) -> str:
    """DingTalk joins lines that a single line break parts."""
    return markdown.replace("\n", "\n\n")


def _classified(answer: RobotAnswer, signed: bool) -> Outcome:
    """Which robot is meant, how it is guarded, and a robot that is gone are the contact's; our own clock is not."""
    code, detail = f"dingtalk_{answer.errcode}", answer.errmsg.split(";link")[0][:200]
    match answer.errcode:
        case 0:
            return Outcome("succeeded")
        case _ if answer.errcode == _BUSY:
            return Outcome("later", code, detail, "channel")
        case _ if answer.errcode == _NOT_TAKEN and signed and _CLOCK.search(answer.errmsg):
            return Outcome("later", code, detail, "channel", outage=True)
        case _ if answer.errcode in _TOO_MANY:
            return Outcome("later", code, detail)
    return Outcome("never", code, detail, "letter" if answer.errcode in _OF_THE_LETTER else "recipient")
