"""The route of the kinds of records: what the campaign's file requires for each, from which forms are built."""

from typing import Any

import marshmallow
import sqlalchemy as sa
from marshmallow import fields, validate
from sqlalchemy import Connection

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.store.database import Store
from duties.record_kinds import CONFIRM, FIELD_TYPES, OF, PROPOSED, WORK
from services.participation.campaign.queries import campaign_in_force
from services.participation.records.kinds import UnitFiling, kind_answers
from services.participation.registry.projections import units


def _described_as(text: str) -> dict[str, str]:
    return {"description": text}


class ChoiceOfField(marshmallow.Schema):
    """A choice: the code, and its label."""

    code = fields.String(required=True)
    label = fields.String(required=True)


class FormColumn(marshmallow.Schema):
    """A column of lines."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    type = fields.String(required=True, validate=validate.OneOf(FIELD_TYPES))
    choices = fields.List(fields.Nested(ChoiceOfField), required=True)
    required = fields.Boolean(required=True)
    max = fields.Integer(required=True, strict=True)
    help = fields.String(required=True)


class AskedWhen(marshmallow.Schema):
    """The field is required only if that choice field has one of these codes; no field: always."""

    field = fields.String(required=True)
    codes = fields.List(fields.String(), required=True)


class FormField(FormColumn):
    """A field of a form."""

    private = fields.Boolean(required=True, metadata=_described_as("kept under the person's key alone, in no list"))
    record = fields.String(required=True, metadata=_described_as("of a record: the kind of which it names one filing"))
    columns = fields.List(fields.Nested(FormColumn), required=True, metadata=_described_as("of lines"))
    when = fields.Nested(AskedWhen, required=True)
    default = fields.List(fields.String(), required=True, metadata=_described_as("codes that a new form proposes"))


class EvidenceOfKind(marshmallow.Schema):
    """The number of files, and their types (empty: any)."""

    min = fields.Integer(required=True, strict=True)
    max = fields.Integer(required=True, strict=True)
    types = fields.List(fields.String(), required=True)
    originals = fields.Boolean(required=True, metadata=_described_as("photos are kept byte for byte"))


class RecordKindSummary(marshmallow.Schema):
    """A kind of record.  `period_required`: its record has a period; `periods`: those that have begun, oldest first."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    of = fields.String(required=True, validate=validate.OneOf(OF))
    filed_by = fields.String(required=True, validate=validate.OneOf(OF))
    duty = fields.String(required=True, metadata=_described_as("the duty that counts it; empty: none"))
    every = fields.String(required=True, metadata=_described_as("the duty's cadence; empty: none"))
    period_required = fields.Boolean(required=True)
    periods = fields.List(fields.String(), required=True)
    fields_ = fields.List(fields.Nested(FormField), required=True, attribute="fields", data_key="fields")
    evidence = fields.Nested(EvidenceOfKind, required=True)
    confirm = fields.String(required=True, validate=validate.OneOf(CONFIRM))
    files_with = fields.List(fields.String(), required=True)
    people = fields.String(required=True, validate=validate.OneOf(PROPOSED))
    work = fields.String(required=True, validate=validate.OneOf(WORK))
    help = fields.String(required=True)
    offered = fields.Boolean(
        required=True, metadata=_described_as("whether it can be filed now, by the unit that is named")
    )


class RecordKinds(marshmallow.Schema):
    """All kinds of the campaign in force; none without one."""

    campaign = fields.String(required=True)
    version = fields.Integer(required=True, strict=True)
    today = fields.String(required=True, metadata=_described_as("the day by the campaign's clock"))
    kinds = fields.List(fields.Nested(RecordKindSummary), required=True)


class RecordKindsQuery(marshmallow.Schema):
    """The unit."""

    unit_id = fields.String(load_default="", validate=validate.Length(0, 128))


class RecordKindRoutes:
    """Route of the kinds of records."""

    store: Store
    clock: Any

    @route("GET", "/api/record-kinds", query=RecordKindsQuery, response=RecordKinds)
    def record_kinds(self, request: RouteRequest) -> Any:
        """The kinds that may be filed, and their forms."""
        with self.store.reading() as connection:
            stored = campaign_in_force(connection)
            unit = _unit(connection, request.query["unit_id"])
        if stored is None:
            return {"campaign": "", "version": 0, "today": "", "kinds": []}
        rules, now = stored.rules, self.clock()
        today = now.astimezone(rules.zone).date().isoformat()
        return {"campaign": stored.campaign, "version": stored.version, "today": today,
                "kinds": kind_answers(rules, now, unit)}  # fmt: skip


def _unit(connection: Connection, unit_id: str) -> UnitFiling | None:
    """None if none is given, or it does not exist."""
    query = sa.select(units.c.kind, units.c.tags).where(units.c.unit_id == unit_id, units.c.voided == 0)
    row = connection.execute(query).one_or_none() if unit_id else None
    return None if row is None else UnitFiling(row.kind, frozenset(row.tags.split(";")))
