"""Jobs that calculate the effects of plans, each in a process of its own; results are kept in memory for an hour."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chassis.process import preloaded_workers
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.store.database import Store
from duties.campaign import Campaign
from duties.days import day_of
from duties.problems import CampaignProblems
from services.assessment.effects import effect_run
from services.assessment.scores.calculation_jobs import CalculationJob, CalculationJobs
from services.assessment.scores.score_runner import ScoreRunner
from services.assessment.tables import registry
from services.registry.queries import campaigns_as_known

MOST_RUNNING = 4
PATIENCE_SECONDS = 1.0
"""How long a request waits for the result: enough for a district; a city's is polled."""


class EffectJobs:
    """The comparisons started by this process; `folder` holds their progress files, `spawn` runs a function in the
    background, `sleep` lets other green threads run."""

    def __init__(
        self, store: Store, clock: Clock, folder: Path, runner: ScoreRunner, spawn: Callable[..., Any],
        sleep: Callable[[float], Any],
    ) -> None:  # fmt: skip
        self._store, self._runner, self._sleep = store, runner, sleep
        self._jobs = CalculationJobs(store, clock, folder, spawn)

    def begin(self, document: Mapping[str, Any]) -> CalculationJob:
        """Start comparing a plan with the one of the same id that is in force.  Problem 409, 422."""
        plan = _plan(document)
        in_force = self._runner.campaign()
        if plan.id != in_force.id:
            raise Problem(409, "other_campaign", "这是另一个主题活动，还没有数据可以比较。", column="campaign")
        if self._jobs.running >= MOST_RUNNING:
            raise Problem(409, "too_many", "正在进行的试算太多，请稍后再试。")
        order = {"database_url": self._store.url.render_as_string(hide_password=False), "document": dict(document),
                 "closes_on": self._closed_on(plan.id), "today": day_of(self._runner.today(in_force))}  # fmt: skip
        effect = self._jobs.begin(
            lambda job: preloaded_workers.run_module(effect_run.MODULE, given=order | {"folder": str(job.folder)})
        )
        self._wait(effect)
        return effect

    def effect(self, name: str) -> CalculationJob:
        """The job with that name.  Problem 404."""
        effect = self._jobs.find(name)
        if effect is None:
            raise Problem(404, "unknown_effect", "没有这次试算，可能已过期，请重新检查方案。")
        return effect

    def _closed_on(self, campaign: str) -> int:
        with self._store.reading() as connection:
            known = campaigns_as_known(connection, registry)
        return next((each.closed_on for each in known if each.campaign.id == campaign), 0)

    def _wait(self, effect: CalculationJob) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while effect.state == "running" and time.monotonic() < until:
            self._sleep(0.05)


def _plan(document: Mapping[str, Any]) -> Campaign:
    try:
        return Campaign.from_data(document)
    except CampaignProblems as error:
        raise Problem(422, "invalid_campaign", f"方案有 {len(error.problems)} 处问题，请先检查。") from None
