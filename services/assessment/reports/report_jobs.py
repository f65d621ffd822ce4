"""Reports: each is calculated in a process of its own, and its files are kept for an hour."""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.process import subprocesses
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.runtime.caught_up import CaughtUp
from chassis.store.database import Store
from duties.campaign import Campaign
from services.assessment.freezes.queries import frozen_windows
from services.assessment.reports.result_files import FILES
from services.assessment.scores.score_runner import ScoreRunner, checked_request
from services.assessment.tables import registry

KEPT_SECONDS = 3600
MOST_WINDOWS = 500


@dataclass
class Report:
    """One report: running, done or failed."""

    report_id: str
    folder: Path
    total: int
    state: str = "running"
    detail: str = ""
    began: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> int:
        """How many subjects are done."""
        if self.state == "done":
            return self.total
        try:
            return int((self.folder / "progress").read_text())
        except (OSError, ValueError):
            return 0


class ReportJobs:
    """The reports of this process, in `folder`; `spawn` starts a function beside the request."""

    def __init__(
        self, store: Store, clock: Clock, caught_up: CaughtUp, folder: Path, runner: ScoreRunner,
        spawn: Callable[..., Any],
    ) -> None:  # fmt: skip
        self._store, self._clock, self._caught_up = store, clock, caught_up
        self._folder, self._runner, self._spawn = folder, runner, spawn
        self._reports: dict[str, Report] = {}

    def begin(self, windows: Sequence[dict[str, str]], known_at: str | None, campaign: str | None = None) -> Report:
        """Order the result files; `campaign` None: of the one launched last.  Problems 404, 409, 422."""
        known = self._runner.known(known_at, campaign)
        rules = self._runner.campaign(campaign, known)
        requests = self._checked(windows, rules)
        if known is None:
            self._wait_for_frozen(rules.id)
        self._forget_old()
        with self._store.reading() as connection:
            total = sum(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                        for table in (registry.units, registry.memberships))  # fmt: skip
        name = f"{self._clock():%Y-%m-%d}-{time.monotonic_ns():x}"
        report = Report(name, self._folder / name, total)
        report.folder.mkdir(parents=True)
        self._reports[name] = report
        self._spawn(self._run, report, requests, known, campaign)
        return report

    def _wait_for_frozen(self, campaign_id: str) -> None:
        """What the other services knew when a window was frozen must be here."""
        with self._store.reading() as connection:
            frozen = frozen_windows(connection, campaign_id).values()
        if frozen:
            self._caught_up.wait_until_known(max(item.known_at for item in frozen))

    def _checked(self, windows: Sequence[dict[str, str]], campaign: Campaign) -> list[list[Any]]:
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

    def _run(self, report: Report, requests: list[list[Any]], known: int | None, campaign: str | None) -> None:
        try:
            self._runner.run(requests, known, folder=str(report.folder), campaign=campaign)
            report.state = "done"
        except subprocesses.ProcessFailed as error:
            report.state, report.detail = "failed", str(error)

    def report(self, name: str) -> Report:
        """Problem 404."""
        if name not in self._reports:
            raise Problem(404, "unknown_report", f"没有编号为 {name} 的报表，可能已过期，请重新生成。")
        return self._reports[name]

    def file(self, name: str, file: str) -> Path:
        """Problems 404, 409."""
        report = self.report(name)
        if file not in FILES:
            raise Problem(404, "unknown_file", f"没有名为 {file} 的结果文件。")
        if report.state != "done":
            raise Problem(409, "not_done", "报表尚未生成完毕。")
        return report.folder / file

    def _forget_old(self) -> None:
        """Reports are made again when they are wanted again."""
        for name, report in list(self._reports.items()):
            if time.monotonic() - report.began > KEPT_SECONDS and report.state != "running":
                shutil.rmtree(report.folder, ignore_errors=True)
                del self._reports[name]
