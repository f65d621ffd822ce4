"""The WeCom group robot (企业微信群机器人): markdown of at most 4096 bytes, 20 messages a minute."""

import time
from collections.abc import Callable

from services.notifications.channels import Message
from services.notifications.channels.robot_server import Pace, RobotServer
from services.notifications.contacts.domain import Contact
from services.notifications.delivery.domain import Outcome
from services.notifications.digests.robot_text import MARKDOWN_BYTES

A_MINUTE = 20
_BUSY, _TOO_MANY = -1, (45009, 45033)
_REST_SECONDS = 60


class Wecom:
    """Sends to one URL for all robots; the robot's key is the contact's and appears in no log or event."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.server, self._pace = RobotServer(url, "wecom"), Pace(A_MINUTE, clock)

    @property
    def to(self) -> str:
        return self.server.to

    def address(self, contact: Contact) -> str:
        return contact.robot

    def wait(self, contact: Contact) -> float:
        """Seconds until this robot may send again."""
        return self._pace.wait(contact.robot)

    def send(self, message: Message) -> Outcome:
        content, robot = message.text.markdown, message.contact.robot
        assert len(content.encode()) <= MARKDOWN_BYTES
        answer = self.server.post({"key": robot}, {"msgtype": "markdown", "markdown": {"content": content}})
        self._pace.count(robot)
        if isinstance(answer, Outcome):
            return answer
        if answer.errcode in _TOO_MANY:
            self._pace.rest(robot, _REST_SECONDS)
        return _outcome_of_code(answer.errcode, answer.errmsg.split(", hint")[0][:200])

    def close(self) -> None:
        self.server.close()


def _outcome_of_code(code: int, detail: str) -> Outcome:
    if code == 0:
        return Outcome("succeeded")
    if code == _BUSY:
        return Outcome("later", f"wecom_{code}", detail, "channel")
    return Outcome("later" if code in _TOO_MANY else "never", f"wecom_{code}", detail)
