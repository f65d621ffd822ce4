"""Importing (导入): templates to fill in, files in to be checked, checks that wait for their confirmation, and the
imports so far.  What becomes of one: console/import_detail.py, console/import_undo.py."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import import_detail, import_undo, import_words
from console.components import components
from console.file_answers import file_or_refusal
from console.file_forms import FormFile, files_of, takes_files
from console.guard import signed_in
from console.import_words import MONTH, TABLES
from console.own_units import LONGEST_ID
from console.page_registry import IMPORTS
from console.unit_choices import UnitChoices, unit_choices
from console.users import User
from console.write_client import NOTHING_SENT, WriteResult, refusal_of, write

blueprint = Blueprint("imports", __name__)
LISTED = "20"
LONGEST_REASON = 400


@blueprint.get(IMPORTS.path)
@signed_in(IMPORTS.right)
def imports(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.post(IMPORTS.path)
@takes_files()
@signed_in(IMPORTS.right, fresh=True)
def check(user: User) -> ResponseReturnValue:
    """Has the files checked (a dry run); whoever waits sees how far it is at its own page."""
    files = files_of("file")
    if not files:
        return _page(user, WriteResult(NOTHING_SENT, "请先选择要导入的文件。", {"file": "请先选择要导入的文件。"}), 422)
    result = write(user, "participation", "/api/imports", _order(files))
    if not result.ok:
        return _page(user, result, result.status)
    import_id = str(result.response.body["import_id"])
    needed = {entry["name"] for entry in result.response.body["files"] if entry["needed"]}
    for file in files:
        if file.name in needed and (refused := _send(user, import_id, file)):
            write(user, "participation", f"/api/imports/{import_id}/discard", {})
            return _page(user, refused, refused.status)
    return redirect(url_for("imports.shown", import_id=import_id), 303)


@blueprint.get(f"{IMPORTS.path}/template")
@signed_in("fill_in")
def template(user: User) -> ResponseReturnValue:
    """A workbook to fill in: of one kind, or of a unit's whole month."""
    kind, choices = request.args.get("kind", ""), unit_choices(user)
    unit_id, month = choices.chosen(request.args.get("unit", "")), request.args.get("month", "").strip()[:10]
    kind = kind if kind in TABLES else MONTH
    query = {"unit_id": unit_id, "month": month if kind == MONTH else ""}
    unit = choices.units.get(unit_id, "").partition("（")[0]
    name = f"{unit}{month}月度填报" if kind == MONTH else f"{unit}{TABLES[kind]}模板"
    answer, response = file_or_refusal(user, "participation", f"/api/templates/{kind}", name, **query)
    if answer is not None:
        return answer
    refused = refusal_of(response)
    return _page(user, WriteResult(response, refused.message, {"template": refused.message}), refused.status)


def _order(files: list[FormFile]) -> dict[str, Any]:
    form, kind = request.form, request.form.get("kind", "")
    listed = [{"name": file.name, "size": file.size, "sha256": file.sha256, "kind": kind if kind in TABLES else ""}
              for file in files]  # fmt: skip
    given = {name: form.get(name, "").strip()[:LONGEST_REASON] for name in ("late_entry", "source")}
    return {"files": listed, "dry_run": True, "unit_id": form.get("unit", "").strip()[:LONGEST_ID], **given}


def _send(user: User, import_id: str, file: FormFile) -> WriteResult | None:
    """What was refused; None: nothing."""
    path = f"/api/imports/{import_id}/files/{quote(file.name, safe='')}"
    response = components().services.send_file(user, "PUT", "participation", path, file.body)
    return None if response.ok else refusal_of(response)


def _page(user: User, result: WriteResult | None = None, status: int = 200) -> ResponseReturnValue:
    services, before = components().services, request.args.get("before", "").strip()[:LONGEST_ID]
    listed = services.get_json(user, "participation", "/api/imports", limit=LISTED, before=before)
    kept = services.get_json(user, "participation", "/api/dry-runs").body
    rows = listed.body.get("imports") or []
    choices, checks = unit_choices(user), [each for each in kept.get("dry_runs") or [] if not each["confirmed"]]
    page = render_template(
        "imports.html", actor_names=import_words.names_of_actors(user, [*rows, *checks]),
        page=IMPORTS, response=listed, imports=rows, words=import_words, before=before,
        next=rows[-1]["import_id"] if rows and listed.body.get("more") else "",
        checks=checks, choices=choices,
        given=_typed_values(choices),
        message=result.message if result else "", errors=result.field_errors if result else {},
        tables=import_words.tables_of(choices.of_district), today=import_words.today_of(kept),
    )  # fmt: skip
    return page, status


def _typed_values(choices: UnitChoices) -> Mapping[str, str]:
    """What was typed, for the form that is shown again."""
    names = ("kind", "late_entry", "source")
    typed = {name: request.form.get(name, "") for name in names}
    asked = request.form.get("unit", request.args.get("unit", "")).strip()[:LONGEST_ID]
    return typed | {"unit": asked or choices.first, "month": request.args.get("month", "")[:10],
                    "template": request.args.get("kind", "")}  # fmt: skip


blueprint.get(f"{IMPORTS.path}/import")(import_detail.shown)
blueprint.get(f"{IMPORTS.path}/workbook")(import_detail.workbook)
blueprint.post(f"{IMPORTS.path}/confirm")(import_detail.confirm)
blueprint.post(f"{IMPORTS.path}/discard")(import_detail.discard)
blueprint.post(f"{IMPORTS.path}/undo")(import_undo.undo)
