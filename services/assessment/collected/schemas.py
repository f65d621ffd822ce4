"""Schemas of the route of collected reports."""

import marshmallow
from marshmallow import fields, validate

from duties.periods import CADENCES

_STATES = ("open", "overdue", "done", "late", "excused")
_SHORT = validate.Length(0, 128)


class CollectedQuery(marshmallow.Schema):
    """The duty, the window and the day as of which states are given."""

    duty = fields.String(
        load_default="", validate=_SHORT, metadata={"description": "default: the first that is collected"}
    )
    window = fields.String(
        load_default="", validate=_SHORT, metadata={"description": "default: the year of the period that is due next"}
    )
    as_of = fields.String(load_default="", validate=_SHORT, metadata={"description": "YYYY-MM-DD; default: today"})


class CollectedDuty(marshmallow.Schema):
    """A duty that only offices and secondary units owe."""

    duty = fields.String(required=True)
    title = fields.String(required=True)
    record = fields.String(required=True, metadata={"description": "the kind of record that counts for it"})
    every = fields.String(required=True, validate=validate.OneOf(CADENCES))


class CollectedCell(marshmallow.Schema):
    """A unit's report of a period: `done` in time, `late`, `open` not due yet, `overdue` missing, `excused`."""

    period = fields.String(required=True)
    due = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(_STATES))
    day = fields.String(required=True, metadata={"description": "of the record that counts; empty: none"})
    record_id = fields.String(required=True)


class CollectedUnit(marshmallow.Schema):
    """A unit and the state of each of its periods."""

    unit_id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    cells = fields.List(fields.Nested(CollectedCell), required=True)


class Collected(marshmallow.Schema):
    """The state of every unit and period; `duties`: all collected duties, empty if the campaign has none."""

    campaign = fields.String(required=True)
    window = fields.String(required=True)
    windows = fields.List(fields.String(), required=True, metadata={"description": "years begun so far"})
    as_of = fields.String(required=True)
    duties = fields.List(fields.Nested(CollectedDuty), required=True)
    duty = fields.String(required=True)
    periods = fields.List(fields.String(), required=True, metadata={"description": "in order of time"})
    units = fields.List(fields.Nested(CollectedUnit), required=True)
