"""One article (公众号推文) and its take-down (撤稿): stopped, ordered, or recorded by whoever has deleted it at the
platform."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.account_pages import ZONE
from console.anthologies import ACCOUNTS, REASONS, STATES
from console.components import components
from console.guard import signed_in
from console.users import User

blueprint = Blueprint("articles", __name__)
RIGHT = "publish_for_unit"
STAGES = {"first": "初审", "second": "复审", "final": "终审"}
STOPPED_AT_ONCE = ("drafted", "refused", "failed", "submitting", "submitted")
"""Not known to be public: what has not gone out is stopped, what is on its way is deleted as soon as it is public."""
DONE = {
    "stopped": "推文已停发，没有公开。", "taken_down": "撤稿已登记，相应的填报记录随之撤回。",
    "taking_down": "已列入待撤稿。", "submitted": "平台还在审核，一公开即撤稿。",
    "submitting": "正在提交平台，一公开即撤稿。", "failed": "正在核对平台上有没有公开，公开的随即撤稿。",
}  # fmt: skip
"""What has become of it, by its status after the form was sent."""
NOTES = {
    "api": "由系统撤稿的，通过接口删除；也可以先在公众平台上删除，再在这里登记。",
    "hand": "手工发布的，要有人在公众平台上删除：可以先列入待撤稿，删除后再登记。",
    "order": "没有公开的不再发布；已提交平台的，一公开即撤稿。", "done": "在公众平台上删除后登记。",
}  # fmt: skip
FINDINGS = {"public": "仍可看到", "gone": "已看不到", "not_found": "没有找到", "unclear": "看不出是否公开"}
"""What a look at the platform showed; any other is a fault of the look."""


@blueprint.get("/articles")
@signed_in("see_publicity")
def article(user: User) -> ResponseReturnValue:
    """What has become of the article, and the form for who may take it down."""
    return _page(user, "", 200)


@blueprint.post("/articles/take-down")
@signed_in(RIGHT, fresh=True)
def take_down(user: User) -> ResponseReturnValue:
    """Ordered, or with `done` recorded; the same again changes nothing."""
    wanted = {"reason": request.form.get("reason", "").strip()[:100], "done": request.form.get("way") == "done"}
    if not wanted["reason"]:
        return _page(user, "请填写撤稿原因。", 422)
    at = request.form.get("at", "").strip()[:32]
    if wanted["done"] and at:
        if not _is_local_time(at):
            return _page(user, "删除时间请按日历选择，不填为现在。", 422)
        wanted["at"] = at
    path = f"/api/articles/{quote(_article_id(), safe='')}/take-down"
    response = components().services.post_json(user, "publicity", path, wanted)
    if not response.ok:
        why = response.detail or "宣传服务没有答复，请稍后再试。"
        return _page(user, f"没有办成：{why}", 502 if response.status >= 500 else 422)
    return redirect(url_for("articles.article", article=_article_id(), done="1"), 303)


def _page(user: User, message: str, status: int) -> tuple[str, int]:
    row = _row(user)
    offered = user.may(RIGHT) and (user.is_operator or row["unit_id"] in {post.unit_id for post in user.profile.posts})
    done = DONE.get(row["status"], "") if request.args.get("done") and not message else ""
    page = render_template(
        "article.html", article=row, offered=offered, message=message, done=done, ways=_ways(row), form=request.form,
        accounts=ACCOUNTS, states=STATES, reasons=REASONS, stages=STAGES, labels=labels,
        findings=FINDINGS, notes=NOTES, local_minute=local_minute,
    )  # fmt: skip
    return page, status


def _ways(row: dict[str, Any]) -> list[tuple[str, str]]:
    """How it may be taken down as it stands: the form's value and its words."""
    done = ("done", "已在平台上删除，登记撤稿")
    match row["status"]:
        case "published" if row["how"] == "api":
            return [("order", "由系统撤稿"), done]
        case "published":
            return [("order", "列入待撤稿"), done]
        case "taking_down":
            return [done]
        case status if status in STOPPED_AT_ONCE and not row["stop_wanted"]:
            return [("order", "停发")]
    return []


def _row(user: User) -> dict[str, Any]:
    """404: there is none that the user may see."""
    response = components().services.get_json(user, "publicity", "/api/articles", article_id=_article_id())
    if not response.ok:
        abort(503 if response.status >= 500 else 404)
    rows = response.body.get("articles") or abort(404)
    row: dict[str, Any] = rows[0]
    return row


def _article_id() -> str:
    """404: none is named."""
    return request.values.get("article", "").strip()[:80] or abort(404)


def local_minute(utc: str) -> str:
    return f"{datetime.fromisoformat(utc).astimezone(ZONE):%Y-%m-%d %H:%M}"


def _is_local_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
