"""The pages of the user's own messages (消息箱): those to the person and to each post that they hold, which of them are
unread, where to do what they say; and how the user wants to be told."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import inbox_settings, labels, own_address
from console.components import components
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.inbox_marks import last_seen, mark_seen
from console.inbox_settings import boxes_to_set
from console.labels import ROLES, label
from console.language import words
from console.page_registry import INBOX
from console.reminders import OUTCOMES
from console.service_client import ServiceResponse
from console.users import OWN, User

blueprint = Blueprint("inbox", __name__)
MOST_UNREAD = 20
NOT_DUTIES = ("finding", "sheet", "returned")
TO_CHECK = ("to_check", "check_late")
CAMPAIGN_OFFICE = "campaign-office"


@blueprint.get(INBOX.path)
@signed_in(OWN)
def own_inbox(user: User) -> ResponseReturnValue:
    """`of`: which inbox; another than those of the person and their posts is not offered."""
    boxes = boxes_of(user)
    asked = request.args.get("of", "")
    shown = asked if asked in boxes else next(iter(boxes))
    get_json = components().services.get_json
    response, *answers = call_all(question(get_json, user, "notifications", f"/api/inboxes/{shown}"), *newest(user))
    new = unread(user, answers)
    messages = response.body.get("messages") or []
    seen = last_seen(components().store, user.account_id).get(shown, "")
    if messages:
        mark_seen(components().store, user.account_id, shown, messages[0]["day"])
    return render_template(
        "inbox.html", response=response, messages=messages, outcomes=OUTCOMES, boxes=boxes, shown=shown, seen=seen,
        page=INBOX, labels=labels, link=_link, unread=new, can_choose=shown in boxes_to_set(user),
    )  # fmt: skip


def boxes_of(user: User) -> dict[str, str]:
    """The user's own inbox, those of their posts in units, those of offices that stand over others."""
    result = boxes_to_set(user)
    for post in user.profile.posts:
        if post.post in ("head", "clerk") and user.may("raise_finding"):
            name = post.unit_name or post.unit_id
            result[f"office-{post.unit_id}"] = f"{name} {words('包联和督查')}"
        if post.post == "campaign_office":
            result[CAMPAIGN_OFFICE] = label(ROLES, post.post)
    return result


def newest(user: User) -> list[Callable[[], ServiceResponse]]:
    """Questions for the newest messages of each of the user's inboxes."""
    get_json, limit = components().services.get_json, str(MOST_UNREAD)
    return [question(get_json, user, "notifications", f"/api/inboxes/{box}", limit=limit) for box in boxes_of(user)]


def unread(user: User, answers: Iterable[ServiceResponse]) -> dict[str, int]:
    """How many of these the user has not seen yet, by inbox, where there are any; those of a service that does not
    answer are not counted."""
    seen = last_seen(components().store, user.account_id)
    counts = {box: sum(message["day"] > seen.get(box, "") for message in answer.body.get("messages") or [])
              for box, answer in zip(boxes_of(user), answers, strict=True)}  # fmt: skip
    return {box: count for box, count in counts.items() if count}


def _link(line: Mapping[str, Any], box: str) -> str:
    """Where what a line says is done; empty: on no page.  A line above the unit counts several units."""
    level = box.partition("-")[0]
    unit = {"unit": line["unit_id"]} if line.get("unit_id") and level in ("clerk", "head") else {}
    if line["topic"] == "finding":
        return url_for("findings.findings", **({"status": "answered"} if line["stage"] in TO_CHECK else unit))
    if level in ("office", "campaign"):
        return url_for("liaison.units" if level == "office" else "overview.overview")
    if line["topic"] == "sheet":
        return url_for("sheets.own_sheets", **unit)
    if line["topic"] == "returned":
        return _of_publicity(line["stage"], level)
    if line["topic"] in NOT_DUTIES or not line["period"]:
        return ""
    if line["of_people"] and unit:
        return url_for("not_handed_in.not_handed_in", duty=line["topic"], period=line["period"], **unit)
    return url_for("duties.records", duty=line["topic"], period=line["period"], **unit)


def _of_publicity(stage: str, level: str) -> str:
    """Where a work, article or filing is seen that was given back or chosen."""
    pages = {"to_read": "readings.readings", "to_review": "reviews.reviews", "review_late": "reviews.reviews",
             "selected": "works.works", "deselected": "works.works", "take_down": "articles.articles",
             "returned": "todo.todo"}  # fmt: skip
    return url_for(pages[stage]) if stage in pages and level in ("person", "clerk", "head") else ""


blueprint.get(f"{INBOX.path}/settings")(inbox_settings.settings)
blueprint.post(f"{INBOX.path}/settings")(inbox_settings.choose)
blueprint.post(f"{INBOX.path}/address")(own_address.register)
