"""Sheets of a quarter (季考核表): the office's grid, one form for a unit and one for a column of units; completed,
confirmed by somebody else, returned, corrected; printed and downloaded.  A unit reads its own."""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.concurrent_calls import call_all, question
from console.filing_answers import local_moment
from console.guard import LONGEST_PATH, signed_in
from console.language import words
from console.own_units import LONGEST_ID, units_of
from console.page_registry import OWN_SHEETS, SHEETS
from console.report_files import Sheet
from console.service_client import ServiceResponse
from console.users import User
from console.write_client import WriteResult, reader, write

blueprint = Blueprint("sheets", __name__)
STATES = {"pending": "待考核", "draft": "草稿", "completed": "待复核", "confirmed": "已完成"}
COLOURS = {"pending": "excused", "draft": "late", "completed": "open", "confirmed": "done"}
DONE = {"complete": "已提交复核 {count} 张，请本科室其他同志复核。", "confirm": "已复核 {count} 张，从现在起计入得分。"}
OWN_RIGHT, ROUTES, MOST = "see_sheet", "/api/quarter-sheets", 500
_WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get(SHEETS.path)
@signed_in(SHEETS.right)
def sheets(user: User) -> ResponseReturnValue:
    return _grid(user)


@blueprint.post(SHEETS.path)
@signed_in(SHEETS.right, fresh=True)
def act_on_sheets(user: User) -> ResponseReturnValue:
    """Completes or confirms those that are ticked, or all that may be."""
    act, period = request.form.get("act", ""), _period()
    field = f"may_{act}" if request.form.get("all") else "sheet"
    chosen = [each.rpartition("|") for each in request.form.getlist(field)][:MOST]
    if act not in DONE or not chosen:
        return _grid(user, "请先勾选单位。", 422)
    body = {"period": period, "sheets": [{"unit_id": unit_id[:LONGEST_ID], "revision": _number(revision)}
                                         for unit_id, _, revision in chosen if unit_id]}  # fmt: skip
    result = write(user, "participation", f"{ROUTES}/{act}", body)
    if not result.ok:
        return _grid(user, result.message, result.status)
    outcomes = result.response.body.get("outcomes") or []
    if done := sum(each["outcome"] == "done" for each in outcomes):
        flash(words(DONE[act]).format(count=done), "done")
    for message in dict.fromkeys(each["message"] for each in outcomes if each["outcome"] == "refused"):
        flash(message, "refused")
    return redirect(url_for(SHEETS.endpoint, period=period), 303)


@blueprint.get(f"{SHEETS.path}/unit")
@signed_in(SHEETS.right)
def unit_form(user: User) -> ResponseReturnValue:
    return _unit(user, _unit_id(request.args.get("unit", "")))


@blueprint.post(f"{SHEETS.path}/unit")
@signed_in(SHEETS.right, fresh=True)
def save_unit(user: User) -> ResponseReturnValue:
    """Saves a unit's sheet as a draft; then the next unit, or it is handed over."""
    unit_id, period, act = _unit_id(request.form.get("unit", "")), _period(), request.form.get("act", "")
    points = _entered_values("points.")
    sheet = {"unit_id": unit_id, "revision": _number(request.form.get("revision", "")), "points": points}
    if points:
        result = write(user, "participation", f"{ROUTES}/draft", {"period": period, "sheets": [sheet]})
        if not result.ok:
            return _unit(user, unit_id, result)
    if act == "complete":
        body = {"period": period, "sheets": [{"unit_id": unit_id}]}
        result = write(user, "participation", f"{ROUTES}/complete", body)
        refused = [each for each in result.response.body.get("outcomes") or [] if each["outcome"] == "refused"]
        if not result.ok or refused:
            message = refused[0]["message"] if refused else result.message
            return _unit(user, unit_id, WriteResult(result.response, message), 422)
        flash(words(DONE["complete"]).format(count=1), "done")
        return redirect(url_for(SHEETS.endpoint, period=period), 303)
    flash("草稿已保存。", "done")
    onward = request.form.get("next", "")[:LONGEST_ID] if act == "next" else unit_id
    return redirect(url_for("sheets.unit_form", unit=onward or unit_id, period=period), 303)


