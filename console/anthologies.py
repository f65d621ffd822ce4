"""The page of anthologies (优秀成果汇编): list with status, downloads."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console import labels
from console import publicity_words as words
from console.components import components
from console.guard import signed_in
from console.users import User

blueprint = Blueprint("anthologies", __name__)


@blueprint.get("/anthologies")
@signed_in("see_publicity")
def anthologies(user: User) -> ResponseReturnValue:
    semester = request.args.get("semester", "").strip()[:64]
    response = components().services.get_json(user, "publicity", "/api/anthologies", semester=semester)
    result = response.body.get("anthologies") or []
    return render_template(
        "anthologies.html",
        response=response,
        anthologies=result,
        semester=semester,
        semesters=sorted({str(item["semester"]) for item in result} | ({semester} if semester else set())),
        levels=words.LEVELS,
        labels=labels,
    )
