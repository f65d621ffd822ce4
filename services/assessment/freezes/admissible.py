"""Resolves the names of what may be admitted to a frozen window: rows and corrections by id, other events by
position."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.event_log import read_heads
from chassis.store.prepared_query import column_in
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

CORRECTIONS, WITHDRAWALS = "corrections", "withdrawals"
TABLES = (*ROW_TABLES, WITHDRAWALS, CORRECTIONS)
_POSITION = re.compile(rf"{SOURCE}/([0-9]{{1,9}})/([0-9]{{1,18}})", re.ASCII)


class UnknownRows(LookupError):
    """`args`: names that match nothing in the campaign."""


class AmbiguousRow(LookupError):
    """`args`: the names `TABLE/ID` that an id may refer to."""


class RowNotOfficial(LookupError):
    """`args`: a correction or event, and the row it changes, which the official figures do not include."""


class _Match:
    """A version of a row, and its name."""

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
    """What the names refer to; `known_at`: the instant of the freeze; `admitted`: positions admitted before.  Raises
    UnknownRows, AmbiguousRow, RowNotOfficial."""
    lookup = _Lookup(connection, campaign, names)
    candidates = {name: matches for name in names if (matches := lookup.candidates(name))}
    if unknown := [name for name in names if name not in candidates]:
        raise UnknownRows(*unknown)
    chosen = {}
    for matches in candidates.values():
        position, item = _only_match(matches, known_at)
        chosen[position] = item
    _require_rows(connection, chosen, known_at, {*admitted, *chosen}, lookup.partitions)
    return [Admissible(match.name(position), match.item.row_name(match.key), position)
            for position, match in chosen.items()]  # fmt: skip


class _Lookup:
    """Looks up names in one campaign.  Corrections have no index by name, so they are all read at the start."""

    def __init__(self, connection: Connection, campaign: str, names: Iterable[str]) -> None:
        self._connection, self._campaign = connection, campaign
        self.partitions = len(read_heads(connection))
        self._corrections = self._read_corrections({*names, *(name.partition("/")[2] for name in names)} - {""})

    def candidates(self, name: str) -> dict[str, _Match]:
        """What has this name as its id, as `TABLE/ID` or as its position; by position."""
        matches = [*self._of_event(name), *self._matches_of_row(TABLES, name)]
        table, slash, row_id = name.partition("/")
        if slash and table in TABLES:
            matches += self._matches_of_row((table,), row_id)
        return {position_of(match.item, match.version, self.partitions): match for match in matches}

    def _matches_of_row(self, tables: Iterable[str], row_id: str) -> list[_Match]:
        result = []
        for table in tables:
            if table == CORRECTIONS:
                result += self._corrections.get(row_id, [])
            elif table == WITHDRAWALS:
                result += [match for match in self._versions(ROW_TABLES["records"], [(row_id,)])
                           if match.version.changed == WITHDRAWN]  # fmt: skip
            else:
                item = ROW_TABLES[table]
                matches = self._versions(item, item.keys_named(row_id))
                result += [match for match in matches if not match.version.changed]
        return result

    def _versions(self, item: RowTable, keys: Sequence[Key]) -> list[_Match]:
        every = versions_of(self._connection, item, keys) if keys else {}
        return [_Match(item, version) for versions in every.values() for version in versions if self._is_own(version)]

    def _is_own(self, version: Version) -> bool:
        return getattr(version, "campaign", "") in ("", self._campaign)

    def _read_corrections(self, correction_ids: Collection[str]) -> dict[str, list[_Match]]:
        result: dict[str, list[_Match]] = defaultdict(list)
        for item in ROW_TABLES.values():
            query = sa.select(item.table).where(self._column_in(item.table.c.correction_id, correction_ids))
            for version in filter(self._is_own, self._connection.execute(query)):
                result[version.correction_id].append(_Match(item, version))
        return result

    def _of_event(self, name: str) -> list[_Match]:
        """The row version made by the event at this position."""
        if (numbers := _POSITION.fullmatch(name)) is None:
            return []
        partition, position = map(int, numbers.groups())
        at = (inbox.c.source == SOURCE, inbox.c.partition == partition, inbox.c.position == position)
        stream = self._connection.execute(sa.select(inbox.c.stream).where(*at)).scalar() or ""
        space, _, subject = stream.partition("-")
        result = []
        for item in ROW_TABLES.values():
            if item.stream == space:
                chosen = self._column_in(item.table.c[item.ids[0]], [subject])
                query = sa.select(item.table).where(chosen, item.table.c.position == position)
                result += [_Match(item, version) for version in filter(self._is_own, self._connection.execute(query))]
        return result

    def _column_in(self, column: Any, names: Collection[str]) -> Any:
        return column_in(column, sorted(names), self._connection.dialect.name == "postgresql")


def _only_match(matches: dict[str, _Match], known_at: Instant | None) -> tuple[str, _Match]:
    """The match that is meant: a record and its withdrawal share an id; if the freeze knew the record, it is the
    withdrawal."""
    if len(matches) == 2 and known_at is not None:
        (_, record), (position, second) = matches.items()
        withdrawn = second.version.changed == WITHDRAWN and (record.item.table, record.key) == (records, second.key)
        if withdrawn and record.version.known_from <= known_at < second.version.known_from:
            return position, second
    if len(matches) > 1:
        raise AmbiguousRow(*(item.name(position) for position, item in matches.items()))
    return next(iter(matches.items()))


def _require_rows(
    connection: Connection, chosen: dict[str, _Match], known_at: Instant | None, taken: Collection[str], partitions: int
) -> None:
    """A change of a row may be admitted only if the official figures include the row.  Raises RowNotOfficial."""
    later: dict[RowTable, list[tuple[str, _Match]]] = defaultdict(list)
    for position, match in chosen.items():
        if match.version.changed:
            later[match.item].append((position, match))
    for item, changes in later.items():
        every = versions_of(connection, item, [match.key for _, match in changes])
        for position, match in changes:
            first = every[match.key][0]
            if (
                known_at is not None
                and first.known_from > known_at
                and position_of(item, first, partitions) not in taken
            ):
                raise RowNotOfficial(match.name(position), item.row_name(match.key))