@blueprint.post(f"{SHEETS.path}/return")
@signed_in(SHEETS.right, fresh=True)
def give_back(user: User) -> ResponseReturnValue:
    return _with_reason(user, "return", "已退回，仍是草稿。", "请写明退回的原因。")


@blueprint.post(f"{SHEETS.path}/correct")
@signed_in(SHEETS.right, fresh=True)
def correct(user: User) -> ResponseReturnValue:
    return _with_reason(user, "correct", "可以更正了；复核通过之前，仍按原来的分数计。", "请写明更正的原因。")


@blueprint.get(f"{SHEETS.path}/item")
@signed_in(SHEETS.right)
def item_form(user: User) -> ResponseReturnValue:
    return _column(user)


@blueprint.post(f"{SHEETS.path}/item")
@signed_in(SHEETS.right, fresh=True)
def save_item(user: User) -> ResponseReturnValue:
    """Saves what was changed in the column; colleagues may enter other items meanwhile."""
    item, period = _item(), _period()
    before = {name.removeprefix("before."): value for name, value in request.form.items()
              if name.startswith("before.")}  # fmt: skip
    changed = {unit: text for unit, text in _entered_values("points.").items() if text != before.get(unit, "")}
    if changed:
        body = {
            "period": period,
            "sheets": [{"unit_id": unit, "points": {item: text}} for unit, text in list(changed.items())[:MOST]],
        }
        result = write(user, "participation", f"{ROUTES}/draft", body)
        if not result.ok:
            return _column(user, result)
        done = words("已保存 {count} 个单位的评分。").format(count=len(changed))
        flash(done, "done")
    following = request.form.get("next", "")[:LONGEST_ID] if request.form.get("act") == "next" else ""
    if following:
        return redirect(url_for("sheets.item_form", item=following, period=period), 303)
    return redirect(url_for(SHEETS.endpoint, period=period), 303)


@blueprint.get(f"{SHEETS.path}/sheets.xlsx")
@signed_in(SHEETS.right)
def workbook(user: User) -> ResponseReturnValue:
    from console.report_workbook import write_workbook  # slow to load, and seldom asked for

    response = _answer(user)
    if not response.ok:
        abort(response.status if response.status < 500 else 503)
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "sheets.xlsx"
        write_workbook(result, [Sheet(f"季考核表 {response.body['period']}", iter(_rows(response.body)))])
        return send_file(result.open("rb"), _WORKBOOK_TYPE, as_attachment=True,
                         download_name=f"季考核表-{response.body['period']}.xlsx")  # fmt: skip


@blueprint.get(f"{SHEETS.path}/own")
@signed_in(OWN_RIGHT)
def own_sheets(user: User) -> ResponseReturnValue:
    """A unit's sheets that are complete."""
    units = units_of(user)
    unit_id = request.args.get("unit", "").strip()[:LONGEST_ID] or next(iter(units), "")
    if not unit_id or "/" in unit_id:
        abort(404)
    response = reader(user)("participation", f"/api/units/{unit_id}/quarter-sheets")
    return render_template("sheets_own.html", response=response, units=units, unit_id=unit_id, labels=labels,
                           page=OWN_SHEETS)  # fmt: skip


def _grid(user: User, message: str = "", status: int = 200) -> ResponseReturnValue:
    response = _answer(user)
    lines = response.body.get("sheets") or []
    counts = Counter(line["state"] for line in lines)
    may = {f"may_{act}": [line for line in lines if act in line["may"]] for act in ("draft", "complete", "confirm")}
    page = render_template(
        "sheets.html", response=response, lines=lines, counts=counts, page=SHEETS, labels=labels, states=STATES,
        colours=COLOURS, message=message, missing=_missing_counts(lines, response.body.get("items") or []), **may,
    )  # fmt: skip
    return page, status


