"""Routes of freezes: freeze a window, list frozen windows, admit rows."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Positions
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.unit_of_work import CommandContext
from services.assessment.freezes.handlers import admit_rows, freeze_window
from services.assessment.freezes.queries import frozen_windows
from services.assessment.scores.score_runner import ScoreRunner
from services.registry import rights

READERS = ("operator", "leader")


class FreezeOrder(marshmallow.Schema):
    """The window to freeze."""

    window = fields.String(required=True)


class FreezeOutcome(Positions):
    """Since when the window is frozen."""

    window = fields.String(required=True)
    known_at = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(["frozen", "unchanged"]))


class AdmissionOrder(marshmallow.Schema):
    """Rows that the official figures of a frozen window read as if recorded in time, and the document behind it."""

    window = fields.String(required=True)
    rows = fields.List(fields.String(), required=True, validate=validate.Length(1, 1000))
    decision = fields.String(required=True, validate=validate.Length(max=200))


class AdmissionOutcome(Positions):
    """What became of it."""

    window = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(["admitted", "unchanged"]))


class AdmittedRow(marshmallow.Schema):
    """An admitted row, and the number of the document that decided it."""

    row = fields.String(required=True)
    decision = fields.String(required=True)


class FrozenWindowLine(marshmallow.Schema):
    """A frozen window."""

    window = fields.String(required=True)
    known_at = fields.String(required=True)
    admitted = fields.List(fields.Nested(AdmittedRow), required=True)


class FrozenWindows(marshmallow.Schema):
    """The frozen windows of the campaign, in the order of their ids."""

    freezes = fields.List(fields.Nested(FrozenWindowLine), required=True)


class FreezeRoutes:
    """Frozen windows."""

    runtime: ServiceRuntime
    score_runner: ScoreRunner

    @route(
        "POST",
        "/api/freezes",
        right=rights.FREEZE_FIGURES,
        body=FreezeOrder,
        response=FreezeOutcome,
        problems=(409, 422),
    )
    def freeze_window(self, request: RouteRequest) -> Any:
        """Freeze a window: from now on its official figures stand still."""
        return freeze_window(self.runtime, _context(request), request.json["window"])

    @route("GET", "/api/freezes", right=rights.SEE_FIGURES, response=FrozenWindows, problems=(409,))
    def freezes(self, _: RouteRequest) -> Any:
        """The frozen windows."""
        campaign = self.score_runner.campaign().id
        with self.runtime.store.reading() as connection:
            frozen = frozen_windows(connection, campaign).values()
        return {"freezes": [{"window": item.window, "known_at": item.known_at, "admitted": [
            {"row": row, "decision": decision} for row, decision in item.admitted.items()]} for item in frozen
        ]}  # fmt: skip

    @route("POST", "/api/admissions", right=rights.FREEZE_FIGURES, body=AdmissionOrder, response=AdmissionOutcome,
           problems=(409, 422))  # fmt: skip
    def admit_rows(self, request: RouteRequest) -> Any:
        """Admit rows to the official figures of a frozen window."""
        return admit_rows(self.runtime, _context(request), **request.json)


def _context(request: RouteRequest) -> CommandContext:
    return CommandContext(str(request.actor), request.correlation)
