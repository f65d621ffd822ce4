"""Reads the state of deliveries."""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from duties.days import Day, iso
from services.notifications.digests.projections import decided_days, digests
from services.notifications.rules.escalation import unit_of_post
from services.notifications.tables import registry
from services.registry.queries import unit_names

RECENT_DAYS = 14
WAITING = "waiting"


def count_pending(connection: Connection) -> int:
    """The number of digests that are not delivered yet."""
    pending = sa.select(sa.func.count()).where(digests.c.phase != "ended")
    return int(connection.execute(pending).scalar_one())


def count_ended(connection: Connection, now: datetime, code: str) -> int:
    """The number of digests of the last two weeks that ended with this code."""
    first = now.date().toordinal() - RECENT_DAYS
    query = sa.select(sa.func.count()).where(digests.c.day >= first, digests.c.phase == "ended", digests.c.code == code)
    return int(connection.execute(query).scalar_one())


def run_of_day(connection: Connection, day: Day) -> dict[str, Any]:
    """Whether the day is decided, and its digests by phase and outcome."""
    digest = digests.c
    query = sa.select(digest.phase, digest.code, sa.func.count()).where(digest.day == day)
    row = connection.execute(sa.select(decided_days).where(decided_days.c.day == day)).one_or_none()
    counts = [(phase, code, count) for phase, code, count in
              connection.execute(query.group_by(digest.phase, digest.code))]  # fmt: skip
    return {"day": iso(day), "decided": row is not None, "digests": sum(count for *_, count in counts),
            "unknown_years": json.loads(row.unknown_years) if row else [],
            "waiting": sum(count for phase, _, count in counts if phase != "ended"),
            "ended": {code: count for phase, code, count in counts if phase == "ended"}}  # fmt: skip


def recent_runs(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The decided days, latest first."""
    days = connection.execute(sa.select(decided_days.c.day).order_by(decided_days.c.day.desc()).limit(limit)).scalars()
    return [run_of_day(connection, day) for day in days.all()]


def deliveries_of_day(
    connection: Connection, day: Day, code: str, limit: int, after: str = "", recipient: str = ""
) -> list[dict[str, Any]]:
    """The day's deliveries ordered by recipient, after `after`; `code` selects an outcome, such as given_up, or
    `waiting`: without one."""
    digest = digests.c
    query = sa.select(digests).where(digest.day == day, digest.recipient > after)
    if code:
        query = query.where(digest.phase != "ended" if code == WAITING else digest.code == code)
    if recipient:
        query = query.where(digest.recipient == recipient)
    units = unit_names(connection, registry)
    return [{"recipient": row.recipient, "unit": unit_of_post(row.recipient, units), **delivery_state(row)}
            for row in connection.execute(query.order_by(digest.recipient).limit(limit))]  # fmt: skip


def delivery_state(row: Any) -> dict[str, Any]:
    """The state of a digest's delivery from its row."""
    return {"day": iso(row.day), "decided_at": row.decided_at, "phase": row.phase, "channel": row.channel,
            "attempt": row.attempt, "code": row.code, "detail": row.detail, "again_at": row.again_at,
            "ended_at": row.ended_at}  # fmt: skip
