"""Anthologies (优秀成果汇编): the list, one with its editions, readings, files and what is next.  Compiling is
anthologies_compile.py."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console import publicity_words as words
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.own_units import LONGEST_ID
from console.page_registry import ANTHOLOGIES
from console.reader_appointments import appoint_chosen, asks_for_people, candidates_query
from console.registry import unit_names
from console.users import User
from console.write_client import reader, write

blueprint = Blueprint("anthologies", __name__)
RIGHT = "publish_for_unit"
ROWS = "50"


@blueprint.get(ANTHOLOGIES.path)
@signed_in(ANTHOLOGIES.right)
def anthologies(user: User) -> ResponseReturnValue:
    given = {name: request.args.get(name, "").strip()[:LONGEST_ID] for name in ("semester", "unit", "after")}
    query = {"semester": given["semester"], "unit_id": given["unit"], "after": given["after"], "limit": ROWS}
    response = reader(user)("publicity", ANTHOLOGIES_PATH, **query)
    rows = response.body.get("anthologies") or []
    several = bool(given["unit"]) or len({row["unit_id"] for row in rows}) > 1
    known = {str(row["semester"]) for row in rows} | {given["semester"]} - {""}
    return render_template(
        "anthologies.html", response=response, anthologies=rows, given=given, semesters=sorted(known), labels=labels,
        units=unit_names(user) if several else [], words=words, page=ANTHOLOGIES,
    )  # fmt: skip


@blueprint.get(f"{ANTHOLOGIES.path}/anthology")
@signed_in(ANTHOLOGIES.right)
def anthology(user: User) -> ResponseReturnValue:
    return anthology_page(user)


@blueprint.post(f"{ANTHOLOGIES.path}/readers")
@signed_in("appoint_readers", fresh=True)
def appoint_readers(user: User) -> ResponseReturnValue:
    """Of the stages for which somebody was chosen; what is refused stands at its stage."""
    if asks_for_people():
        return anthology_page(user)
    if errors := appoint_chosen(user, "anthology", anthology_id()):
        return anthology_page(user, status=422, errors=errors)
    return redirect(url_for("anthologies.anthology", anthology=anthology_id()), 303)


@blueprint.post(f"{ANTHOLOGIES.path}/take-down")
@signed_in(RIGHT, fresh=True)
def take_down(user: User) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()[:100]
    if not reason:
        return anthology_page(user, status=422, errors={"reason": "请填写撤下的原因。"})
    path = f"{path_of(anthology_id())}/take-down"
    result = write(user, "publicity", path, {"reason": reason}, success_message="已撤下，相应的填报记录随之撤回。")
    if not result.ok:
        return anthology_page(user, result.message, result.status)
    return redirect(url_for("anthologies.anthology", anthology=anthology_id()), 303)


def anthology_page(
    user: User, message: str = "", status: int = 200, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    """The anthology's page, with what was refused.  404: there is none that the user may see."""
    read, name = reader(user), anthology_id()
    questions = [question(read, "publicity", path_of(name))]
    if user.may("appoint_readers"):
        about = candidates_query("anthology", name)
        questions.append(question(read, "publicity", "/api/readers/candidates", **about))
    response, *rest = call_all(*questions)
    if not response.ok:
        abort(503 if response.status >= 500 else 404)
    row: dict[str, Any] = response.body
    page = render_template(
        "anthology.html", anthology=row, may=row["may"], message=message, errors=errors or {}, form=request.form,
        words=words, labels=labels, page=ANTHOLOGIES, people=rest[0].body if rest else {},
        in_force=not (row["outdated"] or row["returned"] or row["taken_down_at"]),
    )  # fmt: skip
    return page, status


def anthology_id() -> str:
    """404: none is named."""
    return request.values.get("anthology", "").strip()[:LONGEST_ID] or abort(404)


ANTHOLOGIES_PATH = "/api/anthologies"


def path_of(name: str) -> str:
    return f"{ANTHOLOGIES_PATH}/{quote(name, safe='')}"
