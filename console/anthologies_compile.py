"""Compiling an anthology (汇编): unit, semester and use, then the works in their order; the next edition of one begins
with the works of the last."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels, publicity_words
from console.anthologies import ANTHOLOGIES_PATH, RIGHT, path_of
from console.chosen_works import chosen_works
from console.components import components
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.language import words
from console.own_units import LONGEST_ID
from console.page_registry import ANTHOLOGIES
from console.publishing_units import chosen_unit, publishing_units, semesters
from console.users import User
from console.write_client import outcome_of, reader

blueprint = Blueprint("anthologies_compile", __name__)
LONGEST_TITLE = 60
TITLE = "优秀成果汇编"


@blueprint.get(f"{ANTHOLOGIES.path}/compile")
@signed_in(RIGHT)
def compile_form(user: User) -> ResponseReturnValue:
    """`anthology`: one whose next edition is to be compiled."""
    units = publishing_units(user)
    given: dict[str, Any] = {
        "unit_id": chosen_unit(units, request.args.get("unit", "")), "level": _level(request.args.get("level", "")),
        "semester": request.args.get("semester", "").strip()[:LONGEST_ID], "title": TITLE, "works": [],
    }  # fmt: skip
    if name := request.args.get("anthology", "").strip()[:LONGEST_ID]:
        body = reader(user)("publicity", path_of(name)).body
        given |= {key: body[key] for key in given if key in body}
        given["level"] = _level(request.args.get("level", "")) if "level" in request.args else given["level"]
    return _page(user, given)


@blueprint.post(f"{ANTHOLOGIES.path}/compile")
@signed_in(RIGHT, fresh=True)
def compile_anthology(user: User) -> ResponseReturnValue:
    """The same works in the same order once more make no new edition."""
    given: dict[str, Any] = {name: request.form.get(name, "").strip()[:LONGEST_ID] for name in ("unit_id", "semester")}
    title = request.form.get("title", "").strip()[:100]
    given |= {"level": _level(request.form.get("level", "")), "title": title, "works": chosen_works()}
    errors = {}
    if not 0 < len(title) <= LONGEST_TITLE:
        errors["title"] = "请填写书名，最多 60 个字。"
    if not given["works"]:
        errors["works"] = "请选至少一件作品。"
    if errors:
        return _page(user, given, errors, status=422)
    result = outcome_of(components().services.post_json(user, "publicity", ANTHOLOGIES_PATH, given, slow=True))
    if not result.ok:
        return _page(user, given, dict(result.field_errors), result.message, result.status)
    body = result.response.body
    done = "已汇编第 {} 版。三审三校通过后就可以印发。" if body["changed"] else "没有变化，仍是第 {} 版。"
    flash(words(done).format(body["edition"]), "done")
    return redirect(url_for("anthologies.anthology", anthology=body["anthology_id"]), 303)


def _level(given: str) -> str:
    return given if given in publicity_words.LEVELS else "inside"


def _page(
    user: User, given: dict[str, Any], errors: dict[str, str] | None = None, message: str = "", status: int = 200
) -> ResponseReturnValue:
    units, listed, errors = publishing_units(user), semesters(user), errors or {}
    given["semester"] = given["semester"] or next(iter(listed), "")
    query = {"unit_id": given["unit_id"], "level": given["level"], "semester": given["semester"]}
    (response,) = call_all(question(reader(user), "publicity", "/api/works-for-use", **query))
    works = response.body.get("works") or []
    if request.method == "GET" and not given["works"]:
        given["works"] = [each["work_id"] for each in works if each["unit_id"] == given["unit_id"]]
    page = render_template(
        "anthology_compile.html", given=given, errors=errors, units=units, response=response, works=works,
        words=publicity_words, message="" if set(errors) & {"title", "works"} else message, page=ANTHOLOGIES,
        labels=labels,
        semesters=listed if given["semester"] in listed else [given["semester"], *listed], title_limit=LONGEST_TITLE,
    )  # fmt: skip
    return page, status
