"""Projects the calendar's events into rows: imported years, and days set individually."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from chassis.events.canonical_json import canonical
from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.notifications import CalendarDaySet, CalendarImported
from duties.days import day_of
from services.notifications.tables import metadata

calendar_years = Table(
    "calendar_years", metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("days", Text, nullable=False),
)  # fmt: skip

calendar_days = Table(
    "calendar_days", metadata,
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
)  # fmt: skip


def put_calendar_year(rows: Rows, event: CalendarImported, _: RecordedEvent) -> None:
    days = canonical([list(day) for day in event.days])
    rows.put(calendar_years, year=event.year, origin=event.origin, days=days)


def put_calendar_day(rows: Rows, event: CalendarDaySet, _: RecordedEvent) -> None:
    rows.put(calendar_days, day=day_of(event.day), kind=event.kind, name=event.name)
