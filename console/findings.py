"""Findings (督查问题): an office raises them, the unit answers, somebody else of the office closes them; each with its
photos and what became of it.  Free text names nobody: the forms say so."""

import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console.components import components
from console.evidence_form import MOST_BYTES, FormFiles, files_of_form
from console.file_forms import takes_files
from console.filing_answers import local_moment
from console.guard import LONGEST_PATH, signed_in
from console.language import words
from console.own_units import LONGEST_ID
from console.page_registry import FINDINGS
from console.print_head import print_head
from console.service_client import ServiceResponse
from console.table_workbook import CellValue, SheetOfTable, workbook
from console.typed_dates import day_as_typed
from console.users import User
from console.write_client import NOTHING_SENT, WriteResult, reader, write

blueprint = Blueprint("findings", __name__)
STATUSES = {
    "open": "待整改", "answered": "待复查", "returned": "退回整改", "closed": "已销号", "withdrawn": "已撤销",
}  # fmt: skip
STATE = {"open": "open", "answered": "late", "returned": "overdue", "closed": "done", "withdrawn": "excused"}
"""How a status is coloured, as the states of duties are."""
UNDER_WAY = "open,answered,returned"
EVIDENCE: Mapping[str, Any] = {"min": 0, "max": 20, "types": ()}
MOST, LONGEST = 50, 2000
MOST_ASKED, MOST_IN_FILE = 200, 5000
HEADER = ("问题编号", "问题描述", "问题类别", "单位编号", "单位", "提出的股室", "发现日期", "整改期限", "扣分", "状态",
          "是否过期限", "答复日期", "整改完成日期")  # fmt: skip
COLUMNS = ("category", "description", "found_on", "deadline", "points")
DAYS = ("found_on", "deadline", "rectified_on")
DONE = {"answer": "整改答复已提交，等待复查。", "return": "已退回，单位会收到提醒。", "close": "已复查销号。",
        "withdraw": "已撤销。", "correct": "已更正。"}  # fmt: skip


@blueprint.get(FINDINGS.path)
@signed_in(FINDINGS.right)
def findings(user: User) -> ResponseReturnValue:
    """`status`: one of STATUSES, `all`, else what is under way."""
    args = request.args
    given = {name: args.get(name, "").strip()[:LONGEST_ID] for name in ("unit", "category", "assessor")}
    status = args.get("status", "")
    offset = args.get("after", "")[:6]
    asked = _filter_of_request() | {
        "limit": str(MOST),
        "offset": offset if offset.isascii() and offset.isdecimal() else "0",
    }
    response = reader(user)("participation", "/api/findings", **asked)
    rows = response.body.get("findings") or []
    return render_template(
        "findings.html", response=response, findings=rows, counts=response.body.get("counts") or {}, status=status,
        statuses=STATUSES, states=STATE, page=FINDINGS, given={name: text for name, text in given.items() if text},
        raises=user.may("raise_finding") and not user.is_operator, after=response.body.get("next") or "",
    )  # fmt: skip


def _filter_of_request() -> dict[str, str]:
    """What the list is narrowed to."""
    args = request.args
    given = {name: args.get(name, "").strip()[:LONGEST_ID] for name in ("unit", "category", "assessor")}
    status = args.get("status", "")
    return {"unit_id": given["unit"], "category": given["category"], "assessor_id": given["assessor"],
            "status": status if status in STATUSES else "" if status == "all" else UNDER_WAY}  # fmt: skip


@blueprint.get(f"{FINDINGS.path}/findings.xlsx")
@signed_in(FINDINGS.right)
def file(user: User) -> ResponseReturnValue:
    """The whole list, not the page alone."""
    rows: list[Mapping[str, Any]] = []
    offset = 0
    while len(rows) < MOST_IN_FILE:
        answer = reader(user)(
            "participation", "/api/findings", **_filter_of_request(), limit=str(MOST_ASKED), offset=str(offset)
        )
        if not answer.ok:
            abort(503 if answer.status >= 500 else answer.status)
        rows += answer.body["findings"]
        offset = int(answer.body["next"])
        if not offset:
            break
    narrowed_to: dict[str, Any] = {name: value for name, value in _filter_of_request().items() if value}
    components().security_log.write("export", user.account_id, what=FINDINGS.path, **narrowed_to)
    lines: list[Sequence[CellValue]] = [
        [row["finding_id"], row["description"], row["category"], row["unit_id"], row["unit_name"],
         row["assessor_name"], row["found_on"], row["deadline"], Decimal(row["points"]), words(STATUSES[row["status"]]),
         words("已过期限") if row["overdue"] else "", row["answered_on"], row["rectified_on"]] for row in rows
    ]  # fmt: skip
    table = SheetOfTable(words("督查问题"), [words(each) for each in HEADER], lines)
    return workbook("findings", [(words("内容"), print_head(words("督查问题")))], [table])


