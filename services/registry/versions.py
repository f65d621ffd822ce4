"""Versions of the rows that facts are kept in: what each version has beside its cells, and which one was known when.

Whoever asks what was known at an instant K gets, of each row, the version that was in force at K, and none of a row
that was void then (scoring.md 3)."""

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
    """The columns of a version of a fact: `changed` has the file's columns that it changed, parted by semicolons (`*`:
    voided or restored; empty: accepted), `correction_id` the correction of corrections.csv that did."""
    return [
        *version_columns(),
        Column("voided", Integer, nullable=False),
        Column("changed", Text, nullable=False),
        Column("correction_id", Text, nullable=False),
    ]


def correction_values(event: Any) -> dict[str, Any]:
    """What a `...Corrected` event says of the version that it makes."""
    return {
        "voided": int(event.voided),
        "changed": ";".join(event.columns),
        "correction_id": event.correction_id,
    }


@functools.lru_cache(maxsize=4096)
def instant_of(text: str) -> Instant:
    """Microseconds since 1970 UTC of an instant in the log's form; a batch repeats few of them."""
    return microseconds(moment(text))


def stamp_of(recorded: RecordedEvent) -> VersionStamp:
    """The stamp of the version that this event makes."""
    return VersionStamp(recorded.position, instant_of(recorded.recorded_at))


def known(table: sa.FromClause, known_at: Instant | None) -> sa.ColumnElement[bool]:
    """The version of each row that was in force at this instant (None: now)."""
    if known_at is None:
        return table.c.known_until == EVER
    return sa.and_(table.c.known_from <= known_at, table.c.known_until > known_at)


def facts_known(table: sa.FromClause, known_at: Instant | None) -> sa.ColumnElement[bool]:
    """The same, without rows that were void then."""
    return sa.and_(known(table, known_at), table.c.voided == 0)


def of_campaign(table: Table, campaign: str) -> sa.ColumnElement[bool]:
    """The facts that were accepted under this campaign's rules."""
    return table.c.campaign == campaign
