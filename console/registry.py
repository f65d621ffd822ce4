"""Units and people (单位与人员): who serves where with dates, searched and filtered page by page; one person, one unit,
each with what became of it in words.  A clerk's own unit; the campaign office's all."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.guard import LONGEST_PATH, signed_in
from console.own_units import LONGEST_ID, units_of
from console.page_registry import PAGES, REGISTRY
from console.registry_forms import POSTS, ROLES, TAGS, UNIT_KINDS
from console.service_client import ServiceResponse
from console.users import User
from console.write_client import positions_written

blueprint = Blueprint("registry", __name__)
STATES = {"serving": "在任", "coming": "未到任", "left": "已离任"}
LISTED = {**STATES, "all": "全部"}
COLOURS = {"serving": "done", "coming": "open", "left": "excused"}
WORDS = {"states": STATES, "colours": COLOURS, "roles": ROLES, "posts": POSTS, "tags": TAGS, "kinds": UNIT_KINDS}
OFFICE_RIGHT = "enter_facts"


@blueprint.get(REGISTRY.path)
@signed_in(REGISTRY.right)
def people(user: User) -> ResponseReturnValue:
    """People of a unit; of the whole district where the user keeps it."""
    units = units_of(user)
    given = {name: request.args.get(name, "").strip()[:LONGEST_ID] for name in ("unit", "text", "state", "role")}
    given["state"] = given["state"] if given["state"] in LISTED else "serving"
    if not user.may(OFFICE_RIGHT):
        given["unit"] = given["unit"] or next(iter(units), "")
    query = {"unit_id": given["unit"], **{name: given[name] for name in ("text", "state", "role")}}
    response = read(user, "/api/directory/people", **query, after=request.args.get("after", "")[:LONGEST_ID])
    _write_down(user, f"GET {REGISTRY.path} unit={given['unit']}")
    shown = {name: value for name, value in given.items() if value}
    return render_template(
        "registry_people.html", response=response, people=response.body.get("people") or [], given=given, shown=shown,
        units=units, all_units=unit_names(user) if user.may(OFFICE_RIGHT) else [], page=REGISTRY, listed=LISTED,
        words=WORDS, roster=next((page for page in PAGES if page.right == "keep_roster"), None),
    )  # fmt: skip


@blueprint.get(f"{REGISTRY.path}/units")
@signed_in(REGISTRY.right)
def units(user: User) -> ResponseReturnValue:
    given = {name: request.args.get(name, "").strip()[:LONGEST_ID] for name in ("text", "kind", "liaison_id", "state")}
    given["state"] = given["state"] if given["state"] in ("open", "closed") else ""
    response = read(user, "/api/directory/units", **given, after=request.args.get("after", "")[:LONGEST_ID])
    shown = {name: value for name, value in given.items() if value}
    return render_template(
        "registry_units.html", response=response, units=response.body.get("units") or [], given=given, shown=shown,
        page=REGISTRY, words=WORDS,
    )  # fmt: skip


@blueprint.get(f"{REGISTRY.path}/person")
@signed_in(REGISTRY.right)
def person(user: User) -> ResponseReturnValue:
    person_id = request.args.get("person", "").strip()[:LONGEST_ID]
    response = person_of(user, person_id)
    _write_down(user, f"GET {REGISTRY.path}/person {person_id}")
    return render_template("registry_person.html", response=response, person=response.body, page=REGISTRY, words=WORDS,
                           roles_of=labels.ROLES)  # fmt: skip


@blueprint.get(f"{REGISTRY.path}/unit")
@signed_in(REGISTRY.right)
def unit(user: User) -> ResponseReturnValue:
    unit_id = request.args.get("unit", "").strip()[:LONGEST_ID]
    response = unit_of(user, unit_id)
    _write_down(user, f"GET {REGISTRY.path}/unit {unit_id}")
    return render_template("registry_unit.html", response=response, unit=response.body.get("unit") or {},
                           detail=response.body, page=REGISTRY, words=WORDS)  # fmt: skip


def read(user: User, path: str, **query: str) -> ServiceResponse:
    """Of what was just changed, as it is now."""
    given = {name: value for name, value in query.items() if value}
    if positions := positions_written():
        return components().services.get_after(user, "participation", path, positions, **given)
    return components().services.get_json(user, "participation", path, **given)


def person_of(user: User, person_id: str) -> ServiceResponse:
    return _detail_of(user, "people", person_id)


def unit_of(user: User, unit_id: str) -> ServiceResponse:
    return _detail_of(user, "units", unit_id)


def unit_names(user: User) -> list[dict[str, Any]]:
    response = components().services.get_json(user, "participation", "/api/directory/unit-names")
    return response.body.get("units") or []


def own_service(user: User) -> ServiceResponse:
    """Where the user serves and which posts they hold, with dates."""
    return components().services.get_json(user, "participation", "/api/mine/service")


def _detail_of(user: User, what: str, name: str) -> ServiceResponse:
    if not name or "/" in name or name in (".", ".."):
        abort(404)
    response = read(user, f"/api/directory/{what}/{quote(name, safe='')}")
    return response if response.status != 404 else abort(404)


def _write_down(user: User, what: str) -> None:
    components().security_log.write_once("export", user.account_id, what[:LONGEST_PATH])
