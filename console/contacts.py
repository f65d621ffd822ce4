"""Contacts (联系人): how posts, units' chat groups and people are reached; registered one by one or from a file, tried
by a test message, forgotten.  Keys of robots are never shown."""

import csv
import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import recipients
from console.components import components
from console.concurrent_calls import call_all, question
from console.delivery_words import fault_of
from console.file_forms import takes_files
from console.guard import LONGEST_PATH, signed_in
from console.language import words
from console.page_registry import CONTACTS
from console.people_choice import PersonChoice, choose_person, typed_person
from console.recipients import named_recipient, names_of_recipients
from console.reminders import CHANNELS, kind_of
from console.users import User
from console.write_client import NOTHING_SENT, WriteResult, outcome_of, reader, refusal_of, write

blueprint = Blueprint("contacts", __name__)
LISTED, BATCH, MOST_BYTES = 100, 1000, 2 * 1024 * 1024
FIELDS = ("name", "email", "robot", "dingtalk", "dingtalk_secret")
KEYS = ("robot", "dingtalk", "dingtalk_secret")
KEPT = "***"
"""What the service shows, and takes, in place of a key that is registered."""
HEADERS = {
    "收件人": "recipient", "称呼": "name", "邮箱": "email", "电子邮箱": "email", "企业微信群机器人": "robot",
    "钉钉群机器人": "dingtalk", "钉钉加签": "dingtalk_secret",
}  # fmt: skip
RESULTS = {
    "succeeded": "对方已接收", "later": "没有发出，可稍后再试", "never": "对方拒收", "unknown": "不能确定是否发出",
}  # fmt: skip
MOST_PROBLEMS = 50


