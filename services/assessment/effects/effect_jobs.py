"""Effects of plans: each is calculated in a process of its own; this process alone keeps its answer, for an hour."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from chassis.process import preloaded, subprocesses
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.store.database import Store
from duties.campaign import Campaign
from duties.days import day_of
from duties.problems import CampaignProblems
from services.assessment.effects import effect_run
from services.assessment.scores.score_runner import ScoreRunner
from services.assessment.tables import registry
from services.registry.queries import campaigns_as_known

KEPT_SECONDS = 3600
MOST_RUNNING = 4
PATIENCE_SECONDS = 1.0
"""So long an order waits for its answer: a district's comes meanwhile, a city's by asking again."""


@dataclass
class Effect:
    """One comparison: running, done or failed."""

    effect_id: str
    folder: Path
    total: int
    state: str = "running"
    detail: str = ""
    effect: dict[str, Any] | None = None
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


class EffectJobs:
    """The comparisons of this process, in `folder`; `spawn` starts a function beside the request, `sleep` lets others
    go on."""

    def __init__(
        self, store: Store, clock: Clock, folder: Path, runner: ScoreRunner, spawn: Callable[..., Any],
        sleep: Callable[[float], Any],
    ) -> None:  # fmt: skip
        self._store, self._clock, self._folder, self._runner = store, clock, folder, runner
        self._spawn, self._sleep = spawn, sleep
        self._effects: dict[str, Effect] = {}

    def begin(self, document: Mapping[str, Any]) -> Effect:
        """Order the comparison of a plan with that of the same id in force.  Problems 409, 422."""
        plan = _plan(document)
        in_force = self._runner.campaign()
        if plan.id != in_force.id:
            raise Problem(409, "other_campaign", "这是另一个主题活动，还没有数据可以比较。", column="campaign")
        self._forget_old()
        if sum(each.state == "running" for each in self._effects.values()) >= MOST_RUNNING:
            raise Problem(409, "too_many", "正在进行的试算太多，请稍后再试。")
        effect = self._new()
        order = {"database_url": self._store.url.render_as_string(hide_password=False), "document": dict(document),
                 "closes_on": self._closed_on(plan.id), "today": day_of(self._runner.today(in_force)),
                 "folder": str(effect.folder)}  # fmt: skip
        self._spawn(self._run, effect, order)
        self._wait(effect)
        return effect

    def effect(self, name: str) -> Effect:
        """Problem 404."""
        if name not in self._effects:
            raise Problem(404, "unknown_effect", "没有这次试算，可能已过期，请重新检查方案。")
        return self._effects[name]

    def _new(self) -> Effect:
        with self._store.reading() as connection:
            total = sum(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                        for table in (registry.units, registry.memberships))  # fmt: skip
        name = f"{self._clock():%Y-%m-%d}-{time.monotonic_ns():x}"
        effect = Effect(name, self._folder / name, total)
        effect.folder.mkdir(parents=True)
        self._effects[name] = effect
        return effect

    def _closed_on(self, campaign: str) -> int:
        with self._store.reading() as connection:
            known = campaigns_as_known(connection, registry)
        return next((each.closed_on for each in known if each.campaign.id == campaign), 0)

    def _run(self, effect: Effect, order: dict[str, Any]) -> None:
        try:
            effect.effect = preloaded.run_module(effect_run.MODULE, given=order)
            effect.state = "done"
        except subprocesses.ProcessFailed as error:
            effect.state, effect.detail = "failed", str(error)
        finally:
            shutil.rmtree(effect.folder, ignore_errors=True)

    def _wait(self, effect: Effect) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while effect.state == "running" and time.monotonic() < until:
            self._sleep(0.05)

    def _forget_old(self) -> None:
        for name, effect in list(self._effects.items()):
            if time.monotonic() - effect.began > KEPT_SECONDS and effect.state != "running":
                del self._effects[name]


def _plan(document: Mapping[str, Any]) -> Campaign:
    try:
        return Campaign.from_data(document)
    except CampaignProblems as error:
        raise Problem(422, "invalid_campaign", f"方案有 {len(error.problems)} 处问题，请先检查。") from None
