"""The route of a row's history."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.store.database import Store
from services.participation.history.queries import history_of_row
from services.participation.history.rendering import VERBS
from services.participation.history.title import title_of
from services.registry import rights

_STATES = ("shown", "not_allowed", "erased")


def _state() -> fields.String:
    about = {"description": "not_allowed: this reader may not read it; erased: nobody can any more; the text is empty"}
    return fields.String(required=True, validate=validate.OneOf(_STATES), metadata=about)


def _name() -> fields.String:
    about = {"description": "the name of the unit or person that the id names; empty: none that this reader may know"}
    return fields.String(required=True, metadata=about)


class ChangedColumn(marshmallow.Schema):
    """A column before and after; an empty text: no value."""

    column = fields.String(required=True)
    label = fields.String(required=True, metadata={"description": "what people call it, Chinese"})
    before = fields.String(required=True)
    before_state = _state()
    before_name = _name()
    after = fields.String(required=True)
    after_state = _state()
    after_name = _name()


class ReporterSummary(marshmallow.Schema):
    """The reporter: role and name; for an outside system its source and publisher."""

    role = fields.String(required=True)
    name = fields.String(required=True)
    source = fields.String(required=True)
    publisher = fields.String(required=True)
    display_name = _name()


class HistoryEntry(marshmallow.Schema):
    """One event in the history."""

    row = fields.String(required=True, metadata={"description": "the row's id; empty: of a person, not of a row"})
    row_name = _name()
    what = fields.String(required=True, validate=validate.OneOf(tuple(VERBS)))
    at = fields.String(required=True, metadata={"description": "when it was recorded, local time with its offset"})
    recorded_at = fields.String(required=True, metadata={"description": "the same, UTC"})
    position = fields.String(required=True, metadata={"description": "of the event: service/partition/position"})
    event = fields.String(required=True, metadata={"description": "the event's type"})
    who = fields.Nested(ReporterSummary, required=True)
    changes = fields.List(fields.Nested(ChangedColumn), required=True)
    reason = fields.String(required=True)
    reason_state = _state()
    correction_id = fields.String(required=True, metadata={"description": "the row of corrections.csv; empty: none"})
    late_entry = fields.String(required=True, metadata={"description": "why it was entered late; empty: it was not"})
    sentence = fields.String(required=True, metadata={"description": "all of it in words, Chinese"})


class RowHistory(marshmallow.Schema):
    """The history of a row, oldest first."""

    table = fields.String(required=True)
    id = fields.String(required=True)
    title = fields.String(
        required=True,
        metadata={"description": "what the row is about, Chinese; empty: nothing that its reader may know"},
    )
    entries = fields.List(fields.Nested(HistoryEntry), required=True)


class HistoryRoutes:
    """Route of histories."""

    store: Store

    @route("GET", "/api/history/<table>/<path:row>", right=rights.SEE_ROW, response=RowHistory)
    def history(self, request: RouteRequest, table: str, row: str) -> Any:
        """The history of a row: who, when, old and new values, why; for people `row` is person_id/unit_id/from, or a
        person_id for all memberships; for posts unit_id/post/person_id/from."""
        with self.store.reading() as connection:
            entries = history_of_row(connection, table, row, request.actor)
        return {"table": table, "id": row, "title": title_of(table, row, entries), "entries": entries}
