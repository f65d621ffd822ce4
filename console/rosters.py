"""Rosters (花名册): a file of who serves where on a day is compared with the registry; previews and the rosters that
were applied.  A preview: console/roster_preview.py; what became of one: console/roster_outcomes.py."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import import_words, roster_outcomes, roster_preview, roster_words
from console.components import components
from console.file_forms import files_of, takes_files
from console.guard import signed_in
from console.own_units import LONGEST_ID
from console.page_registry import ROSTERS
from console.typed_dates import date_or_empty
from console.unit_choices import unit_choices
from console.users import User
from console.write_client import NOTHING_SENT, WriteResult, refusal_of

blueprint = Blueprint("rosters", __name__)
LARGEST = 200 << 20


@blueprint.get(ROSTERS.path)
@signed_in(ROSTERS.right)
def rosters(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.post(ROSTERS.path)
@takes_files(LARGEST)
@signed_in(ROSTERS.right, fresh=True)
def compare(user: User) -> ResponseReturnValue:
    """Compares a file with the registry; nothing is changed."""
    files, as_of = files_of("file"), date_or_empty(request.form.get("as_of", ""))
    missing = {} if files else {"file": "请选择花名册文件。"}
    missing |= {} if as_of else {"as_of": "请写明花名册是哪一天的。"}
    if missing:
        return _page(user, WriteResult(NOTHING_SENT, "", missing), 422)
    query = {"as_of": as_of, "name": files[0].name, "older": "yes" if request.form.get("older") else "",
             "unit_id": request.form.get("unit", "").strip()[:LONGEST_ID]}  # fmt: skip
    response = components().services.send_file(
        user, "POST", "participation", "/api/rosters", files[0].body, None, **query
    )
    if not response.ok:
        refused = refusal_of(response)
        return _page(user, refused, refused.status)
    return redirect(url_for("rosters.preview", roster=str(response.body["roster_id"])), 303)


def _page(user: User, result: WriteResult | None = None, status: int = 200) -> ResponseReturnValue:
    response = components().services.get_json(user, "participation", "/api/rosters")
    choices, form = unit_choices(user), request.form
    given = {"unit": form.get("unit", choices.first)[:LONGEST_ID], "older": form.get("older", ""),
             "as_of": date_or_empty(form.get("as_of", "")) or import_words.today_of(response.body)}  # fmt: skip
    page = render_template(
        "rosters.html", page=ROSTERS, response=response, previews=response.body.get("previews") or [],
        applied=response.body.get("applied") or [], choices=choices, given=given, words=import_words,
        rosters=roster_words,
        actor_names=import_words.names_of_actors(user,
            [*(response.body.get("previews") or []), *(response.body.get("applied") or [])]
        ),
        message=result.message if result else "", errors=result.field_errors if result else {},
    )  # fmt: skip
    return page, status


blueprint.get(f"{ROSTERS.path}/preview")(roster_preview.preview)
blueprint.post(f"{ROSTERS.path}/confirm")(roster_preview.confirm)
blueprint.post(f"{ROSTERS.path}/words")(roster_preview.explain_words)
blueprint.post(f"{ROSTERS.path}/compare")(roster_preview.compare_again)
blueprint.get(f"{ROSTERS.path}/outcomes")(roster_outcomes.outcomes)
blueprint.post(f"{ROSTERS.path}/undo")(roster_outcomes.undo)
