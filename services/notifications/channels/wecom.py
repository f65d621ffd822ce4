"""The WeCom group robot (企业微信群机器人): markdown of at most 4096 bytes, 20 messages a minute, error codes."""

import json
import time
from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

import requests

from services.notifications.channels import Message
from services.notifications.contacts.domain import Contact
from services.notifications.delivery.domain import Outcome, Result
from services.notifications.digests.robot_text import MARKDOWN_BYTES

A_MINUTE = 20
SECONDS = (5, 20)
_BUSY, _TOO_MANY = -1, (45009, 45033)


class Wecom:
    """Speaks to one address for all robots; the robot's key is the contact's and stands in no log or event."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url, self._clock = url, clock
        self.to = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        self._sent: dict[str, deque[float]] = {}
        self._session = requests.Session()
        self._session.trust_env = False

    def address(self, contact: Contact) -> str:
        return contact.robot

    def wait(self, contact: Contact) -> float:
        """Seconds until this robot may speak again."""
        sent = self._sent.setdefault(contact.robot, deque(maxlen=A_MINUTE))
        return max(0.0, sent[0] + 60 - self._clock()) if len(sent) == A_MINUTE else 0.0

    def send(self, message: Message) -> Outcome:
        content = message.text.markdown
        assert len(content.encode()) <= MARKDOWN_BYTES
        body = json.dumps({"msgtype": "markdown", "markdown": {"content": content}}, ensure_ascii=False).encode()
        self._sent.setdefault(message.contact.robot, deque(maxlen=A_MINUTE)).append(self._clock())
        try:
            answer = self._session.post(self._url, params={"key": message.contact.robot}, data=body, timeout=SECONDS,
                                        headers={"Content-Type": "application/json"})  # fmt: skip
        except requests.ConnectTimeout:
            return Outcome("later", "connect", "no connection in time", "channel", outage=True)
        except requests.ConnectionError as error:
            lost = "Remote end closed" in str(error) or "reset" in str(error)
            result: Result = "unknown" if lost else "later"
            return Outcome(result, "lost" if lost else "connect", type(error).__name__, "channel", outage=not lost)
        except requests.RequestException as error:
            return Outcome("unknown", "no_answer", type(error).__name__, "channel", outage=True)
        return _classified(answer)

    def close(self) -> None:
        self._session.close()


def _classified(answer: requests.Response) -> Outcome:
    if answer.status_code >= 500:
        return Outcome("later", f"http_{answer.status_code}", "", "channel", outage=True)
    try:
        result = answer.json()
        code = int(result["errcode"])
    except (ValueError, KeyError, TypeError):
        return Outcome("later", "not_wecom", f"HTTP {answer.status_code}", "channel", outage=True)
    if code == 0:
        return Outcome("succeeded")
    detail = str(result.get("errmsg", "")).split(", hint")[0][:200]
    if code == _BUSY:
        return Outcome("later", f"wecom_{code}", detail, "channel")
    return Outcome("later" if code in _TOO_MANY else "never", f"wecom_{code}", detail)
