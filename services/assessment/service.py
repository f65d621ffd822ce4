"""The assessment service: its doors and what it hears, each a few lines."""

from typing import Any

import eventlet
import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.operator_routes import OperatorRoutes
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


class Assessment(ServiceRuntime):
    """The frame with what assessment adds to it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("assessment", settings, metadata, projects, hears)
        self.reporting = Reporting(self, eventlet.spawn_n)


class Service(OperatorRoutes):
    """Assessment under nameko."""

    name = "assessment"
    runtime: Assessment = RuntimeProvider(Assessment)

    @route("POST", "/api/reports", roles=READERS, body=BeginReport)
    def begin_report(self, request: RouteRequest) -> Any:
        """Order the four result files for these windows."""
        report = self.runtime.reporting.begin(request.json["windows"], request.json["known_at"])
        return 202, {"report_id": report.report_id}

    @route("GET", "/api/reports/<report_id>", roles=READERS)
    def report(self, _: RouteRequest, report_id: str) -> Any:
        """How far a report is."""
        report = self.runtime.reporting.report(report_id)
        return {"state": report.state, "done": report.done, "total": report.total, "detail": report.detail,
                "files": list(FILES)}  # fmt: skip

    @route("GET", "/api/reports/<report_id>/<file>", roles=READERS)
    def report_file(self, _: RouteRequest, report_id: str, file: str) -> Any:
        """One result file."""
        path = self.runtime.reporting.file(report_id, file)
        return Response(_pieces(path), content_type="text/csv; charset=utf-8",
                        headers={"Content-Length": str(path.stat().st_size)})  # fmt: skip

    @route("GET", "/api/scoreboard", roles=READERS)
    def scoreboard(self, request: RouteRequest) -> Any:
        """Every unit's figures in a window, as of a day (default: today), as known at an instant (default: now)."""
        reporting = self.runtime.reporting
        campaign = reporting.campaign()
        as_of = request.args.get("as_of") or reporting.today()
        window = request.args.get("window") or as_of[:4]
        known_at = request.args.get("known_at")
        lines = reporting.board(window, as_of, known_at)
        return {"window": window, "as_of": as_of, "known_at": known_at, "campaign": campaign.id,
                "title": campaign.title, "windows": reporting.windows(), "units": lines}  # fmt: skip


def _pieces(path: Any) -> Any:
    with path.open("rb") as file:
        while piece := file.read(64 * 1024):
            yield piece
