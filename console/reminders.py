"""The page of reminders: who would be told what on a day and why, the boxes that have messages, and one box."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console.accounts import Who
from console.pages import day_or_nothing, signed_in
from console.wiring import parts

pages = Blueprint("reminders", __name__)
SHOWN = 200
OUTCOMES = {"made": "已发送", "box_only": "仅消息箱", "given_up": "未能送达", "met": "发送前已完成", "": "待发送"}
CHANNELS = {"box": "消息箱", "email": "邮件", "wecom": "企业微信群"}
LEVELS = {
    "person": "本人", "clerk": "填报员", "head": "主要负责人", "office": "包联股室或督查室",
    "campaign_office": "活动领导小组办公室",
}  # fmt: skip


@pages.get("/reminders")
@signed_in("operator")
def reminders(user: Who) -> ResponseReturnValue:
    ask = parts().upstream.ask
    day = day_or_nothing(request.args.get("day", ""))
    recipient = request.args.get("recipient", "").strip()[:80]
    return render_template(
        "reminders.html",
        said=ask(user, "notifications", "/api/preview", day=day, limit=str(SHOWN)),
        boxes=ask(user, "notifications", "/api/boxes", limit=str(SHOWN)).body.get("boxes") or [],
        box=_box(user, recipient) if recipient else None,
        recipient=recipient,
        shown=SHOWN,
        outcomes=OUTCOMES,
        channels=CHANNELS,
        levels=LEVELS,
    )


def _box(user: Who, recipient: str) -> list[dict[str, Any]]:
    if "/" in recipient or "." in recipient:
        return []
    said = parts().upstream.ask(user, "notifications", f"/api/box/{recipient}")
    messages = said.body.get("messages") if said.ok else []
    return list(messages or [])
