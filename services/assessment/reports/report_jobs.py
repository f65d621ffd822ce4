"""Jobs that calculate reports, each in a process of its own; their files are kept for an hour."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.runtime.caught_up import CaughtUp
from chassis.store.database import Store
from duties.campaign import Campaign
from services.assessment.freezes.queries import frozen_windows
from services.assessment.reports.result_files import FILES
from services.assessment.scores.calculation_jobs import CalculationJob, CalculationJobs
from services.assessment.scores.score_runner import ScoreRunner, checked_request

MOST_WINDOWS = 500
NOTHING_KNOWN: dict[str, Any] = {"windows": [], "known_at": "", "campaign": ""}
"""For a report whose order is not read yet."""


class ReportJobs:
    """The reports started by this process, in `folder`; `spawn` runs a function in the background."""

    def __init__(
        self, store: Store, clock: Clock, caught_up: CaughtUp, folder: Path, runner: ScoreRunner,
        spawn: Callable[..., Any],
    ) -> None:  # fmt: skip
        self._store, self._caught_up, self._runner = store, caught_up, runner
        self._jobs = CalculationJobs(store, clock, folder, spawn)
        self._orders: dict[str, dict[str, Any]] = {}

    def begin(
        self, windows: Sequence[dict[str, str]], known_at: str | None, campaign: str | None = None
    ) -> CalculationJob:
        """Start calculating the result files; `campaign` None: the one launched last.  Problem 404, 409, 422."""
        known = self._runner.known(known_at, campaign)
        rules = self._runner.campaign(campaign, known)
        requests = self._check_requests(windows, rules)
        if known is None:
            self._wait_for_frozen(rules.id)
        job = self._jobs.begin(lambda job: self._runner.run(requests, known, folder=str(job.folder), campaign=campaign))
        self._orders[job.job_id] = {"windows": list(windows), "known_at": known_at or "", "campaign": rules.id}
        return job

    def listed(self) -> list[dict[str, Any]]:
        """The reports that are running or kept, the latest first, with their windows and campaign."""
        jobs = self._jobs.listed()
        self._orders = {job.job_id: self._orders.get(job.job_id, NOTHING_KNOWN) for job in jobs}
        return [
            {"report_id": job.job_id, "state": job.state, "done": job.done, "total": job.total,
             "began_at": job.began_at, **self._orders[job.job_id]} for job in jobs
        ]  # fmt: skip

    def _wait_for_frozen(self, campaign_id: str) -> None:
        """Wait until everything that other services knew when a window was frozen is applied here."""
        with self._store.reading() as connection:
            frozen = frozen_windows(connection, campaign_id).values()
        if frozen:
            self._caught_up.wait_until_known(max(item.known_at for item in frozen))

    def _check_requests(self, windows: Sequence[dict[str, str]], campaign: Campaign) -> list[list[Any]]:
        today = self._runner.today(campaign)
        requests, problems = [], []
        for line, window in enumerate(windows, 2):
            try:
                requests.append(checked_request(campaign, today, window["what"], window["id"], window["as_of"]))
            except ValueError as error:
                problems.append({"line": line, "message": str(error)})
        if problems:
            raise Problem(422, "invalid_windows", "统计时段文件有误。", problems=problems)
        return requests

    def report(self, name: str) -> CalculationJob:
        """The job with that name.  Problem 404."""
        report = self._jobs.find(name)
        if report is None:
            raise Problem(404, "unknown_report", f"没有编号为 {name} 的报表，可能已过期，请重新生成。")
        return report

    def file(self, name: str, file: str) -> Path:
        """The path of a result file.  Problem 404, 409."""
        report = self.report(name)
        if file not in FILES:
            raise Problem(404, "unknown_file", f"没有名为 {file} 的结果文件。")
        if report.state != "done":
            raise Problem(409, "not_done", "报表尚未生成完毕。")
        return report.folder / file
