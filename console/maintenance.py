"""Rebuilding and verifying (重建与校验): of each service its log, its rows against a rebuild, and a rebuild that is
swapped in; each goes on in the service, and whoever began it may leave the page and look again."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from console import labels
from console.components import components
from console.concurrent_calls import call_all, question
from console.guard import signed_in
from console.import_words import local_time
from console.language import words
from console.page_registry import MAINTENANCE
from console.service_client import ServiceResponse
from console.settings import SERVICES
from console.users import User
from console.write_client import outcome_of

blueprint = Blueprint("maintenance", __name__)
PATHS = {"log": "/api/verify/log", "rows": "/api/verify/rows", "rebuild": "/api/rebuild", "files": "/api/verify/files"}
PROGRESS = {**PATHS, "files": "/api/verify/files/progress"}
WITH_FILES = ("participation", "publicity")
"""Services whose log names files."""
BEGUN = {
    "log": "校验已开始。",
    "rows": "比较已开始。",
    "rebuild": "重建已开始，服务照常运行。",
    "files": "文件核对已开始。",
}
RUNNING = "running"


class ServiceJobs(NamedTuple):
    """How each of a service's jobs is going; `files` None: it has none."""

    service: str
    log: ServiceResponse
    rows: ServiceResponse
    rebuild: ServiceResponse
    files: ServiceResponse | None

    @property
    def runs(self) -> bool:
        jobs = (self.log, self.rows, self.rebuild, self.files)
        return any(each is not None and each.body.get("state") == RUNNING for each in jobs)


@blueprint.get(MAINTENANCE.path)
@signed_in(MAINTENANCE.right)
def maintenance(user: User) -> ResponseReturnValue:
    return maintenance_page(user)


def maintenance_page(
    user: User, checked: Sequence[Any] = (), error: str = "", status: int = 200
) -> ResponseReturnValue:
    """`checked`: heads that were compared, by service; `error`: what is wrong with the file of heads."""
    get_json = components().services.get_json
    wanted = [(service, job) for service in SERVICES for job in PROGRESS if job != "files" or service in WITH_FILES]
    asked = [question(get_json, user, service, PROGRESS[job]) for service, job in wanted]
    answers = dict(zip(wanted, call_all(*asked), strict=True))
    jobs = [
        ServiceJobs(name, answers[name, "log"], answers[name, "rows"], answers[name, "rebuild"],
                    answers.get((name, "files")))
        for name in SERVICES
    ]  # fmt: skip
    page = render_template(
        "maintenance.html", page=MAINTENANCE, jobs=jobs, labels=labels, percent=percent, verdict=verdict,
        local_time=local_time, runs=any(each.runs for each in jobs), checked=checked, error=error,
    )  # fmt: skip
    return page, status


@blueprint.post(MAINTENANCE.path)
@signed_in(MAINTENANCE.right)
def begin(user: User) -> ResponseReturnValue:
    """Begins one job of one service, or of all."""
    form = request.form
    what, service = form.get("what", ""), form.get("service", "")
    if what not in PATHS or service not in (*SERVICES, ""):
        abort(404)
    able = WITH_FILES if what == "files" else SERVICES
    chosen = [service] if service in able else list(able)
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
    done, total = (job.get("events") or job.get("position") or 0), (job.get("total") or job.get("head") or 0)
    if places is not None:
        done, total = sum(each["position"] for each in places), sum(each["head"] for each in places)
    return min(100, int(100 * done / total)) if total else 0


def verdict(places: list[Mapping[str, Any]]) -> str:
    """`broken`: a place does not hold; `away`: one could not be compared; `intact`."""
    if any(each["broken"] is not None for each in places):
        return "broken"
    return "away" if any(each["away"] for each in places) else "intact"
