"""Rebuilding and verifying (重建与校验): of each service its log, its rows against a rebuild, and a rebuild that is
swapped in; each goes on in the service, and whoever began it may leave the page and look again."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.guard import signed_in
from console.import_words import local_time
from console.language import words
from console.page_registry import MAINTENANCE
from console.service_client import ServiceResponse
from console.settings import SERVICES
from console.together import question, together
from console.users import User
from console.write_client import outcome_of

blueprint = Blueprint("maintenance", __name__)
PATHS = {"log": "/api/verify/log", "rows": "/api/verify/rows", "rebuild": "/api/rebuild"}
BEGUN = {"log": "校验已开始。", "rows": "比较已开始。", "rebuild": "重建已开始，服务照常运行。"}
RUNNING = "running"


class ServiceJobs(NamedTuple):
    """How each of a service's three jobs is going."""

    service: str
    log: ServiceResponse
    rows: ServiceResponse
    rebuild: ServiceResponse

    @property
    def runs(self) -> bool:
        return any(each.body.get("state") == RUNNING for each in (self.log, self.rows, self.rebuild))


@blueprint.get(MAINTENANCE.path)
@signed_in(MAINTENANCE.right)
def maintenance(user: User) -> ResponseReturnValue:
    get_json = components().services.get_json
    asked = [question(get_json, user, service, path) for service in SERVICES for path in PATHS.values()]
    answers = iter(together(*asked))
    jobs = [ServiceJobs(service, *(next(answers) for _ in PATHS)) for service in SERVICES]
    return render_template(
        "maintenance.html", page=MAINTENANCE, jobs=jobs, labels=labels, percent=percent, verdict=verdict,
        local_time=local_time, runs=any(each.runs for each in jobs),
    )  # fmt: skip


@blueprint.post(MAINTENANCE.path)
@signed_in(MAINTENANCE.right)
def begin(user: User) -> ResponseReturnValue:
    """Begins one job of one service, or of all."""
    form = request.form
    what, service = form.get("what", ""), form.get("service", "")
    if what not in PATHS or service not in (*SERVICES, ""):
        abort(404)
    chosen = [service] if service else list(SERVICES)
    send = components().services.post_json
    results = [outcome_of(send(user, name, PATHS[what], {})) for name in chosen]
    refused = {name: result.message for name, result in zip(chosen, results, strict=True) if not result.ok}
    if len(refused) < len(chosen):
        flash(BEGUN[what], "done")
    for name, message in refused.items():
        flash(f"{words(labels.SERVICES[name])}：{message}", "warning")
    return redirect(url_for("maintenance.maintenance"), 303)


def percent(job: Mapping[str, Any]) -> int:
    """How far a job is: events or positions of all."""
    places = job.get("places")
    done, total = (job.get("events") or 0), (job.get("total") or 0)
    if places is not None:
        done, total = sum(each["position"] for each in places), sum(each["head"] for each in places)
    return min(100, int(100 * done / total)) if total else 0


def verdict(places: list[Mapping[str, Any]]) -> str:
    """`broken`: a place does not hold; `away`: one could not be compared; `intact`."""
    if any(each["broken"] is not None for each in places):
        return "broken"
    return "away" if any(each["away"] for each in places) else "intact"
