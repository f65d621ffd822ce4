"""Works (作品): a person's own, and those of a unit for its head and clerk, page by page; one work with its text, where
it stands, and what may be done with it: put forward, sent back, consent on paper entered or taken back."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.concurrent_calls import call_all, question
from console.guard import LONGEST_PATH, signed_in
from console.own_units import LONGEST_ID
from console.page_registry import WORKS
from console.users import User
from console.works_words import LEVELS, PROGRESS_STATES, WORDS, level_names
from console.write_client import reader, write

blueprint = Blueprint("works", __name__)
UNIT_POSTS = ("head", "clerk")
OWN_TAB = "mine"
ON_A_PAGE = "30"
LONGEST_REASON = 500
NO_REASON = "请写明退回的原因，一行文字。"


@blueprint.get(WORKS.path)
@signed_in(WORKS.right)
def works(user: User) -> ResponseReturnValue:
    """The user's own, or a unit's: `unit` in the address; without it the first unit's, else the own."""
    units = works_units(user)
    asked = request.args.get("unit", "").strip()[:LONGEST_ID]
    own = asked == OWN_TAB or (not asked and not units and not user.is_operator)
    unit_id = "" if own else asked or next(iter(units), "")
    given = {name: request.args.get(name, "").strip()[:64] for name in ("progress", "semester", "text")}
    given["progress"] = given["progress"] if given["progress"] in PROGRESS_STATES else ""
    whose = {"author_id": user.account_id} if own else {"unit_id": unit_id}
    after = request.args.get("after", "")[:200]
    response = reader(user)("publicity", "/api/works", **whose, **given, after=after, limit=ON_A_PAGE)
    if unit_id:
        write_down(user, f"GET {WORKS.path} unit={unit_id}")
    shown = {name: value for name, value in {"unit": asked or unit_id, **given}.items() if value}
    return render_template(
        "works.html", response=response, works=response.body.get("works") or [], units=units, unit_id=unit_id,
        own=own, given=given, shown=shown, page=WORKS, words=WORDS, labels=labels, level_names=level_names,
        rules=response.body.get("rules") or {}, tab=OWN_TAB,
    )  # fmt: skip


@blueprint.get(f"{WORKS.path}/work")
@signed_in(WORKS.right)
def work(user: User) -> ResponseReturnValue:
    return show_work(user, asked_work(request.args.get("work", "")))


@blueprint.post(f"{WORKS.path}/put-forward")
@signed_in(WORKS.right, fresh=True)
def put_forward(user: User) -> ResponseReturnValue:
    """As its unit: for review."""
    return _act(user, "put-forward", {}, "已推荐送评。")


@blueprint.post(f"{WORKS.path}/return")
@signed_in(WORKS.right, fresh=True)
def give_back(user: User) -> ResponseReturnValue:
    """To its author, as its unit."""
    reason = request.form.get("reason", "").strip()
    if not reason or len(reason) > LONGEST_REASON:
        return show_work(user, asked_work(request.form.get("work", "")), {"reason": NO_REASON}, 422)
    return _act(user, "return", {"reason": " ".join(reason.split())}, "已退回修改。")


@blueprint.post(f"{WORKS.path}/consent")
@signed_in(WORKS.right, fresh=True)
def consent(user: User) -> ResponseReturnValue:
    """What the author agreed to, or took back, on paper, as their unit enters it."""
    levels = [level for level in request.form.getlist("level") if level in LEVELS]
    if not levels:
        return show_work(user, asked_work(request.form.get("work", "")), {"level": "请先勾选授权范围。"}, 422)
    if request.form.get("way") == "withdraw":
        return _act(user, "withdraw", {"levels": levels}, "已登记撤回授权，相关推文停发或撤稿，汇编待重编。")
    return _act(user, "consent", {"levels": levels}, "已登记书面授权。")


def works_units(user: User) -> dict[str, str]:
    """Id -> name of the units whose works the user sees by a post there."""
    held = [post for post in user.profile.posts if post.post in UNIT_POSTS and post.unit_id]
    return {post.unit_id: post.unit_name or post.unit_id for post in held}


def asked_work(work_id: str) -> str:
    """404: no work can bear this id."""
    text = work_id.strip()
    return text if text and len(text) <= LONGEST_ID and "/" not in text and text not in (".", "..") else abort(404)


def write_down(user: User, what: str) -> None:
    components().security_log.write_once("export", user.account_id, what[:LONGEST_PATH])


def work_row(user: User, work_id: str) -> dict[str, Any]:
    """As the service shows it to this user.  404: there is none that they may see; 503: it does not answer."""
    response = reader(user)("publicity", "/api/works", work_id=work_id)
    if not response.ok:
        abort(503 if response.status >= 500 else 404)
    rows = response.body.get("works") or abort(404)
    return {**rows[0], "rules": response.body["rules"]}


def show_work(user: User, work_id: str, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    """The page of one work; `errors` by field, under the empty name for the whole page."""
    read = reader(user)
    listed, text = call_all(
        question(read, "publicity", "/api/works", work_id=work_id),
        question(read, "publicity", f"/api/works/{quote(work_id, safe='')}/text"),
    )
    if listed.status in (403, 404) or (listed.ok and not listed.body.get("works")):
        abort(404)
    write_down(user, f"GET {WORKS.path}/work?work={work_id}")
    row = (listed.body.get("works") or [{}])[0]
    of_unit = user.is_operator or row.get("unit_id") in works_units(user)
    page = render_template(
        "work.html", response=listed, work=row, text=text, rules=listed.body.get("rules") or {}, of_unit=of_unit,
        own=row.get("author_id") == user.account_id, page=WORKS, words=WORDS, labels=labels, level_names=level_names,
        errors=errors or {}, form=request.form,
    )  # fmt: skip
    return page, status


def _act(user: User, act: str, body: dict[str, Any], done: str) -> ResponseReturnValue:
    work_id = asked_work(request.form.get("work", ""))
    result = write(user, "publicity", f"/api/works/{quote(work_id, safe='')}/{act}", body)
    if not result.ok:
        return show_work(user, work_id, {"": result.message, **result.field_errors}, result.status)
    flash(done, "done")
    return redirect(url_for("works.work", work=work_id), 303)
