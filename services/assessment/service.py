"""The assessment service: routes and subscriptions put together; decides nothing."""

import eventlet

from chassis.http.operator_routes import OperatorRoutes
from chassis.process.settings import Settings
from chassis.runtime.provider import RuntimeProvider
from chassis.runtime.service_runtime import ServiceRuntime
from services.assessment.reports.report_jobs import ReportJobs
from services.assessment.reports.routes import ReportRoutes
from services.assessment.scores.routes import ScoreRoutes
from services.assessment.scores.score_runner import ScoreRunner
from services.assessment.scores.scoreboard import Scoreboard
from services.assessment.subscriptions import PROJECTIONS, REACTIONS
from services.assessment.tables import metadata


class Assessment(ServiceRuntime):
    """The runtime with what assessment adds to it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("assessment", settings, metadata, PROJECTIONS, REACTIONS)
        self.score_runner = ScoreRunner(self)
        self.scoreboard = Scoreboard(self, self.score_runner)
        self.reports = ReportJobs(self, self.score_runner, eventlet.spawn_n)


class Service(ReportRoutes, ScoreRoutes, OperatorRoutes):
    """Assessment under nameko."""

    name = "assessment"
    runtime: Assessment = RuntimeProvider(Assessment)