@blueprint.get(f"{FINDINGS.path}/finding")
@signed_in(FINDINGS.right)
def finding(user: User) -> ResponseReturnValue:
    return _show(user, request.args.get("finding", ""))


@blueprint.get(f"{FINDINGS.path}/picture")
@signed_in(FINDINGS.right)
def picture(user: User) -> ResponseReturnValue:
    """One picture of a finding large."""
    finding_id = _require_finding_id(request.args.get("finding", ""))
    response = reader(user)("participation", f"/api/findings/{finding_id}")
    files = [file for entry in response.body.get("history") or [] for file in entry["files"]]
    pictures = [file for file in files if file["media_type"].startswith("image/")]
    at = next((at for at, file in enumerate(pictures) if file["content"] == request.args.get("content")), None)
    if at is None:
        abort(404)
    return render_template(
        "finding_picture.html", finding_id=finding_id, file=pictures[at], number=at + 1, count=len(pictures),
        before=pictures[at - 1] if at else None, next=pictures[at + 1] if at + 1 < len(pictures) else None,
        page=FINDINGS,
    )  # fmt: skip


@blueprint.get(f"{FINDINGS.path}/new")
@signed_in(FINDINGS.right)
def new_finding(user: User) -> ResponseReturnValue:
    return _form(user, {"unit_id": request.args.get("unit", "").strip()[:LONGEST_ID]})


@blueprint.post(f"{FINDINGS.path}/new")
@takes_files(MOST_BYTES)
@signed_in(FINDINGS.right, fresh=True)
def raise_finding(user: User) -> ResponseReturnValue:
    """Files are of the office that raises it; a refusal shows the form again with all that was written."""
    values = {name: _form_value(name) for name in ("finding_id", "unit_id", *COLUMNS)}
    form = _form_of(user)
    office = _office(form, values["unit_id"])
    files = files_of_form(user, "evidence", office) if office else FormFiles()
    if files.problems or not values["unit_id"]:
        missing = {} if values["unit_id"] else {"unit_id": "请选择单位。"}
        return _form(user, values, WriteResult(NOTHING_SENT, field_errors=missing), files)
    body = {**values, "description": values["description"][: LONGEST * 2], "evidence": files.contents}
    result = write(user, "participation", "/api/findings", body, success_message="督查问题已提出，单位会收到提醒。")
    if not result.ok:
        return _form(user, values, result, files)
    return redirect(url_for("findings.finding", finding=result.response.body["finding_id"]), 303)


@blueprint.post(f"{FINDINGS.path}/answer")
@takes_files(MOST_BYTES)
@signed_in(FINDINGS.right, fresh=True)
def answer(user: User) -> ResponseReturnValue:
    """The unit's answer, with its files."""
    finding_id = _require_finding_id(request.form.get("finding", ""))
    known = reader(user)("participation", f"/api/findings/{finding_id}")
    unit_id = str(known.body.get("unit_id") or "")
    files = files_of_form(user, "evidence", unit_id) if known.ok and "answer" in known.body["may"] else FormFiles()
    text = request.form.get("text", "").strip()[: LONGEST * 2]
    if files.problems:
        return _show(user, finding_id, WriteResult(NOTHING_SENT), {"text": text}, files)
    return _act(user, finding_id, "answer", {"text": text, "evidence": files.contents}, files)


