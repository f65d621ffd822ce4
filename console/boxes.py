"""The page of somebody's own messages (消息箱): the letters to them, or to the post that they hold."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console.accounts import Who
from console.pages import signed_in
from console.reminders import OUTCOMES
from console.wiring import parts

pages = Blueprint("boxes", __name__)


@pages.get("/box")
@signed_in("person", "clerk", "head")
def own_box(user: Who) -> ResponseReturnValue:
    said = parts().upstream.ask(user, "notifications", f"/api/box/{user.name}")
    return render_template("box.html", said=said, messages=said.body.get("messages") or [], outcomes=OUTCOMES)
