"""What a page says of services that did not answer it: which, since when, and what it cannot show therefore."""

import time
from datetime import datetime

from flask import g

from console.components import components
from console.language import ENGLISH, language, words
from console.local_times import ZONE
from console.service_calls import calls
from console.users import User

NAMES = {"participation": "填报服务", "assessment": "考核服务", "publicity": "宣传服务", "notifications": "提醒服务"}
HOLDS = {
    "participation": "单位、人员和填报记录", "assessment": "任务和得分", "publicity": "作品、推文、视频和汇编",
    "notifications": "消息和提醒",
}  # fmt: skip
"""What a page lacks while the service is away."""
AWAY, SLOW = "{}已断开，截至 {} 没有答复。", "{}答复太慢，截至 {} 还没有答完。"
LAST_ANSWER, LACKS = "最近一次答复在 {}。", "本页看不到{}。"


def unseen() -> list[str]:
    """For the page: what it cannot show, in words; a line a service."""
    return [_outage_text(service, slow=status == 504) for service, status in _failed_services().items()]


def did_not_answer(service: str) -> bool:
    """What the page has not got of this service may be there nevertheless."""
    return service in _failed_services()


def _failed_services() -> dict[str, int]:
    """The services that did not answer this page, and how their calls ended."""
    user: User | None = g.get("user")
    unknown = {"participation": 502} if user and not user.profile.known else {}
    return unknown | {call.service: call.status for call in calls() if call.status in (502, 504)}


def _outage_text(service: str, *, slow: bool) -> str:
    last = components().services.outages.last_answer(service)
    last_answer = [words(LAST_ANSWER).format(_minute(last))] if last and not slow else []
    name, lacking = words(NAMES.get(service, service)), words(HOLDS.get(service, service))
    lines = [
        words(SLOW if slow else AWAY).format(name, _minute(time.time())),
        *last_answer,
        words(LACKS).format(lacking),
    ]
    return (" " if language() == ENGLISH else "").join(lines)


def _minute(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, ZONE):%H:%M}"
