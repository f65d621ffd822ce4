"""Filters publicity's rows by the caller's rights."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from chassis.process.tokens import Actor
from services.publicity.tables import registry
from services.registry.identity import units_within
from services.registry.rights import Right


def rows_within(
    connection: Connection, actor: Actor, right: Right, rows: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows of units over which the caller has the right."""
    known = list(rows)
    units = units_within(connection, registry, actor, right, {row["unit_id"] for row in known})
    return [row for row in known if row["unit_id"] in units]
