"""Handing in a work (交作品): a text that is written here or a file, its title and the uses that its author agrees to;
by the author, or by the unit for one of its people with consent on paper.  A returned work is handed in again."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.concurrent_calls import call_all, question
from console.file_forms import files_of, takes_files
from console.guard import signed_in
from console.own_units import LONGEST_ID
from console.page_registry import WORKS
from console.service_client import ServiceResponse
from console.users import User
from console.works import asked_work, work_row, works_units
from console.works_words import LEVELS, WORDS, asked_levels
from console.write_client import WriteResult, outcome_of, reader

blueprint = Blueprint("works_form", __name__)
MOST_BYTES = 14 * 1024**2
"""Of the form: the service takes files of 12 MB."""
LONGEST_TEXT, LONGEST_TITLE = 100_000, 100
MOST_PEOPLE = "200"
RIGHT = "submit_work"


@dataclass
class Form:
    """What stands in the form.  `again`: a returned work is revised, whose author and unit are known."""

    work_id: str
    unit_id: str
    own: bool
    author_id: str = ""
    title: str = ""
    text: str = ""
    semester: str = ""
    levels: tuple[str, ...] = ()
    on_paper: bool = False
    again: bool = False
    errors: dict[str, str] = field(default_factory=dict)


@blueprint.get(f"{WORKS.path}/hand-in")
@signed_in(RIGHT)
def hand_in_form(user: User) -> ResponseReturnValue:
    """A new one of the user's own, or (`unit`) of somebody of a unit; or (`work`) a returned one again."""
    if given := request.args.get("work", ""):
        row = work_row(user, asked_work(given))
        own = row["author_id"] == user.account_id
        form = Form(row["work_id"], row["unit_id"], own, row["author_id"], row["title"], again=True,
                    semester=row["semester"], levels=tuple(row["levels"]))  # fmt: skip
        return _page(user, form)
    unit_id = request.args.get("unit", "").strip()[:LONGEST_ID]
    return _page(user, Form(f"W{secrets.token_hex(6)}", unit_id, own=not unit_id))


@blueprint.post(f"{WORKS.path}/hand-in")
@takes_files(MOST_BYTES)
@signed_in(RIGHT, fresh=True)
def hand_in(user: User) -> ResponseReturnValue:
    """The same form twice is one work: it bears the work's id."""
    form = _form(user)
    body, file_name = _content(form)
    if form.errors:
        return _page(user, form, 422)
    result = _send(user, form, body)
    if not result.ok:
        errors = {_FIELDS.get(name, name): text for name, text in result.field_errors.items()}
        of_file = not errors.keys() & {"title", "author", "unit", "levels", "semester"} and result.response.status < 500
        form.errors = {**errors, **({"file" if file_name else "text": result.message} if of_file else {})}
        form.errors[""] = result.message
        return _page(user, form, result.status)
    flash("作品已交。" if form.own else "作品已推荐。", "done")
    for sentence in result.response.body.get("left_out") or ():
        flash(sentence, "notes")
    return redirect(url_for("works.work", work=form.work_id), 303)


_FIELDS = {"author_id": "author", "unit_id": "unit", "levels": "levels"}
"""Of the service, by the name in this form."""


def _form(user: User) -> Form:
    given = request.form
    own, again = given.get("own") == "1", given.get("again") == "1"
    form = Form(
        asked_work(given.get("work", "")), given.get("unit", "").strip()[:LONGEST_ID], own,
        user.account_id if own else given.get("author", "").strip()[:LONGEST_ID],
        " ".join(given.get("title", "").split()), given.get("text", ""), given.get("semester", "").strip()[:64],
        tuple(level for level in given.getlist("levels") if level in LEVELS), given.get("paper") == "1", again,
    )  # fmt: skip
    if not form.title or len(form.title) > LONGEST_TITLE:
        form.errors["title"] = "请写标题，最多 100 个字。"
    if not form.author_id:
        form.errors["author"] = "请选择作者。"
    if not form.unit_id:
        form.errors["unit"] = "请选择单位。"
    if not form.levels and not again:
        form.errors["levels"] = "没有作者的授权不能推荐，请至少勾选一项。"
    if not own and not form.on_paper and not again:
        form.errors["paper"] = "请先取得作者的书面授权，并在这里注明。"
    return form


def _content(form: Form) -> tuple[Any, str]:
    """The file, or the text that was written; and the file's name.  Notes what is missing."""
    files = files_of("file")
    if files:
        return files[0].body, files[0].name
    text = form.text.replace("\r\n", "\n").strip()
    if not text:
        form.errors["text"] = "请写正文，或选择一个文件。"
    elif len(text) > LONGEST_TEXT:
        form.errors["text"] = "正文太长，请改交文件。"
    return text.encode(), ""


def _send(user: User, form: Form, body: Any) -> WriteResult:
    query = {"author_id": form.author_id, "unit_id": form.unit_id, "semester": form.semester,
             "levels": ",".join(form.levels)}  # fmt: skip
    path = f"/api/works/{quote(form.work_id, safe='')}"
    more = {"X-Qihang-Title": quote(form.title)}
    return outcome_of(components().services.send_file(user, "PUT", "publicity", path, body, more, **query))


def _page(user: User, form: Form, status: int = 200) -> ResponseReturnValue:
    read = reader(user)
    asked = [question(read, "publicity", "/api/works", author_id=user.account_id, limit="1")]
    asked.append(question(read, "participation", "/api/mine/service") if form.own else _people(user, form))
    known, second = call_all(*asked)
    rules = known.body.get("rules") or {}
    units = _own_units(second) if form.own else works_units(user)
    if form.own and not form.unit_id:
        form.unit_id = next(iter(units), "")
    if not form.own and not form.again and form.unit_id not in units and not user.is_operator:
        abort(404)
    people = [] if form.own else second.body.get("people") or []
    page = render_template(
        "work_form.html", form=form, rules=rules, levels=asked_levels(rules), words=WORDS, units=units, people=people,
        page=WORKS, labels=labels, response=known, errors=form.errors,
    )  # fmt: skip
    return page, status


def _people(user: User, form: Form) -> Any:
    """Those who serve in the unit, to choose the author from."""
    return question(reader(user), "participation", "/api/directory/people", unit_id=form.unit_id, limit=MOST_PEOPLE)


def _own_units(service: ServiceResponse) -> Mapping[str, str]:
    """Where the user serves now."""
    rows = [row for row in service.body.get("memberships") or [] if row["state"] == "serving"]
    return {row["unit_id"]: row["unit_name"] or row["unit_id"] for row in rows}
