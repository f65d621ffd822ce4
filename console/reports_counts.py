"""Counts in the words that go upward (统计口径): of each task in each month 应完成、已完成、按时, for all units or one
kind; printed, and as a workbook."""

import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue

from console import labels
from console.guard import signed_in
from console.language import words
from console.page_registry import REPORTS
from console.report_files import Sheet
from console.service_client import ServiceResponse
from console.typed_dates import date_or_empty
from console.users import User
from console.write_client import reader

blueprint = Blueprint("reports_counts", __name__)
FIGURES = {"owed": "应完成", "done": "已完成", "punctual": "按时完成"}
_WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get(f"{REPORTS.path}/counts")
@signed_in(REPORTS.right)
def counts(user: User) -> ResponseReturnValue:
    response = _answer(user)
    return render_template(
        "reports_counts.html", response=response, months=months_of(response.body), page=REPORTS, labels=labels,
        kind=_kind(), figures=FIGURES, cells=cells_of(response.body), lines=response.body.get("duties") or [],
    )  # fmt: skip


@blueprint.get(f"{REPORTS.path}/counts.xlsx")
@signed_in(REPORTS.right)
def workbook(user: User) -> ResponseReturnValue:
    from console.report_workbook import write_workbook  # slow to load, and seldom asked for

    response = _answer(user)
    if not response.ok:
        abort(response.status if response.status < 500 else 503)
    name = f"{labels.window_label(response.body['window'])}任务完成情况".replace(" ", "")
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "counts.xlsx"
        write_workbook(result, [Sheet("任务完成情况", iter(rows_of(response.body)))])
        return send_file(result.open("rb"), _WORKBOOK_TYPE, as_attachment=True, download_name=f"{name}.xlsx")


def months_of(body: Mapping[str, Any]) -> list[str]:
    return [str(each["month"]) for each in body.get("months") or []]


def cells_of(body: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """By duty and month."""
    return {(duty["duty"], each["month"]): each for duty in body.get("duties") or [] for each in duty["months"]}


def rows_of(body: Mapping[str, Any]) -> list[list[str | Decimal]]:
    """Three columns a month, as they are copied into a form that goes upward."""
    months, cells = months_of(body), cells_of(body)
    named = [f"{labels.window_label(month)} {title}" for month in months for title in FIGURES.values()]
    rows: list[list[str | Decimal]] = [["任务", *FIGURES.values(), *named]]
    for duty in body["duties"]:
        of_months = [cells.get((duty["duty"], month)) for month in months]
        rows.append([str(duty["title"]), *_figures(duty), *(each for cell in of_months for each in _figures(cell))])
    return [*rows, [words("合计"), *_figures(body["whole"]),
                    *(each for month in body["months"] for each in _figures(month))]]  # fmt: skip


def _figures(sums: Mapping[str, Any] | None) -> Sequence[str | Decimal]:
    return [Decimal(sums[name]) for name in FIGURES] if sums else [""] * len(FIGURES)


def _answer(user: User) -> ServiceResponse:
    args = request.args
    return reader(user)("assessment", "/api/overview", window=args.get("window", "").strip()[:64], kind=_kind(),
                        as_of=date_or_empty(args.get("as_of", "")))  # fmt: skip


def _kind() -> str:
    kind = request.args.get("kind", "")
    return kind if kind in labels.KINDS else ""
