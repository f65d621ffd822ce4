"""What an inspector (检查人员) sees: the units of their post, until when, the records there, and the kept bundles.  A
post that has ended shows nothing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.process.tokens import Actor
from services.participation.bundle.preview import counts_of, semesters_until
from services.participation.registry.names import names_of_units
from services.participation.registry.projections import posts
from services.registry import rights

_COUNTED = ("records", "with_files", "files", "bytes")


def inspection_of(
    connection: Connection, actor: Actor, unit_id: str, semester: str, today: date,
    kept: Callable[[str], Sequence[Mapping[str, Any]]],
) -> dict[str, Any]:  # fmt: skip
    """For one unit or all of theirs, for a semester (empty: the newest).  `kept`: the bundles of a unit, latest first.
    Problem 404."""
    held = [post.unit_id for post in rights.posts_of(actor) if post.post == "inspector"]
    unit_ids = [each for each in dict.fromkeys(held) if unit_id in ("", each)]
    semesters = semesters_until(connection, today)
    shown = semester or next((each["semester"] for each in semesters), "")
    names, ends = names_of_units(connection, unit_ids), _ends(connection, actor.name, today)
    units = []
    for each_id in unit_ids:
        parts = counts_of(connection, each_id, shown) if shown else []
        bundles = [each for each in kept(each_id) if each["semester"] == shown]
        units.append(
            {"unit_id": each_id, "name": names.get(each_id, each_id), "until": ends.get(each_id, ""),
             **{name: sum(part[name] for part in parts) for name in _COUNTED}, "bundles": bundles[:1]}
        )  # fmt: skip
    return {"semesters": semesters, "semester": shown, "today": today.isoformat(), "units": units}


def _ends(connection: Connection, person_id: str, today: date) -> dict[str, str]:
    """By unit the first day after the post's end; empty: no end."""
    column, day = posts.c, today.isoformat()
    mine = (column.person_id == person_id, column.post == "inspector", column.voided == 0, column.since <= day)
    goes_on = sa.or_(column.until == "", column.until > day)
    rows = connection.execute(sa.select(column.unit_id, column.until).where(*mine, goes_on))
    ends: dict[str, str] = {}
    for row in rows:
        ends[row.unit_id] = (
            "" if "" in (row.until, ends.get(row.unit_id, "-")) else max(row.until, ends.get(row.unit_id, ""))
        )
    return ends
