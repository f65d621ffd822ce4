"""The page of the user's own messages (消息箱): those to the person, and those to each post that they hold."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console.components import components
from console.guard import signed_in
from console.labels import ROLES, label
from console.reminders import OUTCOMES
from console.users import OWN, User

blueprint = Blueprint("inbox", __name__)


@blueprint.get("/inbox")
@signed_in(OWN)
def own_inbox(user: User) -> ResponseReturnValue:
    """`of`: which inbox; another than those of the person and their posts is not offered."""
    boxes = {f"person-{user.account_id}": "本人"} | {
        f"{post.post}-{post.unit_id}": f"{label(ROLES, post.post)} {post.unit_name or post.unit_id}"
        for post in user.profile.posts if post.post in ("head", "clerk")
    }  # fmt: skip
    shown = request.args.get("of", "")
    shown = shown if shown in boxes else next(iter(boxes))
    response = components().services.get_json(user, "notifications", f"/api/inboxes/{shown}")
    return render_template(
        "inbox.html", response=response, messages=response.body.get("messages") or [], outcomes=OUTCOMES,
        boxes=boxes, shown=shown,
    )  # fmt: skip
