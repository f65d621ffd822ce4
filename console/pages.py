"""The pages scoreboard and system status; figures are shown exactly as the services return them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.actors import ActingParty, actor_words, names_of_acts, who_of
from console.charts import Chart, Series, csv_of
from console.components import components
from console.concurrent_calls import call_all, question
from console.guard import ANYBODY, signed_in
from console.language import words
from console.local_times import local_minute
from console.names import Names
from console.scoreboard_lines import SORTS, choice, chosen_lines, pool_names, scoreboard_workbook
from console.service_client import ServiceResponse
from console.settings import SERVICES
from console.typed_dates import date_or_empty
from console.users import SYSTEM, User

blueprint = Blueprint("pages", __name__)
STEPS = ((95, 101), (90, 95), (80, 90), (70, 80), (60, 70), (0, 60))
"""Scores of the chart: from the first, below the second; 100 is the most."""


@blueprint.get("/")
@signed_in(ANYBODY)
def home(user: User) -> ResponseReturnValue:
    """Redirects to what is nearest to the user: the system's state to the operator, how the district stands to whoever
    leads or keeps the campaign, else what they have to do."""
    if user.is_operator:
        return redirect(url_for("pages.status"))
    leads = user.may("see_figures") and user.may("see_campaign")
    return redirect(url_for("overview.overview" if leads else "todo.todo"))


@blueprint.get("/scoreboard")
@signed_in("see_figures")
def scoreboard(user: User) -> ResponseReturnValue:
    query, wanted = _board_query(), choice()
    response = components().services.get_json(user, "assessment", "/api/scoreboard", **query)
    pools = response.body.get("pools") or []
    units = chosen_lines(response.body.get("units") or [], pools, wanted) if response.ok else []
    shown = str(response.body.get("window") or query["window"])
    return render_template(
        "scoreboard.html",
        response=response,
        units=units,
        ranked=sum(unit.get("rank") is not None for unit in units),
        sheets=any(unit.get("sheet") for unit in units),
        windows=[str(item) for item in response.body.get("windows") or ([shown] if shown else [])],
        window=shown,
        as_of=str(response.body.get("as_of") or query["as_of"]),
        labels=labels,
        wanted=wanted,
        sorts=SORTS,
        pools=pool_names(pools),
        asked={name: value for name, value in {**query, **wanted.query}.items() if value},
        of_all=user.is_operator or any(post.post in ("leader", "campaign_office") for post in user.profile.posts),
        chart=by_score(units),
        known_at=_known_at(response.body) or None,
    )


@blueprint.get("/scoreboard/chart.csv")
@signed_in("see_figures")
def scoreboard_chart(user: User) -> ResponseReturnValue:
    """What the chart shows, as a file."""
    body = _board(user)
    units = chosen_lines(body.get("units") or [], body.get("pools") or [], choice())
    answer: Response = csv_of(by_score(units), "units-by-score")
    return answer


@blueprint.get("/scoreboard/scoreboard.xlsx")
@signed_in("see_figures")
def scoreboard_file(user: User) -> ResponseReturnValue:
    """The lines that are shown, with the exact figures."""
    body = _board(user)
    official = body["figures"] == "official"
    of_what = f"{components().settings.district} · {words('得分榜')}"
    about = [(words("内容"), of_what), (words("统计时段"), labels.window_label(body["window"])),
             (words("截至"), body["as_of"]),
             (words("数据时点"), local_minute(body["known_at"]) if body.get("known_at") else ""),
             (words("数据"), words("正式数据" if official else "当前数据"))]  # fmt: skip
    return scoreboard_workbook(body, chosen_lines(body["units"], body["pools"], choice()), about)


def _board_query() -> dict[str, str]:
    return {
        "window": request.args.get("window", "").strip()[:64],
        "as_of": date_or_empty(request.args.get("as_of", "")),
        "figures": "present" if request.args.get("figures") == "present" else "",
        "known_at": choice().known_at,
    }


def _known_at(board: Mapping[str, Any]) -> str:
    """As of which instant a unit's page shows what the board does: as asked, else when official figures were frozen."""
    frozen = board.get("freeze") if board.get("figures") == "official" else None
    return str(board.get("known_at") or (frozen or {}).get("known_at") or "")


def _board(user: User) -> Mapping[str, Any]:
    """The scoreboard for a file."""
    response = components().services.get_json(user, "assessment", "/api/scoreboard", **_board_query())
    if not response.ok:
        abort(503 if response.status >= 500 else 404)
    return response.body


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
    names = _names_in_differences(user, response.body)
    return render_template(
        "differences.html",
        response=response,
        window=window,
        as_of=shown,
        labels=labels,
        names=names,
        actor_words=actor_words,
    )


def _names_in_differences(user: User, body: Mapping[str, Any]) -> Names:
    """Of the people whose places differ and of those who caused it, for whoever may see names."""
    people = body.get("people") or []
    lines = [*(body.get("units") or []), *(body.get("awards") or []), *people]
    actors = [str(body.get("actor") or ""), *(event["actor"] for line in lines for event in line["events"])]
    about = [ActingParty("person", line["person_id"]) for line in people]
    return names_of_acts(user, [*map(who_of, actors), *about])


@blueprint.get("/status")
@signed_in(SYSTEM)
def status(user: User) -> ResponseReturnValue:
    get_json = components().services.get_json
    answers = call_all(*(question(get_json, user, service, "/api/status") for service in SERVICES))
    services = [
        (service, response, _service_health(response)) for service, response in zip(SERVICES, answers, strict=True)
    ]
    # asked by the page, not by its refreshes: it reads through the records
    warnings = [] if request.args.get("poll") == "1" else _campaign_warnings(user)
    return render_template("status.html", services=services, labels=labels, warnings=warnings)


def _campaign_warnings(user: User) -> list[dict[str, Any]]:
    response = components().services.get_json(user, "participation", "/api/campaign/warnings")
    return (response.body.get("warnings") or []) if response.ok else []


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
