"""Schemas shared by several features."""

import marshmallow
from marshmallow import fields

from chassis.http.schemas import Positions


class WriteResult(Positions):
    """The outcome of a write; `changed`: false if it was a repetition."""

    changed = fields.Boolean(required=True)


class Reason(marshmallow.Schema):
    """The reason."""

    reason = fields.String(required=True)


class PassedReading(marshmallow.Schema):
    """One of the three readings that passed."""

    stage = fields.String(required=True)
    reader_id = fields.String(required=True)
    read_on = fields.String(required=True)


class AppointedReader(marshmallow.Schema):
    """The appointed reader of a stage."""

    stage = fields.String(required=True)
    reader_id = fields.String(required=True)
    appointed_on = fields.String(required=True)
