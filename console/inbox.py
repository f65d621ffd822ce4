"""The page of the user's own messages (消息箱): those to the person, or to the post that they hold."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console.accounts import User
from console.components import components
from console.pages import signed_in
from console.reminders import OUTCOMES

blueprint = Blueprint("inbox", __name__)


@blueprint.get("/inbox")
@signed_in("person", "clerk", "head")
def own_inbox(user: User) -> ResponseReturnValue:
    response = components().services.get_json(user, "notifications", f"/api/inboxes/{user.name}")
    return render_template(
        "inbox.html", response=response, messages=response.body.get("messages") or [], outcomes=OUTCOMES
    )
