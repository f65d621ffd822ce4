"""The route of templates."""

from typing import Any

import marshmallow
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Media
from chassis.process.clock import Clock
from chassis.store.database import Store
from services.participation.registry.identity import local_day, subjects_of_units
from services.participation.templates.domain import MONTH
from services.participation.templates.queries import name_of_unit, template_sheets, title_of
from services.participation.templates.workbook import write_template
from services.registry import rights

KINDS = ("units", "people", "posts", "exemptions", "records", "withdrawals", "findings", "sheets", "decisions",
         "corrections", MONTH)  # fmt: skip
_WORKBOOK = Media(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "The workbook (.xlsx) to fill in."
)


class TemplateQuery(marshmallow.Schema):
    """The unit, and for the month's template the month (empty: this one)."""

    unit_id = fields.String(load_default="", validate=validate.Length(0, 128))
    month = fields.String(load_default="", validate=validate.Length(0, 20))


class TemplateRoutes:
    """Route of templates."""

    store: Store
    clock: Clock

    @route(
        "GET", f"/api/templates/<any({','.join(KINDS)}):kind>", right=rights.FILL_IN, query=TemplateQuery,
        response=_WORKBOOK, problems=(404, 409),
    )  # fmt: skip
    def template(self, request: RouteRequest, kind: str) -> Any:
        """A workbook to fill in: Chinese headers, drop-downs, marked required columns; with a unit its people.
        `month`: a row for each deed that the unit and its people may report for a month."""
        unit_id, month = request.query["unit_id"], request.query["month"]
        with self.store.reading() as connection:
            subject = subjects_of_units(connection, [unit_id])[unit_id] if unit_id else rights.DISTRICT
            rights.require(request.actor, rights.FILL_IN, subject)
            sheets = template_sheets(connection, kind, unit_id, month, local_day(connection, self.clock()))
            title = title_of(kind, name_of_unit(connection, unit_id))
        return Response(write_template(title, sheets), content_type=_WORKBOOK.type)
