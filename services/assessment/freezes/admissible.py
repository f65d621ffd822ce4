"""Names -> what may be admitted to a frozen window: rows and corrections by id, other events by position."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.event_log import read_heads
from chassis.store.prepared_query import any_of
from chassis.store.schema import inbox
from duties.days import Instant
from services.assessment.freezes.domain import Admissible
from services.assessment.freezes.row_versions import (
    ROW_TABLES,
    SOURCE,
    Key,
    RowTable,
    Version,
    position_of,
    versions_of,
)
from services.assessment.scores.projections import WITHDRAWN, records
from services.registry.versions import of_campaign

CORRECTIONS, WITHDRAWALS = "corrections", "withdrawals"
TABLES = (*ROW_TABLES, WITHDRAWALS, CORRECTIONS)
_POSITION = re.compile(rf"{SOURCE}/([0-9]{{1,9}})/([0-9]{{1,18}})", re.ASCII)


class UnknownRows(LookupError):
    """`args`: names that nothing of the campaign bears."""


class AmbiguousRow(LookupError):
    """`args`: the names, `TABLE/ID`, that one id may stand for."""


class RowNotOfficial(LookupError):
    """`args`: a correction or event, and the row that it is about, which the official figures do not read."""


class _Found:
    """A version of a row and how it is named."""

    def __init__(self, item: RowTable, version: Version) -> None:
        self.item, self.version, self.key = item, version, item.key(version)

    def name(self, position: str) -> str:
        if not self.version.changed:
            return self.item.row_name(self.key)
        if self.version.correction_id:
            return f"{CORRECTIONS}/{self.version.correction_id}"
        return f"{WITHDRAWALS}/{self.key[0]}" if self.version.changed == WITHDRAWN else position


def find_admissible(
    connection: Connection, campaign: str, names: Sequence[str], known_at: Instant | None, admitted: Collection[str]
) -> list[Admissible]:
    """What these names stand for; `known_at`: the freeze, `admitted`: the positions admitted before.  UnknownRows,
    AmbiguousRow, RowNotOfficial."""
    partitions = len(read_heads(connection))
    candidates = {name: found for name in names if (found := _candidates(connection, campaign, name, partitions))}
    if unknown := [name for name in names if name not in candidates]:
        raise UnknownRows(*unknown)
    chosen = {}
    for found in candidates.values():
        position, item = _the_one(found, known_at)
        chosen[position] = item
    _require_rows(connection, chosen, known_at, {*admitted, *chosen}, partitions)
    return [Admissible(found.name(position), found.item.row_name(found.key), position)
            for position, found in chosen.items()]  # fmt: skip


def _candidates(connection: Connection, campaign: str, name: str, partitions: int) -> dict[str, _Found]:
    """By position: what bears this name as its id, or as `TABLE/ID`, or as its position."""
    found = [*_of_event(connection, campaign, name), *_named(connection, campaign, TABLES, name)]
    table, slash, row_id = name.partition("/")
    if slash and table in TABLES:
        found += _named(connection, campaign, (table,), row_id)
    return {position_of(item.item, item.version, partitions): item for item in found}


def _named(connection: Connection, campaign: str, tables: Iterable[str], row_id: str) -> list[_Found]:
    result = []
    for table in tables:
        if table == CORRECTIONS:
            result += _corrections(connection, campaign, row_id)
        elif table == WITHDRAWALS:
            result += [item for item in _versions(connection, campaign, ROW_TABLES["records"], [(row_id,)])
                       if item.version.changed == WITHDRAWN]  # fmt: skip
        else:
            item = ROW_TABLES[table]
            result += [found for found in _versions(connection, campaign, item, item.keys_named(row_id))
                       if not found.version.changed]  # fmt: skip
    return result


def _versions(connection: Connection, campaign: str, item: RowTable, keys: Iterable[Key]) -> list[_Found]:
    every = versions_of(connection, item, keys)
    return [_Found(item, version) for versions in every.values() for version in versions
            if getattr(version, "campaign", "") in ("", campaign)]  # fmt: skip


def _corrections(connection: Connection, campaign: str, correction_id: str) -> list[_Found]:
    result = []
    for item in ROW_TABLES.values():
        query = sa.select(item.table).where(item.table.c.correction_id == correction_id)
        if "campaign" in item.table.c:
            query = query.where(of_campaign(item.table, campaign))
        result += [_Found(item, version) for version in connection.execute(query)]
    return result if correction_id else []


def _of_event(connection: Connection, campaign: str, name: str) -> list[_Found]:
    """The version that the event at this position made."""
    if (match := _POSITION.fullmatch(name)) is None:
        return []
    partition, position = map(int, match.groups())
    at = (inbox.c.source == SOURCE, inbox.c.partition == partition, inbox.c.position == position)
    stream = connection.execute(sa.select(inbox.c.stream).where(*at)).scalar() or ""
    space, _, subject = stream.partition("-")
    result = []
    for item in ROW_TABLES.values():
        if item.stream == space:
            chosen = any_of(item.table.c[item.ids[0]], [subject], connection.dialect.name == "postgresql")
            query = sa.select(item.table).where(chosen, item.table.c.position == position)
            result += [_Found(item, version) for version in connection.execute(query)
                       if getattr(version, "campaign", "") in ("", campaign)]  # fmt: skip
    return result


def _the_one(found: dict[str, _Found], known_at: Instant | None) -> tuple[str, _Found]:
    """A record and its withdrawal bear one id: where the freeze knew the record, the withdrawal is meant."""
    if len(found) == 2 and known_at is not None:
        (_, record), (position, second) = found.items()
        withdrawn = second.version.changed == WITHDRAWN and (record.item.table, record.key) == (records, second.key)
        if withdrawn and record.version.known_from <= known_at < second.version.known_from:
            return position, second
    if len(found) > 1:
        raise AmbiguousRow(*(item.name(position) for position, item in found.items()))
    return next(iter(found.items()))


def _require_rows(
    connection: Connection, chosen: dict[str, _Found], known_at: Instant | None, taken: Collection[str], partitions: int
) -> None:
    """What changes a row is admitted only where the row itself is read."""
    later: dict[RowTable, list[tuple[str, _Found]]] = defaultdict(list)
    for position, found in chosen.items():
        if found.version.changed and known_at is not None:
            later[found.item].append((position, found))
    for item, changes in later.items():
        every = versions_of(connection, item, [found.key for _, found in changes])
        for position, found in changes:
            first = every[found.key][0]
            if first.known_from > known_at and position_of(item, first, partitions) not in taken:
                raise RowNotOfficial(found.name(position), item.row_name(found.key))
