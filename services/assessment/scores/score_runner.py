"""Starts calculations for the service; checks the requested windows, campaign and instant."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from chassis.events.canonical_json import instant
from chassis.process import preloaded_workers
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.process.worker_process import WorkerProcess
from chassis.runtime.caught_up import CaughtUp
from chassis.store.database import Store
from duties.campaign import Campaign
from duties.days import Day, day_of, microseconds
from duties.report_requests import find_window
from services.assessment.overview.queries import OverviewFilter
from services.assessment.scores import score_run
from services.assessment.tables import registry
from services.registry.queries import campaign_as_known, campaign_in_force

FARTHEST_DAYS = 3 * 366


class ScoreRunner:
    """Runs `score_run` on the service's store, one process per order; asks the long-lived processes of scoreboards."""

    def __init__(self, store: Store, clock: Clock, caught_up: CaughtUp) -> None:
        self._store, self._clock, self._caught_up = store, clock, caught_up

    def campaign(self, campaign_id: str | None = None, known_at: int | None = None) -> Campaign:
        """The campaign with this id, or the one launched last, as known at the instant.  Problem 404, 409."""
        with self._store.reading() as connection:
            if campaign_id is not None:
                result = campaign_as_known(connection, registry, campaign_id, known_at)
                if result is None:
                    raise Problem(404, "unknown_campaign", f"没有编号为 {campaign_id} 的活动方案。", column="campaign")
                return result
            result = campaign_in_force(connection, registry, known_at)
        if result is None:
            raise Problem(409, "no_campaign", "还没有启动活动方案。")
        return result

    def today(self, campaign: Campaign | None = None) -> str:
        """Today in the time zone of the campaign (None: of the one launched last)."""
        zone = ZoneInfo((campaign or self.campaign()).timezone)
        return self._clock().astimezone(zone).date().isoformat()

    def known(self, known_at: str | None, campaign_id: str | None = None) -> int | None:
        """The instant as known at, in microseconds, after waiting until everything known by then is applied; text
        without an offset is local time of the campaign.  Problem 404, 409, 422."""
        if not known_at:
            return None
        try:
            moment = datetime.fromisoformat(known_at)
        except ValueError:
            raise Problem(422, "bad_instant", f"{known_at} 不是有效时间。", column="known_at") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.campaign(campaign_id).zone)
        if moment > self._clock():
            raise Problem(422, "in_the_future", "数据时点不能晚于现在。", column="known_at")
        self._caught_up.wait_until_known(instant(moment.astimezone(UTC)))
        return microseconds(moment)

    def require_campaign(self, known: int | None) -> None:
        """Require that a campaign was launched by then.  Problem 422."""
        with self._store.reading() as connection:
            if campaign_in_force(connection, registry, known) is None:
                raise Problem(422, "before_the_campaign", "那时还没有启动活动方案，请填启动以后的时间。",
                              column="known_at")  # fmt: skip

    def run(self, requests: Sequence[list[Any]], known: int | None, folder: str = "",
            campaign: str | None = None) -> Any:  # fmt: skip
        """The result of `score_run.run`, from a process of its own.  Raises ProcessFailed."""
        order = {"database_url": self._database_url, "requests": requests, "known_at": known, "folder": folder,
                 "campaign": campaign}  # fmt: skip
        return preloaded_workers.run_module(score_run.MODULE, given=order)

    def look(self, worker: WorkerProcess, window: str, as_of: Day, overview: OverviewFilter | None = None) -> Any:
        """The result of `score_worker.look` from that scoreboard's process.  Raises ProcessFailed."""
        return worker.ask({"database_url": self._database_url, "window": window, "as_of": as_of,
                           "rebuilds": self._store.rebuilds, "overview": overview})  # fmt: skip

    @property
    def _database_url(self) -> str:
        return self._store.url.render_as_string(hide_password=False)


def checked_request(campaign: Campaign, today: str, what: str, name: str, as_of: str) -> list[Any]:
    """[what, id, day] for a line of windows.csv; an award has no `as_of` (scoring.md 9).  Raises ValueError with a
    message for people."""
    if what not in ("score", "award", "outstanding"):
        raise ValueError(f"what 应为 score、award 或 outstanding，不是“{what}”。")
    if what == "award":
        return [what, name, _last_day_of_award(name, today)]
    if what == "score" and find_window(campaign, name) is None:
        raise ValueError(f"没有“{name}”这个统计时段，应为月（2022-11）、季度（2022-Q4）、学期编号或年（2022）。")
    try:
        day = day_of(as_of)
    except ValueError:
        raise ValueError(f"as_of 应为 2022-11-30 这样的日期，不是“{as_of}”。") from None
    # every further year adds to what each subject owes, and so to the calculation
    if day > day_of(today) + FARTHEST_DAYS:
        raise ValueError(f"as_of 最晚为今天之后三年，不是“{as_of}”。")
    return [what, name, day]


def _last_day_of_award(year: str, today: str) -> Day:
    if not re.fullmatch(r"[0-9]{4}", year) or year == "0000":
        raise ValueError(f"award 的 id 应为年份，不是“{year}”。")
    day = day_of(f"{year}-12-31")
    if day > day_of(today) + FARTHEST_DAYS:
        raise ValueError(f"award 的年份最晚为今天之后三年，不是“{year}”。")
    return day
