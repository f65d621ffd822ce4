"""The DingTalk group robot (钉钉群自定义机器人): markdown with a title, signed with time and secret; 20 messages a
minute, above which the platform blocks the robot for ten minutes."""

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
"""Error codes about the content of a message: words, links or a length that the platform accepts from nobody."""


class DingTalk:
    """Sends to one URL for all robots; token and secret are the contact's and appear in no log or event."""

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
        """Seconds until this robot may send again."""
        return self._pace.wait(contact.dingtalk)

    def send(self, message: Message) -> Outcome:
        contact = message.contact
        content = {"title": message.text.subject, "text": _paragraphs(message.text.markdown)}
        query = {"access_token": contact.dingtalk}
        if contact.dingtalk_secret:  # without one the robot is protected by a keyword or IP address
            query |= signature(contact.dingtalk_secret, int(self._wall_clock() * 1000))
        answer = self.server.post(query, {"msgtype": "markdown", "markdown": content})
        self._pace.count(contact.dingtalk)
        if isinstance(answer, Outcome):
            return answer
        if answer.errcode in _TOO_MANY:
            self._pace.rest(contact.dingtalk, _REST_SECONDS)
        return _outcome_of_code(answer, signed="sign" in query)

    def close(self) -> None:
        self.server.close()


def signature(secret: str, timestamp: int) -> dict[str, str]:
    """The signature: time (ms, accepted within an hour) and secret by HMAC-SHA256."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": str(timestamp), "sign": base64.b64encode(digest).decode()}


def _paragraphs(markdown: str) -> str:
    """Doubles line breaks: DingTalk joins lines separated by a single one."""
    return markdown.replace("\n", "\n\n")


def _outcome_of_code(answer: RobotAnswer, signed: bool) -> Outcome:
    """The outcome for an error code.  A missing robot or a wrong token or secret is the contact's fault; a wrong clock
    of ours is not."""
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
