"""The page of a row's history (数据沿革): who, when, from what to what, why, in the sentences of participation."""

from urllib.parse import quote

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console.components import components
from console.guard import signed_in
from console.service_client import ServiceResponse
from console.users import User

blueprint = Blueprint("history", __name__)
TABLES = {
    "units": "单位", "people": "任职", "posts": "岗位职务", "exemptions": "免计", "records": "填报记录",
    "withdrawals": "撤回", "findings": "督查问题", "sheets": "季考核表", "decisions": "会议决定",
}  # fmt: skip
_LONGEST_ID = 400


@blueprint.get("/history")
@signed_in("see_row")
def history(user: User) -> ResponseReturnValue:
    table, row = request.args.get("table", ""), request.args.get("id", "").strip()[:_LONGEST_ID]
    table = table if table in TABLES else "records"
    response = _history(user, table, row) if row else None
    return render_template("history.html", tables=TABLES, table=table, row=row, response=response)


def _history(user: User, table: str, row: str) -> ServiceResponse:
    if {".", ".."} & set(row.split("/")):  # no id: a path would be made of them
        return ServiceResponse({}, 404, "unknown_row")
    return components().services.get_json(user, "participation", f"/api/history/{table}/{quote(row, safe='/')}")