@blueprint.get(CONTACTS.path)
@signed_in(CONTACTS.right)
def contacts(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.get(f"{CONTACTS.path}/contact")
@signed_in(CONTACTS.right)
def contact(user: User) -> ResponseReturnValue:
    """The form of one that is registered, or of a new one."""
    return _form_page(user, named_recipient(request.args))


@blueprint.post(CONTACTS.path)
@signed_in(CONTACTS.right)
def narrow(user: User) -> ResponseReturnValue:
    """Those of a unit or of a person, whom the form names."""
    form = request.form
    person = choose_person(user, typed_person(form, "person"))
    if person.error:
        return _page(user, WriteResult(NOTHING_SENT, person.error, {"person": person.error}), person=person)
    kind, unit_id = form.get("kind", ""), form.get("unit", "").strip()[: recipients.LONGEST]
    if person.person_id:
        kind = recipients.PERSON
    elif unit_id and kind == recipients.PERSON:
        kind = ""
    return redirect(url_for("contacts.contacts", kind=kind or None, of=person.person_id or unit_id or None), 303)


@blueprint.post(f"{CONTACTS.path}/contact")
@signed_in(CONTACTS.right, fresh=True)
def save(user: User) -> ResponseReturnValue:
    """Registers one; a key that is left empty stays, one that is ticked goes."""
    form = request.form
    is_person = form.get("kind") == recipients.PERSON and not form.get("recipient")
    person = choose_person(user, typed_person(form, "person")) if is_person else PersonChoice()
    name = named_recipient({**form, "of": person.person_id} if is_person else form)
    if not name:
        wrong = person.error or ("请写明是谁。" if is_person else "请选择单位。")
        return _form_page(user, "", WriteResult(NOTHING_SENT, wrong, {"person" if is_person else "of": wrong}), person)
    known = _registered_contact(user, name)
    row = {field: form.get(field, "").strip()[:300] for field in FIELDS}
    for key in KEYS:
        if not row[key] and known.get(key) and form.get(f"drop-{key}") != "1":
            row[key] = KEPT
    result = write(user, "notifications", "/api/contacts", {"contacts": [{"recipient": name, **row}]})
    problems = result.response.body.get("problems") or [] if result.ok else []
    if problems:
        column = "of" if problems[0]["column"] == "recipient" else problems[0]["column"]
        text = str(problems[0]["message"]).partition("：")[2]
        result = WriteResult(NOTHING_SENT, text, {column: text})
    if not result.ok:
        return _form_page(user, name, result, person)
    flash("联系方式已登记。", "done")
    return redirect(url_for("contacts.contact", recipient=name), 303)


@blueprint.post(f"{CONTACTS.path}/remove")
@signed_in(CONTACTS.right, fresh=True)
def remove(user: User) -> ResponseReturnValue:
    """Forgets how a recipient is reached."""
    name = named_recipient(request.form) or abort(404)
    response = components().services.delete_json(user, "notifications", f"/api/contacts/{quote(name, safe='')}")
    if not response.ok:
        return _form_page(user, name, refusal_of(response))
    flash("联系方式已删除，密钥已销毁。", "done")
    return redirect(url_for("contacts.contacts"), 303)


@blueprint.post(f"{CONTACTS.path}/test")
@signed_in(CONTACTS.right, fresh=True)
def test(user: User) -> ResponseReturnValue:
    """A test message to a recipient as registered, by every channel that is."""
    name = named_recipient(request.form) or abort(404)
    sent = components().services.post_json(user, "notifications", "/api/test-messages", {"recipient": name}, slow=True)
    result = outcome_of(sent)
    outcomes = result.response.body.get("outcomes") or []
    return _form_page(user, name, None if result.ok else result, outcomes=outcomes)


@blueprint.post(f"{CONTACTS.path}/import")
@takes_files(MOST_BYTES)
@signed_in(CONTACTS.right, fresh=True)
def import_file(user: User) -> ResponseReturnValue:
    """Registers the rows of a file; those that are wrong are named with their line, the others are taken."""
    sent = request.files.get("file")
    rows = read_rows(sent.read(MOST_BYTES)) if sent and sent.filename else []
    if not rows:
        wrong = "请选择 CSV 文件，第一行为列名，至少有“收件人”（recipient）。"
        return _page(user, WriteResult(NOTHING_SENT, wrong, {"file": wrong}))
    totals, problems = dict.fromkeys(("registered", "unchanged", "refused"), 0), []
    for start in range(0, len(rows), BATCH):
        result = write(user, "notifications", "/api/contacts", {"contacts": rows[start : start + BATCH]})
        if not result.ok:
            return _page(user, result)
        for name in totals:
            totals[name] += int(result.response.body[name])
        problems += [{**each, "line": each["line"] + start} for each in result.response.body["problems"]]
    counts = words("已登记 {registered}，无变化 {unchanged}，未接收 {refused}。").format(**totals)
    return _page(user, None, counts, problems[:MOST_PROBLEMS])


def read_rows(raw: bytes) -> list[dict[str, str]]:
    """The rows of a CSV in UTF-8 or GB18030, by the columns' names in English or Chinese; none without recipients."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    lines = [[cell.strip() for cell in line] for line in csv.reader(io.StringIO(text, newline=""))]
    lines = [line for line in lines if any(line)]
    header = [HEADERS.get(name, name) for name in lines[0]] if lines else []
    if "recipient" not in header:
        return []
    known = ("recipient", *FIELDS)
    return [{name: cell for name, cell in zip(header, line, strict=False) if name in known} for line in lines[1:]]


def _page(
    user: User, result: WriteResult | None = None, counts: str = "", problems: Any = (),
    person: PersonChoice | None = None,
) -> ResponseReturnValue:  # fmt: skip
    args, read = request.args, reader(user)
    kind, of = args.get("kind", ""), args.get("of", "").strip()[: recipients.LONGEST]
    beginning = f"{kind}-" if kind in recipients.KINDS else ""
    query = {"after": args.get("after", "")[: recipients.LONGEST], "beginning": beginning, "of": of}
    response, units = call_all(
        question(read, "notifications", "/api/contacts", **query, limit=str(LISTED)),
        question(read, "participation", "/api/units"),
    )
    rows = response.body.get("contacts") or []
    if rows:
        _write_down(user, f"?beginning={beginning}&of={of}&after={query['after']}")
    page = render_template(
        "contacts.html", page=CONTACTS, response=response, rows=rows, kinds=recipients.KINDS, kind=kind, of=of,
        next=rows[-1]["recipient"] if rows and response.body.get("more") else "", kind_of=kind_of, counts=counts,
        units=units.body.get("units") or [],
        person=person or choose_person(user, of if kind == recipients.PERSON else ""),
        names=names_of_recipients(user, [each["recipient"] for each in rows]), problems=problems,
        message=result.message if result else "", errors=result.field_errors if result else {},
    )  # fmt: skip
    return page, result.status if result else 200


def _registered_contact(user: User, name: str) -> Mapping[str, str]:
    """As registered; empty: nothing is, or the service is away."""
    of = "" if name == recipients.CAMPAIGN_OFFICE else name.partition("-")[2]
    response = reader(user)("notifications", "/api/contacts", beginning=name, of=of, limit="10")
    return next((each for each in response.body.get("contacts") or [] if each["recipient"] == name), {})


def _form_page(
    user: User, name: str, result: WriteResult | None = None, person: PersonChoice | None = None, outcomes: Any = ()
) -> ResponseReturnValue:
    known = _registered_contact(user, name) if name else {}
    if known:
        _write_down(user, f"?recipient={name}")
    typed = request.form if request.method == "POST" and "email" in request.form else known
    kind, _, of = name.partition("-")
    units = {} if known else reader(user)("participation", "/api/units").body
    page = render_template(
        "contact.html", page=CONTACTS, name=name, known=known, given={field: typed.get(field, "") for field in FIELDS},
        kinds=recipients.KINDS, office=recipients.CAMPAIGN_OFFICE, office_label=recipients.CAMPAIGN_OFFICE_LABEL,
        kind=request.values.get("kind", kind), of=request.values.get("of", of), kind_of=kind_of, outcomes=outcomes,
        units=units.get("units") or [], names=names_of_recipients(user, [name]),
        person=person or choose_person(user, "" if known or kind != recipients.PERSON else of),
        results=RESULTS, channels=CHANNELS, kept=KEPT, message=result.message if result else "",
        errors=result.field_errors if result else {}, fault_of=fault_of,
    )  # fmt: skip
    return page, result.status if result else 200


def _write_down(user: User, query: str) -> None:
    """Whose addresses were shown stands in the security log."""
    what = f"GET notifications/api/contacts{query}"[:LONGEST_PATH]
    components().security_log.write_once("export", user.account_id, what)
