"""Bundles (一校一档): a unit's evidence of a semester: what will be in it, made by the service in the background,
fetched as one zip through the gateway, and how it is checked."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import import_words, labels
from console.guard import signed_in
from console.language import words
from console.own_units import LONGEST_ID, units_of
from console.page_registry import BUNDLES
from console.service_client import ServiceResponse
from console.users import User
from console.write_client import reader, write

blueprint = Blueprint("bundles", __name__)
LONGEST_SEMESTER = 40
STATES = {"queued": "正在生成", "ready": "可以下载", "failed": "没有生成成功"}
COLOURS = {"queued": "open", "ready": "done", "failed": "late"}
"""How a state is coloured, as the states of duties are."""
UNITS_OF_SIZE = ("字节", "KB", "MB", "GB")


class BundleRequest(NamedTuple):
    """Which unit and semester; a semester of "": the newest."""

    unit: str
    semester: str


@blueprint.get(BUNDLES.path)
@signed_in(BUNDLES.right)
def bundles(user: User) -> ResponseReturnValue:
    return _page(user, _bundle_request(request.args))


@blueprint.post(BUNDLES.path)
@signed_in(BUNDLES.right, fresh=True)
def order(user: User) -> ResponseReturnValue:
    """Has a bundle made; the page that comes then shows how far it is."""
    asked = _bundle_request(request.form)
    body = {"unit_id": asked.unit, "semester": asked.semester}
    if not all(asked):
        abort(400)
    result = write(user, "participation", "/api/bundles", body)
    if not result.ok:
        return _page(user, asked, result.message, result.status)
    return redirect(url_for(BUNDLES.endpoint, **asked._asdict(), _anchor="made"), 303)


def _bundle_request(given: Mapping[str, str]) -> BundleRequest:
    unit, semester = given.get("unit", "").strip(), given.get("semester", "").strip()
    return BundleRequest(unit[:LONGEST_ID], semester[:LONGEST_SEMESTER])


def _page(user: User, asked: BundleRequest, message: str = "", status: int = 200) -> ResponseReturnValue:
    asked = asked._replace(unit=asked.unit or next(iter(units_of(user)), ""))
    response = _read(user, asked)
    listed = response.body.get("units") or []
    if not asked.unit and len(listed) == 1:
        asked = asked._replace(unit=str(listed[0]["unit_id"]))
        response = _read(user, asked)
    body = response.body
    page = render_template(
        "bundles.html", page=BUNDLES, response=response, message=message, unit_id=asked.unit,
        units={unit["unit_id"]: unit["name"] for unit in listed}, semesters=body.get("semesters") or [],
        semester=body.get("semester") or "", parts=body.get("contents") or [],
        days=_days(body), totals=totals_of(body.get("contents") or ()), kept=body.get("bundles") or [],
        running=any(each["state"] == "queued" for each in body.get("bundles") or ()),
        actor_names=import_words.names_of_actors(user, body.get("bundles") or []),
        labels=labels, words=import_words, size=size_words, states=STATES, colours=COLOURS,
    )  # fmt: skip
    return page, status


def _read(user: User, asked: BundleRequest) -> ServiceResponse:
    return reader(user)("participation", "/api/bundles", unit_id=asked.unit, semester=asked.semester)


def _days(body: Mapping[str, Any]) -> str:
    """First and last day of the semester that is shown."""
    shown = [each for each in body.get("semesters") or () if each["semester"] == body["semester"]]
    return "".join(f"{each['from']} — {each['to']}" for each in shown)


def totals_of(parts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Records, those with files, files and bytes of all tasks together."""
    return {name: sum(part[name] for part in parts) for name in ("records", "with_files", "files", "bytes")}


def size_words(count: int) -> str:
    """Bytes as people say them."""
    place, value = 0, float(count)
    while value >= 1000 and place < len(UNITS_OF_SIZE) - 1:
        place, value = place + 1, value / 1024
    return f"{value:.0f} {words(UNITS_OF_SIZE[place])}" if place < 2 else f"{value:.1f} {UNITS_OF_SIZE[place]}"
