"""Drafting a video (起草视频): its title, script and film, for the three readings; again where a reading sent it back.
What comes after is an article's way (console/articles.py)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import publicity_words as words
from console.articles import RIGHT, path_of
from console.components import components
from console.evidence_form import MOST_BYTES, FormFiles, files_of_form
from console.file_forms import files_of, takes_files
from console.guard import signed_in
from console.own_units import LONGEST_ID
from console.page_registry import VIDEOS
from console.publishing_units import chosen_unit, new_id, publishing_units
from console.users import User
from console.write_client import outcome_of, positions_written, reader

blueprint = Blueprint("videos_draft", __name__)
LONGEST_TITLE, LONGEST_SCRIPT = 32, 20_000
FILM: Mapping[str, Any] = {"min": 1, "max": 1, "types": ("video",)}
NAMES = ("article_id", "unit_id", "account", "title", "script", "again")


@blueprint.get(f"{VIDEOS.path}/draft")
@signed_in(RIGHT)
def draft_form(user: User) -> ResponseReturnValue:
    """`video`: one that was sent back, with what was read."""
    if name := request.args.get("video", "").strip()[:LONGEST_ID]:
        return _refilled_form(user, name)
    unit_id = chosen_unit(publishing_units(user), request.args.get("unit", ""))
    return _page(user, {"article_id": new_id("V", unit_id), "unit_id": unit_id, "account": "unit"})


@blueprint.post(f"{VIDEOS.path}/draft")
@takes_files(MOST_BYTES)
@signed_in(RIGHT, fresh=True)
def draft(user: User) -> ResponseReturnValue:
    """A refusal shows the form again with all that was given, the film too."""
    given = {name: request.form.get(name, "").strip() for name in NAMES}
    given |= {name: given[name][:LONGEST_ID] for name in ("article_id", "unit_id")}
    given["account"] = given["account"] if given["account"] in words.ACCOUNTS else "unit"
    film = files_of_form(user, "film", given["unit_id"], types=FILM["types"])
    script: Any = next((file.body for file in files_of("script-file")), given["script"].encode())
    if missing := _form_errors(given, film, bool(script)):
        return _page(user, given, film, missing, status=422)
    result = outcome_of(components().services.send_file(
        user, "PUT", "publicity", f"{path_of(given['article_id'])}/video", script, _headers(given["title"]),
        unit_id=given["unit_id"], account=given["account"], film=film.contents[0],
    ))  # fmt: skip
    if not result.ok:
        errors = {"script" if name in ("file", "works") else name: text for name, text in result.field_errors.items()}
        return _page(user, given, film, errors, result.message, result.status)
    flash("已起草。三审三校通过后就可以发布。", "done")
    return redirect(url_for("articles.article", article=given["article_id"]), 303)


def _headers(title: str) -> dict[str, str]:
    """The film came with this form where there is no script: publicity waits until it knows it."""
    positions = positions_written()
    return {"X-Qihang-Title": quote(title), **({"X-Qihang-After": positions} if positions else {})}


def _form_errors(given: Mapping[str, str], film: FormFiles, has_script: bool) -> dict[str, str]:
    result = {}
    if not 0 < len(given["title"]) <= LONGEST_TITLE:
        result["title"] = "请填写标题，最多 32 个字。"
    if not has_script:
        result["script"] = "请写文案，或选择一个文件。"
    elif len(given["script"]) > LONGEST_SCRIPT:
        result["script"] = "文案太长，最多 20000 个字。"
    if film.problems or len(film.contents) != 1:
        result["film"] = film.message or "请选一个视频文件。"
    return result


def _refilled_form(user: User, name: str) -> ResponseReturnValue:
    """With the film and the words of the script as they were read."""
    response = reader(user)("publicity", f"/api/proofs/article/{quote(name, safe='')}")
    proof = response.body if response.ok else abort(503 if response.status >= 500 else 404)
    shown = proof.get("film") or abort(404)
    blocks = [text for piece in proof["pieces"] for _, text, _ in piece["blocks"] if text]
    given = {"article_id": name, "unit_id": proof["unit_id"], "account": proof["account"], "title": proof["title"],
             "script": "\n".join(blocks), "again": "1"}  # fmt: skip
    kept = {key: str(shown[key]) for key in ("content", "name", "media_type")}
    return _page(user, given, FormFiles([kept]))


def _page(
    user: User, given: Mapping[str, str], film: FormFiles | None = None, errors: Mapping[str, str] | None = None,
    message: str = "", status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    errors = errors or {}
    page = render_template(
        "video_draft.html", given=given, film=film or FormFiles(), errors=errors, units=publishing_units(user),
        page=VIDEOS, words=words, evidence=FILM, title_limit=LONGEST_TITLE, script_limit=LONGEST_SCRIPT,
        message="" if set(errors) & {"title", "script", "film"} else message,
    )  # fmt: skip
    return page, status
