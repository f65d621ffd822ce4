"""Routes of freezes: freeze a window, list frozen windows, admit rows."""

from collections.abc import Collection
from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Positions
from chassis.store.database import Store
from chassis.store.unit_of_work import CommandContext, UnitsOfWork
from duties.campaign import Campaign
from duties.days import day_of, iso
from duties.report_requests import find_window
from services.assessment.freezes.handlers import admit_rows, freeze_window
from services.assessment.freezes.queries import Admission, frozen_windows
from services.assessment.scores.score_runner import ScoreRunner
from services.assessment.scores.scoreboard import windows_begun
from services.registry import rights


def _campaign() -> fields.String:
    about = {"description": "its id, closed or not; default: the one launched last"}
    return fields.String(load_default=None, allow_none=True, metadata=about)


class FreezeOrder(marshmallow.Schema):
    """The window to freeze."""

    window = fields.String(required=True)
    campaign = _campaign()


class FreezeOutcome(Positions):
    """The instant of the freeze."""

    campaign = fields.String(required=True)
    window = fields.String(required=True)
    known_at = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(["frozen", "unchanged"]))


class AdmissionOrder(marshmallow.Schema):
    """Rows and corrections to include in the official figures of a frozen window as if recorded in time, and the
    document that allows it."""

    window = fields.String(required=True)
    rows = fields.List(
        fields.String(), required=True, validate=validate.Length(1, 1000),
        metadata={"description": "ids of rows or corrections; `TABLE/ID` where two tables have the id (a correction's "
                                 "table: corrections); the position of an event that has no id"},
    )  # fmt: skip
    campaign = _campaign()
    decision = fields.String(required=True, validate=validate.Length(max=200))


class AdmissionOutcome(Positions):
    """The outcome of an admission."""

    campaign = fields.String(required=True)
    window = fields.String(required=True)
    rows = fields.List(fields.String(), required=True, metadata={"description": "what was named, as `TABLE/ID`"})
    outcome = fields.String(required=True, validate=validate.OneOf(["admitted", "unchanged"]))


class AdmittedRow(marshmallow.Schema):
    """An admitted row, correction, or event without an id: who admitted it, when, and by which document."""

    name = fields.String(required=True, metadata={"description": "`TABLE/ID`, or the position of the event"})
    row = fields.String(required=True, metadata={"description": "the row that it is about, `TABLE/ID`"})
    position = fields.String(required=True, metadata={"description": "of its event: source/partition/position"})
    decision = fields.String(required=True)
    admitted_at = fields.String(required=True)
    actor = fields.String(required=True)


class FrozenWindowLine(marshmallow.Schema):
    """A frozen window: when and by whom it was frozen, and what was admitted since."""

    window = fields.String(required=True)
    known_at = fields.String(required=True)
    actor = fields.String(required=True)
    admitted = fields.List(fields.Nested(AdmittedRow), required=True)


class FreezesQuery(marshmallow.Schema):
    """The campaign."""

    campaign = _campaign()


class OpenWindow(marshmallow.Schema):
    """A window that has begun and is not frozen; `over`: it has ended and may be frozen."""

    window = fields.String(required=True)
    last = fields.String(required=True, metadata={"description": "its last day"})
    over = fields.Boolean(required=True)


class FrozenWindows(marshmallow.Schema):
    """The frozen windows of the campaign by id, and the windows that are not frozen, longest first."""

    campaign = fields.String(required=True)
    open = fields.List(fields.Nested(OpenWindow), required=True)
    freezes = fields.List(fields.Nested(FrozenWindowLine), required=True)


class FreezeRoutes:
    """Frozen windows."""

    store: Store
    units_of_work: UnitsOfWork
    score_runner: ScoreRunner

    @route(
        "POST",
        "/api/freezes",
        right=rights.FREEZE_FIGURES,
        body=FreezeOrder,
        response=FreezeOutcome,
        problems=(404, 409, 422),
    )
    def freeze_window(self, request: RouteRequest) -> Any:
        """Freeze a window: its official figures no longer change."""
        return freeze_window(self.units_of_work, _context(request), **request.json)

    @route(
        "GET", "/api/freezes", right=rights.SEE_FIGURES, query=FreezesQuery, response=FrozenWindows, problems=(404, 409)
    )
    def freezes(self, request: RouteRequest) -> Any:
        """The frozen windows, by whom and when each was frozen, and what was admitted to it."""
        campaign = self.score_runner.campaign(request.query["campaign"])
        with self.store.reading() as connection:
            frozen = frozen_windows(connection, campaign.id)
        return {"campaign": campaign.id, "open": self._open_windows(campaign, frozen), "freezes": [
            {"window": item.window, "known_at": item.known_at, "actor": item.actor,
             "admitted": [_admission_response(admission) for admission in item.admitted]} for item in frozen.values()
        ]}  # fmt: skip

    def _open_windows(self, campaign: Campaign, frozen: Collection[str]) -> list[dict[str, Any]]:
        today = day_of(self.score_runner.today(campaign))
        windows = (find_window(campaign, name) for name in windows_begun(campaign, today) if name not in frozen)
        return [{"window": each.id, "last": iso(each.last), "over": each.last < today} for each in windows if each]

    @route("POST", "/api/admissions", right=rights.FREEZE_FIGURES, body=AdmissionOrder, response=AdmissionOutcome,
           problems=(404, 409, 422))  # fmt: skip
    def admit_rows(self, request: RouteRequest) -> Any:
        """Admit rows and corrections to the official figures of a frozen window."""
        return admit_rows(self.units_of_work, _context(request), **request.json)


def _admission_response(item: Admission) -> dict[str, str]:
    return {"name": item.name, "row": item.row_name, "position": item.position, "decision": item.decision,
            "admitted_at": item.admitted_at, "actor": item.actor}  # fmt: skip


def _context(request: RouteRequest) -> CommandContext:
    return CommandContext(str(request.actor), request.correlation)
