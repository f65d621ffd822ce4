"""Pauses (暂停): duties that kinds of units do not owe in named periods, a signed decision that stands in the plan: a
pause is added or ended by a new version of it, after the same second look."""

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from console import labels
from console.campaign import parts_for
from console.campaign_revise import checked
from console.components import components
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.page_registry import CAMPAIGN
from console.service_client import ServiceResponse
from console.users import User

blueprint = Blueprint("campaign_pauses", __name__)
MOST, LONGEST = 200, 64
_NO_VERSION = 0
NOTHING_CHOSEN = {"duties": "请至少选择一项任务。", "kinds": "请至少选择一类单位。", "periods": "请至少选择一个周期。"}


@blueprint.get(f"{CAMPAIGN.path}/pauses")
@signed_in(CAMPAIGN.right)
def pauses(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.post(f"{CAMPAIGN.path}/pauses")
@signed_in("keep_campaign", fresh=True)
def add(user: User) -> ResponseReturnValue:
    """The plan with one pause more, to be looked at and launched."""
    pause = {name: _form_values(name) for name in ("duties", "kinds", "periods")}
    if missing := [name for name, chosen in pause.items() if not chosen]:
        return _page(user, {name: NOTHING_CHOSEN[name] for name in missing}, 422)
    plan = _plan(user)
    return _preview_revision(user, {**plan.body, "pauses": [*(plan.body.get("pauses") or []), pause]})


@blueprint.post(f"{CAMPAIGN.path}/pauses/end")
@signed_in("keep_campaign", fresh=True)
def end(user: User) -> ResponseReturnValue:
    """The plan without one of its pauses, which is named by its place."""
    plan, place = _plan(user), request.form.get("place", "")
    known = list(plan.body.get("pauses") or [])
    if not place.isascii() or not place.isdecimal() or int(place[:6]) >= len(known):
        abort(404)
    return _preview_revision(user, {**plan.body, "pauses": known[: int(place[:6])] + known[int(place[:6]) + 1 :]})


def _preview_revision(user: User, document: dict[str, Any]) -> ResponseReturnValue:
    revised = {**document, "version": int(document.get("version") or _NO_VERSION) + 1}
    status, text = components().services.post_for_text(
        user, "participation", "/api/campaign/file", {"document": revised}
    )
    if status != 200:
        abort(503)
    return checked(user, text)


def _plan(user: User) -> ServiceResponse:
    plan = components().services.get_json(user, "participation", "/api/campaign")
    if not plan.ok:
        abort(503 if plan.status >= 500 else 404)
    return plan


def _form_values(name: str) -> list[str]:
    return [each.strip()[:LONGEST] for each in request.form.getlist(name) if each.strip()][:MOST]


def _page(user: User, errors: dict[str, str] | None = None, status: int = 200) -> ResponseReturnValue:
    get_json = components().services.get_json
    plan, periods = call_all(
        question(get_json, user, "participation", "/api/campaign"),
        question(get_json, user, "participation", "/api/campaign/periods"),
    )
    duties = [duty for duty in periods.body.get("duties") or [] if duty["every"] != "once"]
    ahead = sorted({period["period"] for duty in duties for period in duty["periods"]})
    page = render_template(
        "campaign_pauses.html", plan=plan, periods=periods, duties=duties, labels=labels, parts=parts_for(user),
        page=CAMPAIGN, groups=labels.window_groups(ahead), errors=errors or {},
        named=[(duty["duty"], duty["title"]) for duty in duties],
        chosen={name: _form_values(name) for name in ("duties", "kinds", "periods")},
    )  # fmt: skip
    return page, status
