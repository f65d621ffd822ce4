"""Revising the campaign: a file or its text is checked, shows its problems by line or what it changes, and is launched
only after a second look at that."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.campaign import parts_for
from console.components import components
from console.duties import CADENCES
from console.file_forms import takes_files
from console.guard import signed_in
from console.language import words
from console.page_registry import CAMPAIGN
from console.service_client import ServiceResponse
from console.users import User
from console.write_client import AWAY, write_text

blueprint = Blueprint("campaign_revise", __name__)
RIGHT, YAML, LARGEST = "keep_campaign", "application/yaml", 256 * 1024
LARGEST_FORM = 384 * 1024
"""Bytes: a campaign file has at most 128 KB, and is sent as it is beside the form's own fields."""
_EFFECT = re.compile(r"[0-9a-f-]{1,60}")
OUTCOMES = {"launched": "主题活动已发布。", "amended": "活动方案已更新。", "unchanged": "与现行方案相同，没有变化。"}
CHANGES = {"added": "新增", "removed": "取消", "changed": "修改", "moved": "调整次序"}


@blueprint.get(f"{CAMPAIGN.path}/revise")
@signed_in(RIGHT)
def revise(user: User) -> ResponseReturnValue:
    """A file to send, or the text of the plan in force to change here."""
    status, text = components().services.read_text(user, "participation", "/api/campaign/file", revise="true")
    return _form(user, text.decode("utf-8") if status == 200 else "", away=status in (502, 503, 504))


@blueprint.post(f"{CAMPAIGN.path}/revise")
@takes_files(LARGEST_FORM)
@signed_in(RIGHT, fresh=True)
def check(user: User) -> ResponseReturnValue:
    """Problems by line, or what it changes and a form to launch it.  A chosen file comes before the text."""
    sent = request.files.get("file")
    text = sent.read(LARGEST) if sent and sent.filename else request.form.get("text", "").encode()
    if not text.strip():
        return _form(user, "", message="请选择方案文件，或在下面填写方案。", status=422)
    return checked(user, text)


@blueprint.post(f"{CAMPAIGN.path}/launch")
@takes_files(LARGEST_FORM)
@signed_in(RIGHT, fresh=True)
def launch(user: User) -> ResponseReturnValue:
    """Launches what was looked at: not without the tick, and not if another plan has come into force since."""
    text = request.form.get("text", "").encode()
    if not request.form.get("agreed"):
        return checked(user, text, "请先核对变化，并勾选“已经核对”。", 422)
    preview = components().services.post_text(user, "participation", "/api/campaign/preview", text, YAML)
    if not preview.ok or preview.body.get("base") != request.form.get("base"):
        return checked(user, text, "现行方案刚刚有了变化，请重新核对。", 422)
    result = write_text(user, "participation", "/api/campaign", text, YAML)
    if not result.ok:
        return checked(user, text, result.message, result.status)
    flash(words(OUTCOMES[result.response.body["outcome"]]), "done")
    return redirect(url_for(CAMPAIGN.endpoint), 303)


def checked(user: User, text: bytes, message: str = "", status: int = 200) -> ResponseReturnValue:
    response = components().services.post_text(user, "participation", "/api/campaign/preview", text, YAML)
    shown = text.decode("utf-8", "replace").removeprefix("\ufeff")
    if not response.ok:
        problems = response.body.get("problems") if response.code == "invalid_campaign" else None
        refusal = AWAY if response.status >= 500 else response.detail
        return _form(user, shown, message="" if problems else refusal, problems=problems, status=422)
    page = render_template(
        "campaign_check.html", response=response, preview=response.body, text=shown, message=message, page=CAMPAIGN,
        parts=parts_for(user), changes=CHANGES, cadences=CADENCES, labels=labels, new=_new_periods(response),
        effect=_effect_of(user, response.body),
    )  # fmt: skip
    return page, status


@blueprint.get(f"{CAMPAIGN.path}/effect")
@signed_in(RIGHT)
def effect(user: User) -> ResponseReturnValue:
    """How far a comparison is: a part of the page for its script, a page of its own without."""
    name = request.args.get("effect", "")
    if not _EFFECT.fullmatch(name):
        abort(404)
    state = components().services.get_json(user, "assessment", f"/api/campaign/effects/{name}")
    template = "campaign_effect_part.html" if "HX-Request" in request.headers else "campaign_effect.html"
    return render_template(template, effect=state, page=CAMPAIGN, parts=parts_for(user), labels=labels)


def _effect_of(user: User, preview: Mapping[str, Any]) -> ServiceResponse | None:
    """The comparison, done or still running; None: there is nothing to compare."""
    if preview["outcome"] != "amended":
        return None
    return components().services.post_json(
        user, "assessment", "/api/campaign/effects", {"document": preview["document"]}
    )


def _new_periods(response: ServiceResponse) -> list[Mapping[str, Any]]:
    """Duties that are new or changed, with their days."""
    touched = {each["item"] for each in response.body["differences"] if each["section"] == "duties"}
    return [duty for duty in response.body["duties"] if duty["duty"] in touched]


def _form(
    user: User, text: str, *, message: str = "", problems: Any = None, status: int = 200, away: bool = False
) -> ResponseReturnValue:
    page = render_template("campaign_revise.html", text=text, message=message, problems=problems or [], page=CAMPAIGN,
                           parts=parts_for(user), away=away)  # fmt: skip
    return page, status
