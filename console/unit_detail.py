"""One unit for the offices (单位详情): its score with each duty's part, its grid of duties, what was found and
assessed, and its records with one click."""

from functools import partial
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console import labels
from console.concurrent_calls import call_all, question
from console.duties import EXCUSES, STATES, duties_answer, grids
from console.guard import signed_in
from console.own_units import chosen_unit
from console.score import by_month, percent, share_of
from console.users import User
from console.write_client import reader

blueprint = Blueprint("unit_detail", __name__)
PATH, RIGHT, TITLE = "/unit-detail", "see_duties", "单位详情"


@blueprint.get(PATH)
@signed_in(RIGHT)
def unit_detail(user: User) -> ResponseReturnValue:
    asked = chosen_unit(user)
    body: dict[str, Any] = {}
    response, texts = None, dict[str, Any]()
    if asked.unit_id:
        read = reader(user)
        response, findings = call_all(
            partial(duties_answer, user, asked),
            question(read, "participation", "/api/findings", unit_id=asked.unit_id, limit="200"),
        )
        body = dict(response.body)
        texts = {each["finding_id"]: each for each in findings.body.get("findings") or []}
    return render_template(
        "unit_detail.html", response=response, asked=asked, body=body, title=TITLE, labels=labels, states=STATES,
        excuses=EXCUSES, own=grids(body.get("duties") or []), people=grids(body.get("people") or []),
        figures=body.get("figures"), parts=body.get("parts") or [], percent=percent, share_of=share_of,
        window=str(body.get("window") or asked.window), as_of=str(body.get("as_of") or asked.as_of),
        rank=(body.get("ranking") or {}).get("rank") if user.may("see_figures") else None,
        texts=texts, chart=by_month(body) if body.get("duties") else None,
    )  # fmt: skip
