"""The calendar of the campaign (工作日历): a year's days off, worked weekends and due days; a day is set by hand, a
year imported from a table."""

import csv
import io
from calendar import Calendar
from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.campaign import WEEKDAYS, due_days, parts_for
from console.components import components
from console.file_forms import takes_files
from console.guard import signed_in
from console.language import words
from console.page_registry import CAMPAIGN
from console.typed_dates import date_or_empty
from console.users import User
from console.write_client import positions_written, write

blueprint = Blueprint("campaign_calendar", __name__)
KEEP, MOST_BYTES = "keep_calendar", 256 * 1024
FIRST, LAST = 1990, 2100
KINDS = {"rest": "休息", "work": "上班", "usual": "照常"}
_WORDS = {"休息": "rest", "放假": "rest", "rest": "rest", "上班": "work", "调休上班": "work", "work": "work"}


class Day(NamedTuple):
    """A day of the grid; `day` 0: of another month."""

    day: int
    iso: str
    rests: bool
    set_by: str
    name: str
    due: list[tuple[str, str]]


@blueprint.get(f"{CAMPAIGN.path}/calendar")
@signed_in(CAMPAIGN.right)
def calendar(user: User) -> ResponseReturnValue:
    return _page(user)


@blueprint.post(f"{CAMPAIGN.path}/calendar/day")
@signed_in(KEEP, fresh=True)
def set_day(user: User) -> ResponseReturnValue:
    """One day: off, worked, or as usual."""
    day, kind = date_or_empty(request.form.get("day", "")), request.form.get("kind", "")
    if not day or kind not in KINDS:
        return _page(user, status=422, errors={"day": "请选择日期和安排。"})
    body = {"day": day, "kind": kind, "name": request.form.get("name", "").strip()[:60]}
    done = words("{day} 已改为{kind}。").format(day=day, kind=words(KINDS[kind]))
    result = write(user, "notifications", "/api/calendar/days", body, success_message=done)
    if not result.ok:
        return _page(user, result.message, result.status)
    return redirect(url_for("campaign_calendar.calendar", year=day[:4]), 303)


@blueprint.post(f"{CAMPAIGN.path}/calendar/year")
@takes_files(MOST_BYTES)
@signed_in(KEEP, fresh=True)
def import_year(user: User) -> ResponseReturnValue:
    """Replaces a year's days by those of a file or of the text; days set by hand stay."""
    sent = request.files.get("file")
    raw = sent.read(MOST_BYTES) if sent and sent.filename else request.form.get("text", "").encode()
    origin = (sent.filename or "")[-60:] if sent and sent.filename else "console"
    days = read_days(_decode_text(raw))
    years = sorted({day["day"][:4] for day in days})
    if len(years) != 1 or not years[0].isdecimal():
        errors = {"text": "请放入一年的放假安排，每行写：日期,安排,名称，如 2027-10-01,休息,国庆节。"}
        return _page(user, status=422, errors=errors)
    body = {"days": days, "origin": origin}
    done = words("{year} 年的放假安排已导入，共 {count} 天。").format(year=years[0], count=len(days))
    result = write(user, "notifications", f"/api/calendar/{years[0]}", body, success_message=done)
    if not result.ok:
        listed = result.response.body.get("problems")
        return _page(user, result.message, result.status, listed if isinstance(listed, list) else [])
    return redirect(url_for("campaign_calendar.calendar", year=years[0]), 303)


def read_days(text: str) -> list[dict[str, str]]:
    """Lines of day, kind, name; a heading is left out, a kind may be said in Chinese or by its code."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text)) if any(map(str.strip, row))]
    cells = [[*row, "", ""] for row in rows if row[0] not in ("day", "日期")]
    return [{"day": row[0], "kind": _WORDS.get(row[1] or "rest", row[1]), "name": row[2][:60]} for row in cells]


def _decode_text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def _page(
    user: User, message: str = "", status: int = 200, problems: Any = (), errors: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    services = components().services
    periods = services.get_json(user, "participation", "/api/campaign/periods")
    year = _year(str(periods.body.get("since") or ""))
    path = f"/api/calendar/{year}"
    if positions := positions_written():
        response = services.get_after(user, "notifications", path, positions)
    else:
        response = services.get_json(user, "notifications", path)
    days = {day["day"]: day for day in response.body.get("days") or []}
    due = {day.day: day.duties for day in due_days(periods.body.get("duties") or [], {})}
    page = render_template(
        "campaign_calendar.html", response=response, year=year, months=grid(year, days, due), weekdays=WEEKDAYS,
        days=list(days.values()), kinds=KINDS, notes_of=notes_of, message=message, problems=problems, labels=labels,
        parts=parts_for(user),
        page=CAMPAIGN, may=user.may(KEEP), first=FIRST, last=LAST, form=request.form,
        errors=errors or {},
    )  # fmt: skip
    return page, status


def _year(today: str) -> int:
    """The year that is asked, or that of the day which was to be set; else that of today in the campaign."""
    text = request.values.get("year", "") or request.form.get("day", "")[:4]
    if not (text.isascii() and text.isdecimal() and len(text) == 4):
        text = today[:4] or str(datetime.now(UTC).year)
    return min(max(int(text), FIRST), LAST)


def grid(
    year: int, days: Mapping[str, Mapping[str, str]], due: Mapping[str, list[tuple[str, str]]]
) -> list[tuple[int, list[list[Day]]]]:
    """Of each month its weeks from Monday on."""
    weeks = Calendar(firstweekday=0)
    return [
        (month, [[_day(year, month, day, days, due) for day in week] for week in weeks.monthdayscalendar(year, month)])
        for month in range(1, 13)
    ]


def notes_of(weeks: list[list[Day]]) -> list[tuple[str, Day]]:
    """What is to be said of a month: its named days (adjoining ones as `01-23 至 01-27`) and its due days."""
    named = [day for week in weeks for day in week if day.name or day.due]
    runs = groupby(enumerate(named), key=lambda each: (each[1].name, each[1].rests, each[1].due, each[1].day - each[0]))
    spans = [[day for _, day in run] for _, run in runs]
    return [(words("{} 至 {}").format(run[0].iso[5:], run[-1].iso[5:]) if len(run) > 1 else run[0].iso[5:], run[0])
            for run in spans]  # fmt: skip


def _day(
    year: int, month: int, day: int, days: Mapping[str, Mapping[str, str]], due: Mapping[str, list[tuple[str, str]]]
) -> Day:
    if not day:
        return Day(0, "", False, "", "", [])
    iso = f"{year:04}-{month:02}-{day:02}"
    known = days.get(iso)
    rests = known["kind"] == "rest" if known else date(year, month, day).weekday() >= 5
    return Day(
        day, iso, rests, str(known["by"]) if known else "", str(known["name"]) if known else "", due.get(iso, [])
    )
