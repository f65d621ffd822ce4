"""Common parts of group robots: JSON by POST with limits of time and size, and a rate limit."""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, MaxRetryError

from chassis.process.greenlets import time_limit
from services.notifications.delivery.domain import Outcome

SECONDS = (5, 20)
"""Timeouts in seconds: for connecting, and for reading."""
SECONDS_IN_ALL = 30.0
LARGEST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class RobotAnswer:
    """A platform's answer; code 0: the message was accepted."""

    errcode: int
    errmsg: str


class RobotServer:
    """One URL for all robots of a platform; the robot's key is in the query, and appears in no log or event."""

    def __init__(self, url: str, platform: str) -> None:
        self._url, self._platform = url, platform
        self.to = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        self.seconds_in_all = SECONDS_IN_ALL
        self._session = requests.Session()
        self._session.trust_env = False

    def post(self, query: Mapping[str, str], message: Mapping[str, Any]) -> RobotAnswer | Outcome:
        """The platform's answer, or the outcome if there was none."""
        body = json.dumps(message, ensure_ascii=False).encode()
        try:
            with time_limit(self.seconds_in_all):
                status, content = self._exchange(query, body)
        except requests.ConnectTimeout:
            return Outcome("later", "connect", "no connection in time", "channel", outage=True)
        except requests.ConnectionError as error:
            return _cut_off(error)
        except (requests.RequestException, HTTPError, TimeoutError) as error:
            return Outcome("unknown", "no_answer", type(error).__name__, "channel", outage=True)
        return self._read(status, content)

    def _exchange(self, query: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        with self._session.post(self._url, params=query, data=body, headers=headers, timeout=SECONDS, stream=True,
                                allow_redirects=False) as answer:  # fmt: skip
            content = b""
            for part in answer.iter_content(8192):
                content += part
                if len(content) > LARGEST_ANSWER:
                    break
            return answer.status_code, content

    def _read(self, status: int, content: bytes) -> RobotAnswer | Outcome:
        if status >= 500:
            return Outcome("later", f"http_{status}", "", "channel", outage=True)
        try:
            result = json.loads(content)
            return RobotAnswer(int(result["errcode"]), str(result.get("errmsg") or ""))
        except (ValueError, KeyError, TypeError):
            return Outcome("later", f"not_{self._platform}", f"HTTP {status}", "channel", outage=True)

    def close(self) -> None:
        self._session.close()


def _cut_off(error: requests.ConnectionError) -> Outcome:
    """The outcome of a failed request: without a connection nothing was sent; if it broke, the outcome is unknown."""
    if isinstance(error.args[0] if error.args else None, MaxRetryError):
        return Outcome("later", "connect", type(error).__name__, "channel", outage=True)
    silent = "timed out" in str(error) or "not done in" in str(error)
    return Outcome("unknown", "no_answer" if silent else "lost", type(error).__name__, "channel", outage=silent)


class Pace:
    """A rate limit per robot and minute; `rest`: the pause after the platform reports too many messages."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_minute, self._clock = a_minute, clock
        self._spoke: dict[str, deque[float]] = {}
        self._rests: dict[str, float] = {}

    def wait(self, robot: str) -> float:
        """Seconds until this robot may send again."""
        spoke = self._spoke.get(robot)
        full = spoke[0] + 60 if spoke and len(spoke) == self._a_minute else 0.0
        return max(0.0, max(full, self._rests.get(robot, 0.0)) - self._clock())

    def count(self, robot: str) -> None:
        """Count a message; call it when the platform has it, so that our minute does not end before the platform's."""
        self._spoke.setdefault(robot, deque(maxlen=self._a_minute)).append(self._clock())

    def rest(self, robot: str, seconds: float) -> None:
        self._rests[robot] = self._clock() + seconds
