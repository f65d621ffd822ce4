"""The page of reminders: preview of a day (who gets what and why), filtered and page by page; the inboxes with
messages, and one inbox."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console.components import components
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.language import words
from console.recipients import names_of_recipients
from console.typed_dates import date_or_empty
from console.users import User

blueprint = Blueprint("reminders", __name__)
PAGE_SIZE = 200
OUTCOMES = {
    "succeeded": "已发送",
    "inbox_only": "仅消息箱",
    "given_up": "未能送达",
    "met": "发送前已完成",
    "superseded": "并入次日提醒",
    "unknown": "不能确定是否送达",
    "cancelled": "已取消发送",
    "": "待发送",
}
CHANNELS = {"inbox": "消息箱", "email": "邮件", "wecom": "企业微信群", "dingtalk": "钉钉群"}
LEVELS = {
    "person": "个人", "clerk": "填报员", "head": "主要负责人", "office": "包联股室或督查室",
    "campaign_office": "活动领导小组办公室",
}  # fmt: skip


RECIPIENTS = {
    "campaign-office": "活动领导小组办公室", "office": "包联股室", "head": "主要负责人",
    "clerk": "填报员", "person": "个人",
}  # fmt: skip
"""Kinds of recipients, by the beginning of their ids."""


STAGES = {
    "due_today": "请在今天完成", "overdue": "逾期未完成", "repeated": "逾期仍未完成", "take_down": "待撤稿",
    "to_review": "待评审", "review_late": "评审逾期", "to_check": "待复查", "check_late": "久未复查",
    "closed": "已销号", "to_read": "待审读", "selected": "作品入选", "deselected": "取消入选",
    "returned": "退回修改", "due_soon": "即将到期", "raised": "督查问题", "scored": "季考核表",
}  # fmt: skip
"""Why somebody is told, as the services head the lines."""


@blueprint.get("/reminders")
@signed_in("run_reminders")
def reminders(user: User) -> ResponseReturnValue:
    get_json, args = components().services.get_json, request.args
    day, recipient = date_or_empty(args.get("day", "")), args.get("recipient", "").strip()[:80]
    given = {
        "level": args.get("level", "") if args.get("level") in LEVELS else "",
        "stage": args.get("stage", "") if args.get("stage") in STAGES else "",
        "unit_id": args.get("unit_id", "").strip()[:80],
    }
    after = args.get("after", "") if args.get("after", "").isdecimal() else ""
    preview, inboxes, units = call_all(
        question(get_json, user, "notifications", "/api/preview", day=day, limit=str(PAGE_SIZE), after=after[:9],
                 **given),
        question(get_json, user, "notifications", "/api/inboxes", limit=str(PAGE_SIZE)),
        question(get_json, user, "participation", "/api/units"),
    )  # fmt: skip
    rows = [*(preview.body.get("digests") or []), *(inboxes.body.get("inboxes") or [])]
    listed = [each["recipient"] for each in rows]
    known_units = units.body.get("units") or []
    names = names_of_recipients(user, [*listed, recipient])._replace(
        units={each["unit_id"]: each["name"] for each in known_units}
    )
    return render_template(
        "reminders.html",
        response=preview,
        inboxes=inboxes.body.get("inboxes") or [],
        messages=_messages_of(user, recipient) if recipient else None,
        recipient=recipient,
        units=known_units,
        names=names,
        given=given,
        matching=words("符合条件 {matching} 份，这一页 {shown} 份。").format(
            matching=preview.body.get("matching", 0), shown=len(preview.body.get("digests") or [])
        ),
        outcomes=OUTCOMES,
        channels=CHANNELS,
        levels=LEVELS,
        stages=STAGES,
        kind_of=kind_of,
    )


def kind_of(recipient: str) -> str:
    """`clerk-X001`: what the recipient is."""
    return RECIPIENTS.get(recipient) or RECIPIENTS.get(recipient.partition("-")[0], recipient)


def _messages_of(user: User, recipient: str) -> list[dict[str, Any]]:
    if "/" in recipient or "." in recipient:
        return []
    response = components().services.get_json(user, "notifications", f"/api/inboxes/{recipient}")
    messages = response.body.get("messages") if response.ok else []
    return list(messages or [])
