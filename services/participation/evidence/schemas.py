"""Schemas of the routes of evidence."""

import marshmallow
from marshmallow import fields, validate

from chassis.http.schemas import ClampedInteger, Positions
from services.participation.evidence.copies import COPIES
from services.participation.evidence.file_types import ENDINGS


class KeptEvidence(Positions):
    """The stored file that an upload became."""

    content = fields.String(required=True, metadata={"description": "its address: SHA-256, of a person's file keyed"})
    media_type = fields.String(required=True, validate=validate.OneOf(list(ENDINGS)))
    size = fields.Integer(required=True)
    small = fields.Boolean(required=True, metadata={"description": "whether there is a small copy"})
    uploaded = fields.String(required=True, metadata={"description": "SHA-256 of what was uploaded"})
    name = fields.String(required=True)


class EvidenceFile(marshmallow.Schema):
    """A stored file of a unit, and the records it is attached to."""

    content = fields.String(required=True)
    unit_id = fields.String(required=True)
    person_id = fields.String(required=True, metadata={"description": "whose it is; empty: the unit's"})
    private = fields.Boolean(required=True)
    name = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    uploaded = fields.String(required=True, metadata={"description": "SHA-256 of what was uploaded"})
    received_at = fields.String(required=True)
    records = fields.List(fields.String(), required=True)


class EvidenceList(marshmallow.Schema):
    """Files; for a unit with its used and total quota in bytes."""

    files = fields.List(fields.Nested(EvidenceFile), required=True)
    more = fields.Boolean(required=True)
    used = fields.Integer(required=True)
    quota = fields.Integer(required=True)


class EvidenceQuery(marshmallow.Schema):
    """The record or the unit."""

    record_id = fields.String(load_default="")
    unit_id = fields.String(load_default="")
    after = fields.String(load_default="", metadata={"description": "the last file of the page before"})
    limit = ClampedInteger(100, 500)


class ReadEvidence(marshmallow.Schema):
    """The form of the file."""

    form = fields.String(load_default="full", validate=validate.OneOf(("full", *COPIES)))


class Attachment(marshmallow.Schema):
    """The record to attach to."""

    record_id = fields.String(required=True, validate=validate.Length(1, 200))


class Detachment(Attachment):
    """The record to detach from, and the reason."""

    reason = fields.String(required=True, validate=validate.Length(1, 500))
