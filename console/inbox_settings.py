"""How the user wants to be told (消息箱, 提醒方式), of each of their inboxes."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.guard import signed_in
from console.labels import ROLES, label
from console.page_registry import INBOX
from console.service_client import ServiceResponse
from console.users import OWN, User
from console.write_client import positions_written, write

HOURS = tuple(f"{hour:02}:{minute:02}" for hour in range(7, 20) for minute in (0, 30))


@signed_in(OWN)
def settings(user: User) -> ResponseReturnValue:
    return settings_page(user)


@signed_in(OWN, fresh=True)
def choose(user: User) -> ResponseReturnValue:
    """The whole of it: the channel that comes first, the hour, what sends no letter."""
    shown = chosen_box(user)
    known = components().services.get_json(user, "notifications", f"/api/preferences/{shown}")
    if not known.ok:
        return settings_page(user, known.detail, 422)
    first, order = request.form.get("channel", ""), [each["channel"] for each in known.body["channels"]]
    optional = [each["stage"] for each in known.body["stages"] if not each["compulsory"]]
    body = {"channels": [first, *(name for name in order if name != first)] if first in order else order,
            "not_before": request.form.get("not_before", "")[:5],
            "muted": [stage for stage in optional if stage not in request.form.getlist("stage")]}  # fmt: skip
    result = write(user, "notifications", f"/api/preferences/{shown}", body, success_message="提醒方式已保存。")
    if not result.ok:
        return settings_page(user, result.message, result.status)
    return redirect(url_for("inbox.settings", of=shown), 303)


def boxes_to_set(user: User) -> dict[str, str]:
    """The user's own inbox, and those of their posts in units."""
    return {f"person-{user.account_id}": "本人"} | {
        f"{post.post}-{post.unit_id}": f"{label(ROLES, post.post)} {post.unit_name or post.unit_id}"
        for post in user.profile.posts if post.post in ("head", "clerk")
    }  # fmt: skip


def chosen_box(user: User) -> str:
    boxes, asked = boxes_to_set(user), request.values.get("of", "")
    return asked if asked in boxes else next(iter(boxes))


def settings_page(
    user: User, message: str = "", status: int = 200, address: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> ResponseReturnValue:  # fmt: skip
    """`address`: one that is being registered, and the proof of the code that was sent to it."""
    shown, services = chosen_box(user), components().services
    path = f"/api/preferences/{shown}"
    if positions := positions_written():
        response: ServiceResponse = services.get_after(user, "notifications", path, positions)
    else:
        response = services.get_json(user, "notifications", path)
    hours = [hour for hour in HOURS if response.ok and response.body["send_at"] < hour < _latest(response.body)]
    page = render_template("inbox_settings.html", response=response, boxes=boxes_to_set(user), shown=shown, hours=hours,
                           message=message, page=INBOX, labels=labels, address=address or {},
                           errors=errors or {})  # fmt: skip
    return page, status


def _latest(body: Mapping[str, Any]) -> str:
    """Midnight: the campaign has no evening hours in which nothing is sent."""
    latest = str(body["latest"])
    return "24:00" if latest in ("", "00:00") else latest
