"""Projects the contacts' events into rows; fields stay encrypted under the recipient's key."""

from sqlalchemy import Column, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.projections import Rows
from contracts.notifications import ContactRegistered, ContactRemoved
from services.notifications.tables import metadata

contacts = Table(
    "contacts", metadata,
    Column("recipient", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("robot", Text, nullable=False),
    Column("dingtalk", Text, nullable=False),
    Column("dingtalk_secret", Text, nullable=False),
    Column("removed", Integer, nullable=False),
)  # fmt: skip


def put_contact(rows: Rows, event: ContactRegistered, _: RecordedEvent) -> None:
    rows.put(contacts, recipient=event.recipient, name=event.name, email=event.email, robot=event.robot,
             dingtalk=event.dingtalk, dingtalk_secret=event.dingtalk_secret, removed=0)  # fmt: skip


def clear_contact(rows: Rows, event: ContactRemoved, _: RecordedEvent) -> None:
    rows.put(contacts, recipient=event.recipient, name="", email="", robot="", dingtalk="", dingtalk_secret="",
             removed=1)  # fmt: skip
