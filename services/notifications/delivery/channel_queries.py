"""Reads the health of each channel, for the loops, status and metrics."""

import sqlalchemy as sa
from sqlalchemy import Connection

from services.notifications.delivery.channel_health import ChannelHealth
from services.notifications.delivery.channel_projections import channel_states


def channel_health(connection: Connection, channel: str) -> ChannelHealth:
    """The channel's health; closed if nothing is recorded."""
    row = connection.execute(sa.select(channel_states).where(channel_states.c.channel == channel)).one_or_none()
    return ChannelHealth(row.failures, row.probe_at) if row else ChannelHealth()


def open_channels_at(connection: Connection, now: str) -> dict[str, str]:
    """`open` or `half_open` for each channel that is not closed."""
    rows = connection.execute(sa.select(channel_states).where(channel_states.c.failures > 0)).all()
    return {row.channel: ChannelHealth(row.failures, row.probe_at).state(now) for row in rows}
