"""The assessment service: the routes and subscriptions that it has, and what it is composed of; decides nothing."""

import eventlet

from chassis.http.operator_routes import OperatorRoutes
from chassis.runtime.extensions import FeatureProvider, RuntimeProvider
from services.assessment.freezes.difference_routes import DifferenceRoutes
from services.assessment.freezes.frozen_scores import FrozenScores
from services.assessment.freezes.routes import FreezeRoutes
from services.assessment.progress.queries import ProgressPlans
from services.assessment.progress.rankings import KeptRankings
from services.assessment.progress.routes import ProgressRoutes
from services.assessment.reports.report_jobs import ReportJobs
from services.assessment.reports.routes import ReportRoutes
from services.assessment.scores.routes import ScoreRoutes
from services.assessment.scores.score_runner import ScoreRunner
from services.assessment.scores.scoreboard import Scoreboard
from services.assessment.subscriptions import PROJECTIONS
from services.assessment.tables import metadata, registry
from services.registry.identity import identify_by


class Service(DifferenceRoutes, FreezeRoutes, ProgressRoutes, ReportRoutes, ScoreRoutes, OperatorRoutes):
    """Assessment under nameko."""

    name = "assessment"

    runtime = RuntimeProvider(metadata, PROJECTIONS, identify=identify_by(registry))
    score_runner = FeatureProvider(ScoreRunner, runtime)
    progress_plans = FeatureProvider(ProgressPlans)
    scoreboards = FeatureProvider(Scoreboard, runtime, score_runner)
    rankings = FeatureProvider(KeptRankings, scoreboards, eventlet.spawn_n)
    frozen_scores = FeatureProvider(FrozenScores, runtime, score_runner, scoreboards)
    reports = FeatureProvider(ReportJobs, runtime, score_runner, eventlet.spawn_n)
