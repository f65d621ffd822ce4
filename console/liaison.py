"""包联学校: the units that the user's office stands over, side by side; what needs a look stands first."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from console import labels
from console.concurrent_calls import call_all, question
from console.duties import STATES
from console.guard import signed_in
from console.language import prepared, words
from console.page_registry import LIAISON
from console.print_head import print_head
from console.service_client import ServiceResponse
from console.table_workbook import CellValue, SheetOfTable, workbook
from console.typed_dates import date_or_empty
from console.users import User
from console.write_client import reader

blueprint = Blueprint("liaison", __name__)
QUIET_DAYS = 30
"""Without a record for so long, a unit is to be looked at."""


@blueprint.get(LIAISON.path)
@signed_in(LIAISON.right)
def units(user: User) -> ResponseReturnValue:
    response, findings, lines, window, as_of = _read_duties(user)
    return render_template(
        "liaison.html", response=response, findings=findings, lines=lines,
        duties=[duty | {"title": prepared(duty["title"])} for duty in response.body.get("duties") or []],
        states={state: prepared(word) for state, word in STATES.items()},
        page=LIAISON, labels=labels, window=window, as_of=as_of, quiet_days=QUIET_DAYS,
        raises=user.may("raise_finding") and not user.is_operator,
    )  # fmt: skip


@blueprint.get(f"{LIAISON.path}/liaison.xlsx")
@signed_in(LIAISON.right)
def file(user: User) -> ResponseReturnValue:
    """The grid: of each duty how many are done and needed, and its state."""
    response, _, lines, window, as_of = _read_duties(user)
    if not response.ok:
        abort(503 if response.status >= 500 else response.status)
    duties = response.body["duties"]
    header = [words(each) for each in ("单位编号", "单位", "逾期未完成", "其他月份逾期", "督查问题", "最近填报")]
    for duty in duties:
        header += [duty["title"], words("{}：状态").format(duty["title"])]
    rows = [_cells(line, duties) for line in lines]
    about = [(words("内容"), print_head(words(LIAISON.title))), (words("统计时段"), labels.window_label(window)),
             (words("截至"), as_of)]  # fmt: skip
    return workbook(f"liaison-{window}", about, [SheetOfTable(words(LIAISON.title), header, rows)])


def _cells(line: Mapping[str, Any], duties: Sequence[Mapping[str, Any]]) -> list[CellValue]:
    unit = line["unit"]
    result: list[CellValue] = [
        unit["unit_id"],
        unit["name"],
        unit["overdue"],
        line["earlier"],
        line["findings"],
        unit["last_on"],
    ]
    for duty in duties:
        cell = line["cells"].get(duty["duty"])
        result += [f"{cell['done']}/{cell['needed']}", words(STATES[cell["state"]])] if cell else ["", ""]
    return result


class _SupervisedUnits(NamedTuple):
    """The units' duties and findings, and what is shown of them."""

    response: ServiceResponse
    findings: ServiceResponse
    lines: list[dict[str, Any]]
    window: str
    as_of: str


def _read_duties(user: User) -> _SupervisedUnits:
    read = reader(user)
    window, as_of = request.args.get("window", "").strip()[:64], date_or_empty(request.args.get("as_of", ""))
    response, findings = call_all(
        question(read, "assessment", "/api/duties/supervised", window=window, as_of=as_of),
        question(read, "participation", "/api/findings", status="open,answered,returned", limit="200"),
    )
    shown = str(response.body.get("as_of") or as_of)
    raised = findings.body.get("findings") or []
    lines = [_line(unit, shown, raised) for unit in response.body.get("units") or []]
    lines.sort(key=lambda line: (-line["weight"], line["unit"]["last_on"], line["unit"]["unit_id"]))
    return _SupervisedUnits(response, findings, lines, str(response.body.get("window") or window), shown)


def _line(unit: Mapping[str, Any], as_of: str, raised: list[Mapping[str, Any]]) -> dict[str, Any]:
    """`weight`: how much it asks for a look: what is overdue, findings under way, long without a record."""
    own = [each for each in raised if each["unit_id"] == unit["unit_id"]]
    last = str(unit["last_on"])
    quiet = bool(as_of) and (not last or (date.fromisoformat(as_of) - date.fromisoformat(last)).days > QUIET_DAYS)
    earlier = int(unit["overdue_elsewhere"])
    return {"unit": unit, "earlier": earlier, "cells": {cell["duty"]: cell for cell in unit["duties"]},
            "findings": len(own), "past": sum(bool(each["overdue"]) for each in own), "quiet": quiet,
            "weight": 100 * (int(unit["overdue"]) + earlier) + 10 * len(own) + int(quiet)}  # fmt: skip
