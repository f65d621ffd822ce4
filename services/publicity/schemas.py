"""Parts of requests and responses that several features share."""

import marshmallow
from marshmallow import fields

from chassis.http.schemas import Positions


class WriteResult(Positions):
    """What a write answers; `changed`: false where it was a repeat."""

    changed = fields.Boolean(required=True)


class Reason(marshmallow.Schema):
    """Why."""

    reason = fields.String(required=True)


class PassedReading(marshmallow.Schema):
    """One of the three readings that passed."""

    stage = fields.String(required=True)
    reader_id = fields.String(required=True)
    read_on = fields.String(required=True)


class AppointedReader(marshmallow.Schema):
    """Who is to read at a stage."""

    stage = fields.String(required=True)
    reader_id = fields.String(required=True)
    appointed_on = fields.String(required=True)
