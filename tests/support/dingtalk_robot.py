"""A local stand-in for DingTalk's group robots (钉钉群自定义机器人) that honours the documented contract: signature,
keyword, size, pace with its ten minutes of rest, and error codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.support.robot_platform import RobotPlatform

LARGEST = 20_000
HOUR = 3600
REST = 600
LINK = ";link:请参考本接口对应文档查看获取"
EXPIRED = f"description:机器人发送签名过期;solution:签名生成时间和发送时间请保持在 timestampms 以内{LINK}"
BAD_SIGN = (
    "description:机器人发送签名不匹配;solution:请确认签名和生成签名的时间戳必须都放在调用的网址中,"
    f"请确认机器人的密钥加密和填写正确{LINK}"
)
NO_KEYWORD = f"description:关键词不匹配;solution:请联系群管理员查看此机器人的关键词,并在发送的信息中包含此关键词{LINK}"


@dataclass(frozen=True)
class Guard:
    """How a robot is guarded: by a secret that signs, by a word that a message must have, or both."""

    secret: str = ""
    keyword: str = ""


class DingTalkRobots(RobotPlatform):
    """`robots` are the tokens that exist and how each is guarded; `titles` of the messages that were taken."""

    path = "/robot/send"

    def __init__(self, robots: Mapping[str, Guard], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self.robots, self.titles = robots, list[str]()
        self.wall_clock: Callable[[], float] = time.time
        self._rests: dict[str, float] = {}

    def judged(self, query: Mapping[str, str], kind: str, body: bytes) -> tuple[int, str]:
        token = query.get("access_token", "")
        if token not in self.robots:
            return 400101, "access_token不存在"
        if not kind.startswith("application/json"):
            return 43004, "无效的HTTP HEADER Content-Type"
        try:
            message = json.loads(body)
            title, text = message["markdown"]["title"], message["markdown"]["text"]
        except (ValueError, KeyError, TypeError):
            return 40035, "缺少参数 json"
        if message.get("msgtype") != "markdown":
            return 400105, "不支持的消息类型"
        if len(body) > LARGEST:
            return 460101, "message too long, exceed 20000 bytes"
        if refused := self._refused(self.robots[token], query, title + text):
            return 310000, refused
        if self._rests_still(token):
            return 130101, "send too fast, exceed 20 times per minute"
        self.messages.append((token, text))
        self.titles.append(title)
        return 0, "ok"

    def _refused(self, guard: Guard, query: Mapping[str, str], words: str) -> str:
        if guard.keyword and guard.keyword not in words:
            return NO_KEYWORD
        if not guard.secret:
            return ""
        timestamp = query.get("timestamp", "")
        if not timestamp.isdigit() or abs(int(timestamp) / 1000 - self.wall_clock()) > HOUR:
            return EXPIRED
        signed = hmac.new(guard.secret.encode(), f"{timestamp}\n{guard.secret}".encode(), hashlib.sha256).digest()
        return "" if query.get("sign") == base64.b64encode(signed).decode() else BAD_SIGN

    def _rests_still(self, token: str) -> bool:
        """Whoever sends more than the minute allows is not heard for ten minutes."""
        now = self.clock()
        if now < self._rests.get(token, 0.0):
            return True
        if self.is_too_often(token):
            self._rests[token] = now + REST
            return True
        return False
