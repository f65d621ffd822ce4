"""A local stand-in for WeCom's group robots that honours the documented limits, pace and error codes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping

from tests.support.robot_platform import RobotPlatform

LIMITS = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}


class WecomRobots(RobotPlatform):
    """`robots` are the keys that exist."""

    path = "/cgi-bin/webhook/send"

    def __init__(self, *robots: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self.robots = set(robots)

    def judged(self, query: Mapping[str, str], kind: str, body: bytes) -> tuple[int, str]:
        key = query.get("key", "")
        if key not in self.robots:
            return 93000, "invalid webhook url, hint: [1], from ip: 127.0.0.1"
        try:
            message = json.loads(body)
            kind = message["msgtype"]
            content = message[kind]["content"]
        except (ValueError, KeyError, TypeError):
            return 40008, "invalid message type"
        if kind not in LIMITS:
            return 40008, "invalid message type"
        if not content:
            return 44004, "empty content"
        if len(content.encode()) > LIMITS[kind]:
            return 40058, f"{kind}.content exceed max length {LIMITS[kind]}"
        if self.is_too_often(key):
            return 45009, "api freq out of limit"
        self.messages.append((key, content))
        return 0, "ok"
