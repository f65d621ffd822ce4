"""The events behind a difference: table and row, event type, time, actor and reason."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.sealed_text import MARK
from chassis.store.event_log import read_heads
from chassis.store.schema import inbox
from duties.days import Instant
from services.assessment.freezes.queries import Admission
from services.assessment.freezes.row_versions import SOURCE
from services.assessment.tables import registry

_REASONS = ("correction_reason", "reason", "late_entry", "document")
SHOWN, SEALED = "shown", "sealed"


class ChangeEvent(NamedTuple):
    """`position`: source/partition/position.  `reason_state` sealed: the reason is encrypted under a person's key,
    which assessment does not have; the row's history shows it."""

    table: str
    row_id: str
    event: str
    position: str
    recorded_at: str
    actor: str
    reason: str
    reason_state: str = SHOWN


def events_of(connection: Connection, row_name: str, positions: Sequence[str]) -> list[ChangeEvent]:
    """The events at these positions, all of one row."""
    table, _, row_id = row_name.partition("/")
    result = []
    for text in positions:
        _, partition, position = text.split("/")
        at = (inbox.c.source == SOURCE, inbox.c.partition == int(partition), inbox.c.position == int(position))
        row = connection.execute(sa.select(inbox).where(*at)).one_or_none()
        if row is not None:
            result.append(_change_event(table, row_id, text, row))
    return result


def admission_event(row_name: str, admission: Admission) -> ChangeEvent:
    """An admission as an event: it makes a row count as reported in time that otherwise would be late."""
    table, _, row_id = row_name.partition("/")
    return ChangeEvent(table, row_id, "assessment.rows_admitted.v1", admission.admitted_by, admission.admitted_at,
                       admission.actor, admission.decision)  # fmt: skip


def campaign_events(connection: Connection, campaign: str, known_at: Instant) -> list[ChangeEvent]:
    """Amendments and the closing of the campaign after the freeze."""
    columns, partitions = registry.campaigns.c, range(len(read_heads(connection)))
    query = sa.select(columns.position).where(columns.campaign == campaign, columns.known_from > known_at)
    result = []
    for position in connection.execute(query).scalars():
        at = (inbox.c.source == SOURCE, inbox.c.partition.in_(partitions), inbox.c.position == position)
        query = sa.select(inbox).where(*at, inbox.c.stream == f"campaign-{campaign}")
        result += [_change_event("campaigns", campaign, f"{SOURCE}/{row.partition}/{row.position}", row)
                   for row in connection.execute(query)]  # fmt: skip
    return result


def _change_event(table: str, row_id: str, position: str, row: Any) -> ChangeEvent:
    data = json.loads(row.data)
    reason = next((str(data[name]) for name in _REASONS if data.get(name)), "")
    sealed = reason.startswith(MARK)
    return ChangeEvent(table, row_id, row.type, position, row.recorded_at, row.actor, "" if sealed else reason,
                       SEALED if sealed else SHOWN)  # fmt: skip
