"""Lists the events that matter to security: who changed rights, imported, erased, repaired; no secrets or names."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.schema import events

Members = Mapping[str, Sequence[str]]
"""By event type without its version: the data members to show, only ids, days, types and counts."""
OF_OPERATIONS: Final[Members] = {
    "operations.quarantine_retried": ("entry", "code"),
    "operations.quarantine_edited": ("entry", "before", "after"),
    "operations.quarantine_discarded": ("entry", "code"),
    "operations.restored_from_backup": ("before", "epoch"),
    "operations.replayed_from_source": ("source", "partition", "position", "forgotten"),
}


def security_events(
    connection: Connection, members: Members, since: str, limit: int, until: str = ""
) -> list[dict[str, Any]]:
    """At most `limit` events of the types in `members`, newest first, recorded at `since` or later and before `until`
    (canonical instants; empty: no limit)."""
    names = sa.or_(*(events.c.type.like(f"{name}.v%") for name in members))
    query = sa.select(events).where(names, events.c.recorded_at >= since)
    query = query.where(events.c.recorded_at < until) if until else query
    query = query.order_by(events.c.recorded_at.desc(), events.c.partition, events.c.position.desc()).limit(limit)
    return [_entry(row, members) for row in connection.execute(query)]


def _entry(row: Any, members: Members) -> dict[str, Any]:
    name = row.type.rpartition(".v")[0]
    data = json.loads(row.data)
    detail = {member: _text(data[member]) for member in members[name] if data.get(member) not in (None, "", [])}
    return {"at": row.recorded_at, "event": name.partition(".")[2], "actor": row.actor,
            "place": f"{row.partition}/{row.position}", "detail": detail}  # fmt: skip


def _text(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
