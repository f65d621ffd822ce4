"""Routes of quarter sheets (季考核表)."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from duties.campaign import Campaign
from services.participation.campaign.queries import campaign_in_force
from services.participation.intake.pending_loop import PendingLoop
from services.participation.registry.identity import local_day, subjects_of_units
from services.participation.registry.names import names_of_units
from services.participation.sheets import handlers
from services.participation.sheets.handlers import Request, SheetTransaction, transaction
from services.participation.sheets.queries import (
    own_sheets,
    quarters_begun,
    require_quarter,
    sheet_detail,
    sheets_of_quarter,
)
from services.participation.sheets.schemas import (
    DraftSheets,
    OwnSheets,
    QuarterQuery,
    QuarterSheets,
    SheetChanged,
    SheetDetail,
    SheetOutcomes,
    SheetsDrafted,
    SheetsOfUnits,
    SheetWithReason,
)
from services.registry import rights

_SHEET: Final = "/api/quarter-sheets/<unit_id>/<period>"
Act = Callable[[SheetTransaction, str, int], bool]


class SheetRoutes:
    """Routes of quarter sheets."""

    store: Store
    units_of_work: UnitsOfWork
    pending_loop: PendingLoop
    clock: Clock

    @route("GET", "/api/quarter-sheets", right=rights.ASSESS_UNIT, query=QuarterQuery, response=QuarterSheets,
           problems=(404, 409))  # fmt: skip
    def quarter_sheets(self, request: RouteRequest) -> Any:
        """Every unit's sheet of a quarter: points and state."""
        with self.store.reading() as connection:
            rights.require(request.actor, rights.ASSESS_UNIT, rights.DISTRICT)
            stored = campaign_in_force(connection)
            today = local_day(connection, self.clock()).toordinal()
            periods = quarters_begun(stored.rules, today) if stored else []
            period = request.query["period"] or next(iter(periods), "")
            rules = require_quarter(stored.rules if stored else None, period)
            sheets = sheets_of_quarter(connection, rules, request.actor, period)
            # a quarter is scored after its end, so the previous one is shown first
            if not request.query["period"] and len(periods) > 1:
                before = sheets_of_quarter(connection, rules, request.actor, periods[1])
                if any(sheet["state"] != "confirmed" for sheet in before):
                    period, sheets = periods[1], before
            return {"period": period, "periods": periods, **_described_as(rules), "sheets": sheets}

    @route("GET", _SHEET, right=rights.ASSESS_UNIT, response=SheetDetail, problems=(404, 409))
    def quarter_sheet(self, request: RouteRequest, unit_id: str, period: str) -> Any:
        """One unit's sheet with its history."""
        with self.store.reading() as connection:
            stored = campaign_in_force(connection)
            rules = require_quarter(stored.rules if stored else None, period)
            detail = sheet_detail(connection, rules, request.actor, unit_id, period)
            return detail | {"items": _described_as(rules)["items"]}

    @route("GET", "/api/units/<unit_id>/quarter-sheets", right=rights.SEE_SHEET, response=OwnSheets, problems=(409,))
    def sheets_of_unit(self, request: RouteRequest, unit_id: str) -> Any:
        """A unit's sheets that are complete and count."""
        with self.store.reading() as connection:
            subject = subjects_of_units(connection, [unit_id])[unit_id]
            rights.require(request.actor, rights.SEE_SHEET, subject)
            stored = campaign_in_force(connection)
            if stored is None:
                raise Problem(409, "no_campaign", "还没有启动活动方案。")
            sheets = stored.rules.sheets
            return {"unit_id": unit_id, "unit_name": names_of_units(connection, [unit_id]).get(unit_id, ""),
                    "has_sheets": bool(sheets and subject.unit_kind in sheets.kinds),
                    "items": _described_as(stored.rules)["items"],
                    "sheets": own_sheets(connection, stored.rules, unit_id)}  # fmt: skip

    @route("POST", "/api/quarter-sheets/draft", right=rights.ASSESS_UNIT, body=DraftSheets, response=SheetsDrafted,
           problems=(404, 409, 422))  # fmt: skip
    def draft_sheets(self, request: RouteRequest) -> Any:
        """Enter points for one unit, or for a column of units: all or none."""
        with transaction(self.units_of_work, self._act_of(request), request.json["period"]) as act:
            changed = handlers.draft_sheets(act, request.json["sheets"])
        return {"changed": changed, "positions": act.unit_of_work.positions}

    @route("POST", "/api/quarter-sheets/complete", right=rights.ASSESS_UNIT, body=SheetsOfUnits,
           response=SheetOutcomes, problems=(404, 409))  # fmt: skip
    def complete_sheets(self, request: RouteRequest) -> Any:
        """Submit sheets for confirmation by another person, independently of each other."""
        return self._act_on_each_sheet(request, handlers.complete_sheet)

    @route("POST", "/api/quarter-sheets/confirm", right=rights.ASSESS_UNIT, body=SheetsOfUnits,
           response=SheetOutcomes, problems=(404, 409))  # fmt: skip
    def confirm_sheets(self, request: RouteRequest) -> Any:
        """Confirm sheets that another person completed, independently of each other: they count from now on."""
        return self._act_on_each_sheet(request, handlers.confirm_sheet)

    @route("POST", f"{_SHEET}/return", right=rights.ASSESS_UNIT, body=SheetWithReason, response=SheetChanged,
           problems=(404, 409))  # fmt: skip
    def return_sheet(self, request: RouteRequest, unit_id: str, period: str) -> Any:
        """Return a sheet that awaits confirmation, with the reason."""
        body = request.json
        with transaction(self.units_of_work, self._act_of(request), period) as act:
            handlers.return_sheet(act, unit_id, body["revision"], body["reason"].strip())
        return _write_result(act)

    @route("POST", f"{_SHEET}/correct", right=rights.ASSESS_UNIT, body=SheetWithReason, response=SheetChanged,
           problems=(404, 409))  # fmt: skip
    def correct_sheet(self, request: RouteRequest, unit_id: str, period: str) -> Any:
        """Begin a correction of counting points, which count until the correction is confirmed."""
        body = request.json
        with transaction(self.units_of_work, self._act_of(request), period) as act:
            handlers.reopen_sheet(act, unit_id, body["revision"], body["reason"].strip())
        return _write_result(act)

    def _act_on_each_sheet(self, request: RouteRequest, do: Act) -> dict[str, Any]:
        outcomes, positions, refusals = list[dict[str, str]](), list[str](), list[Problem]()
        for sheet in request.json["sheets"]:
            outcome, text = "done", ""
            try:
                with transaction(self.units_of_work, self._act_of(request), request.json["period"]) as act:
                    outcome = "done" if do(act, sheet["unit_id"], sheet["revision"]) else "unchanged"
                positions = act.unit_of_work.positions or positions
            except Problem as problem:
                outcome, text = "refused", problem.detail
                refusals.append(problem)
            outcomes.append({"unit_id": sheet["unit_id"], "outcome": outcome, "message": text})
        _raise_if_all(refusals, outcomes)
        return {"outcomes": outcomes, "positions": positions}

    def _act_of(self, request: RouteRequest) -> Request:
        return Request(request.actor, request.correlation, self.pending_loop.wake)


def _raise_if_all(refusals: Sequence[Problem], outcomes: Sequence[object]) -> None:
    """Raise if none of the sheets is the caller's, or there is no such quarter."""
    if len(refusals) == len(outcomes) and all(problem.status in (403, 404) for problem in refusals):
        raise refusals[0]


def _described_as(rules: Campaign) -> dict[str, Any]:
    items = rules.sheets.items if rules.sheets else ()
    return {"items": [{"id": item.id, "title": item.title, "max": str(item.max)} for item in items],
            "share": str(rules.sheets.share) if rules.sheets else "0"}  # fmt: skip


def _write_result(act: SheetTransaction) -> dict[str, Any]:
    positions = act.unit_of_work.positions
    return {"positions": positions, "outcome": "accepted" if positions else "unchanged"}
