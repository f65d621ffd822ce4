"""Holds: recipients to whom nothing is sent until released; rules, rows and queries."""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Integer, Table, Text

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.store.database import Key
from chassis.store.decider import Decider
from chassis.store.projections import Rows
from contracts.notifications import RecipientHeld, RecipientReleased
from services.notifications.tables import metadata

EVERYBODY: Final = "everybody"
"""Holds all recipients: after a restore it is unknown what was sent since the backup (docs/decisions/0127)."""

holds = Table(
    "holds", metadata,
    Column("recipient", Key, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
    Column("released", Integer, nullable=False),
)  # fmt: skip


@dataclass(frozen=True)
class HoldRecipient:
    """Send nothing to the recipient from now on."""

    recipient: str
    reason: str

    @property
    def stream(self) -> str:
        return f"hold-{self.recipient}"


@dataclass(frozen=True)
class ReleaseRecipient:
    """Release the recipient; pending digests are sent."""

    recipient: str
    reason: str

    @property
    def stream(self) -> str:
        return f"hold-{self.recipient}"


HoldCommand: TypeAlias = HoldRecipient | ReleaseRecipient


def decide(held: bool, command: HoldCommand) -> list[Event]:
    """The resulting events; none if the hold is already as wanted."""
    match command:
        case HoldRecipient():
            return [] if held else [RecipientHeld(command.recipient, command.reason)]
        case ReleaseRecipient():
            return [RecipientReleased(command.recipient, command.reason)] if held else []


def evolve(held: bool, event: Event) -> bool:
    match event:
        case RecipientHeld():
            return True
        case RecipientReleased():
            return False
    return held


HOLD: Final = Decider(bool, decide, evolve)


def put_hold(rows: Rows, event: RecipientHeld, recorded: RecordedEvent) -> None:
    rows.put(holds, recipient=event.recipient, reason=event.reason, changed_at=recorded.recorded_at, released=0)


def release_hold(rows: Rows, event: RecipientReleased, recorded: RecordedEvent) -> None:
    rows.put(holds, recipient=event.recipient, reason=event.reason, changed_at=recorded.recorded_at, released=1)


def is_held(recipient: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """SQL condition on a recipient's column."""
    return sa.exists().where(holds.c.recipient.in_([recipient, EVERYBODY]), holds.c.released == 0)


def list_holds(connection: Connection) -> list[dict[str, Any]]:
    rows = connection.execute(sa.select(holds).where(holds.c.released == 0).order_by(holds.c.recipient))
    return [{"recipient": row.recipient, "reason": row.reason, "since": row.changed_at} for row in rows]
