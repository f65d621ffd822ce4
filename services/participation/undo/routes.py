"""Routes that undo an import or a roster."""

from collections.abc import Callable
from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Positions
from chassis.process.problems import Problem
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitsOfWork
from services.participation.domain.cells import MOST_CHARACTERS, is_text
from services.participation.imports.handlers import Imports
from services.participation.roster.messages import not_applied
from services.participation.roster.queries import applied_roster
from services.participation.undo.handlers import UndoOutcome, undo_import, undo_roster
from services.participation.undo.queries import Place
from services.registry import rights

Undo = Callable[[UnitsOfWork, str, str, Place | None, object], UndoOutcome]


class UndoPlace(marshmallow.Schema):
    """Where a call of undo ended, for the next one to continue."""

    recorded_at = fields.String(required=True, validate=validate.Regexp(r"[0-9T:.Z-]{1,40}\Z"))
    partition = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31 - 1))
    position = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**53))


class UndoRequest(marshmallow.Schema):
    """The reason; `place`: from the previous answer, null: from the import's last row."""

    reason = fields.String(required=True, validate=validate.Length(1, MOST_CHARACTERS))
    place = fields.Nested(UndoPlace, load_default=None, allow_none=True)


class RowLeft(marshmallow.Schema):
    """A row that stays as it is, and why."""

    table = fields.String(required=True)
    row = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class Undone(Positions):
    """The result of one call.  `place` null: the whole import is undone, except for the listed rows."""

    undone = fields.Integer(required=True, strict=True)
    left = fields.List(fields.Nested(RowLeft), required=True)
    place = fields.Nested(UndoPlace, required=True, allow_none=True)


class UndoRoutes:
    """Routes of undo."""

    store: Store
    units_of_work: UnitsOfWork
    imports: Imports

    @route("POST", "/api/imports/<import_id>/undo", right=rights.IMPORT_FILES, body=UndoRequest, response=Undone,
           problems=(403, 404, 409))  # fmt: skip
    def undo(self, request: RouteRequest, import_id: str) -> Any:
        """Undo the next rows of an import or a roster, latest first; call again with the returned `place` until it is
        null."""
        with self.store.reading() as connection:
            applied = applied_roster(connection, import_id)
        if applied is None:
            acting = self.imports.require(request.actor, import_id)
            return _undone(undo_import, self.units_of_work, request, import_id, acting)
        acting = rights.require(request.actor, rights.IMPORT_FILES, rights.Subject(applied.unit_id))
        return _undone(undo_roster, self.units_of_work, request, import_id, acting)

    @route("POST", "/api/rosters/<roster_id>/undo", right=rights.KEEP_ROSTER, body=UndoRequest, response=Undone,
           problems=(403, 404))  # fmt: skip
    def undo_roster(self, request: RouteRequest, roster_id: str) -> Any:
        """Undo the next rows of a roster of the caller's unit (or of the district), in the same way."""
        with self.store.reading() as connection:
            applied = applied_roster(connection, roster_id)
        if applied is None:
            raise rights.KEEP_ROSTER.absent(request.actor, not_applied(roster_id))
        acting = rights.require(request.actor, rights.KEEP_ROSTER, rights.Subject(applied.unit_id))
        return _undone(undo_roster, self.units_of_work, request, roster_id, acting)


def _undone(undo: Undo, units_of_work: UnitsOfWork, request: RouteRequest, import_id: str, actor: object) -> Any:
    """The response to one step of undoing an import.  Problem 422 for an unusable reason."""
    reason, place = request.json["reason"].strip(), request.json["place"]
    if not reason or not is_text(reason):
        raise Problem(422, "bad_text", "请写明撤销的原因，不能含有不可见的字符。", column="reason")
    before: Place | None = (place["recorded_at"], place["partition"], place["position"]) if place else None
    outcome = undo(units_of_work, import_id, reason, before, actor)
    after = outcome.place
    return {
        "undone": outcome.undone, "left": outcome.left, "positions": outcome.positions,
        "place": after and {"recorded_at": after[0], "partition": after[1], "position": after[2]},
    }  # fmt: skip
