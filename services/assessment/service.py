"""The assessment service: the routes and subscriptions that it has, and what it is composed of; decides nothing."""

import eventlet

from chassis.http.operator_routes import OperatorRoutes
from chassis.runtime.extensions import FeatureProvider, RuntimeProvider
from services.assessment.freezes.routes import FreezeRoutes
from services.assessment.progress.queries import ProgressPlans
from services.assessment.progress.routes import ProgressRoutes
from services.assessment.reports.report_jobs import ReportJobs
from services.assessment.reports.routes import ReportRoutes
from services.assessment.scores.routes import ScoreRoutes
from services.assessment.scores.score_runner import ScoreRunner
from services.assessment.scores.scoreboard import Scoreboard
from services.assessment.subscriptions import PROJECTIONS
from services.assessment.tables import metadata


class Service(FreezeRoutes, ProgressRoutes, ReportRoutes, ScoreRoutes, OperatorRoutes):
    """Assessment under nameko."""

    name = "assessment"

    runtime = RuntimeProvider(metadata, PROJECTIONS)
    score_runner = FeatureProvider(ScoreRunner, runtime)
    progress_plans = FeatureProvider(ProgressPlans)
    scoreboards = FeatureProvider(Scoreboard, runtime, score_runner)
    reports = FeatureProvider(ReportJobs, runtime, score_runner, eventlet.spawn_n)
