"""The pages of reports (报表): order the result files of chosen windows, download them with names, or as a workbook.

The bureau's leaders get the names of units; persons' names are for the office (domain.md: no person's name leaves the
unit)."""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.concurrent_calls import call_all, question
from console.filing_answers import local_moment
from console.guard import signed_in
from console.language import words
from console.report_files import DUTIES, Sheet, sheets_with_names, write_csv
from console.result_words import in_words
from console.typed_dates import date_or_empty
from console.users import User
from console.write_client import refusal_of

blueprint = Blueprint("reports", __name__)
FILES = {
    "unit_scores.csv": "单位得分", "units_awarded.csv": "拟表彰单位与递补", "individuals.csv": "拟表彰个人",
    "outstanding.csv": "未完成事项", "official.csv": "正式数据", "differences.csv": "变动",
}  # fmt: skip
STATES = {"running": "正在统计", "done": "已完成", "failed": "没有完成"}
COLOURS = {"running": "open", "done": "done", "failed": "overdue"}
WORKBOOK = "report.xlsx"
_WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_REPORT_ID = re.compile(r"[A-Za-z0-9-]{1,80}")
_FILE = re.compile(r"[a-z_]{1,40}\.csv")


class ServiceRefused(Exception):
    """A service did not give what a download needs; `status` is what the page answers."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@blueprint.get("/reports")
@signed_in("see_figures")
def reports(user: User) -> ResponseReturnValue:
    return _form(user, "")


@blueprint.post("/reports")
@signed_in("see_figures")
def order(user: User) -> ResponseReturnValue:
    as_of = date_or_empty(request.form.get("as_of", ""))
    windows = _windows(request.form.getlist("window"), as_of)
    known_at = request.form.get("known_at", "").strip()[:40]
    errors = {} if windows else {"window": "请至少选择一个统计时段，或勾选未完成事项。"}
    errors |= {} if as_of else {"as_of": "请选择截至日期。"}
    if errors:
        return _form(user, "", errors), 422
    body = {"windows": windows, **({"known_at": known_at} if known_at else {})}
    response = components().services.post_json(user, "assessment", "/api/reports", body)
    if not response.ok:
        result = refusal_of(response)
        return _form(user, result.message), result.status
    return redirect(url_for("reports.report", report_id=str(response.body["report_id"]), known_at=known_at), 303)


@blueprint.get("/reports/<report_id>")
@signed_in("see_figures")
def report(user: User) -> ResponseReturnValue:
    report_id = _report_id()
    response = components().services.get_json(user, "assessment", f"/api/reports/{report_id}")
    return render_template(
        "report.html",
        response=response,
        report_id=report_id,
        files=[str(name) for name in response.body.get("files") or ()],
        file_labels=FILES,
        workbook=WORKBOOK,
        known_at=request.args.get("known_at", ""),
        persons_named="people" in _kinds(user),
    )


@blueprint.get(f"/reports/<report_id>/{WORKBOOK}")
@signed_in("see_figures")
def workbook(user: User) -> ResponseReturnValue:
    from console.report_workbook import write_workbook  # slow to load, and seldom asked for

    return _download(user, None, WORKBOOK, _WORKBOOK_TYPE,
                     lambda target, sheets: write_workbook(target, [in_words(each) for each in sheets]))  # fmt: skip


@blueprint.get("/reports/<report_id>/<file>")
@signed_in("see_figures")
def named_file(user: User) -> ResponseReturnValue:
    file = str((request.view_args or {})["file"])
    if not _FILE.fullmatch(file):
        abort(404)
    return _download(user, file, file, "text/csv; charset=utf-8", lambda target, sheets: write_csv(target, sheets[0]))


def _form(user: User, message: str, errors: Mapping[str, str] | None = None) -> str:
    """As it was sent, where it was."""
    get_json = components().services.get_json
    board, kept = call_all(question(get_json, user, "assessment", "/api/scoreboard"),
                           question(get_json, user, "assessment", "/api/reports"))  # fmt: skip
    return render_template(
        "reports.html",
        response=board,
        groups=labels.window_groups(str(item) for item in board.body.get("windows") or ()),
        as_of=request.form.get("as_of") or str(board.body.get("as_of") or ""),
        message=message,
        errors=errors or {},
        sent=request.form,
        labels=labels,
        kept=[_report_line(each) for each in kept.body.get("reports") or []],
        states=STATES,
        colours=COLOURS,
        moment=local_moment,
    )


def _report_line(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report that is kept, with what it is of in words."""
    windows: Sequence[Mapping[str, str]] = report["windows"]
    scores = [labels.window_label(each["id"]) for each in windows if each["what"] == "score"]
    awards = [labels.window_label(each["id"]) + words("拟表彰") for each in windows if each["what"] == "award"]
    owed = [words("未完成事项") for each in windows if each["what"] == "outstanding"]
    days = sorted({each["as_of"] for each in windows})
    return {**report, "about": "、".join([*scores, *awards, *owed]), "as_of": "、".join(days)}


