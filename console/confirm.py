"""Confirming (确认): filings that await the user's confirmation, in bulk; or returned with a reason."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.components import components
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.language import words
from console.page_registry import CONFIRM
from console.users import User
from console.write_client import positions_written, write

blueprint = Blueprint("confirm", __name__)
LONGEST_ID, MOST = 128, 100


@blueprint.get(CONFIRM.path)
@signed_in(CONFIRM.right)
def to_confirm(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.post(CONFIRM.path)
@signed_in(CONFIRM.right, fresh=True)
def confirm(user: User) -> ResponseReturnValue:
    """Confirms those that are ticked; with the button for the whole page, all that it shows."""
    field = "listed" if request.form.get("all") else "filing"
    chosen = [each.strip()[:LONGEST_ID] for each in request.form.getlist(field) if each.strip()][:MOST]
    if not chosen:
        return _page(user, "请先勾选要确认的填报。", 422)
    result = write(user, "participation", "/api/filings/confirm", {"filings": chosen})
    if not result.ok:
        return _page(user, result.message, result.status)
    outcomes = result.response.body.get("outcomes") or []
    refused = [each for each in outcomes if each["outcome"] == "refused"]
    if done := len(outcomes) - len(refused):
        flash(words("已确认 {count} 条。").format(count=done), "done")
    for each in refused[:10]:
        flash(each["message"], "refused")
    return redirect(url_for(CONFIRM.endpoint), 303)


@blueprint.post(f"{CONFIRM.path}/return")
@signed_in(CONFIRM.right, fresh=True)
def give_back(user: User) -> ResponseReturnValue:
    """Returns one with a reason that its author reads."""
    filing_id = request.form.get("filing", "").strip()[:LONGEST_ID]
    reason, revision = request.form.get("reason", "").strip()[:400], request.form.get("revision", "")
    if not reason or not revision.isascii() or not revision.isdecimal() or "/" in filing_id or not filing_id:
        return _page(user, "请写明退回的原因。", 422)
    body = {"revision": min(int(revision[:9]), 2**31 - 1), "reason": reason}
    result = write(user, "participation", f"/api/filings/{filing_id}/return", body, success_message="已退回修改。")
    if not result.ok:
        return _page(user, result.message, result.status)
    return redirect(url_for(CONFIRM.endpoint), 303)


def _page(user: User, message: str = "", status: int = 200) -> ResponseReturnValue:
    after = request.args.get("after", "")[:200]
    query = {"to_confirm": "true", "files": "true", "limit": str(MOST)} | ({"after": after} if after else {})
    services, about, positions = components().services, (user, "participation", "/api/filings"), positions_written()
    response, kinds = call_all(
        question(services.get_after, *about, positions, **query) if positions
        else question(services.get_json, *about, **query),
        question(services.get_json, user, "participation", "/api/record-kinds"),
    )  # fmt: skip
    page = render_template(
        "confirm.html", response=response, filings=response.body.get("filings") or [], message=message, page=CONFIRM,
        kinds=titles(kinds.body),
    )  # fmt: skip
    return page, status


def titles(body: dict[str, Any]) -> dict[str, str]:
    """Kind -> its name in the campaign."""
    return {str(each.get("id")): str(each.get("title") or each.get("id")) for each in body.get("kinds") or []}
