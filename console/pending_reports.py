"""Pending reports (待关联): what outside systems reported before what it names: by reason, what each awaits, since when
and by whom.  Cells are not shown; what waits too long is decided by itself."""

from collections import Counter
from datetime import datetime, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console import report_words
from console.components import components
from console.guard import signed_in
from console.import_words import local_time
from console.page_registry import WAITING
from console.users import User

blueprint = Blueprint("waiting", __name__)
LISTED = "200"
FILTERS = ("type", "code", "column")


@blueprint.get(WAITING.path)
@signed_in(WAITING.right)
def waiting(user: User) -> ResponseReturnValue:
    args = request.args
    is_chosen = "type" in args
    given = {name: args.get(name, "")[:128] for name in FILTERS} if is_chosen else {}
    query = {"limit": LISTED, "after": args.get("after", "")[:18], **given}
    response = components().services.get_json(user, "participation", "/api/waiting", **query)
    rows = response.body.get("waiting") or []
    shown = [row for row in rows if not is_chosen or all(row[name] == given[name] for name in FILTERS)]
    patience = int(response.body.get("patience_seconds") or 0)
    return render_template(
        "waiting.html", page=WAITING, response=response, rows=shown, groups=response.body.get("groups") or [],
        given=given, is_chosen=is_chosen, words=report_words, local_time=local_time, patience=patience,
        ends=lambda since: local_time((datetime.fromisoformat(since) + timedelta(seconds=patience)).isoformat()),
        next=rows[-1]["seq"] if rows and response.body.get("more") else "",
        keys=Counter(key for row in shown for key in row["awaits"]).most_common(10),
    )  # fmt: skip
