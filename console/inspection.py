"""For inspectors (督查验收): their units and until when, what is on record there, the bundle to take along, where to
look further.  The service judges by the day: a post that has ended opens nothing."""

from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import import_words, labels
from console.bundles import COLOURS, LONGEST_SEMESTER, STATES, size_words
from console.guard import signed_in
from console.own_units import LONGEST_ID
from console.page_registry import BUNDLES, INSPECTION
from console.users import User
from console.write_client import reader, write

blueprint = Blueprint("inspection", __name__)


@blueprint.get(INSPECTION.path)
@signed_in(INSPECTION.right)
def inspection(user: User) -> ResponseReturnValue:
    return _page(user, request.args.get("semester", ""))


@blueprint.post(INSPECTION.path)
@signed_in(INSPECTION.right, fresh=True)
def order(user: User) -> ResponseReturnValue:
    """Has the bundle of one of the units made."""
    unit_id, semester = request.form.get("unit", "")[:LONGEST_ID], request.form.get("semester", "")[:LONGEST_SEMESTER]
    result = write(user, "participation", "/api/bundles", {"unit_id": unit_id, "semester": semester})
    if not result.ok:
        return _page(user, semester, result.message, result.status)
    return redirect(url_for("inspection.inspection", semester=semester), 303)


def _page(user: User, semester: str, message: str = "", status: int = 200) -> ResponseReturnValue:
    response = reader(user)("participation", "/api/inspection", semester=semester.strip()[:LONGEST_SEMESTER])
    body = response.body
    units = body.get("units") or []
    page = render_template(
        "inspection.html", page=INSPECTION, bundles_page=BUNDLES, response=response, message=message, units=units,
        semesters=body.get("semesters") or [], semester=body.get("semester") or "", last_day=_last_day, labels=labels,
        running=any(each["state"] == "queued" for unit in units for each in unit["bundles"]), size=size_words,
        words=import_words, states=STATES, colours=COLOURS,
    )  # fmt: skip
    return page, status


def _last_day(until: str) -> str:
    """The last day of a post that ends before `until`; empty: it has no end."""
    return (date.fromisoformat(until) - timedelta(days=1)).isoformat() if until else ""
