"""The pages of the campaign (活动方案) that show: the plan in force as tables, its days, its versions; for the office
and the bureau's leaders."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.concurrent_calls import call_all, question
from console.duties import CADENCES
from console.guard import signed_in
from console.local_times import local_minute
from console.page_registry import CAMPAIGN
from console.users import User
from console.write_client import positions_written

blueprint = Blueprint("campaign", __name__)
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
VERSIONS = {"launched": "发布", "amended": "修改", "closed": "结束"}


class Part(NamedTuple):
    """One of the pages under 活动方案; `right`: to open it."""

    endpoint: str
    title: str
    right: str


PARTS = (
    Part("campaign.campaign", "现行方案", "see_campaign"),
    Part("campaign_revise.revise", "修改和发布", "keep_campaign"),
    Part("campaign_pauses.pauses", "暂停", "see_campaign"),
    Part("campaign_exemptions.exemptions", "免计", "enter_facts"),
    Part("campaign_calendar.calendar", "工作日历", "see_campaign"),
    Part("campaign_freezes.freezes", "数据锁定", "see_figures"),
    Part("campaign.versions", "历次版本", "see_campaign"),
)


class DueDay(NamedTuple):
    """A day on which something is due; `rests`: it is no working day."""

    day: str
    weekday: str
    rests: bool
    name: str
    duties: list[tuple[str, str]]


@blueprint.get(CAMPAIGN.path)
@signed_in(CAMPAIGN.right)
def campaign(user: User) -> ResponseReturnValue:
    services = components().services
    if positions := positions_written():
        warnings = services.get_after(user, "participation", "/api/campaign/warnings", positions)
    else:
        warnings = services.get_json(user, "participation", "/api/campaign/warnings")
    plan = services.get_json(user, "participation", "/api/campaign") if warnings.body.get("campaign") else warnings
    periods = services.get_json(user, "participation", "/api/campaign/periods") if plan.ok else plan
    since = str(periods.body.get("since") or "")
    days = [day for day in due_days(periods.body.get("duties") or [], calendar_of(user, periods.body))
            if day.day >= since]  # fmt: skip
    return render_template(
        "campaign.html", response=warnings, plan=plan.body, periods=periods, titles=titles_of(plan.body),
        cadences=CADENCES, labels=labels, parts=parts_for(user), page=CAMPAIGN, months=by_month(days), since=since,
    )  # fmt: skip


@blueprint.get(f"{CAMPAIGN.path}/versions")
@signed_in(CAMPAIGN.right)
def versions(user: User) -> ResponseReturnValue:
    """Who launched and amended it, when, and what each changed."""
    response = components().services.get_json(user, "participation", "/api/campaign/versions")
    return render_template("campaign_versions.html", response=response, outcomes=VERSIONS, labels=labels,
                           parts=parts_for(user), page=CAMPAIGN, local_minute=local_minute)  # fmt: skip


@blueprint.get(f"{CAMPAIGN.path}/file")
@signed_in(CAMPAIGN.right)
def campaign_file(user: User) -> ResponseReturnValue:
    """The plan in force as a file that can be changed and sent again."""
    status, text = components().services.read_text(user, "participation", "/api/campaign/file", revise="true")
    if status != 200:
        abort(404 if status == 404 else 502)
    headers = {"Content-Disposition": 'attachment; filename="campaign.yaml"'}
    return Response(text, content_type="application/yaml; charset=utf-8", headers=headers)


def parts_for(user: User) -> list[Part]:
    """The pages under 活动方案 that the user may open."""
    return [part for part in PARTS if user.may(part.right)]


def titles_of(plan: Mapping[str, Any]) -> dict[str, str]:
    """Kind of record -> what it is called: by its form, or by the duty that counts it."""
    named = {str(duty.get("record")): str(duty.get("title")) for duty in plan.get("duties") or []}
    return named | {str(kind["id"]): str(kind.get("title") or kind["id"]) for kind in plan.get("records") or []}


def calendar_of(user: User, periods: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """Days that are not as their weekday says, by day; empty where the service does not answer."""
    years = sorted({str(periods.get(end) or "")[:4] for end in ("since", "until")} - {""})
    get_json = components().services.get_json
    answers = call_all(*(question(get_json, user, "notifications", f"/api/calendar/{year}") for year in years))
    return {day["day"]: day for answer in answers for day in answer.body.get("days") or []}


def due_days(duties: Iterable[Mapping[str, Any]], calendar: Mapping[str, Mapping[str, str]]) -> list[DueDay]:
    """The days of the year ahead on which duties are due, in order, with title and period of each duty."""
    due: dict[str, list[tuple[str, str]]] = {}
    for duty in duties:
        for period in duty["periods"]:
            due.setdefault(period["due"], []).append((duty["title"], period["period"]))
    return [_due_day(day, due[day], calendar.get(day)) for day in sorted(due)]


def _due_day(text: str, duties: list[tuple[str, str]], known: Mapping[str, str] | None) -> DueDay:
    weekday = date.fromisoformat(text).weekday()
    rests = known["kind"] == "rest" if known else weekday >= 5
    return DueDay(text, WEEKDAYS[weekday], rests, str(known["name"]) if known else "", duties)


def by_month(days: Iterable[DueDay]) -> dict[str, list[DueDay]]:
    months: dict[str, list[DueDay]] = {}
    for day in days:
        months.setdefault(day.day[:7], []).append(day)
    return months
