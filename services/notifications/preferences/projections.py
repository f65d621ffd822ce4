"""Projects the preferences' events into rows."""

from sqlalchemy import Column, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.notifications import PreferencesSet
from contracts.participation import PersonErased
from services.notifications.preferences.domain import minute_of
from services.notifications.tables import metadata

preferences = Table(
    "preferences", metadata,
    Column("recipient", Key, primary_key=True),
    Column("channels", Text, nullable=False),
    Column("not_before", Integer, nullable=False),  # minute of the day; 0: the campaign's hour
    Column("muted", Text, nullable=False),
)  # fmt: skip


def put_preferences(rows: Rows, event: PreferencesSet, _: RecordedEvent) -> None:
    rows.put(preferences, recipient=event.recipient, channels=";".join(event.channels),
             not_before=minute_of(event.not_before), muted=";".join(event.muted))  # fmt: skip


def clear_preferences(rows: Rows, event: PersonErased, _: RecordedEvent) -> None:
    rows.change(preferences, {"recipient": f"person-{event.person_id}"}, channels="", not_before=0, muted="")
