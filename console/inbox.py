"""The pages of the user's own messages (消息箱): those to the person and to each post that they hold, which of them are
unread, where to do what they say; and how the user wants to be told."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.guard import signed_in
from console.inbox_marks import last_seen, mark_seen
from console.labels import ROLES, label
from console.page_registry import INBOX
from console.reminders import OUTCOMES
from console.service_client import ServiceResponse
from console.together import question
from console.users import OWN, User
from console.write_client import positions_written, write

blueprint = Blueprint("inbox", __name__)
MOST_UNREAD = 20
NOT_DUTIES = ("finding", "sheet", "returned")
HOURS = tuple(f"{hour:02}:{minute:02}" for hour in range(7, 20) for minute in (0, 30))


@blueprint.get(INBOX.path)
@signed_in(OWN)
def own_inbox(user: User) -> ResponseReturnValue:
    """`of`: which inbox; another than those of the person and their posts is not offered."""
    boxes, shown = boxes_of(user), _chosen(user)
    response = components().services.get_json(user, "notifications", f"/api/inboxes/{shown}")
    messages = response.body.get("messages") or []
    seen = last_seen(components().store, user.account_id).get(shown, "")
    if messages:
        mark_seen(components().store, user.account_id, shown, messages[0]["day"])
    return render_template(
        "inbox.html", response=response, messages=messages, outcomes=OUTCOMES, boxes=boxes, shown=shown, seen=seen,
        page=INBOX, labels=labels, link=_link,
    )  # fmt: skip


@blueprint.get(f"{INBOX.path}/settings")
@signed_in(OWN)
def settings(user: User) -> ResponseReturnValue:
    return _settings(user)


@blueprint.post(f"{INBOX.path}/settings")
@signed_in(OWN, fresh=True)
def choose(user: User) -> ResponseReturnValue:
    """The whole of it: the channel that comes first, the hour, what sends no letter."""
    shown = _chosen(user)
    known = components().services.get_json(user, "notifications", f"/api/preferences/{shown}")
    if not known.ok:
        return _settings(user, known.detail, 422)
    first, order = request.form.get("channel", ""), [each["channel"] for each in known.body["channels"]]
    optional = [each["stage"] for each in known.body["stages"] if not each["compulsory"]]
    body = {"channels": [first, *(name for name in order if name != first)] if first in order else order,
            "not_before": request.form.get("not_before", "")[:5],
            "muted": [stage for stage in optional if stage not in request.form.getlist("stage")]}  # fmt: skip
    result = write(user, "notifications", f"/api/preferences/{shown}", body, success_message="提醒方式已保存。")
    if not result.ok:
        return _settings(user, result.message, result.status)
    return redirect(url_for("inbox.settings", of=shown), 303)


def boxes_of(user: User) -> dict[str, str]:
    """The user's own inbox, and those of their posts in units."""
    return {f"person-{user.account_id}": "本人"} | {
        f"{post.post}-{post.unit_id}": f"{label(ROLES, post.post)} {post.unit_name or post.unit_id}"
        for post in user.profile.posts if post.post in ("head", "clerk")
    }  # fmt: skip


def newest(user: User) -> list[Callable[[], ServiceResponse]]:
    """Questions for the newest messages of each of the user's inboxes."""
    get_json, limit = components().services.get_json, str(MOST_UNREAD)
    return [question(get_json, user, "notifications", f"/api/inboxes/{box}", limit=limit) for box in boxes_of(user)]


def unread(user: User, answers: Iterable[ServiceResponse]) -> int:
    """How many of these the user has not seen yet; those of a service that does not answer are not counted."""
    seen = last_seen(components().store, user.account_id)
    return sum(message["day"] > seen.get(box, "") for box, answer in zip(boxes_of(user), answers, strict=True)
               for message in answer.body.get("messages") or [])  # fmt: skip


def _chosen(user: User) -> str:
    boxes, asked = boxes_of(user), request.values.get("of", "")
    return asked if asked in boxes else next(iter(boxes))


def _settings(user: User, message: str = "", status: int = 200) -> ResponseReturnValue:
    shown, services = _chosen(user), components().services
    path = f"/api/preferences/{shown}"
    if positions := positions_written():
        response: ServiceResponse = services.get_after(user, "notifications", path, positions)
    else:
        response = services.get_json(user, "notifications", path)
    hours = [hour for hour in HOURS if response.ok and response.body["send_at"] < hour < _latest(response.body)]
    page = render_template("inbox_settings.html", response=response, boxes=boxes_of(user), shown=shown, hours=hours,
                           message=message, page=INBOX, labels=labels)  # fmt: skip
    return page, status


def _latest(body: Mapping[str, Any]) -> str:
    """Midnight: the campaign has no evening hours in which nothing is sent."""
    latest = str(body["latest"])
    return "24:00" if latest in ("", "00:00") else latest


def _link(line: Mapping[str, Any]) -> str:
    """Where what a line says is done; empty: on no page."""
    unit = {"unit": line["unit_id"]} if line.get("unit_id") else {}
    if line["stage"] == "scored" or line["topic"] == "finding":
        return url_for("score.unit_score", **unit)
    if line["topic"] in NOT_DUTIES or not line["period"]:
        return ""
    if line["of_people"] and unit:
        return url_for("not_handed_in.not_handed_in", duty=line["topic"], period=line["period"], **unit)
    return url_for("duties.records", duty=line["topic"], period=line["period"], **unit)
