"""One outside system that reads our data (订阅): what it may read, how far it is, what went wrong."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from console.components import components
from console.guard import signed_in
from console.import_words import local_time
from console.page_registry import PUBLISHERS
from console.publishers import ALL_UNITS, ends_soon
from console.statement_words import public_type
from console.subscription_progress import progress_of
from console.users import User

blueprint = Blueprint("subscriptions", __name__)
PATH = "/api/subscriptions"


@blueprint.get(f"{PUBLISHERS.path}/subscription")
@signed_in(PUBLISHERS.right)
def subscription(user: User) -> ResponseReturnValue:
    name = request.args.get("name", "").strip()[:63]
    response = components().services.get_json(user, "participation", PATH)
    shown = next((each for each in response.body.get("subscriptions") or [] if each["name"] == name), None)
    if response.ok and shown is None:
        abort(404)
    return render_template(
        "subscription.html", page=PUBLISHERS, response=response, subscription=shown, name=name, types=public_type,
        local_time=local_time, all_units=ALL_UNITS, ends_soon=ends_soon, progress=progress_of(shown or {}),
    )  # fmt: skip
