"""How reminders were delivered (送达): the days, each recipient's outcome and why; sent again, not sent, or nothing
sent to a recipient for a while, each with a reason."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.concurrent_calls import call_all, question
from console.delivery_words import fault_of
from console.guard import signed_in
from console.import_words import local_time
from console.language import words
from console.page_registry import DELIVERIES
from console.recipients import named_recipient, names_of_recipients
from console.reminders import CHANNELS, OUTCOMES, kind_of
from console.typed_dates import date_or_empty
from console.users import User
from console.write_client import NOTHING_SENT, WriteResult, reader, write

blueprint = Blueprint("deliveries", __name__)
LISTED, DAYS, LONGEST_REASON = "200", "14", 200
WAITING, EVERYBODY = "waiting", "everybody"
WORDS = {**{code: text for code, text in OUTCOMES.items() if code}, WAITING: "待发送"}
STATE = {"succeeded": "done", "inbox_only": "excused", "given_up": "overdue", "met": "done", "superseded": "late",
         "unknown": "overdue", "cancelled": "excused", WAITING: "open"}  # fmt: skip
"""How an outcome is coloured, as the states of duties are."""
ASKS_TO_REPEAT = ("succeeded", "unknown")
ACTS = {
    "resend": ("/api/deliveries/{}/resend", "已安排重发。"), "cancel": ("/api/deliveries/{}/cancel", "已取消发送。"),
    "hold": ("/api/holds/{}", "已暂缓发送。"), "release": ("/api/holds/{}/release", "已恢复发送。"),
}  # fmt: skip
"""What a person decides, where, and what is said when it is done."""


@blueprint.get(DELIVERIES.path)
@signed_in(DELIVERIES.right)
def deliveries(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.get(f"{DELIVERIES.path}/recipient")
@signed_in(DELIVERIES.right)
def recipient(user: User) -> ResponseReturnValue:
    return _recipient_page(user, named_recipient(request.args) or abort(404))


@blueprint.post(f"{DELIVERIES.path}/decide")
@signed_in(DELIVERIES.right, fresh=True)
def decide(user: User) -> ResponseReturnValue:
    """Resend, cancel, hold or release; the reason is kept."""
    form = request.form
    name, act = named_recipient(form), form.get("act", "")
    if form.get("recipient") == EVERYBODY and act in ("hold", "release"):
        name = EVERYBODY
    if not name or act not in ACTS:
        abort(404)
    reason = form.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        result = WriteResult(NOTHING_SENT, "请写明理由。", {f"reason-{act}": "请写明理由。"})
    else:
        path, done = ACTS[act]
        body: dict[str, Any] = {"reason": reason}
        if act == "resend":
            body["repeat"] = form.get("repeat") == "1"
        result = write(user, "notifications", path.format(name), body, success_message=words(done))
    if not result.ok:
        return _page(user, result) if name == EVERYBODY else _recipient_page(user, name, result)
    if name == EVERYBODY:
        return redirect(url_for("deliveries.deliveries"), 303)
    return redirect(url_for("deliveries.recipient", recipient=name), 303)


def outcome_of(delivery: Any) -> str:
    """The code of its outcome; WAITING: none yet."""
    return str(delivery["code"]) if delivery["phase"] == "ended" else WAITING


def _page(user: User, result: WriteResult | None = None) -> ResponseReturnValue:
    args, read = request.args, reader(user)
    runs, holds = call_all(
        question(read, "notifications", "/api/runs", limit=DAYS), question(read, "notifications", "/api/holds")
    )
    days = runs.body.get("runs") or []
    day = date_or_empty(args.get("day", "")) or (days[0]["day"] if days else "")
    code = args.get("code", "") if args.get("code", "") in WORDS else ""
    query = {"day": day, "code": code, "after": args.get("after", "")[:160], "limit": LISTED}
    response = read("notifications", "/api/deliveries", **query) if day else runs
    rows = response.body.get("deliveries") or []
    held = holds.body.get("holds") or []
    names = names_of_recipients(user, [each["recipient"] for each in [*rows, *held]], units=bool(held))
    shown = next((run for run in days if run["day"] == day), None)
    page = render_template(
        "deliveries.html", page=DELIVERIES, runs=days, response=response, rows=rows, day=day, code=code, shown=shown,
        holds=held, names=names, fault_of=fault_of, words=WORDS, state_of=STATE, outcome_of=outcome_of,
        channels=CHANNELS, kind_of=kind_of, local_time=local_time, everybody=EVERYBODY, waiting=WAITING,
        next=rows[-1]["recipient"] if rows and response.body.get("more") else "",
        message=result.message if result else "", errors=result.field_errors if result else {},
        reason=request.form.get("reason", ""),
    )  # fmt: skip
    return page, result.status if result else 200


def _recipient_page(user: User, name: str, result: WriteResult | None = None) -> ResponseReturnValue:
    """The last messages of a recipient, persons unnamed, with what became of each."""
    read = reader(user)
    inbox, holds, today = call_all(
        question(read, "notifications", f"/api/inboxes/{name}", limit="10"),
        question(read, "notifications", "/api/holds"),
        question(read, "notifications", "/api/deliveries", recipient=name),
    )
    rows = today.body.get("deliveries") or []
    held = {each["recipient"]: each for each in holds.body.get("holds") or []}
    names = names_of_recipients(user, [name], units=not rows)
    page = render_template(
        "delivery.html", page=DELIVERIES, response=inbox, messages=inbox.body.get("messages") or [], name=name,
        today=rows[0] if rows else None, hold=held.get(name), all_held=EVERYBODY in held, words=WORDS, state_of=STATE,
        outcome_of=outcome_of, channels=CHANNELS, kind_of=kind_of, local_time=local_time,
        asks_to_repeat=ASKS_TO_REPEAT, names=names, fault_of=fault_of,
        message=result.message if result else "",
        errors=result.field_errors if result else {}, reason=request.form.get("reason", ""),
        act=request.form.get("act", ""),
    )  # fmt: skip
    return page, result.status if result else 200
