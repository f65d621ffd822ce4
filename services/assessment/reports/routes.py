"""/api/reports: order result files, follow their progress, download them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from services.assessment.reports.report_jobs import MOST_WINDOWS, ReportJobs
from services.assessment.reports.result_files import FILES
from services.registry import rights

READERS = ("operator", "leader")
PIECE = 64 * 1024
RESULT_FILE = Media("text/csv", "UTF-8 with a header; docs/scoring.md 9 names the columns")


class Window(marshmallow.Schema):
    """A line of windows.csv."""

    what = fields.String(required=True, metadata={"description": "score, award or outstanding"})
    id = fields.String(required=True, metadata={"description": "a window of scores, the year of awards"})
    as_of = fields.String(required=True, metadata={"description": "YYYY-MM-DD; of an award not asked"})


class BeginReport(marshmallow.Schema):
    """The windows of a report; `known_at` (ISO 8601): as known at that instant; without `campaign`: the one launched
    last."""

    windows = fields.List(fields.Nested(Window), required=True, validate=validate.Length(1, MOST_WINDOWS))
    known_at = fields.String(load_default=None, allow_none=True)
    campaign = fields.String(load_default=None, allow_none=True, metadata={"description": "its id, closed or not"})


class ReportBegun(marshmallow.Schema):
    """The report that was started."""

    report_id = fields.String(required=True)


class ReportState(marshmallow.Schema):
    """The progress of a report."""

    state = fields.String(required=True, validate=validate.OneOf(("running", "done", "failed")))
    done = fields.Integer(required=True, strict=True, metadata={"description": "subjects done, of `total`"})
    total = fields.Integer(required=True, strict=True)
    detail = fields.String(required=True, metadata={"description": "why it failed"})
    files = fields.List(fields.String(), required=True, metadata={"description": "their names, once it is done"})


class KeptReport(marshmallow.Schema):
    """A report that is running or kept."""

    report_id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("running", "done", "failed")))
    done = fields.Integer(required=True, strict=True, metadata={"description": "subjects done, of `total`"})
    total = fields.Integer(required=True, strict=True)
    began_at = fields.String(required=True)
    windows = fields.List(fields.Nested(Window), required=True)
    known_at = fields.String(required=True, metadata={"description": "empty: as known when it was ordered"})
    campaign = fields.String(required=True)


class KeptReports(marshmallow.Schema):
    """The reports of the last hour, the latest first."""

    reports = fields.List(fields.Nested(KeptReport), required=True)


class ReportRoutes:
    """Routes of reports."""

    reports: ReportJobs

    @route(
        "POST", "/api/reports", right=rights.SEE_FIGURES, body=BeginReport, response={202: ReportBegun}, problems=(404,)
    )
    def begin_report(self, request: RouteRequest) -> Any:
        """Start calculating the four result files for these windows."""
        report = self.reports.begin(request.json["windows"], request.json["known_at"], request.json["campaign"])
        return 202, {"report_id": report.job_id}

    @route("GET", "/api/reports", right=rights.SEE_FIGURES, response=KeptReports)
    def kept_reports(self, _: RouteRequest) -> Any:
        """The reports that are running or can still be downloaded, whoever started them."""
        return {"reports": self.reports.listed()}

    @route("GET", "/api/reports/<report_id>", right=rights.SEE_FIGURES, response=ReportState)
    def report(self, _: RouteRequest, report_id: str) -> Any:
        """The progress of a report."""
        report = self.reports.report(report_id)
        return {"state": report.state, "done": report.done, "total": report.total, "detail": report.detail,
                "files": list(FILES)}  # fmt: skip

    @route("GET", "/api/reports/<report_id>/<file>", right=rights.SEE_FIGURES, response=RESULT_FILE, problems=(409,))
    def report_file(self, _: RouteRequest, report_id: str, file: str) -> Any:
        """One result file."""
        path = self.reports.file(report_id, file)
        return Response(_pieces(path), content_type="text/csv; charset=utf-8",
                        headers={"Content-Length": str(path.stat().st_size)})  # fmt: skip


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
