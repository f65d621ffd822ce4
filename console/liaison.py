"""包联学校: the units that the user's office stands over, side by side; what needs a look stands first."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console import labels
from console.duties import STATES
from console.guard import signed_in
from console.page_registry import LIAISON
from console.pages import date_or_empty
from console.together import question, together
from console.users import User
from console.write_client import reader

blueprint = Blueprint("liaison", __name__)
QUIET_DAYS = 30
"""Without a record for so long, a unit is to be looked at."""


@blueprint.get(LIAISON.path)
@signed_in(LIAISON.right)
def units(user: User) -> ResponseReturnValue:
    read = reader(user)
    window, as_of = request.args.get("window", "").strip()[:64], date_or_empty(request.args.get("as_of", ""))
    response, findings = together(
        question(read, "assessment", "/api/duties/supervised", window=window, as_of=as_of),
        question(read, "participation", "/api/findings", status="open,answered,returned", limit="200"),
    )
    shown = str(response.body.get("as_of") or as_of)
    raised = findings.body.get("findings") or []
    lines = [_line(unit, shown, raised) for unit in response.body.get("units") or []]
    lines.sort(key=lambda line: (-line["weight"], line["unit"]["last_on"], line["unit"]["unit_id"]))
    return render_template(
        "liaison.html", response=response, findings=findings, lines=lines, duties=response.body.get("duties") or [],
        page=LIAISON, labels=labels, states=STATES, window=str(response.body.get("window") or window), as_of=shown,
    )  # fmt: skip


def _line(unit: Mapping[str, Any], as_of: str, raised: list[Mapping[str, Any]]) -> dict[str, Any]:
    """`weight`: how much it asks for a look: what is overdue, findings under way, long without a record."""
    own = [each for each in raised if each["unit_id"] == unit["unit_id"]]
    last = str(unit["last_on"])
    quiet = bool(as_of) and (not last or (date.fromisoformat(as_of) - date.fromisoformat(last)).days > QUIET_DAYS)
    return {"unit": unit, "cells": {cell["duty"]: cell for cell in unit["duties"]}, "findings": len(own),
            "past": sum(bool(each["overdue"]) for each in own), "quiet": quiet,
            "weight": 100 * int(unit["overdue"]) + 10 * len(own) + int(quiet)}  # fmt: skip
