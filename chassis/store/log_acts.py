"""Reads an activity list from the log (who did what, newest first) in pages of bounded work: ids and labels only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.events.definition import REGISTRY
from chassis.store import event_log
from chassis.store.schema import events

SCANNED = 20_000
"""The most events of a partition that are searched for one page; rare matches may need several pages."""
PROGRAMS = ("service", "broker", "publisher")


@dataclass(frozen=True)
class ActsFilter:
    """Which events to list: recorded at `since` or later and before `until` (canonical instants; empty: no limit); by
    the person or program `who`; by all `people` or all `programs` (`by`); of one stream; of one type in any version."""

    since: str = ""
    until: str = ""
    who: str = ""
    by: str = ""
    stream: str = ""
    type: str = ""

    def conditions(self) -> list[Any]:
        """The SQL conditions on `log_events`, except those on instants."""
        actor, result = events.c.actor, []
        if self.who:
            name = self.who.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
            ends, post = actor.like(f"%:{name}", escape="\\"), actor.like(f"%:{name}@%", escape="\\")
            result.append(sa.or_(actor == self.who, ends, post))
        programs = sa.or_(*(actor.like(f"{role}:%") for role in PROGRAMS))
        if self.by:
            result.append(programs if self.by == "programs" else sa.not_(programs))
        if self.stream:
            result.append(events.c.stream == self.stream)
        if self.type:
            result.append(events.c.type.startswith(f"{self.type}.v", autoescape=True))
        return result


def read_acts(
    connection: Connection, wanted: ActsFilter, before: Mapping[int, int], limit: int
) -> tuple[list[dict[str, Any]], dict[int, int]]:
    """A page of at most `limit` acts, and where the next page begins.

    `before`: by partition the position before which to read (missing: its end).  The second result is `before` of the
    next page; empty: there is none."""
    rows, following = list[Any](), dict[int, int]()
    scanned = {}
    for head in event_log.read_heads(connection):
        partition = head.partition
        top = min(before.get(partition, head.position + 1), head.position + 1)
        if wanted.until:
            top = min(top, first_position_at(connection, partition, head.position, wanted.until))
        lowest = first_position_at(connection, partition, head.position, wanted.since) if wanted.since else 1
        bottom = max(lowest, top - SCANNED)
        page = _page(connection, wanted, partition, bottom, top, limit + 1)
        rows += page
        scanned[partition] = (lowest, bottom, top, len(page))
    rows.sort(key=lambda row: (row.recorded_at, row.partition, row.position), reverse=True)
    for partition, (lowest, bottom, top, count) in scanned.items():
        shown = [row.position for row in rows[:limit] if row.partition == partition]
        place = bottom if len(shown) == count and count <= limit else min(shown, default=top)
        following[partition] = place
        if place <= lowest:
            following[partition] = lowest
    is_left = any(following[partition] > lowest for partition, (lowest, *_) in scanned.items())
    return [_act(row) for row in rows[:limit]], following if is_left else {}


def types_of(service: str) -> list[dict[str, str]]:
    """The types that a service's own log may have, without their versions, in the order of their labels."""
    own = (cls for wire, cls in REGISTRY.classes.items() if wire.partition(".")[0] in (service, "operations"))
    labels = {cls.wire.rpartition(".v")[0]: cls.label for cls in own}
    return [{"type": name, "label": label} for name, label in sorted(labels.items(), key=lambda item: item[1])]


def first_position_at(connection: Connection, partition: int, last: int, instant: str) -> int:
    """The first position recorded at that instant or later, `last` + 1 if there is none.  A binary search: positions
    are contiguous and `recorded_at` never decreases."""
    low, high = 1, last + 1
    while low < high:
        middle = (low + high) // 2
        here = sa.select(events.c.recorded_at).where(events.c.partition == partition, events.c.position == middle)
        recorded_at = connection.execute(here).scalar()
        low, high = (middle + 1, high) if recorded_at is None or recorded_at < instant else (low, middle)
    return low


def _page(connection: Connection, wanted: ActsFilter, partition: int, bottom: int, top: int, limit: int) -> list[Any]:
    c = events.c
    columns = (c.partition, c.position, c.type, c.stream, c.recorded_at, c.actor, c.correlation)
    within = c.partition == partition, c.position >= bottom, c.position < top
    query = sa.select(*columns).where(*within, *wanted.conditions()).order_by(c.position.desc()).limit(limit)
    return list(connection.execute(query))


def _act(row: Any) -> dict[str, Any]:
    known = REGISTRY.classes.get(row.type)
    return {"at": row.recorded_at, "type": row.type, "label": known.label if known else "", "stream": row.stream,
            "actor": row.actor, "correlation": row.correlation,
            "place": f"{row.partition}/{row.position}"}  # fmt: skip


def places_of(text: str) -> dict[int, int]:
    """Parse `0/812,1/77` to positions by partition.  Raises ValueError."""
    return {int(partition): int(position) for partition, position in _pairs(text)}


def text_of_places(places: Mapping[int, int]) -> str:
    """The inverse of `places_of`."""
    return ",".join(f"{partition}/{position}" for partition, position in sorted(places.items()))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, text.split(",")):
        partition, slash, position = part.partition("/")
        if not (slash and partition.isdecimal() and position.isdecimal() and len(part) < 40):
            raise ValueError(part)
        yield partition, position