@blueprint.post(f"{FINDINGS.path}/return", defaults={"deed": "return"})
@blueprint.post(f"{FINDINGS.path}/close", defaults={"deed": "close"})
@blueprint.post(f"{FINDINGS.path}/withdraw", defaults={"deed": "withdraw"})
@blueprint.post(f"{FINDINGS.path}/correct", defaults={"deed": "correct"})
@signed_in(FINDINGS.right, fresh=True)
def review(user: User) -> ResponseReturnValue:
    """Sent back, closed, withdrawn or corrected by the office."""
    deed = str((request.view_args or {})["deed"])
    named = {"close": ("note", "rectified_on"), "correct": (*COLUMNS, "reason")}.get(deed, ("reason",))
    body = {name: _form_value(name) for name in named if name in request.form}
    return _act(user, _require_finding_id(request.form.get("finding", "")), deed, body)


def _form_value(name: str) -> str:
    text = request.form.get(name, "").strip()[: LONGEST * 2]
    return day_as_typed(text) if name in DAYS else text


def _act(
    user: User, finding_id: str, deed: str, body: dict[str, Any], files: FormFiles | None = None
) -> ResponseReturnValue:
    revision = request.form.get("revision", "")
    if not revision.isascii() or not revision.isdecimal():
        abort(400)
    path = f"/api/findings/{finding_id}" + ("" if deed == "correct" else f"/{deed}")
    sent = {**body, "revision": min(int(revision[:9]), 1_000_000)}
    result = write(user, "participation", path, sent, success_message=DONE[deed],
                   method="PUT" if deed == "correct" else "POST")  # fmt: skip
    if not result.ok:
        return _show(user, finding_id, result, {**body, "deed": deed}, files)
    return redirect(url_for("findings.finding", finding=finding_id), 303)


def _show(
    user: User, text: str, result: WriteResult | None = None, values: Mapping[str, Any] | None = None,
    files: FormFiles | None = None,
) -> ResponseReturnValue:  # fmt: skip
    """The page of one finding; `values`: of the form that was refused.  404."""
    finding_id = _require_finding_id(text)
    response = reader(user)("participation", f"/api/findings/{finding_id}")
    if response.status == 404:
        abort(404)
    if response.ok:
        path = f"GET /api/findings/{finding_id}"
        components().security_log.write_once("export", user.account_id, path[:LONGEST_PATH])
    may = response.body.get("may") or []
    form = _form_of(user) if "correct" in may else None
    page = render_template(
        "finding.html", response=response, finding=response.body, statuses=STATUSES, states=STATE, page=FINDINGS,
        moment=local_moment, message=result.message if result else "", errors=result.field_errors if result else {},
        values=values or {}, files=files or FormFiles(), evidence=EVIDENCE,
        categories=(form.body.get("categories") or []) if form else [],
    )  # fmt: skip
    return page, result.status if result else 200


def _form(
    user: User, values: Mapping[str, Any], result: WriteResult | None = None, files: FormFiles | None = None
) -> ResponseReturnValue:
    form = _form_of(user)
    today = str(form.body.get("today") or "")
    begun = {"finding_id": f"{today.replace('-', '')}-{secrets.token_hex(4)}", "found_on": today, "points": "0"}
    shown = {**begun, **{name: text for name, text in values.items() if text}}
    page = render_template(
        "finding_form.html", response=form, form=form.body, values=shown, page=FINDINGS, evidence=EVIDENCE,
        message=result.message if result else "", errors=result.field_errors if result else {},
        files=files or FormFiles(), office=_office(form, str(shown.get("unit_id") or "")),
        about_points=_about_points(str(form.body.get("max_points") or "")),
    )  # fmt: skip
    return page, result.status if result else 200


def _about_points(most: str) -> str:
    if not most:
        return words("整改后不再扣。只登记、不扣分的填 0。")
    return words("每个问题最多扣 {} 分，整改后不再扣。只登记、不扣分的填 0。").format(most)


def _form_of(user: User) -> ServiceResponse:
    return components().services.get_json(user, "participation", "/api/finding-form")


def _office(form: ServiceResponse, unit_id: str) -> str:
    """As which office the user raises a finding in the unit; of another unit as that of the first."""
    offices = {unit["unit_id"]: str(unit["assessor_id"]) for unit in form.body.get("units") or []}
    return offices.get(unit_id) or next(iter(offices.values()), "")


def _require_finding_id(text: str) -> str:
    """404: no finding can bear this id."""
    finding_id = text.strip()[:LONGEST_ID]
    return finding_id if finding_id and "/" not in finding_id and finding_id not in (".", "..") else abort(404)
