"""Projects subscriptions into rows."""

import json

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.subscriptions import SubscriptionAdded, SubscriptionChanged, SubscriptionRevoked, SubscriptionRotated
from services.participation.tables import METADATA

subscriptions = Table(
    "subscriptions", METADATA,
    Column("name", Text, primary_key=True),
    Column("types", Text, nullable=False),  # JSON lists: event types and units
    Column("units", Text, nullable=False),
    Column("personal", Integer, nullable=False),
    Column("salt", Text, nullable=False),
    Column("token_number", BigInteger, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("revoked", Integer, nullable=False),
)  # fmt: skip


def store_subscription(rows: Rows, event: SubscriptionAdded, _: RecordedEvent) -> None:
    rows.put(subscriptions, name=event.name, types=json.dumps(event.types), units=json.dumps(event.units),
             personal=int(event.personal), salt=event.salt, token_number=event.token_number,
             expires_at=event.expires_at, revoked=0)  # fmt: skip


def change_subscription(rows: Rows, event: SubscriptionChanged, _: RecordedEvent) -> None:
    rights = {"types": json.dumps(event.types), "units": json.dumps(event.units), "personal": int(event.personal)}
    rows.amend(subscriptions, {"name": event.name}, **rights)


def rotate_token(rows: Rows, event: SubscriptionRotated, _: RecordedEvent) -> None:
    rows.amend(subscriptions, {"name": event.name}, token_number=event.token_number, expires_at=event.expires_at)


def revoke_subscription(rows: Rows, event: SubscriptionRevoked, _: RecordedEvent) -> None:
    rows.amend(subscriptions, {"name": event.name}, revoked=1, salt="", token_number=0)
