"""Drafting an article (起草推文): for which account, its title, the works in their order; again where a reading sent it
back."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console import publicity_words as words
from console.articles import RIGHT, path_of
from console.chosen_works import chosen_works
from console.components import components
from console.guard import signed_in
from console.own_units import LONGEST_ID
from console.page_registry import ARTICLES
from console.publishing_units import chosen_unit, new_id, publishing_units
from console.users import User
from console.write_client import outcome_of, reader

blueprint = Blueprint("articles_draft", __name__)
LONGEST_TITLE = 32
MOST_WORKS = 20


@blueprint.get(f"{ARTICLES.path}/draft")
@signed_in(RIGHT)
def draft_form(user: User) -> ResponseReturnValue:
    """`article`: one that was sent back, as it was drafted."""
    if name := request.args.get("article", "").strip()[:LONGEST_ID]:
        response = reader(user)("publicity", path_of(name))
        row = response.body if response.ok else abort(503 if response.status >= 500 else 404)
        given = {name: row[name] for name in ("article_id", "unit_id", "account", "title", "works")}
        return _page(user, {**given, "again": True})
    units = publishing_units(user)
    unit_id = chosen_unit(units, request.args.get("unit", ""))
    account = "district" if request.args.get("account") == "district" else "unit"
    return _page(user, {"article_id": new_id("A", unit_id), "unit_id": unit_id, "account": account,
                        "title": request.args.get("title", "")[:LONGEST_TITLE], "works": []})  # fmt: skip


@blueprint.post(f"{ARTICLES.path}/draft")
@signed_in(RIGHT, fresh=True)
def draft(user: User) -> ResponseReturnValue:
    given: dict[str, Any] = {
        name: request.form.get(name, "").strip()[:LONGEST_ID] for name in ("article_id", "unit_id", "account")
    }
    given |= {"title": request.form.get("title", "").strip()[:100], "works": chosen_works()}
    given["account"] = given["account"] if given["account"] in words.ACCOUNTS else "unit"
    again = {"again": bool(request.form.get("again"))}
    if missing := _form_errors(given):
        return _page(user, given | again, missing, status=422)
    response = components().services.post_json(user, "publicity", "/api/articles", given, slow=True)
    result = outcome_of(response)
    if not result.ok:
        return _page(user, given | again, dict(result.field_errors), result.message, result.status)
    flash("已起草。三审三校通过后就可以发布。", "done")
    return redirect(url_for("articles.article", article=given["article_id"]), 303)


def _form_errors(given: dict[str, Any]) -> dict[str, str]:
    result = {}
    if not 0 < len(given["title"]) <= LONGEST_TITLE:
        result["title"] = "请填写标题，最多 32 个字。"
    if not 0 < len(given["works"]) <= MOST_WORKS:
        result["works"] = "请选 1 到 20 件作品。"
    return result


def _page(
    user: User, given: dict[str, Any], errors: dict[str, str] | None = None, message: str = "", status: int = 200
) -> ResponseReturnValue:
    units, errors = publishing_units(user), errors or {}
    query = {"unit_id": given["unit_id"], "level": given["account"]}
    response = reader(user)("publicity", "/api/works-for-use", **query)
    page = render_template(
        "article_draft.html", given=given, errors=errors, units=units, response=response, page=ARTICLES, words=words,
        works=response.body.get("works") or [], labels=labels, title_limit=LONGEST_TITLE,
        message="" if set(errors) & {"title", "works"} else message,
    )  # fmt: skip
    return page, status
