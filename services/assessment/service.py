"""The assessment service: its routes, subscriptions and parts."""

from pathlib import Path

import eventlet

from chassis.http.operator_routes import OperatorRoutes
from chassis.runtime.extensions import (
    CaughtUpProvider,
    ClockProvider,
    FeatureProvider,
    RuntimeProvider,
    StoreProvider,
    UnitsOfWorkProvider,
    every,
)
from chassis.runtime.service_runtime import ServiceRuntime
from services.assessment.collected.routes import CollectedRoutes
from services.assessment.commendation.candidates import Candidates
from services.assessment.commendation.routes import PREPARE_SECONDS, CandidateRoutes, prepare_usual_year
from services.assessment.effects.effect_jobs import EffectJobs
from services.assessment.effects.routes import EffectRoutes
from services.assessment.freezes.difference_routes import DifferenceRoutes
from services.assessment.freezes.frozen_scores import FrozenScores
from services.assessment.freezes.routes import FreezeRoutes
from services.assessment.overview.routes import OverviewRoutes
from services.assessment.progress.queries import ProgressPlans
from services.assessment.progress.rankings import LOOP, RENEW_SECONDS, KeptRankings
from services.assessment.progress.ready_lines import LOOP as READY_LINES
from services.assessment.progress.ready_lines import SECONDS as READY_SECONDS
from services.assessment.progress.ready_lines import ReadyLines
from services.assessment.progress.routes import ProgressRoutes
from services.assessment.progress.supervised import SupervisedUnits
from services.assessment.record_routes import RecordRoutes
from services.assessment.reports.report_jobs import ReportJobs
from services.assessment.reports.routes import ReportRoutes
from services.assessment.scores.routes import ScoreRoutes
from services.assessment.scores.score_runner import ScoreRunner
from services.assessment.scores.scoreboard import Scoreboard
from services.assessment.subscriptions import PROJECTIONS
from services.assessment.tables import metadata, registry
from services.registry.identity import identify_by


def _reports_folder(runtime: ServiceRuntime) -> Path:
    return runtime.data / runtime.service / "reports"


def _effects_folder(runtime: ServiceRuntime) -> Path:
    return runtime.data / runtime.service / "effects"


class Service(
    CollectedRoutes,
    CandidateRoutes,
    EffectRoutes,
    DifferenceRoutes,
    FreezeRoutes,
    OverviewRoutes,
    ProgressRoutes,
    ReportRoutes,
    ScoreRoutes,
    RecordRoutes,
    OperatorRoutes,
):
    """The nameko service class of assessment."""

    name = "assessment"

    runtime = RuntimeProvider(metadata, PROJECTIONS, identify=identify_by(registry))
    store, units_of_work = StoreProvider(), UnitsOfWorkProvider()
    clock, caught_up = ClockProvider(), CaughtUpProvider()
    score_runner = FeatureProvider(ScoreRunner, store, clock, caught_up)
    progress_plans = FeatureProvider(ProgressPlans)
    supervised = FeatureProvider(SupervisedUnits, store)
    ready_lines = FeatureProvider(ReadyLines, store, score_runner, progress_plans, supervised)
    scoreboards = FeatureProvider(Scoreboard, store, score_runner)
    rankings = FeatureProvider(KeptRankings, scoreboards, score_runner, clock, eventlet.spawn_n)
    frozen_scores = FeatureProvider(FrozenScores, store, caught_up, score_runner, scoreboards)
    candidates = FeatureProvider(Candidates, store, clock, caught_up, eventlet.spawn_n)
    reports_folder = FeatureProvider(_reports_folder, runtime)
    reports = FeatureProvider(ReportJobs, store, clock, caught_up, reports_folder, score_runner, eventlet.spawn_n)

    effects_folder = FeatureProvider(_effects_folder, runtime)
    effects = FeatureProvider(EffectJobs, store, clock, effects_folder, score_runner, eventlet.spawn_n, eventlet.sleep)

    @every(seconds=RENEW_SECONDS, name=LOOP)
    def keep_rankings_ready(self) -> None:
        self.rankings.keep_ready()

    @every(seconds=READY_SECONDS, name=READY_LINES)
    def keep_supervised_lines_ready(self) -> None:
        self.ready_lines.keep_ready()

    @every(seconds=PREPARE_SECONDS, name="candidates")
    def prepare_candidates(self) -> None:
        prepare_usual_year(self.candidates, self.score_runner)
