"""Articles (推文) on official accounts: those in hand, public and over; one, or a video, with its readings, what is
next, how it is published and taken down.  Drafting is articles_draft.py, publishing articles_publish.py."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console import publicity_words as words
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.local_times import is_local_time
from console.local_times import local_minute as local_minute
from console.own_units import LONGEST_ID
from console.page_registry import ARTICLES, VIDEOS
from console.reader_appointments import candidates_query
from console.registry import unit_names
from console.service_client import ServiceResponse
from console.users import User
from console.write_client import reader, write

blueprint = Blueprint("articles", __name__)
RIGHT = "publish_for_unit"
GROUPS = {"open": "在办", "public": "已发布", "ended": "已结束"}
ROWS = "50"
STOPPED_AT_ONCE = ("drafted", "returned", "refused", "failed", "submitting", "submitted")
"""Not known to be public: what has not gone out is stopped, what is on its way is deleted as soon as it is public."""
DONE = {
    "stopped": "已停发，没有公开。", "taken_down": "撤稿已登记，相应的填报记录随之撤回。",
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


@blueprint.get(ARTICLES.path)
@signed_in(ARTICLES.right)
def articles(user: User) -> ResponseReturnValue:
    """Those in hand first; more by tabs and, where there are several, by unit."""
    group, unit_id = request.args.get("group", ""), request.args.get("unit", "").strip()[:LONGEST_ID]
    group = group if group in GROUPS else "open"
    query = {
        "group": group,
        "kind": "article",
        "unit_id": unit_id,
        "limit": ROWS,
        "after": request.args.get("after", "")[:LONGEST_ID],
    }
    response = reader(user)("publicity", "/api/articles", **query)
    rows = response.body.get("articles") or []
    several = bool(unit_id) or len({row["unit_id"] for row in rows}) > 1
    return render_template(
        "articles.html", response=response, articles=rows, group=group, groups=GROUPS, unit_id=unit_id, page=ARTICLES,
        units=unit_names(user) if several else [], words=words, labels=labels,
    )  # fmt: skip


@blueprint.get(f"{ARTICLES.path}/article")
@signed_in(ARTICLES.right)
def article(user: User) -> ResponseReturnValue:
    """What has become of the article, and the forms for who may do something with it."""
    return article_page(user)


@blueprint.post(f"{ARTICLES.path}/take-down")
@signed_in(RIGHT, fresh=True)
def take_down(user: User) -> ResponseReturnValue:
    """Ordered, or with `done` recorded; the same again changes nothing."""
    wanted = {"reason": request.form.get("reason", "").strip()[:100], "done": request.form.get("way") == "done"}
    if not wanted["reason"]:
        return article_page(user, status=422, errors={"reason": "请填写撤稿原因。"})
    at = request.form.get("at", "").strip()[:32]
    if wanted["done"] and at:
        if not is_local_time(at):
            return article_page(user, status=422, errors={"down-at": "请按日历选择，不填为现在。"})
        wanted["at"] = at
    result = write(user, "publicity", path_of(article_id(), "take-down"), wanted)
    if not result.ok:
        return article_page(user, f"没有办成：{result.message}", result.status)
    return redirect(url_for("articles.article", article=article_id(), done="1"), 303)


def article_page(
    user: User, message: str = "", status: int = 200, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    """The article's page, with what was refused."""
    response, people = _read(user)
    row = response.body
    shown_on = VIDEOS if row["film"] else ARTICLES
    done = DONE.get(row["status"], "") if request.args.get("done") and not message else ""
    page = render_template(
        "article.html", article=row, may=row["may"], message=message, done=done, ways=_ways(row), form=request.form,
        errors=errors or {}, words=words, labels=labels, findings=FINDINGS, notes=NOTES, people=people,
        page=shown_on, menu_page=shown_on,
        is_late=row["status"] in ("refused", "failed"), to_publish=row["step"] in ("publish", "settle"),
        publishes=("publish_for_district" if row["account"] == "district" else RIGHT) in row["may"],
    )  # fmt: skip
    return page, status


def article_id() -> str:
    """404: none is named."""
    return request.values.get("article", "").strip()[:LONGEST_ID] or abort(404)


def path_of(name: str, deed: str = "") -> str:
    return f"/api/articles/{quote(name, safe='')}{'/' if deed else ''}{deed}"


def _read(user: User) -> tuple[ServiceResponse, dict[str, Any]]:
    """The article, and whom the user may appoint to read it.  404: there is none that the user may see."""
    read, name = reader(user), article_id()
    questions = [question(read, "publicity", path_of(name))]
    if user.may("appoint_readers"):
        about = candidates_query("article", name)
        questions.append(question(read, "publicity", "/api/readers/candidates", **about))
    response, *rest = call_all(*questions)
    if not response.ok:
        abort(503 if response.status >= 500 else 404)
    return response, rest[0].body if rest else {}


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
