"""The assessment service: the routes and subscriptions that it has, and what it is composed of; decides nothing."""

from collections.abc import Sequence

import eventlet

from chassis.http.operator_routes import OperatorRoutes
from chassis.messaging.reactions import HandledEvent
from chassis.runtime.extensions import FeatureProvider, RuntimeProvider, subscribe
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import FindingReported, RectificationReported, SheetReported
from services.assessment.findings import handlers as findings_handlers
from services.assessment.reports.report_jobs import ReportJobs
from services.assessment.reports.routes import ReportRoutes
from services.assessment.scores.routes import ScoreRoutes
from services.assessment.scores.score_runner import ScoreRunner
from services.assessment.scores.scoreboard import Scoreboard
from services.assessment.sheets import handlers as sheets_handlers
from services.assessment.subscriptions import PROJECTIONS
from services.assessment.tables import metadata


class Service(ReportRoutes, ScoreRoutes, OperatorRoutes):
    """Assessment under nameko."""

    name = "assessment"

    runtime = RuntimeProvider(metadata, PROJECTIONS)
    score_runner = FeatureProvider(ScoreRunner, runtime)
    scoreboards = FeatureProvider(Scoreboard, runtime, score_runner)
    reports = FeatureProvider(ReportJobs, runtime, score_runner, eventlet.spawn_n)

    @subscribe(FindingReported, RectificationReported)
    def raise_and_rectify_findings(self, unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
        findings_handlers.raise_and_rectify_findings(unit_of_work, batch)

    @subscribe(SheetReported)
    def score_sheets(self, unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
        sheets_handlers.score_sheets(unit_of_work, batch)
