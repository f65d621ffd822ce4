"""Candidates for the awards of a year (评选): units by pool with the cut, ties and reserve, people by unit; and the
decisions on them, each entered by one of the campaign office and confirmed by another or a leader."""

import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.articles import local_minute
from console.commendation_words import DECISIONS, STATUSES, Reasons, pool_name
from console.components import components
from console.guard import signed_in
from console.language import words
from console.page_registry import COMMENDATION
from console.people_choice import PersonChoice, choose_person, typed_person
from console.print_head import print_head
from console.service_client import ServiceResponse
from console.table_workbook import CellValue, SheetOfTable, workbook
from console.typed_dates import date_or_empty, day_as_typed
from console.users import User
from console.write_client import WriteResult, reader, write

blueprint = Blueprint("commendation", __name__)
PROPOSE, CONFIRM, ADMIT = "propose_decision", "confirm_decision", "freeze_figures"
LONGEST, MOST_NAMES = 128, 600
MISSING = {
    "kind": "请选择决定。",
    "document": "请填写会议纪要文号。",
    "decided_on": "请填写决定日期。",
    "reason": "请填写理由。",
}
FIELDS = ("act", "decision_id", "kind", "year", "unit_id", "person_id", "document", "decided_on", "reason")


@blueprint.get(COMMENDATION.path)
@signed_in(COMMENDATION.right)
def commendation(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.get(f"{COMMENDATION.path}/commendation.xlsx")
@signed_in(COMMENDATION.right)
def file(user: User) -> ResponseReturnValue:
    """Candidates with names, one sheet a pool, and the decisions."""
    response = _candidates(user)
    if not response.ok or not response.body["known_at"]:
        abort(503 if response.ok or response.status >= 500 else 404)
    body = response.body
    names = _names(user, body)
    components().security_log.write("export", user.account_id, what=f"{COMMENDATION.path} year={body['year']}")
    official = words("正式数据" if body["figures"] == "official" else "当前数据")
    about = [(words("内容"), print_head(words("拟表彰人选"))), (words("年度"), body["year"]), (words("数据"), official),
             (words("结算日"), body["settled_on"]), (words("数据时点"), local_minute(body["known_at"]))]  # fmt: skip
    answer: Response = workbook(f"commendation-{body['year']}", about, _sheets(body, names))
    return answer


@blueprint.get(f"{COMMENDATION.path}/decide")
@signed_in(PROPOSE)
def decide(user: User) -> ResponseReturnValue:
    return _form(user, {name: request.args.get(name, "").strip()[:LONGEST] for name in FIELDS})


@blueprint.post(f"{COMMENDATION.path}/decide")
@signed_in(PROPOSE, fresh=True)
def propose(user: User) -> ResponseReturnValue:
    """It waits for a second hand."""
    values = {name: request.form.get(name, "").strip()[:1000] for name in FIELDS}
    values["act"] = "void" if values["act"] == "void" else "sign"
    proposal_id = request.form.get("proposal", "")[:80] or secrets.token_hex(8)
    asked = ("document", "reason") if values["act"] == "void" else ("kind", "document", "decided_on", "reason")
    errors = {name: MISSING[name] for name in asked if not values[name]}
    person = choose_person(user, typed_person(request.form, "person_id")) if values["act"] == "sign" else PersonChoice()
    values["person_id"] = person.person_id
    if person.error:
        errors["person_id"] = person.error
    elif values["act"] == "sign" and bool(values["unit_id"]) == bool(values["person_id"]):
        errors["unit_id"] = "请选择一个单位，或填写一名人员，二者选一。"
    values["decided_on"] = day_as_typed(values["decided_on"])
    if values["decided_on"] and not date_or_empty(values["decided_on"]):
        errors["decided_on"] = words("“{}”不是有效日期，请写成 2022-11-30 这样。").format(values["decided_on"][:20])
    if errors:
        return _form(user, values, errors, 422, proposal_id, person)
    result = write(user, "participation", "/api/decision-proposals", {"proposal_id": proposal_id, **values},
                   success_message="已提交，由办公室其他同志或局领导复核后生效。")  # fmt: skip
    if not result.ok:
        return _form(user, values, {**result.field_errors, "": result.message}, result.status, proposal_id, person)
    return redirect(url_for("commendation.commendation", year=values["year"]), 303)


@blueprint.post(f"{COMMENDATION.path}/confirm")
@signed_in(CONFIRM, fresh=True)
def confirm(user: User) -> ResponseReturnValue:
    """The second hand."""
    path = f"/api/decision-proposals/{_proposal()}/confirm"
    return _redirect_or_refuse(
        user, write(user, "participation", path, {}, success_message="已复核，决定从现在起生效。")
    )


@blueprint.post(f"{COMMENDATION.path}/return")
@signed_in(CONFIRM, fresh=True)
def give_back(user: User) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()[:1000]
    if not reason:
        return _page(user, "请写明退回的原因。", 422)
    path = f"/api/decision-proposals/{_proposal()}/return"
    return _redirect_or_refuse(user, write(user, "participation", path, {"reason": reason}, success_message="已退回。"))


@blueprint.post(f"{COMMENDATION.path}/admit")
@signed_in(ADMIT, fresh=True)
def admit(user: User) -> ResponseReturnValue:
    """A decision that came after the year was frozen counts in its official figures."""
    given = {name: request.form.get(name, "").strip()[:LONGEST] for name in ("year", "document", "decision_id")}
    body = {"window": given["year"], "decision": given["document"], "rows": [f"decisions/{given['decision_id']}"]}
    return _redirect_or_refuse(
        user, write(user, "assessment", "/api/admissions", body, success_message="已准予计入正式数据。")
    )


def _proposal() -> str:
    proposal_id = request.form.get("proposal", "")[:80]
    if not proposal_id.replace("-", "").replace(".", "").replace("_", "").isalnum() or not proposal_id.isascii():
        abort(404)
    return proposal_id


def _redirect_or_refuse(user: User, result: WriteResult) -> ResponseReturnValue:
    if not result.ok:
        return _page(user, result.message, result.status)
    return redirect(url_for("commendation.commendation", year=request.form.get("year", "")[:4]), 303)


def _candidates(user: User) -> ServiceResponse:
    figures = "present" if request.values.get("figures") == "present" else ""
    year = request.values.get("year", "").strip()[:4]
    return reader(user)("assessment", "/api/candidates", year=year, figures=figures)


def _page(user: User, message: str = "", status: int = 200) -> ResponseReturnValue:
    response = _candidates(user)
    body = response.body
    year = str(body.get("year") or request.values.get("year", ""))[:4]
    proposals = reader(user)("participation", "/api/decision-proposals", year=year) if year.isdecimal() else None
    page = render_template(
        "commendation.html", response=response, body=body, year=year, message=message, page=COMMENDATION, labels=labels,
        proposals=proposals, names=_names(user, body) if response.ok else {}, pool_name=pool_name, statuses=STATUSES,
        decisions=DECISIONS, reasons=Reasons(body) if response.ok else None, local_minute=local_minute,
        may_propose=user.may(PROPOSE), may_confirm=user.may(CONFIRM), may_admit=user.may(ADMIT),
        figures="present" if body.get("figures") == "present" and body.get("freeze") else "",
        as_counted=_as_counted(body),
    )  # fmt: skip
    return page, status


def _form(
    user: User, values: Mapping[str, str], errors: Mapping[str, str] | None = None, status: int = 200,
    proposal_id: str = "", person: PersonChoice | None = None,
) -> ResponseReturnValue:  # fmt: skip
    units = components().services.get_json(user, "participation", "/api/units")
    page = render_template(
        "commendation_decide.html", values=values, errors=errors or {}, decisions=DECISIONS, page=COMMENDATION,
        units=units.body.get("units") or [], proposal=proposal_id or secrets.token_hex(8),
        person=person or choose_person(user, values["person_id"]),
    )  # fmt: skip
    return page, status


def _as_counted(body: Mapping[str, Any]) -> dict[str, str]:
    """As of which day and instant a unit's page shows what the candidates were chosen by."""
    day = {"as_of": str(body["settled_on"])} if body.get("settled") else {}
    is_official = body.get("freeze") and body.get("figures") == "official"
    return day | ({"known_at": str(body["freeze"]["known_at"])} if is_official else {})


def _names(user: User, body: Mapping[str, Any]) -> Mapping[str, str]:
    """Of all people of the page, by id; empty where participation does not answer."""
    people = {line["person_id"] for unit in (body.get("people") or {}).get("units") or [] for line in unit["lines"]}
    people |= {item["person_id"] for item in body.get("decisions") or []} - {""}
    if not people:
        return {}
    asked = {"people": sorted(people)[:MOST_NAMES]}
    response = components().services.post_json(user, "participation", "/api/candidate-names", asked)
    components().security_log.write_once("export", user.account_id, f"GET {COMMENDATION.path} year={body['year']}")
    names: Mapping[str, str] = response.body.get("people") or {}
    return names


def _sheets(body: Mapping[str, Any], names: Mapping[str, str]) -> list[SheetOfTable]:
    reasons, sheets = Reasons(body), list[SheetOfTable]()
    header = ["位次", "单位编号", "单位", "类别", "得分", "得分（精确值）", "完成率", "按时率", "结果", "说明"]
    for pool in body["pools"]:
        rows: list[Sequence[CellValue]] = [
            [line["position"], line["unit_id"], line["name"], labels.label(labels.KINDS, line["kind"]),
             Decimal(line["score"]), line["score_exact"], Decimal(line["completion"]), Decimal(line["on_time"]),
             words(STATUSES[line["status"]]), reasons.of_unit(pool, line)] for line in pool["lines"]
        ]  # fmt: skip
        sheets.append(
            SheetOfTable(words("先进单位第 {} 组").format(pool["pool"]), [words(each) for each in header], rows)
        )
    if body["people"]:
        header = ["单位编号", "单位", "人员编号", "姓名", "积分", "结果", "说明"]
        rows = [[unit["unit_id"], unit["name"], line["person_id"], names.get(line["person_id"], ""),
                 Decimal(line["points"]), words(STATUSES[line["status"]]), reasons.of_person(unit, line)]
                for unit in body["people"]["units"] for line in unit["lines"]]  # fmt: skip
        sheets.append(SheetOfTable(words("先进个人"), [words(each) for each in header], rows))
    header = ["类别", "对象", "编号", "会议纪要文号", "是否计入"]
    rows = [[words(DECISIONS[item["kind"]]), item["name"] or names.get(item["person_id"], ""),
             item["unit_id"] or item["person_id"], item["document"], words("计入" if item["binds"] else "未计入")]
            for item in body["decisions"]]  # fmt: skip
    return [*sheets, SheetOfTable(words("决定"), [words(each) for each in header], rows)]
