"""Steps of an article at its page: readers appointed, published by hand with link and screenshot, or handed to the
platform's API."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from console.articles import article_id, article_page, path_of
from console.components import components
from console.file_forms import files_of, takes_files
from console.guard import signed_in
from console.local_times import is_local_time
from console.page_registry import ARTICLES
from console.reader_appointments import appoint_chosen, asks_for_people
from console.users import User
from console.write_client import outcome_of, write

blueprint = Blueprint("articles_publish", __name__)
CONFIRM = "confirm_publication"
LARGEST_SCREENSHOT = 8 << 20
LONGEST_LINK = 500


@blueprint.post(f"{ARTICLES.path}/readers")
@signed_in("appoint_readers", fresh=True)
def appoint_readers(user: User) -> ResponseReturnValue:
    """Of the stages for which somebody was chosen; what is refused stands at its stage."""
    if asks_for_people():
        return article_page(user)
    errors = appoint_chosen(user, "article", article_id())
    if errors:
        return article_page(user, status=422, errors=errors)
    return _redirect_to_article()


@blueprint.post(f"{ARTICLES.path}/confirm")
@takes_files(LARGEST_SCREENSHOT + (1 << 20))
@signed_in(CONFIRM, fresh=True)
def confirm(user: User) -> ResponseReturnValue:
    """Published by hand: the link, when, and a screenshot."""
    link, at = request.form.get("link", "").strip()[:LONGEST_LINK], request.form.get("at", "").strip()[:32]
    pictures = files_of("screenshot")
    errors = {}
    if not link:
        errors["link"] = "请粘贴发布后的链接。"
    if not pictures or not pictures[0].size:
        errors["screenshot"] = "请选一张页面截图（jpg 或 png）。"
    elif pictures[0].size > LARGEST_SCREENSHOT:
        errors["screenshot"] = "截图太大，请不超过 8 MB。"
    if at and not is_local_time(at):
        errors["at"] = "请按日历选择，不填为现在。"
    if errors:
        return article_page(user, status=422, errors=errors)
    response = components().services.send_file(
        user, "PUT", "publicity", path_of(article_id(), "confirmation"), pictures[0].body, link=link, at=at
    )
    result = outcome_of(response, "已登记发布，相应的任务随之完成。")
    if not result.ok:
        named = dict(result.field_errors)
        named["screenshot"] = named.pop("evidence", named.pop("file", named.get("screenshot", "")))
        shown = {name: text for name, text in named.items() if text}
        message = "" if set(shown) & {"link", "at", "screenshot"} else result.message
        return article_page(user, message, result.status, shown)
    return _redirect_to_article()


@blueprint.post(f"{ARTICLES.path}/submit")
@signed_in(CONFIRM, fresh=True)
def submit(user: User) -> ResponseReturnValue:
    """To the platform's API: submitted is not yet published."""
    result = write(user, "publicity", path_of(article_id(), "submit"), {}, success_message="已提交，等平台审核。")
    return _redirect_to_article() if result.ok else article_page(user, result.message, result.status)


def _redirect_to_article() -> Response:
    return redirect(url_for("articles.article", article=article_id()), 303)
