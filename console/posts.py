"""Posts (岗位职务), the page of the campaign office: who holds which post from when to when; a hand-over to a successor
with what goes over."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.guard import LONGEST_PATH, signed_in
from console.pages import date_or_empty
from console.service_client import ServiceResponse
from console.together import question, together
from console.users import User

blueprint = Blueprint("posts", __name__)
RIGHT = "enter_facts"
KEY = ("unit_id", "post", "person_id", "since")
STAGES = {"first": "初审", "second": "复审", "final": "终审"}
SUBJECTS = {"article": "推文", "anthology": "汇编"}


@blueprint.get("/posts")
@signed_in(RIGHT)
def posts(user: User) -> ResponseReturnValue:
    unit_id = request.args.get("unit", "").strip()[:80]
    get_json = components().services.get_json
    units, response = together(
        question(get_json, user, "participation", "/api/units"), question(_posts_of, user, unit_id)
    )
    return render_template(
        "posts.html", units=units.body.get("units") or [], unit_id=unit_id, response=response, labels=labels,
        done=request.args.get("done", ""),
    )  # fmt: skip


@blueprint.get("/posts/hand-over")
@signed_in(RIGHT)
def form(user: User) -> ResponseReturnValue:
    """What goes over with the post, and the form that names the successor."""
    return _form(user, _held(user), "", 200)


@blueprint.post("/posts/hand-over")
@signed_in(RIGHT, fresh=True)
def hand_over(user: User) -> ResponseReturnValue:
    """First the post, then what the predecessor has yet to read; the same again changes nothing."""
    held = _held(user)
    successor_id, day = request.form.get("successor", "").strip()[:80], date_or_empty(request.form.get("day", ""))
    if not successor_id or not day:
        return _form(user, held, "请填写接任人的人员编号和接任日期。", 422)
    post_json = components().services.post_json
    wanted = {name: str(held[name]) for name in KEY} | {"successor_id": successor_id, "day": day}
    response = post_json(user, "participation", "/api/posts/hand-over", wanted)
    if not response.ok:
        return _form(user, held, response.detail or "填报服务没有答复，稍后再试。", 422)
    if day > str(held["today"]):  # until then the readings are the predecessor's
        return redirect(url_for("posts.posts", unit=held["unit_id"], done="later"), 303)
    moved = post_json(
        user, "publicity", "/api/readers/hand-over",
        {"unit_id": held["unit_id"], "person_id": held["person_id"], "successor_id": successor_id},
    )  # fmt: skip
    if not moved.ok:
        why = moved.detail or "宣传服务没有答复"
        return _form(user, held, f"岗位已移交，审读事项还没有：{why}。请再移交一次。", 502)
    if stays := moved.body.get("stays"):
        return _form(user, held, "岗位已移交；下列审读事项接任人不能办理，请另行指定审读人。", 200, stays)
    return redirect(url_for("posts.posts", unit=held["unit_id"], done="now"), 303)


def _form(user: User, held: dict[str, Any], message: str, status: int, stays: Any = ()) -> tuple[str, int]:
    get_json = components().services.get_json
    readings, people = together(
        question(get_json, user, "publicity", "/api/readers/open", unit_id=held["unit_id"],
                 person_id=held["person_id"]),
        question(get_json, user, "participation", "/api/people", unit_id=held["unit_id"]),
    )  # fmt: skip
    others = [each for each in people.body.get("people") or [] if each["person_id"] != held["person_id"]]
    page = render_template(
        "hand_over.html", held=held, readings=readings, others=others, message=message, stays=stays, labels=labels,
        stages=STAGES, subjects=SUBJECTS, successor=request.form.get("successor", ""),
        day=request.form.get("day") or held["today"],
    )  # fmt: skip
    return page, status


def _posts_of(user: User, unit_id: str) -> ServiceResponse:
    response = components().services.get_json(user, "participation", "/api/posts", unit_id=unit_id)
    if response.ok:
        what = f"GET /posts unit={unit_id}"[:LONGEST_PATH]
        components().security_log.write_once("export", user.account_id, what)
    return response


def _held(user: User) -> dict[str, Any]:
    """The post that the request names, as it stands; 404: there is none."""
    wanted = [request.values.get(name, "").strip()[:80] for name in KEY]
    response = _posts_of(user, wanted[0])
    if not response.ok:
        abort(503 if response.status >= 500 else 404)
    rows = response.body.get("posts") or []
    held = next((row for row in rows if [row[name] for name in KEY] == wanted), None)
    return {**held, "today": response.body["today"]} if held else abort(404)