def _missing_counts(lines: Sequence[Mapping[str, Any]], items: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """By item: how many units that the user may score have no points of it yet."""
    return {each["id"]: sum("draft" in line["may"] and each["id"] not in line["points"] for line in lines)
            for each in items}  # fmt: skip


def _unit(user: User, unit_id: str, result: WriteResult | None = None, status: int = 0) -> ResponseReturnValue:
    """One unit's form and history.  `result`: what was refused of it."""
    period, read = _period(), reader(user)
    if not period:
        abort(404)
    sheet, every = call_all(
        question(read, "participation", f"{ROUTES}/{unit_id}/{period}"),
        question(read, "participation", ROUTES, period=period),
    )
    if sheet.status == 404:
        abort(404)
    if sheet.ok:
        what = f"GET {ROUTES}/{unit_id}/{period}"
        components().security_log.write_once("export", user.account_id, what[:LONGEST_PATH])
    lines = [line for line in every.body.get("sheets") or [] if line["may"]]
    place = next((at for at, line in enumerate(lines) if line["unit_id"] == unit_id), -1)
    following = lines[place + 1]["unit_id"] if 0 <= place < len(lines) - 1 else ""
    errors = {name.removeprefix(f"{unit_id}."): text for name, text in (result.field_errors if result else {}).items()}
    page = render_template(
        "sheets_unit.html", response=sheet, sheet=sheet.body, period=period, page=SHEETS, labels=labels, states=STATES,
        colours=COLOURS, following=following, errors=errors, message=result.message if result else "",
        typed=_entered_values("points.") if result else {}, moment=local_moment,
    )  # fmt: skip
    return page, status or (result.status if result else 200)


def _column(user: User, result: WriteResult | None = None) -> ResponseReturnValue:
    """One item of all units.  `result`: what was refused of it."""
    response, item = _answer(user), _item()
    items = response.body.get("items") or []
    place = next((at for at, each in enumerate(items) if each["id"] == item), -1)
    if response.ok and place < 0:
        abort(404)
    refused = result.field_errors if result else {}
    errors = {name.removesuffix(f".{item}"): text for name, text in refused.items()}
    page = render_template(
        "sheets_item.html", response=response, item=items[place] if items else {}, page=SHEETS, labels=labels,
        lines=[line for line in response.body.get("sheets") or [] if "draft" in line["may"]], errors=errors,
        others=[line for line in response.body.get("sheets") or [] if "draft" not in line["may"]],
        following=items[place + 1]["id"] if 0 <= place < len(items) - 1 else "", states=STATES, colours=COLOURS,
        message=result.message if result else "", typed=_entered_values("points.") if result else {},
    )  # fmt: skip
    return page, result.status if result else 200


def _with_reason(user: User, act: str, success: str, asked: str) -> ResponseReturnValue:
    unit_id, reason = _unit_id(request.form.get("unit", "")), request.form.get("reason", "").strip()[:400]
    if not reason:
        return _unit(user, unit_id, WriteResult(ServiceResponse({}, 422, "missing"), asked))
    body = {"revision": _number(request.form.get("revision", "")), "reason": reason}
    result = write(user, "participation", f"{ROUTES}/{unit_id}/{_period()}/{act}", body, success_message=success)
    if not result.ok:
        return _unit(user, unit_id, result)
    return redirect(url_for("sheets.unit_form", unit=unit_id, period=_period()), 303)


def _answer(user: User) -> ServiceResponse:
    return reader(user)("participation", ROUTES, period=_period())


def _rows(body: Mapping[str, Any]) -> list[list[str | Decimal]]:
    items = body["items"]
    of_items = [f"{each['title']}（{each['max']}）" for each in items]
    header: list[str | Decimal] = ["单位编号", "单位", "单位类别", *of_items, "合计", "状态"]
    return [header, *([line["unit_id"], line["unit_name"], labels.label(labels.KINDS, line["kind"]),
                       *(_figure(line["points"].get(each["id"], "")) for each in items), _figure(line["total"]),
                       STATES[line["state"]]] for line in body["sheets"])]  # fmt: skip


def _figure(text: str) -> str | Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _entered_values(prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value.strip()[:100] for name, value in request.form.items()
            if name.startswith(prefix)}  # fmt: skip


def _period() -> str:
    return request.values.get("period", "").strip()[:7]


def _item() -> str:
    return request.values.get("item", "").strip()[:LONGEST_ID]


def _unit_id(text: str) -> str:
    """404: no unit can bear this id."""
    unit_id = text.strip()[:LONGEST_ID]
    return unit_id if unit_id and "/" not in unit_id and unit_id not in (".", "..") else abort(404)


def _number(text: str) -> int:
    return min(int(text[:9]), 1_000_000) if text.isascii() and text.isdecimal() else 0
