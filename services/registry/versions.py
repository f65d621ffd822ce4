"""Versions of fact rows: the columns of a version, and which version was known at an instant.

As known at an instant K, a row has the values of the version in force at K, and does not exist if that version is void
(scoring.md 3)."""

import functools
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Integer, Table, Text

from chassis.events.canonical_json import moment
from chassis.events.recorded_event import RecordedEvent
from chassis.store.row_statements import EVER
from chassis.store.row_versions import VersionStamp, version_columns
from duties.days import Instant, microseconds

WHOLE_ROW = "*"


def fact_version_columns() -> list[Column[Any]]:
    """The columns of a fact's version: `changed` has the file's columns that the version changed, separated by
    semicolons (`*`: voided or restored; empty: accepted); `correction_id` is the id in corrections.csv."""
    return [
        *version_columns(),
        Column("voided", Integer, nullable=False),
        Column("changed", Text, nullable=False),
        Column("correction_id", Text, nullable=False),
    ]


def correction_values(event: Any) -> dict[str, Any]:
    """The version's columns that a `...Corrected` event sets."""
    return {
        "voided": int(event.voided),
        "changed": ";".join(event.columns),
        "correction_id": event.correction_id,
    }


@functools.lru_cache(maxsize=4096)
def instant_of(text: str) -> Instant:
    """The microseconds since 1970 UTC of an instant in the log's form; cached, since events of a batch share few
    instants."""
    return microseconds(moment(text))


def stamp_of(recorded: RecordedEvent) -> VersionStamp:
    """The stamp of the version that this event creates."""
    return VersionStamp(recorded.position, instant_of(recorded.recorded_at))


def in_force_at(table: sa.FromClause, known_at: Instant | None) -> sa.ColumnElement[bool]:
    """The condition for the version of a row in force at this instant (None: now)."""
    if known_at is None:
        return table.c.known_until == EVER
    return sa.and_(table.c.known_from <= known_at, table.c.known_until > known_at)


def facts_known(table: sa.FromClause, known_at: Instant | None) -> sa.ColumnElement[bool]:
    """The same, without rows that were void then."""
    return sa.and_(in_force_at(table, known_at), table.c.voided == 0)


def of_campaign(table: Table, campaign: str) -> sa.ColumnElement[bool]:
    """The condition for facts accepted under this campaign's rules."""
    return table.c.campaign == campaign
