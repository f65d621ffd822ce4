"""Changing units and people: a form, what it would do in words, then the change itself; the service judges each."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.components import components
from console.guard import signed_in
from console.language import words
from console.page_registry import REGISTRY
from console.registry import blueprint, person_of, unit_names, unit_of
from console.registry_forms import FORMS, KEYS, POSTS, Form, body_of, missing_in
from console.typed_dates import day_as_typed
from console.users import User
from console.write_client import WriteResult, write

RIGHT = "keep_people"
LONGEST = 400
PREVIEW, STORE, BACK = "preview", "store", "back"


@blueprint.get(f"{REGISTRY.path}/change")
@signed_in(RIGHT)
def change_form(user: User) -> ResponseReturnValue:
    """`what`: one of FORMS; the row by its ids."""
    form = _form()
    given = _form_values(form, request.args)
    return _page(user, form, {**_as_it_is(user, form, given), **given}, None)


@blueprint.post(f"{REGISTRY.path}/change")
@signed_in(RIGHT, fresh=True)
def change(user: User) -> ResponseReturnValue:
    """`step`: preview says what it would do, store does it, back shows the form again as it was filled in."""
    form, step = _form(), request.form.get("step", PREVIEW)
    given = _form_values(form, request.form)
    if step == BACK:
        return _page(user, form, given, None)
    if missing := missing_in(form, given):
        return _page(user, form, given, None, missing)
    body = body_of(form, given) | {"preview": step != STORE}
    result = write(user, "participation", f"/api/directory/{form.route}", body)
    if not result.ok:
        return _page(user, form, given, result)
    if step != STORE:
        return render_template("registry_preview.html", form=form, what=_change_name(), given=given, page=REGISTRY,
                               shown=result.response.body)  # fmt: skip
    _flash_outcome(result.response.body)
    return redirect(_result_url(form, given), 303)


def _change_name() -> str:
    return str(request.values.get("what", ""))


def _form() -> Form:
    return FORMS.get(_change_name()) or abort(404)


def _form_values(form: Form, values: Mapping[str, Any]) -> dict[str, str]:
    names = {*KEYS[form.route], *(entry.name for entry in form.entries)}
    lists = {entry.name for entry in form.entries if entry.type == "tags"}
    given = {name: str(values.get(name, "")).strip()[:LONGEST] for name in names if name in values}
    given |= {entry.name: day_as_typed(given[entry.name]) for entry in form.entries
              if entry.type == "date" and entry.name in given}  # fmt: skip
    chosen = {name: ";".join(request.values.getlist(name))[:LONGEST] for name in lists if name in values}
    return given | chosen


def _as_it_is(user: User, form: Form, given: Mapping[str, str]) -> dict[str, str]:
    """Of a correction: the row as it stands, in the fields of its form."""
    if form.change != "correct":
        return {}
    if form.route == "units":
        unit = unit_of(user, given.get("unit_id", "")).body.get("unit") or {}
        return {name: ";".join(cell) if isinstance(cell, list) else str(cell) for name, cell in unit.items()}
    person = person_of(user, given.get("person_id", "")).body
    keys = [key for key in KEYS[form.route] if key != "person_id"]
    rows = person.get("memberships" if form.route == "memberships" else "posts") or []
    row = next((each for each in rows if all(each[key] == given.get(key) for key in keys)), None)
    return {**row, "new_since": row["since"]} if row else abort(404)


def _page(
    user: User, form: Form, values: Mapping[str, str], result: WriteResult | None,
    missing: Mapping[str, str] | None = None,
) -> ResponseReturnValue:  # fmt: skip
    errors = dict(missing or (result.field_errors if result else {}))
    shown = {entry.name for entry in form.entries}
    message = "" if result is None or set(errors) & shown else result.message
    types = {entry.type for entry in form.entries}
    unit_id = values.get("unit_id", "")
    page = render_template(
        "registry_change.html",
        form=form,
        what=_change_name(),
        values=values,
        errors=errors,
        message=message,
        page=REGISTRY,
        whose=_subject_name(user, form, values),
        keys=[key for key in KEYS[form.route] if key not in shown],
        back=_result_url(form, values),
        units=[(each["unit_id"], each["name"]) for each in unit_names(user)] if "units" in types else [],
        people=_people(user, unit_id) if "people" in types else [],
    )
    return page, 200 if result is None and not missing else result.status if result else 422


def _subject_name(user: User, form: Form, values: Mapping[str, str]) -> str:
    """Whom or what the form changes, by name; empty: it makes something new."""
    unit_id, person_id = values.get("unit_id", ""), values.get("person_id", "")
    if form.change == "register":
        return ""
    if form.of == "unit":
        named = {each["unit_id"]: str(each["name"]) for each in unit_names(user)}
        return named.get(unit_id, unit_id)
    person = person_of(user, person_id).body
    rows = [each for each in person.get(form.route) or [] if each["unit_id"] == unit_id]
    unit_name = next((str(each["unit_name"]) for each in rows), "")
    post = words(POSTS.get(values.get("post", ""), "")) if form.route == "posts" else ""
    return " ".join(filter(None, (person.get("name"), person_id, unit_name, post)))


def _people(user: User, unit_id: str) -> list[tuple[str, str]]:
    query = {"unit_id": unit_id, "limit": "200"}
    response = components().services.get_json(user, "participation", "/api/directory/people", **query)
    return [(each["person_id"], each["name"]) for each in response.body.get("people") or []]


def _flash_outcome(body: Mapping[str, Any]) -> None:
    flash("已保存。" if body.get("outcome") == "accepted" else "没有变化：这些内容已经登记过。", "done")
    for each in body.get("left") or []:
        flash(str(each), "refused")


def _result_url(form: Form, given: Mapping[str, str]) -> str:
    """The page of the person or the unit that the change was about."""
    if form.of == "person" or (form.change == "join" and given.get("person_id")):
        return url_for("registry.person", person=given.get("person_id", ""))
    if given.get("unit_id"):
        return url_for("registry.unit", unit=given["unit_id"])
    return url_for("registry.units")
