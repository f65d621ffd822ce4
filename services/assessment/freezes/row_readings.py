"""Reads the rows about a subject twice, as official (known at the freeze, with admissions) and as present, and the
events between the two."""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.event_log import read_heads
from services.assessment.freezes.change_events import ChangeEvent, admission_event, events_of
from services.assessment.freezes.effects import RowName, Rows, changed_rows
from services.assessment.freezes.queries import FrozenWindow
from services.assessment.freezes.row_versions import (
    ROW_TABLES,
    Version,
    official_row,
    position_of,
    present_row,
    versions_of,
)
from services.registry.versions import instant_of

Versions = dict[RowName, list[Version]]
"""All versions of each row."""
_OF_UNITS = ("units", "records", "exemptions", "findings", "sheets")
_OF_PERSONS = ("people", "records", "exemptions")


class RowsSinceFreeze:
    """Reads rows of one campaign for one of its frozen windows."""

    def __init__(self, connection: Connection, campaign: str, frozen: FrozenWindow) -> None:
        self._connection, self._campaign = connection, campaign
        self._known_at = instant_of(frozen.known_at)
        self._admitted = {item.position: item for item in frozen.admitted}
        self._partitions = len(read_heads(connection))

    def about_unit(self, unit_id: str) -> tuple[Rows, Rows, Versions]:
        """The rows of the unit and of everybody who ever served in it, as official and as present, with all
        versions."""
        member = ROW_TABLES["people"].table.c
        people = sa.select(member.person_id).where(member.unit_id == unit_id)
        every: Versions = {}
        for name, item in ROW_TABLES.items():
            columns, conditions = item.table.c, []
            if name in _OF_UNITS:
                conditions.append(columns.unit_id == unit_id)
            if name in _OF_PERSONS:
                conditions.append(columns.person_id.in_(people))
            if conditions:
                every |= self._versions(name, sa.or_(*conditions))
        return self._read(every, official=True), self._read(every, official=False), every

    def about_person(self, person_id: str) -> tuple[Rows, Rows, Versions]:
        """The same for one person and the units in which they ever served."""
        member = ROW_TABLES["people"].table.c
        served = sa.select(member.unit_id).where(member.person_id == person_id)
        every = self._versions("units", ROW_TABLES["units"].table.c.unit_id.in_(served))
        for name in _OF_PERSONS:
            every |= self._versions(name, ROW_TABLES[name].table.c.person_id == person_id)
        return self._read(every, official=True), self._read(every, official=False), every

    def decisions(self) -> Versions:
        """The decisions that differ between the two readings."""
        every = self._versions("decisions", sa.true())
        changed = set(changed_rows(self._read(every, official=True), self._read(every, official=False)))
        return {name: versions for name, versions in every.items() if name in changed}

    def _versions(self, table: str, condition: sa.ColumnElement[bool]) -> Versions:
        columns = ROW_TABLES[table].table.c
        query = sa.select(*(columns[column] for column in ROW_TABLES[table].ids)).where(condition).distinct()
        named = [tuple(row) for row in self._connection.execute(query)]
        every = versions_of(self._connection, ROW_TABLES[table], named)
        return {(table, key): versions for key, versions in every.items()}

    def _read(self, every: Versions, official: bool) -> Rows:
        result = {}
        for (table, key), versions in every.items():
            item = ROW_TABLES[table]
            row = (official_row(item, versions, self._known_at, self._admitted, self._partitions) if official
                   else present_row(versions))  # fmt: skip
            if row is not None and getattr(row, "campaign", "") in ("", self._campaign):
                result[table, key] = row
        return result

    def events(self, name: RowName, versions: Iterable[Version]) -> Iterator[ChangeEvent]:
        """The events of a row since the freeze that were not admitted; if there are none, its admission, which waives
        its lateness."""
        item, row_name = ROW_TABLES[name[0]], ROW_TABLES[name[0]].row_name(name[1])
        later = [position_of(item, version, self._partitions) for version in versions
                 if version.known_from > self._known_at]  # fmt: skip
        left_out = [position for position in later if position not in self._admitted]
        yield from events_of(self._connection, row_name, left_out)
        if not left_out:
            admitted = [position_of(item, version, self._partitions) for version in versions]
            yield from (admission_event(row_name, self._admitted[at]) for at in admitted if at in self._admitted)
