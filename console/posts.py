"""Hand-over (移交): who holds which post from when to when, of the own unit or of all; a hand-over to a successor with
what goes over, and the account of the successor who has none."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.guard import LONGEST_PATH, signed_in
from console.own_units import LONGEST_ID, units_of
from console.page_registry import POSTS
from console.people_choice import PersonChoice, choose_person, typed_person
from console.registry import unit_names
from console.service_client import ServiceResponse
from console.slips import slips_page
from console.typed_dates import date_or_empty
from console.users import User
from console.write_client import positions_written, write

blueprint = Blueprint("posts", __name__)
OFFICE_RIGHT = "enter_facts"
KEY = ("unit_id", "post", "person_id", "since")
STAGES = {"first": "初审", "second": "复审", "final": "终审"}
SUBJECTS = {"article": "推文", "video": "视频", "anthology": "汇编"}
OF_UNIT = ("head", "clerk")
"""The posts for whose holders a unit's head opens an account."""


@blueprint.get(POSTS.path)
@signed_in(POSTS.right)
def posts(user: User) -> ResponseReturnValue:
    unit_id, successor = (request.args.get(name, "").strip()[:LONGEST_ID] for name in ("unit", "successor"))
    units = [(each["unit_id"], each["name"]) for each in unit_names(user)] if user.may(OFFICE_RIGHT) else []
    response = _posts_of(user, unit_id)
    rows = response.body.get("posts") or []
    new = next((row for row in rows if row["person_id"] == successor and row["unit_id"] == unit_id), None)
    return render_template(
        "posts.html", units=units, own=units_of(user), unit_id=unit_id, response=response, labels=labels, page=POSTS,
        done=request.args.get("done", ""), successor=new, without_account=bool(new) and not _has_account(successor),
    )  # fmt: skip


@blueprint.get(f"{POSTS.path}/hand-over")
@signed_in(POSTS.right)
def form(user: User) -> ResponseReturnValue:
    """What goes over with the post, and the form that names the successor."""
    return _form(user, _post_of_request(user), "", 200)


@blueprint.post(f"{POSTS.path}/hand-over")
@signed_in(POSTS.right, fresh=True)
def hand_over(user: User) -> ResponseReturnValue:
    """First the post, then what the predecessor has yet to read; the same again changes nothing."""
    held = _post_of_request(user)
    named, day = _successor(user), date_or_empty(request.form.get("day", ""))
    successor_id = named.person_id
    errors = {} if successor_id else {"successor": named.error or "请选定接任人。"}
    errors |= {} if day else {"day": "请填写接任日期。"}
    if errors:
        return _form(user, held, "", 422, errors=errors, named=named)
    wanted = {name: str(held[name]) for name in KEY} | {"successor_id": successor_id, "day": day}
    result = write(user, "participation", "/api/posts/hand-over", wanted)
    if not result.ok:
        return _form(user, held, result.message, 422, named=named)
    done = {"unit": held["unit_id"], "successor": successor_id}
    if day > str(held["today"]):  # until then the readings are the predecessor's
        return redirect(url_for(POSTS.endpoint, done="later", **done), 303)
    moved = components().services.post_json(
        user, "publicity", "/api/readers/hand-over",
        {"unit_id": held["unit_id"], "person_id": held["person_id"], "successor_id": successor_id},
    )  # fmt: skip
    if not moved.ok:
        why = moved.detail or "宣传服务没有答复"
        return _form(user, held, f"岗位已移交，审读事项还没有：{why}。请再移交一次。", 502, named=named)
    if stays := moved.body.get("stays"):
        return _form(user, held, "岗位已移交；下列审读事项接任人不能办理，请另行指定审读人。", 200, stays, named=named)
    return redirect(url_for(POSTS.endpoint, done="now", **done), 303)


@blueprint.post(f"{POSTS.path}/account")
@signed_in(POSTS.right, fresh=True)
def open_account(user: User) -> ResponseReturnValue:
    """For somebody who holds a post of the unit and has no account yet; answers with the slip.  404: no such post."""
    unit_id, person_id = (request.form.get(name, "").strip()[:LONGEST_ID] for name in ("unit_id", "person"))
    response = _posts_of(user, unit_id)
    today = str(response.body.get("today") or "")
    row = next((each for each in response.body.get("posts") or []
                if each["person_id"] == person_id and each["post"] in OF_UNIT
                and (not each["until"] or each["until"] > today)), None)  # fmt: skip
    if not response.ok or row is None or not row["name"]:
        abort(503 if response.status >= 500 else 404)
    if _has_account(person_id):
        return redirect(url_for(POSTS.endpoint, unit=unit_id, successor=person_id), 303)
    issued = components().accounts.create([person_id])
    for each in issued:
        components().security_log.write("account_created", each.account_id, actor=user.account_id)
    back = url_for(POSTS.endpoint, unit=unit_id)
    return slips_page(issued, {person_id: row["name"]}, str(row["unit_name"]), back)


def _successor(user: User) -> PersonChoice:
    """Anybody of the district by name, where the user keeps it; else one of the unit's people."""
    typed = typed_person(request.form, "successor")
    return choose_person(user, typed) if user.may(OFFICE_RIGHT) else PersonChoice(typed, typed)


def _has_account(person_id: str) -> bool:
    return components().accounts.account(person_id) is not None


def _form(
    user: User,
    held: dict[str, Any],
    message: str,
    status: int,
    stays: Any = (),
    errors: Mapping[str, str] | None = None,
    named: PersonChoice | None = None,
) -> tuple[str, int]:  # fmt: skip
    get_json = components().services.get_json
    readings = get_json(
        user, "publicity", "/api/readers/open", unit_id=held["unit_id"], person_id=held["person_id"]
    )  # fmt: skip
    people = get_json(user, "participation", f"/api/units/{held['unit_id']}/people")
    others = [each for each in people.body.get("people") or [] if each["person_id"] != held["person_id"]]
    page = render_template(
        "hand_over.html", held=held, readings=readings, others=others, message=message, stays=stays, labels=labels,
        stages=STAGES, subjects=SUBJECTS, successor=request.form.get("successor", ""), page=POSTS,
        named=named or PersonChoice(request.form.get("successor", "")),
        day=request.form.get("day") or held["today"], of_district=user.may(OFFICE_RIGHT), errors=errors or {},
    )  # fmt: skip
    return page, status


def _posts_of(user: User, unit_id: str) -> ServiceResponse:
    services, positions = components().services, positions_written()
    query = {"unit_id": unit_id} if unit_id else {}
    response = (services.get_after(user, "participation", "/api/posts", positions, **query) if positions
                else services.get_json(user, "participation", "/api/posts", **query))  # fmt: skip
    if response.ok:
        what = f"GET /posts unit={unit_id}"[:LONGEST_PATH]
        components().security_log.write_once("export", user.account_id, what)
    return response


def _post_of_request(user: User) -> dict[str, Any]:
    """The post that the request names, as it stands; 404: there is none."""
    wanted = [request.values.get(name, "").strip()[:80] for name in KEY]
    response = _posts_of(user, wanted[0])
    if not response.ok:
        abort(503 if response.status >= 500 else 404)
    rows = response.body.get("posts") or []
    held = next((row for row in rows if [row[name] for name in KEY] == wanted), None)
    return {**held, "today": response.body["today"]} if held else abort(404)
