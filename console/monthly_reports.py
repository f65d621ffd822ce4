"""Monthly reports (月汇报): which offices and secondary units have handed in, late or not yet, month by month; opened,
given back with a reason, and a text for the chat group with who is missing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.concurrent_calls import call_all, question
from console.filed_records import checked, show_filing
from console.guard import signed_in
from console.language import words
from console.own_units import LONGEST_ID
from console.page_registry import MONTHLY
from console.print_head import print_head
from console.service_client import ServiceResponse
from console.table_workbook import SheetOfTable, workbook
from console.typed_dates import date_or_empty
from console.users import User
from console.write_client import reader, write

blueprint = Blueprint("monthly_reports", __name__)
STATES = {"done": "按时", "late": "逾期补报", "open": "未到期", "overdue": "未交", "excused": "免计",
          "returned": "已退回", "head": "待主要负责人确认"}  # fmt: skip
COLOURS = {**{state: state for state in STATES}, "returned": "late", "head": "open"}
OF_FILING = "filing-"
"""How the record of a filing begins."""
MISSING = ("open", "overdue", "returned", "head")


@blueprint.get(MONTHLY.path)
@signed_in(MONTHLY.right)
def monthly_reports(user: User) -> ResponseReturnValue:
    return monthly_page(user)


def monthly_page(user: User, message: str = "", status: int = 200) -> ResponseReturnValue:
    """The period that is asked for, with what was refused."""
    response, duty, period, lines, no_filings = _read_report(user)
    periods: Sequence[str] = response.body.get("periods") or []
    page = render_template(
        "monthly_reports.html", message=message,
        response=response, duty=duty, periods=periods, period=period, lines=lines,
        counts=Counter(line["state"] for line in lines), page=MONTHLY, labels=labels, states=STATES, colours=COLOURS,
        text=chat_text(str(duty.get("title") or ""), period, lines),
        cells=_cells(response.body.get("units") or []),
        missing=[line for line in lines if line["state"] in MISSING], no_filings=no_filings,
        own={post.unit_id for post in user.profile.posts if post.post in ("head", "clerk")},
    )  # fmt: skip
    return page, status


@blueprint.get(f"{MONTHLY.path}/monthly-reports.xlsx")
@signed_in(MONTHLY.right)
def file(user: User) -> ResponseReturnValue:
    """The period that is shown, and the whole year."""
    response, duty, period, lines, _ = _read_report(user)
    if not response.ok or not lines:
        abort(503 if response.status >= 500 else 404)
    body, title = response.body, str(duty["title"])
    cells, periods = _cells(body["units"]), body["periods"]
    names = [labels.window_label(each) for each in periods]
    year = [[unit["unit_id"], unit["name"],
             *(words(STATES[cells[unit["unit_id"], each]["state"]]) if (unit["unit_id"], each) in cells else ""
               for each in periods)] for unit in body["units"]]  # fmt: skip
    shown = [[line["unit_id"], line["name"], words(STATES[line["state"]]), line["due"], line["day"]] for line in lines]
    about = [(words("内容"), print_head(title)), (words("截至"), str(body.get("as_of") or ""))]
    unit, name = words("单位编号"), words("单位")
    header = [unit, name, words("状态"), words("截止日"), words("完成日期")]
    return workbook(f"monthly-reports-{period}", about, [
        SheetOfTable(names[list(periods).index(period)], header, shown),
        SheetOfTable(labels.window_label(body["window"]), [unit, name, *names], year)])  # fmt: skip


class _CollectedDuty(NamedTuple):
    """Which duty and period are shown, and the units' lines of it."""

    response: ServiceResponse
    duty: Mapping[str, Any]
    period: str
    lines: list[dict[str, Any]]
    no_filings: bool


def _read_report(user: User) -> _CollectedDuty:
    read, args = reader(user), request.values
    given = {name: args.get(name, "").strip()[:LONGEST_ID] for name in ("duty", "window")}
    response = read("assessment", "/api/collected", **given, as_of=date_or_empty(args.get("as_of", "")))
    body = response.body
    periods: Sequence[str] = body.get("periods") or []
    wanted = args.get("period", "").strip()[:LONGEST_ID]
    period = wanted if wanted in periods else _latest(body)
    duty: Mapping[str, Any] = next((each for each in body.get("duties") or [] if each["duty"] == body.get("duty")), {})
    answers = call_all(question(read, "participation", "/api/filings", kind=str(duty.get("record") or ""),
                                period=period, limit="200")) if period else []  # fmt: skip
    filings = [each for answer in answers for each in answer.body.get("filings") or []]
    lines = lines_of(body.get("units") or [], period, filings)
    return _CollectedDuty(response, duty, period, lines, bool(answers and not answers[0].ok))


