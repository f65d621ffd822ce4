"""Reads the preferences, and selects recipients whose chosen hour has not come yet."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from services.notifications.preferences.domain import Preferences
from services.notifications.preferences.projections import preferences


def preferences_of(connection: Connection, store: Store, recipients: Sequence[str]) -> dict[str, Preferences]:
    """The preferences by recipient; recipients without any are left out."""
    query = sa.select(preferences).where(store.column_in(preferences.c.recipient, recipients))
    return {
        row.recipient: Preferences(_parts(row.channels), row.not_before, frozenset(_parts(row.muted)))
        for row in connection.execute(query)
    }


def wants_it_later(recipient: sa.ColumnElement[str], minute: int) -> sa.ColumnElement[bool]:
    """SQL condition on a recipient's column: the chosen hour is after this minute of the day."""
    return sa.exists().where(preferences.c.recipient == recipient, preferences.c.not_before > minute)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(";")))
