"""Videos on official accounts (视频展播): those on the way of an article (drafted, read three times, published by hand;
console/videos_draft.py, console/articles.py), and those that ran elsewhere, registered with link and day."""

from urllib.parse import quote

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import publicity_words as words
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.local_times import is_local_time
from console.own_units import LONGEST_ID
from console.page_registry import VIDEOS
from console.publishing_units import chosen_unit, new_id, publishing_units
from console.registry import unit_names
from console.users import User
from console.write_client import reader, write

blueprint = Blueprint("videos", __name__)
RIGHT = "publish_for_unit"
ROWS = "50"
FIELDS = {"video_id": LONGEST_ID, "unit_id": LONGEST_ID, "title": 100, "link": 500, "at": 32}


@blueprint.get(VIDEOS.path)
@signed_in(VIDEOS.right)
def videos(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.get(f"{VIDEOS.path}/new")
@signed_in(RIGHT)
def new_form(user: User) -> ResponseReturnValue:
    unit_id = chosen_unit(publishing_units(user), request.args.get("unit", ""))
    return _form(user, {"video_id": new_id("V", unit_id), "unit_id": unit_id})


@blueprint.post(f"{VIDEOS.path}/new")
@signed_in(RIGHT, fresh=True)
def record(user: User) -> ResponseReturnValue:
    """That it ran, with its link; the same form sent twice is one video."""
    given = {name: request.form.get(name, "").strip()[:most] for name, most in FIELDS.items()}
    errors = {}
    if not given["title"]:
        errors["title"] = "请填写标题。"
    if not given["link"]:
        errors["link"] = "请粘贴视频的链接。"
    if given["at"] and not is_local_time(given["at"]):
        errors["at"] = "请按日历选择，不填为现在。"
    if errors:
        return _form(user, given, errors, 422)
    result = write(user, "publicity", "/api/videos", given)
    if not result.ok:
        named = dict(result.field_errors) or {"": result.message}
        return _form(user, given, named, result.status)
    flash("已登记，相应的任务随之完成。", "done")
    return redirect(url_for(VIDEOS.endpoint), 303)


@blueprint.post(f"{VIDEOS.path}/withdraw")
@signed_in(RIGHT, fresh=True)
def withdraw(user: User) -> ResponseReturnValue:
    video_id, reason = (request.form.get(name, "").strip()[:100] for name in ("video", "reason"))
    if not reason or not video_id:
        return _page(user, "请写明撤回的原因。", 422)
    path = f"/api/videos/{quote(video_id, safe='')}/withdraw"
    result = write(user, "publicity", path, {"reason": reason}, success_message="已撤回，相应的填报记录随之撤回。")
    if not result.ok:
        return _page(user, result.message, result.status)
    return redirect(url_for(VIDEOS.endpoint), 303)


def _page(user: User, message: str = "", status: int = 200) -> ResponseReturnValue:
    unit_id = request.args.get("unit", "").strip()[:LONGEST_ID]
    query = {"unit_id": unit_id, "limit": ROWS, "after": request.args.get("after", "")[:LONGEST_ID]}
    drafted_query = {"kind": "video", "unit_id": unit_id, "limit": ROWS,
                     "after": request.args.get("drafted", "")[:LONGEST_ID]}  # fmt: skip
    read = reader(user)
    response, drafted = call_all(question(read, "publicity", "/api/videos", **query),
                                 question(read, "publicity", "/api/articles", **drafted_query))  # fmt: skip
    rows, articles = response.body.get("videos") or [], drafted.body.get("articles") or []
    several = bool(unit_id) or len({row["unit_id"] for row in (*rows, *articles)}) > 1
    page = render_template(
        "videos.html", response=response, videos=rows, unit_id=unit_id, units=unit_names(user) if several else [],
        message=message, page=VIDEOS, words=words, articles=articles, more=drafted.body.get("next") or "",
    )  # fmt: skip
    return page, status


def _form(
    user: User, given: dict[str, str], errors: dict[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    errors = errors or {}
    known = {name: text for name, text in errors.items() if name in FIELDS}
    message = "" if known else next(iter(errors.values()), "")
    return render_template("video_new.html", given=given, errors=known, message=message, units=publishing_units(user),
                           page=VIDEOS), status  # fmt: skip