@blueprint.post(f"{MONTHLY.path}/return")
@signed_in("return_report", fresh=True)
def give_back(user: User) -> ResponseReturnValue:
    """Gives a report that counts back to its unit, with the reason: it counts no more until it is handed in again.
    `record`: of one that was filed at no page."""
    if record_id := request.form.get("record", "").strip()[:LONGEST_ID]:
        return _give_record_back(user, record_id)
    filing_id, reason = checked(request.form.get("filing", "")), request.form.get("reason", "").strip()[:400]
    revision = request.form.get("revision", "")
    if not reason:
        return show_filing(user, filing_id, words("请写明退回的原因。"), 422)
    number = min(int(revision[:9]), 1_000_000) if revision.isascii() and revision.isdecimal() else 0
    result = write(user, "participation", f"/api/filings/{filing_id}/return", {"revision": number, "reason": reason},
                   success_message="已退回，单位的待办里会列出。")  # fmt: skip
    if not result.ok:
        return show_filing(user, filing_id, result.message, result.status)
    return redirect(url_for(MONTHLY.endpoint, period=request.form.get("period", "")[:LONGEST_ID] or None), 303)


def _give_record_back(user: User, record_id: str) -> ResponseReturnValue:
    reason = request.form.get("reason", "").strip()[:400]
    period = request.form.get("period", "")[:LONGEST_ID]
    if not reason:
        return monthly_page(user, words("请写明退回的原因。"), 422)
    result = write(user, "participation", f"/api/records/{quote(record_id, safe='/')}/return", {"reason": reason},
                   success_message="已退回，单位的待办里会列出。")  # fmt: skip
    if not result.ok:
        return monthly_page(user, result.message, result.status)
    return redirect(url_for(MONTHLY.endpoint, period=period or None), 303)


def lines_of(
    units: Sequence[Mapping[str, Any]], period: str, filings: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Of each unit that owes the period: its state, and the filing to open.  What is missing comes first."""
    by_unit = {each["unit_id"]: each for each in reversed(filings)}  # the last begun wins
    lines = []
    for unit in units:
        cell = next((each for each in unit["cells"] if each["period"] == period), None)
        if cell is None:
            continue
        filing, state = by_unit.get(unit["unit_id"], {}), cell["state"]
        if state in ("open", "overdue") and filing.get("recalled"):
            state = "returned"
        elif state in ("open", "overdue") and filing.get("awaits") == "head":
            state = "head"
        record_id = str(cell["record_id"])
        opened = record_id.removeprefix(OF_FILING) if record_id.startswith(OF_FILING) else ""
        lines.append({"unit_id": unit["unit_id"], "name": unit["name"] or unit["unit_id"], "kind": unit["kind"],
                      "state": state, "due": cell["due"], "day": cell["day"], "record_id": record_id,
                      "filing": opened or (filing.get("filing_id", "") if state == "head" else "")})  # fmt: skip
    order = {state: number for number, state in enumerate(("overdue", "returned", "head", "open", "late", "done"))}
    return sorted(lines, key=lambda line: order.get(line["state"], len(order)))


def chat_text(title: str, period: str, lines: Sequence[Mapping[str, Any]]) -> str:
    """What is pasted into the chat group of the offices: units, never persons."""
    missing = [line for line in lines if line["state"] in MISSING]
    if not missing:
        return ""
    names = "、".join(line["name"] for line in missing)
    what = f"【{labels.window_label(period)} {title}】"
    return f"{what}截止日 {missing[0]['due']}，还没有收到：{names}。请尽快提交，谢谢！"


def _latest(body: Mapping[str, Any]) -> str:
    """The period that was due last, or the first that is to come."""
    dues = sorted({(cell["due"], cell["period"]) for unit in body.get("units") or [] for cell in unit["cells"]})
    due = [period for day, period in dues if day < str(body.get("as_of") or "")]
    return due[-1] if due else dues[0][1] if dues else ""


def _cells(units: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(unit["unit_id"], cell["period"]): cell for unit in units for cell in unit["cells"]}
