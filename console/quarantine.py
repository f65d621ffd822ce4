"""The quarantine (异常件): what stands aside in each service by reason, one message whole; tried again, corrected, or
given up with a reason.  A body may be about persons: who opens one stands in the security log."""

import base64
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels, quarantine_words, report_words
from console.components import components
from console.concurrent_calls import call_all, question
from console.file_forms import takes_files
from console.guard import signed_in
from console.import_words import local_time
from console.language import words
from console.page_registry import QUARANTINE
from console.service_client import ServiceResponse
from console.settings import SERVICES
from console.users import User
from console.write_client import NOTHING_SENT, WriteResult, outcome_of, write

blueprint = Blueprint("quarantine", __name__)
LISTED = "200"
LONGEST_REASON = 400
SHOWN_CHARACTERS = 60_000
"""Of a body on the page; a longer one is downloaded, and corrected as a file."""
MOST_BYTES = 1024 * 1024
RETRIED, STILL = "重试了 {} 件，仍是异常件 {} 件。", "没有可重试的异常件。"


class Group(NamedTuple):
    """Messages of one service with one reason: how many are open, parked and dealt with."""

    service: str
    code: str
    origin: str
    counts: Mapping[str, int]
    since: str
    until: str


@blueprint.get(QUARANTINE.path)
@signed_in(QUARANTINE.right)
def quarantine(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.get(f"{QUARANTINE.path}/entry")
@signed_in(QUARANTINE.right)
def entry(user: User) -> ResponseReturnValue:
    service, number = _entry_key(request.args)
    return _entry_page(user, service, number)


@blueprint.get(f"{QUARANTINE.path}/body")
@signed_in(QUARANTINE.right)
def body(user: User) -> ResponseReturnValue:
    """The body of one, as it came, as a file."""
    service, number = _entry_key(request.args)
    shown = _read(user, service, number)
    if not shown.ok:
        abort(404 if shown.status == 404 else 503)
    text, encoding = str(shown.body.get("body") or ""), shown.body.get("body_encoding")
    content = base64.b64decode(text) if encoding == "base64" else text.encode()
    answer = Response(content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f"attachment; filename={service}-{number}.txt"
    return answer


@blueprint.post(f"{QUARANTINE.path}/retry")
@signed_in(QUARANTINE.right)
def retry(user: User) -> ResponseReturnValue:
    """Tries one again, a group of one service, or everything of every service."""
    form = request.form
    if form.get("entry"):
        service, number = _entry_key(form)
        chosen: dict[str, dict[str, Any]] = {service: {"ids": [number]}}
    elif form.get("all"):
        chosen = {service: {"all": True} for service in SERVICES}
    else:
        chosen = {_service(form): {"code": form.get("code", "")[:128]}}
    send = components().services.post_json
    asked = [partial(send, user, name, "/api/quarantine/retry", sent, slow=True) for name, sent in chosen.items()]
    results = [outcome_of(response) for response in call_all(*asked)]
    done = [result.response.body for result in results if result.ok]
    if done:
        retried, still = (sum(int(each.get(name) or 0) for each in done) for name in ("retried", "still"))
        flash(words(RETRIED).format(retried, still) if retried or still else STILL, "warning" if still else "done")
    refused = next((result for result in results if not result.ok), None)
    if form.get("entry") and not refused and done[0].get("still"):
        return redirect(url_for("quarantine.entry", service=service, entry=number), 303)
    return _page(user, refused.message, refused.status) if refused else redirect(url_for("quarantine.quarantine"), 303)


@blueprint.post(f"{QUARANTINE.path}/edit")
@takes_files(2 * MOST_BYTES)
@signed_in(QUARANTINE.right)
def edit(user: User) -> ResponseReturnValue:
    """Takes a corrected body of an outside system's report in."""
    service, number = _entry_key(request.form)
    sent = request.files.get("file")
    raw = sent.read(MOST_BYTES + 1) if sent and sent.filename else request.form.get("body", "").encode()
    text = raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    if problem := _fault_of(raw, text):
        typed = WriteResult(NOTHING_SENT, problem, {"body": problem})
    else:
        done = words("{} 已更正并接收。").format(f"{words(labels.SERVICES[service])} {number}")
        typed = write(user, service, f"/api/quarantine/{number}/edit", {"body": text}, success_message=done)
    if typed.ok:
        return redirect(url_for("quarantine.quarantine"), 303)
    return _entry_page(user, service, number, typed, text[:SHOWN_CHARACTERS])


@blueprint.post(f"{QUARANTINE.path}/discard")
@signed_in(QUARANTINE.right)
def discard(user: User) -> ResponseReturnValue:
    """Gives one up; the reason is kept."""
    service, number = _entry_key(request.form)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        result = WriteResult(NOTHING_SENT, "请写明放弃的理由。", {"reason": "请写明放弃的理由。"})
    else:
        done = words("{} 已放弃。").format(f"{words(labels.SERVICES[service])} {number}")
        path = f"/api/quarantine/{number}/discard"
        result = write(user, service, path, {"reason": reason}, success_message=done)
    if result.ok:
        return redirect(url_for("quarantine.quarantine"), 303)
    return _entry_page(user, service, number, result)


def groups_of(answers: Mapping[str, ServiceResponse]) -> list[Group]:
    """By service, reason and origin, those with most to do first."""
    by_key: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for service, answer in answers.items():
        for each in answer.body.get("groups") or []:
            by_key.setdefault((service, each["code"], each["origin"]), []).append(each)
    result = [Group(*key, {each["state"]: each["count"] for each in rows}, min(each["since"] for each in rows),
                    max(each["until"] for each in rows)) for key, rows in by_key.items()]  # fmt: skip
    return sorted(result, key=lambda group: (-group.counts.get("open", 0), -group.counts.get("parked", 0)))


def _page(user: User, message: str = "", status: int = 200) -> ResponseReturnValue:
    get_json, args = components().services.get_json, request.args
    asked = [question(get_json, user, service, "/api/quarantine/groups") for service in SERVICES]
    answers = dict(zip(SERVICES, call_all(*asked), strict=True))
    closed = args.get("closed") == "1"
    states = quarantine_words.CLOSED if closed else quarantine_words.OPEN
    groups = [group for group in groups_of(answers) if any(group.counts.get(state) for state in states)]
    service, code = args.get("service", ""), args.get("code", "")[:128]
    listed = _list_entries(user, service, code, states) if service in SERVICES and code else None
    page = render_template(
        "quarantine.html", page=QUARANTINE, groups=groups, closed=closed, states=states, words=quarantine_words,
        labels=labels, types=report_words.type_label, local_time=local_time, message=message, service=service,
        code=code, listed=listed, seen=[name for name in SERVICES if answers[name].ok], all_seen=SERVICES,
    )  # fmt: skip
    return page, status


def _list_entries(user: User, service: str, code: str, states: tuple[str, ...]) -> list[tuple[str, ServiceResponse]]:
    """Of each of the states the entries with this reason, from the one that the address names on."""
    get_json = components().services.get_json
    asked = [
        question(get_json, user, service, "/api/quarantine", state=state, code=code, limit=LISTED,
                 after=request.args.get(f"after_{state}", "")[:18])
        for state in states
    ]  # fmt: skip
    return list(zip(states, call_all(*asked), strict=True))


def _entry_page(
    user: User, service: str, number: int, result: WriteResult | None = None, typed: str | None = None
) -> ResponseReturnValue:
    response = _read(user, service, number)
    if response.status == 404:
        abort(404)
    text = str(response.body.get("body") or "")
    readable = response.body.get("body_encoding") == "utf-8"
    page = render_template(
        "quarantine_entry.html", page=QUARANTINE, response=response, entry=response.body, service=service,
        number=number, words=quarantine_words, labels=labels, types=report_words.type_label, local_time=local_time,
        readable=readable, text=text[:SHOWN_CHARACTERS], is_whole=len(text) <= SHOWN_CHARACTERS,
        typed=text if typed is None else typed, message=result.message if result else "",
        errors=result.field_errors if result else {}, reason=request.form.get("reason", ""),
    )  # fmt: skip
    return page, result.status if result else 200


def _read(user: User, service: str, number: int) -> ServiceResponse:
    """One, whole; that it was opened is written down."""
    path = f"/api/quarantine/{number}"
    response = components().services.get_json(user, service, path)
    if response.ok:
        components().security_log.write_once("export", user.account_id, f"GET {service}{path}")
    return response


def _fault_of(raw: bytes, text: str) -> str:
    if not text.strip():
        return "请写入更正后的正文，或选择一个文件。"
    if len(raw) > MOST_BYTES:
        return "正文超过 1 MiB。"
    return "文件不是 UTF-8 文字。" if "\ufffd" in text and b"\xef\xbf\xbd" not in raw else ""


def _entry_key(given: Mapping[str, str]) -> tuple[str, int]:
    """Service and number.  404: there can be no such entry."""
    service, number = _service(given), given.get("entry", "")
    if not (number.isascii() and number.isdecimal() and len(number) <= 18):
        abort(404)
    return service, int(number)


def _service(given: Mapping[str, str]) -> str:
    service = given.get("service", "")
    return service if service in SERVICES else abort(404)
