"""Freezes (数据锁定): which windows have official figures, since when and by whom; a window that is over is frozen
after a second look, and for good (scoring.md 3)."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.actors import actor_words, names_of_acts, who_of
from console.campaign import parts_for
from console.components import components
from console.guard import signed_in
from console.history import TABLES
from console.language import words
from console.local_times import local_minute
from console.page_registry import CAMPAIGN
from console.users import User
from console.write_client import positions_written, write

blueprint = Blueprint("campaign_freezes", __name__)
SEE, KEEP, LONGEST = "see_figures", "freeze_figures", 64


@blueprint.get(f"{CAMPAIGN.path}/freezes")
@signed_in(SEE)
def freezes(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.post(f"{CAMPAIGN.path}/freezes")
@signed_in(KEEP, fresh=True)
def freeze(user: User) -> ResponseReturnValue:
    """Asks again first; frozen with the tick."""
    window = request.form.get("window", "").strip()[:LONGEST]
    if not request.form.get("agreed"):
        message = "锁定后不能撤销，请先勾选“已经核对”。" if request.form.get("asked") else ""
        return _page(user, message, 422 if message else 200, window=window)
    result = write(user, "assessment", "/api/freezes", {"window": window}, success_message="已锁定，正式数据不再变动。")
    if not result.ok:
        return _page(user, result.message, result.status)
    return redirect(url_for("campaign_freezes.freezes"), 303)


@blueprint.post(f"{CAMPAIGN.path}/freezes/admit")
@signed_in(KEEP, fresh=True)
def admit(user: User) -> ResponseReturnValue:
    """What came after a freeze counts by a decision."""
    typed = " ".join(request.form.getlist("rows")).split()
    rows = [each[: LONGEST * 4] for each in dict.fromkeys(typed)][:1000]
    body = {"window": request.form.get("window", "").strip()[:LONGEST], "rows": rows,
            "decision": request.form.get("decision", "").strip()[:200]}  # fmt: skip
    errors = {} if rows else {"rows": "请勾选或填写准予计入的数据。"}
    errors |= {} if body["decision"] else {"decision": "请填写处理决定的文号。"}
    if errors:
        return _page(user, status=422, errors=errors)
    result = write(user, "assessment", "/api/admissions", body, success_message="已准予计入正式数据。")
    if not result.ok:
        return _page(user, result.message, result.status)
    return redirect(url_for("campaign_freezes.freezes"), 303)


def _sent_form() -> dict[str, str]:
    """What was sent, to be shown again: rows may be many fields."""
    return {**request.form.to_dict(), "rows": " ".join(request.form.getlist("rows"))} if request.form else {}


def row_words(name: str) -> str:
    """`records/R1` as people say it; the position of an event as it is."""
    table, _, row = name.partition("/")
    return f"{words(TABLES[table])} {row}" if table in TABLES else name


def _page(
    user: User, message: str = "", status: int = 200, window: str = "", errors: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    services = components().services
    if positions := positions_written():
        response = services.get_after(user, "assessment", "/api/freezes", positions)
    else:
        response = services.get_json(user, "assessment", "/api/freezes")
    names = names_of_acts(user, [who_of(each["actor"]) for each in response.body.get("freezes") or []])
    page = render_template(
        "campaign_freezes.html", response=response, message=message, window=window, labels=labels,
        local_minute=local_minute, parts=parts_for(user), page=CAMPAIGN, may=user.may(KEEP), form=_sent_form(),
        row_words=row_words, names=names, actor_words=actor_words,
        errors=errors or {},
    )  # fmt: skip
    return page, status
