"""The route of a person's record in participation: their rows with every version, and pending reports."""

import json
from typing import Any

import marshmallow
import sqlalchemy as sa
from marshmallow import fields

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.intake.pending_reports import names_person
from chassis.messaging import quarantine
from chassis.store.database import Store
from chassis.store.schema import pending_reports
from services.participation.registry.handlers import keys_of_subjects
from services.registry import rights
from services.registry.person_record import PersonRecord, record_of_person


class WaitingReport(marshmallow.Schema):
    """A pending report that names the person."""

    source = fields.String(required=True)
    id = fields.String(required=True)
    type = fields.String(required=True)
    since = fields.String(required=True)
    data = fields.Dict(keys=fields.String(), required=True)


class RecordWithReports(PersonRecord):
    """What participation stores about a person, oldest first; `waiting`: pending reports; `quarantine`: ids of
    undecodable bodies with the person's id, which an operator can show (they may be about others)."""

    waiting = fields.List(fields.Nested(WaitingReport), required=True)
    quarantine = fields.List(fields.Integer(strict=True), required=True)


class RecordRoutes:
    """Route of a person's record."""

    store: Store

    @route("GET", "/api/people/<person_id>/record", right=rights.SEE_OWN_RECORD, response=RecordWithReports)
    def record_of_person(self, request: RouteRequest, person_id: str) -> Any:
        """What this service stores about the person, for the person; nothing about others."""
        rights.require(request.actor, rights.SEE_OWN_RECORD, rights.Subject(person_id=person_id))
        record = record_of_person(self.store, "participation", person_id, self._keys)
        with self.store.reading() as connection:
            quarantined = quarantine.entries_with(connection, person_id)
        return record | {"waiting": reports_that_wait(self.store, person_id), "quarantine": quarantined}

    def _keys(self, subjects: Any) -> dict[str, bytes]:
        return {subject: bytes.fromhex(key) for subject, key in keys_of_subjects(self.store, list(subjects)).items()}


def reports_that_wait(store: Store, person_id: str) -> list[dict[str, Any]]:
    """The pending reports about this person."""
    with store.reading() as connection:
        rows = connection.execute(sa.select(pending_reports).order_by(pending_reports.c.seq)).all()
    waiting = [(row, json.loads(row.data)) for row in rows]
    return [{"source": row.source, "id": row.id, "type": row.type, "since": row.since, "data": data}
            for row, data in waiting if names_person(data, person_id)]  # fmt: skip
