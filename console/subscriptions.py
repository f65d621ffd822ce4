"""One outside system that reads our data (订阅): what it may read, how far it is, what went wrong; what is sent to it
is paused and resumed, and what was given up tried again or left."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.components import components
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.import_words import local_time
from console.language import words
from console.page_registry import PUBLISHERS
from console.publishers import ALL_UNITS, ends_soon
from console.statement_words import public_type
from console.subscription_progress import hindrance, progress_of
from console.users import User
from console.write_client import outcome_of

blueprint = Blueprint("subscriptions", __name__)
PATH = "/api/subscriptions"
DONE = {"pause": "已暂停，位置不变。", "resume": "已继续。", "retry": "马上再试一次。", "skip": "不再送这一件。"}
OF_ENTRIES = ("retry", "skip")


@blueprint.get(f"{PUBLISHERS.path}/subscription")
@signed_in(PUBLISHERS.right)
def subscription(user: User) -> ResponseReturnValue:
    return _page(user, _name(request.args.get("name", "")))


@blueprint.post(f"{PUBLISHERS.path}/subscription/pause")
@signed_in(PUBLISHERS.right)
def pause(user: User) -> ResponseReturnValue:
    """Nothing is sent until it is resumed; its position stays."""
    return _change_delivery(user, "pause")


@blueprint.post(f"{PUBLISHERS.path}/subscription/resume")
@signed_in(PUBLISHERS.right)
def resume(user: User) -> ResponseReturnValue:
    """Goes on from where it stood."""
    return _change_delivery(user, "resume")


@blueprint.post(f"{PUBLISHERS.path}/subscription/retry")
@signed_in(PUBLISHERS.right)
def retry(user: User) -> ResponseReturnValue:
    """Tries again what was given up, or what is due next."""
    return _change_delivery(user, "retry")


@blueprint.post(f"{PUBLISHERS.path}/subscription/skip")
@signed_in(PUBLISHERS.right)
def skip(user: User) -> ResponseReturnValue:
    """What was given up is left."""
    return _change_delivery(user, "skip")


def _change_delivery(user: User, deed: str) -> ResponseReturnValue:
    """Whether and what is sent to it."""
    name, entry = _name(request.form.get("name", "")), request.form.get("entry", "")[:16]
    entries = [int(entry)] if entry.isascii() and entry.isdigit() else []
    body: dict[str, Any] = {"entries": entries} if deed in OF_ENTRIES else {}
    result = outcome_of(components().services.post_json(user, "participation", f"{PATH}/{name}/{deed}", body))
    if not result.ok:
        return _page(user, name, result.message), result.status
    flash(words(DONE[deed]), "done")
    return redirect(url_for("subscriptions.subscription", name=name), 303)


def _page(user: User, name: str, message: str = "") -> str:
    services = components().services
    response, failed = call_all(
        question(services.get_json, user, "participation", PATH),
        question(services.get_json, user, "participation", f"{PATH}/{name or '-'}/failures"),
    )
    shown = next((each for each in response.body.get("subscriptions") or [] if each["name"] == name), None)
    if response.ok and shown is None:
        abort(404)
    return render_template(
        "subscription.html", page=PUBLISHERS, response=response, subscription=shown, name=name, types=public_type,
        local_time=local_time, all_units=ALL_UNITS, ends_soon=ends_soon, progress=progress_of(shown or {}),
        delivery=(shown or {}).get("delivery"), failures=failed.body.get("failures") or [], hindrance=hindrance,
        message=message,
    )  # fmt: skip


def _name(text: str) -> str:
    """Of a subscription; empty: none can bear it."""
    name = text.strip()[:63]
    return name if all(sign.isalnum() or sign in "._-" for sign in name) and name.strip(".") else ""
