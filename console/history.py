"""The page of a row's history (数据沿革): who, when, from what to what, why, in the sentences of participation; and the
look-up by which it is found.  What was looked for stands in no address."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console.components import components
from console.guard import signed_in
from console.history_sentences import sentence_of, title_in_language
from console.language import words
from console.names import OF_UNITS
from console.page_registry import HISTORY
from console.people_choice import RIGHT as LOOK_UP
from console.people_choice import look_up
from console.service_client import ServiceResponse
from console.users import User

blueprint = Blueprint("history", __name__)
TABLES = {
    "units": "单位", "people": "任职", "posts": "岗位职务", "exemptions": "免计", "records": "填报记录",
    "withdrawals": "撤回", "findings": "督查问题", "sheets": "季考核表", "decisions": "会议决定",
}  # fmt: skip
_LONGEST_ID, _LONGEST_TEXT = 400, 80


@blueprint.get(HISTORY.path)
@signed_in(HISTORY.right)
def history(user: User) -> ResponseReturnValue:
    table, row = request.args.get("table", ""), request.args.get("id", "").strip()[:_LONGEST_ID]
    table = table if table in TABLES else "records"
    return _page(user, table, row, response=_history(user, table, row) if row else None)


@blueprint.post(HISTORY.path)
@signed_in(LOOK_UP)
def find(user: User) -> ResponseReturnValue:
    """Units, people and records that the text names, each with the way to its history."""
    text = request.form.get("text", "").strip()[:_LONGEST_TEXT]
    matches = look_up(user, text) if text else None
    return _page(user, "records", "", text=text, matches=matches), 200 if text else 422


def _page(user: User, table: str, row: str, **more: Any) -> str:
    return render_template(
        "history.html", page=HISTORY, over_title=f"{words(HISTORY.title)}：{words(TABLES[table])}",
        sentence_of=sentence_of, title_of=title_in_language, tables=TABLES, table=table, row=row,
        units=_units(user, table, row),
        **{"response": None, "text": "", "matches": None, **more},
    )  # fmt: skip


def _units(user: User, table: str, row: str) -> list[Mapping[str, Any]]:
    """To choose from, of whoever may look up nothing but knows all units."""
    if user.may(LOOK_UP) or not user.may(OF_UNITS) or (row and table != "units"):
        return []
    return components().services.get_json(user, "participation", "/api/units").body.get("units") or []


def _history(user: User, table: str, row: str) -> ServiceResponse:
    if {".", ".."} & set(row.split("/")):  # no id: a path would be made of them
        return ServiceResponse({}, 404, "unknown_row")
    return components().services.get_json(user, "participation", f"/api/history/{table}/{quote(row, safe='/')}")
