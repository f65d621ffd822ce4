"""Projects the channels' events into rows: which channel is open, why, and when the next probe is."""

from sqlalchemy import Column, Integer, Table, Text

from chassis.events.recorded_event import RecordedEvent
from chassis.store.projections import Rows
from contracts.notifications import ChannelClosed, ChannelOpened
from services.notifications.tables import metadata

channel_states = Table(
    "channel_states", metadata,
    Column("channel", Text, primary_key=True),
    Column("failures", Integer, nullable=False),  # number of consecutive openings; 0: closed
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("probe_at", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
)  # fmt: skip


def put_opened_channel(rows: Rows, event: ChannelOpened, recorded: RecordedEvent) -> None:
    rows.put(channel_states, channel=event.channel, failures=event.failures, code=event.code, detail=event.detail,
             probe_at=event.probe_at, changed_at=recorded.recorded_at)  # fmt: skip


def put_closed_channel(rows: Rows, event: ChannelClosed, recorded: RecordedEvent) -> None:
    rows.put(channel_states, channel=event.channel, failures=0, code="", detail="", probe_at="",
             changed_at=recorded.recorded_at)  # fmt: skip
