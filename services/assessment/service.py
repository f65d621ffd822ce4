<<<<<<< HEAD
"""The assessment service: routes and subscriptions put together; decides nothing."""
=======
"""The assessment service: its doors and what it hears, each a few lines."""

from typing import Any
>>>>>>> main

import eventlet

from chassis.http.operator_routes import OperatorRoutes
<<<<<<< HEAD
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
=======
from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.messaging.reactions import Reactions
from chassis.process.settings import Settings
from chassis.runtime.provider import RuntimeProvider
from chassis.runtime.service_runtime import ServiceRuntime
from contracts.participation import FindingReported, RectificationReported, SheetReported
from services.assessment.handlers import record_findings_and_sheets
from services.assessment.projections import metadata, projects
from services.assessment.reckoning import FILES
from services.assessment.reporting import MOST_WINDOWS, Reporting

READERS = ("operator", "leader")
hears = Reactions({record_findings_and_sheets: [FindingReported, RectificationReported, SheetReported]})


class Window(marshmallow.Schema):
    """A line of windows.csv."""

    what = fields.String(required=True)
    id = fields.String(required=True)
    as_of = fields.String(required=True)


class BeginReport(marshmallow.Schema):
    """What a report asks; `known_at` (ISO 8601) looks back to what was known then."""

    windows = fields.List(fields.Nested(Window), required=True, validate=validate.Length(1, MOST_WINDOWS))
    known_at = fields.String(load_default=None, allow_none=True)
>>>>>>> main


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