def _windows(chosen: Sequence[str], as_of: str) -> list[dict[str, str]]:
    """The lines of a windows file: scores of each window, the awards of a year, what is outstanding."""
    lines = [{"what": "score", "id": window[:64], "as_of": as_of} for window in chosen]
    years = [window for window in chosen if re.fullmatch(r"\d{4}", window)] if "awards" in request.form else []
    lines += [{"what": "award", "id": year, "as_of": as_of} for year in years]
    return [*lines, {"what": "outstanding", "id": "", "as_of": as_of}] if "outstanding" in request.form else lines


def _download(
    user: User, only: str | None, name: str, media_type: str, write: Callable[[Path, Sequence[Sheet]], None]
) -> Response:
    """All files of the report, or `only` one, with names, written into one file by `write`."""
    path = f"/api/reports/{_report_id()}"
    services = components().services
    response = services.get_json(user, "assessment", path)
    if not response.ok or response.body.get("state") != "done":
        abort(404 if response.status == 404 else 409)
    components().security_log.write("export", user.account_id, what=f"{path}/{name}", kinds=list(_kinds(user)))
    with tempfile.TemporaryDirectory() as folder:
        targets = []
        for file in [only] if only else [str(item) for item in response.body.get("files") or ()]:
            targets.append(Path(folder) / file)
            if (status := services.download(user, "assessment", f"{path}/{file}", targets[-1])) != 200:
                abort(404 if status == 404 else 502)
        result = Path(folder) / f"result-{name}"
        try:
            write(result, sheets_with_names(targets, _kinds(user), lambda kind, ids: _names(user, kind, ids)))
        except ServiceRefused as error:
            abort(error.status)
        return send_file(result.open("rb"), media_type, as_attachment=True, download_name=name)


def _kinds(user: User) -> tuple[str, ...]:
    return ("units", "people", DUTIES) if user.may("see_names") else ("units", DUTIES)


def _names(user: User, kind: str, ids: Sequence[str]) -> Mapping[str, str]:
    if kind == DUTIES:
        return _titles(user)
    known_at = request.args.get("known_at", "")
    body = {kind: list(ids), **({"known_at": known_at} if known_at else {})}
    response = components().services.post_json(user, "participation", "/api/names", body)
    if not response.ok:
        raise ServiceRefused(502)
    names: Mapping[str, str] = response.body[kind]
    return names


def _titles(user: User) -> Mapping[str, str]:
    """Duties by id, of the plan in force."""
    response = components().services.get_json(user, "participation", "/api/record-kinds")
    if not response.ok:
        raise ServiceRefused(502)
    return {str(each["duty"]): str(each["title"]) for each in response.body.get("kinds") or [] if each["duty"]}


def _report_id() -> str:
    report_id = str((request.view_args or {})["report_id"])
    if not _REPORT_ID.fullmatch(report_id):
        abort(404)
    return report_id
