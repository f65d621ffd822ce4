"""Reports and the scoreboard: orders a reckoning in a process of its own, keeps its files, remembers its answers."""

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from chassis.events.canonical_json import instant
from chassis.process import subprocesses
from chassis.process.problems import Problem
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store import event_log
from duties import report_requests
from duties.campaign import Campaign
from duties.days import day_of, microseconds
from duties.periods import periods_between
from services.assessment.projections import registry
from services.assessment.reckoning import FILES
from services.registry.queries import campaign_in_force

MODULE = "services.assessment.reckoning"
KEPT_SECONDS = 3600
KEPT_LINES = 20_000
MOST_WINDOWS = 500
FARTHEST_DAYS = 3 * 366


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
        if self.state == "done":
            return self.total
        try:
            return int((self.folder / "progress").read_text())
        except (OSError, ValueError):
            return 0


class Reporting:
    """The figures of this service."""

    def __init__(self, runtime: ServiceRuntime, spawn: Callable[..., Any]) -> None:
        self.runtime, self._spawn = runtime, spawn
        self.folder = Path(runtime.settings.data) / "assessment" / "reports"
        self._reports: dict[str, Report] = {}
        self._boards: dict[tuple[object, ...], list[dict[str, Any]]] = {}
        self.standings = Path(runtime.settings.data) / "assessment" / "standings"
        shutil.rmtree(self.standings, ignore_errors=True)  # another release may project otherwise

    def campaign(self) -> Campaign:
        """Problem 409."""
        with self.runtime.store.reading() as connection:
            result = campaign_in_force(connection, registry)
        if result is None:
            raise Problem(409, "no_campaign", "还没有启动活动方案。")
        return result

    def begin(self, windows: Sequence[dict[str, str]], known_at: str | None) -> Report:
        """Order the four files of scoring.md 9.  Problems 409, 422."""
        campaign = self.campaign()
        wanted, problems, today = [], [], self.today()
        for line, window in enumerate(windows, 2):
            try:
                wanted.append(_request(campaign, today, window["what"], window["id"], window["as_of"]))
            except ValueError as error:
                problems.append({"line": line, "message": f"第 {line} 行：{error}"})
        if problems:
            raise Problem(422, "invalid_windows", "统计时段文件有误。", problems=problems)
        known = self.known(known_at)
        self._forget_old()
        with self.runtime.store.reading() as connection:
            total = sum(connection.execute(sa.select(sa.func.count()).select_from(t)).scalar_one()
                        for t in (registry.units, registry.memberships))  # fmt: skip
        name = f"{self.runtime.now()[:10]}-{time.monotonic_ns():x}"
        report = Report(name, self.folder / name, total)
        report.folder.mkdir(parents=True)
        self._reports[name] = report
        self._spawn(self._run, report, wanted, known)
        return report

    def _run(self, report: Report, wanted: list[list[Any]], known: int | None) -> None:
        try:
            self._reckon(wanted, known, folder=str(report.folder))
            report.state = "done"
        except subprocesses.ProcessFailed as error:
            report.state, report.detail = "failed", str(error)

    def _reckon(self, wanted: list[list[Any]], known: int | None, folder: str = "", kept: str = "") -> Any:
        url = self.runtime.store.url.render_as_string(hide_password=False)
        return subprocesses.run_module(MODULE, given={"database_url": url, "requests": wanted, "known_at": known,
                                                "folder": folder, "kept": kept})  # fmt: skip

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

    def board(self, window: str, as_of: str, known_at: str | None) -> list[dict[str, Any]]:
        """The scoreboard's lines; the same question on the same facts is reckoned once.  Problems 409, 422."""
        try:
            request = _request(self.campaign(), self.today(), "score", window, as_of)
        except ValueError as error:
            raise Problem(422, "bad_window", str(error), column="window") from None
        known = self.known(known_at)
        key = (*request, known, *self._facts())
        if key not in self._boards:
            answer = self._reckon([request], known, kept=self._kept(window, as_of) if known is None else "")
            while self._boards and sum(map(len, self._boards.values())) + len(answer["units"]) > KEPT_LINES:
                self._boards.pop(next(iter(self._boards)))
            self._boards[key] = answer["units"]
        return self._boards[key]

    def _kept(self, window: str, as_of: str) -> str:
        """Where that scoreboard's standing is kept: by this process only, and not across a rebuild of the rows."""
        name = hashlib.sha256(f"{window} {as_of} {self.runtime.store.rebuilds}".encode()).hexdigest()[:32]
        return str(self.standings / f"{name}.json")

    def _facts(self) -> tuple[object, ...]:
        """Where the log and the inbox stand: with them the rows change, and with nothing else."""
        with self.runtime.store.reading() as connection:
            ours = [head.position for head in event_log.read_heads(connection)]
            theirs = self.runtime.inbox.positions(connection)
        return (*ours, *theirs, self.runtime.store.rebuilds)

    def known(self, known_at: str | None) -> int | None:
        """The knowledge instant in microseconds, once everything known by then is here.  Problems 409, 422."""
        if not known_at:
            return None
        try:
            moment = datetime.fromisoformat(known_at)
        except ValueError:
            raise Problem(422, "bad_instant", f"{known_at} 不是有效时间。", column="known_at") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(self.campaign().timezone))
        if moment > self.runtime.clock():
            raise Problem(422, "in_the_future", "数据时点不能晚于现在。", column="known_at")
        self.runtime.caught_up.wait_until_known(instant(moment.astimezone(UTC)))
        return microseconds(moment)

    def today(self) -> str:
        return self.runtime.clock().astimezone(ZoneInfo(self.campaign().timezone)).date().isoformat()

    def windows(self) -> list[str]:
        """The windows begun so far, wide ones first, the latest first."""
        campaign = self.campaign()
        today = day_of(self.today())
        return [
            period.id
            for cadence in ("year", "semester", "quarter", "month")
            for period in reversed(periods_between(cadence, campaign.starts_on, today, campaign.semesters))
        ]  # fmt: skip

    def _forget_old(self) -> None:
        """Reports are made again when they are wanted again."""
        for name, report in list(self._reports.items()):
            if time.monotonic() - report.began > KEPT_SECONDS and report.state != "running":
                shutil.rmtree(report.folder, ignore_errors=True)
                del self._reports[name]


def _request(campaign: Campaign, today: str, what: str, name: str, as_of: str) -> list[Any]:
    """[what, id, day] of a line of windows.csv.  ValueError, in the clerk's words."""
    if what not in ("score", "award", "outstanding"):
        raise ValueError(f"what 应为 score、award 或 outstanding，不是“{what}”。")
    if what == "award" and not re.fullmatch(r"[0-9]{4}", name):
        raise ValueError(f"award 的 id 应为年份，不是“{name}”。")
    if what == "score" and report_requests.find_window(campaign, name) is None:
        raise ValueError(f"没有“{name}”这个统计时段，应为月（2022-11）、季度（2022-Q4）、学期编号或年（2022）。")
    try:
        day = day_of(as_of)
    except ValueError:
        raise ValueError(f"as_of 应为 2022-11-30 这样的日期，不是“{as_of}”。") from None
    if day > day_of(today) + FARTHEST_DAYS:  # each further year owes again what every subject owes
        raise ValueError(f"as_of 最晚为今天之后三年，不是“{as_of}”。")
    return [what, name, day]
