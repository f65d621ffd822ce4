"""The pages scoreboard and system status; figures are shown exactly as the services return them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.charts import Chart, Series, csv_of
from console.components import components
from console.guard import ANYBODY, signed_in
from console.language import words
from console.service_client import ServiceResponse
from console.settings import SERVICES
from console.together import question, together
from console.users import SYSTEM, User

blueprint = Blueprint("pages", __name__)
STEPS = ((95, 101), (90, 95), (80, 90), (70, 80), (60, 70), (0, 60))
"""Scores of the chart: from the first, below the second; 100 is the most."""


@blueprint.get("/")
@signed_in(ANYBODY)
def home(user: User) -> ResponseReturnValue:
    """Redirects to what is nearest to the user: the figures to whoever keeps or leads, else what they have to do."""
    figures = user.is_operator or (user.may("see_figures") and user.may("see_campaign"))
    return redirect(url_for("pages.scoreboard" if figures else "todo.todo"))


@blueprint.get("/scoreboard")
@signed_in("see_figures")
def scoreboard(user: User) -> ResponseReturnValue:
    window = request.args.get("window", "").strip()[:64]
    as_of = date_or_empty(request.args.get("as_of", ""))
    figures = "present" if request.args.get("figures") == "present" else ""
    query = {"window": window, "as_of": as_of, "figures": figures}
    response = components().services.get_json(user, "assessment", "/api/scoreboard", **query)
    units = sorted(response.body.get("units") or [], key=_rank_order) if response.ok else []
    shown = str(response.body.get("window") or window)
    return render_template(
        "scoreboard.html",
        response=response,
        units=units,
        ranked=sum(unit.get("rank") is not None for unit in units),
        sheets=any(unit.get("sheet") for unit in units),
        windows=[str(item) for item in response.body.get("windows") or ([shown] if shown else [])],
        window=shown,
        as_of=str(response.body.get("as_of") or as_of),
        labels=labels,
        chart=by_score(units),
    )


@blueprint.get("/scoreboard/chart.csv")
@signed_in("see_figures")
def scoreboard_chart(user: User) -> ResponseReturnValue:
    """What the chart shows, as a file."""
    query = {
        "window": request.args.get("window", "").strip()[:64],
        "as_of": date_or_empty(request.args.get("as_of", "")),
    }
    response = components().services.get_json(user, "assessment", "/api/scoreboard", **query)
    if not response.ok:
        abort(503 if response.status >= 500 else 404)
    answer: Response = csv_of(by_score(response.body.get("units") or []), "units-by-score")
    return answer


def by_score(units: Iterable[Mapping[str, Any]]) -> Chart:
    """How many units have a score of so much; nobody is named."""
    scores = [Decimal(unit["score"]) for unit in units if unit.get("score")]
    counts = [sum(low <= score < high for score in scores) for low, high in STEPS]
    names = [f"{low}—{min(high, 100)}" if low else words("不到 {}").format(high) for low, high in STEPS]
    return Chart(words("各分数段的单位数"), names, [Series(words("单位"), counts)])


@blueprint.get("/scoreboard/differences")
@signed_in("see_figures")
def differences(user: User) -> ResponseReturnValue:
    """What stands between the official figures of a frozen window and the present ones."""
    window = request.args.get("window", "").strip()[:64]
    as_of = date_or_empty(request.args.get("as_of", ""))
    response = components().services.get_json(user, "assessment", "/api/differences", window=window, as_of=as_of)
    shown = str(response.body.get("as_of") or as_of)
    names = _names_of_people(user, response.body.get("people") or [])
    return render_template(
        "differences.html", response=response, window=window, as_of=shown, labels=labels, names=names
    )


def _names_of_people(user: User, lines: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """By id, for whoever may see names; empty where participation does not answer."""
    if not lines or not user.may("see_names"):
        return {}
    ids = sorted({line["person_id"] for line in lines})[:1000]
    response = components().services.post_json(user, "participation", "/api/names", {"people": ids})
    names: Mapping[str, str] = response.body.get("people") or {}
    return names


@blueprint.get("/status")
@signed_in(SYSTEM)
def status(user: User) -> ResponseReturnValue:
    get_json = components().services.get_json
    answers = together(*(question(get_json, user, service, "/api/status") for service in SERVICES))
    services = [
        (service, response, _service_health(response)) for service, response in zip(SERVICES, answers, strict=True)
    ]
    # asked by the page, not by its refreshes: it reads through the records
    warnings = [] if request.args.get("poll") == "1" else _campaign_warnings(user)
    return render_template("status.html", services=services, labels=labels, warnings=warnings)


def _campaign_warnings(user: User) -> list[dict[str, Any]]:
    response = components().services.get_json(user, "participation", "/api/campaign/warnings")
    return (response.body.get("warnings") or []) if response.ok else []


def _rank_order(unit: dict[str, Any]) -> tuple[bool, int, str]:
    rank = unit.get("rank")
    return rank is None, int(rank or 0), str(unit.get("unit_id"))


def date_or_empty(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _service_health(response: ServiceResponse) -> str:
    """good; busy (works, but is behind or needs the operator); or away."""
    body = response.body
    if not response.ok or not body.get("live"):
        return "away"
    stopped = any(cursor.get("state") != "running" for cursor in body.get("cursors") or ())
    broken = (body.get("broker") or {}).get("state") == "away" or (body.get("store") or {}).get("state") == "away"
    needs_operator = body.get("quarantine") or body.get("parked")
    paused = any(channel.get("state") in labels.CHANNELS_PAUSED for channel in (body.get("channels") or {}).values())
    return "busy" if stopped or broken or needs_operator or paused or not body.get("ready") else "good"
