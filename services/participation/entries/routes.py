"""The route by which one row is entered."""

from typing import Any

from marshmallow import Schema, fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Positions
from chassis.store.unit_of_work import UnitsOfWork
from services.participation.domain.cells import MOST_CHARACTERS
from services.participation.entries.handlers import enter_row
from services.participation.intake.pending_loop import PendingLoop
from services.registry import rights


class EnteredRow(Schema):
    """One row: its cells by column; a missing column is empty."""

    cells = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    late_entry = fields.String(
        load_default="",
        validate=validate.Length(0, MOST_CHARACTERS),
        metadata={"description": "why a record is entered late (补录); empty: it is not"},
    )
    campaign = fields.String(
        load_default="",
        metadata={"description": "an earlier campaign, by whose rules the row is judged; empty: the one in force"},
    )


class EntryOutcome(Positions):
    """The outcome for the row."""

    outcome = fields.String(required=True, validate=validate.OneOf(("accepted", "unchanged")))


class EntryRoutes:
    """Route of single rows."""

    units_of_work: UnitsOfWork
    pending_loop: PendingLoop

    @route("POST", "/api/rows/<table>", right=rights.ENTER_FACTS, body=EnteredRow, response=EntryOutcome)
    def enter_row(self, request: RouteRequest, table: str) -> Any:
        """Enter one row of a table, such as a decision or a correction; a refusal is a problem with column and code."""
        cells, late_entry = request.json["cells"], request.json["late_entry"].strip()
        outcome, positions = enter_row(self.units_of_work, table, cells, late_entry, request.actor,
                                       request.correlation, self.pending_loop.wake,
                                       request.json["campaign"].strip())  # fmt: skip
        return {"outcome": outcome, "positions": positions}
