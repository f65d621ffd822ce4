"""Consent (授权): for each of the user's works the uses that they agree to, where it is shown, given and taken back."""

from urllib.parse import quote

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.guard import signed_in
from console.page_registry import PERMISSIONS, WORKS
from console.users import User
from console.works import asked_work
from console.works_words import LEVELS, WORDS, asked_levels
from console.write_client import reader, write

blueprint = Blueprint("permissions", __name__)
ON_A_PAGE = "20"
ACTS = {"give": ("consent", "已授权。"), "withdraw": ("withdraw", "已撤回授权。相关推文停发或撤稿，汇编待重编。")}
"""What the form asks for: the service's word for it, and what is said when it is done."""


@blueprint.get(PERMISSIONS.path)
@signed_in(PERMISSIONS.right)
def permissions(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.post(PERMISSIONS.path)
@signed_in(PERMISSIONS.right, fresh=True)
def change(user: User) -> ResponseReturnValue:
    """Gives or takes back one use of one work."""
    work_id, level = asked_work(request.form.get("work", "")), request.form.get("level", "")
    act = ACTS.get(request.form.get("act", ""))
    if act is None or level not in LEVELS:
        return _page(user, "请在作品下面选择授权或撤回。", 422)
    result = write(user, "publicity", f"/api/works/{quote(work_id, safe='')}/{act[0]}", {"levels": [level]})
    if not result.ok:
        return _page(user, result.message, result.status)
    flash(act[1], "done")
    return redirect(url_for(PERMISSIONS.endpoint, _anchor=f"work-{work_id}"), 303)


def _page(user: User, message: str = "", status: int = 200) -> ResponseReturnValue:
    after = request.args.get("after", "")[:200]
    response = reader(user)("publicity", "/api/works", author_id=user.account_id, after=after, limit=ON_A_PAGE)
    page = render_template(
        "permissions.html", response=response, works=response.body.get("works") or [], message=message,
        page=PERMISSIONS, works_page=WORKS, words=WORDS, labels=labels,
        levels=asked_levels(response.body.get("rules") or {}),
    )  # fmt: skip
    return page, status
