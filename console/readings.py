"""The three readings (三审三校) by who reads: what awaits them, the text as it will be shown, signed by its hash or
sent back with remarks."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import publicity_words as words
from console.components import components
from console.guard import LONGEST_PATH, signed_in
from console.own_units import LONGEST_ID
from console.page_registry import READINGS
from console.service_client import ServiceResponse
from console.users import OWN, User
from console.write_client import reader, write

blueprint = Blueprint("readings", __name__)
TURNS = {"now": "等您审读", "later": "上一审还没有完成", "done": "已审读", "over": "已退回、停发或重新汇编"}
COLOURS = {"now": "open", "later": "upcoming", "done": "done", "over": "excused"}
LONGEST_REASON = 100


@blueprint.get(READINGS.path)
@signed_in(READINGS.right)
def readings(user: User) -> ResponseReturnValue:
    response = reader(user)("publicity", "/api/mine/publicity")
    return render_template("readings.html", response=response, readings=response.body.get("readings") or [],
                           page=READINGS, words=words, turns=TURNS, colours=COLOURS)  # fmt: skip


@blueprint.get(f"{READINGS.path}/read")
@signed_in("see_proof")
def read(user: User) -> ResponseReturnValue:
    """The text as it will be shown; that its reader opened it is kept by the service."""
    return _page(user)


@blueprint.post(f"{READINGS.path}/pass")
@signed_in(OWN, fresh=True)
def sign(user: User) -> ResponseReturnValue:
    """Passed: exactly the content whose hash the page bore."""
    if not request.form.get("read"):
        return _page(
            user,
            errors={"read": "请通读全文、看完影片后勾选。" if request.form.get("film") else "请通读全文后勾选。"},
            status=422,
        )
    content = request.form.get("content", "")[:64]
    return _send(user, {"content": content}, "已登记审读通过。")


@blueprint.post(f"{READINGS.path}/return")
@signed_in(OWN, fresh=True)
def give_back(user: User) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        return _page(user, errors={"reason": "请写明要修改什么。"}, status=422)
    return _send(user, {"reason": reason}, "已退回修改，填报员会看到您的意见。")


def _send(user: User, more: dict[str, str], done: str) -> ResponseReturnValue:
    stage = request.form.get("stage", "")
    body = {"subject": _subject(), "subject_id": _subject_id(), "reader_id": user.account_id,
            "stage": stage if stage in words.STAGES else "first", **more}  # fmt: skip
    result = write(user, "publicity", "/api/readings", body)
    if not result.ok:
        return _page(user, result.message, result.status)
    flash(done, "done")
    return redirect(url_for(READINGS.endpoint), 303)


def _page(
    user: User, message: str = "", status: int = 200, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    subject, subject_id = _subject(), _subject_id()
    response = _proof(user, subject, subject_id)
    components().security_log.write_once("export", user.account_id, f"GET {READINGS.path}/read {subject} {subject_id}"[
        :LONGEST_PATH])  # fmt: skip
    proof: dict[str, Any] = response.body
    page = render_template(
        "reading.html", response=response, proof=proof, page=READINGS, words=words, message=message,
        errors=errors or {}, form=request.form, subject=subject, subject_id=subject_id,
        is_turn=response.ok and bool(proof["own_stage"]) and proof["own_stage"] == proof["next_stage"],
    )  # fmt: skip
    return page, status


def _proof(user: User, subject: str, subject_id: str) -> ServiceResponse:
    """404: there is none that the user may read; what is no more in force says so itself."""
    response = reader(user)("publicity", f"/api/proofs/{subject}/{quote(subject_id, safe='')}")
    return abort(404) if response.status in (403, 404) else response


def _subject() -> str:
    given = request.values.get("subject", "")
    return given if given in ("article", "anthology") else abort(404)


def _subject_id() -> str:
    return request.values.get("id", "").strip()[:LONGEST_ID] or abort(404)
