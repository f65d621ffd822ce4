"""Routes of the calendar."""

from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Positions
from chassis.store.database import Store
from chassis.store.unit_of_work import CommandContext, UnitsOfWork
from services.notifications.calendar.handlers import import_calendar_year, set_calendar_day
from services.notifications.calendar.queries import calendar_year
from services.registry import rights


class CalendarDay(marshmallow.Schema):
    """A day that differs from its weekday; `kind`: work or rest."""

    day = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(load_default="", validate=validate.Length(max=60))


class CalendarYear(marshmallow.Schema):
    """A year's days."""

    days = fields.List(fields.Nested(CalendarDay), required=True, validate=validate.Length(0, 366))
    origin = fields.String(load_default="import", validate=validate.Length(max=200))


class CalendarDayInForce(marshmallow.Schema):
    """A day that differs from its weekday."""

    day = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["work", "rest"]))
    name = fields.String(required=True)
    by = fields.String(required=True, validate=validate.OneOf(["import", "hand"]))


class CalendarYearInForce(marshmallow.Schema):
    """The days in force; `known`: whether the year was imported, from `origin`."""

    year = fields.Integer(required=True, strict=True)
    known = fields.Boolean(required=True)
    origin = fields.String(required=True)
    days = fields.List(fields.Nested(CalendarDayInForce), required=True)


class ImportedCalendarYear(Positions):
    """The outcome of an import."""

    year = fields.Integer(required=True, strict=True)
    days = fields.Integer(required=True, strict=True)
    outcome = fields.String(required=True, validate=validate.OneOf(["imported", "unchanged"]))


class SetCalendarDay(Positions):
    """The day that was set."""

    day = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["work", "rest", "usual"]))


class CalendarRoutes:
    """Routes of the calendar of working days, for operators."""

    store: Store
    units_of_work: UnitsOfWork

    @route("GET", "/api/calendar/<int:year>", right=rights.SEE_CAMPAIGN, response=CalendarYearInForce)
    def calendar(self, _: RouteRequest, year: int) -> Any:
        """The days of a year that differ from their weekday."""
        with self.store.reading() as connection:
            return calendar_year(connection, year)

    @route(
        "POST", "/api/calendar/<int:year>", right=rights.KEEP_CALENDAR, body=CalendarYear, response=ImportedCalendarYear
    )
    def import_calendar_year(self, request: RouteRequest, year: int) -> Any:
        """Replace a year's imported days; days set individually stay."""
        context = CommandContext(str(request.actor), request.correlation)
        return import_calendar_year(self.units_of_work, context, year, request.json["days"], request.json["origin"])

    @route("POST", "/api/calendar/days", right=rights.KEEP_CALENDAR, body=CalendarDay, response=SetCalendarDay)
    def set_calendar_day(self, request: RouteRequest) -> Any:
        """Set one day: work, rest, or usual (as imported)."""
        context = CommandContext(str(request.actor), request.correlation)
        return set_calendar_day(self.units_of_work, context, **request.json)
