"""Reads the history of a row for one reader: its stream, the erasures of persons in it, keys and publishers."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from chassis.events.definition import Event
from chassis.events.recorded_event import RecordedEvent
from chassis.events.sealed_text import decipher
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store import event_log, subject_keys
from contracts.participation import PersonErased, RecordWithdrawn
from services.participation.campaign.queries import StoredCampaign, campaign_in_force, titles_of_kinds
from services.participation.domain.naming import split_post_id
from services.participation.history.domain import STREAM_OF_TABLE, Cell, entries_of, persons_of
from services.participation.history.names import names_in
from services.participation.history.rendering import CellForReader, Reader, rendered, reporter_of
from services.participation.intake.causation import source_of_cause
from services.participation.publishers.queries import read_publishers
from services.participation.registry.identity import subjects_of_units
from services.registry import rights
from services.registry.rights import Right, Subject

DEFAULT_ZONE = "Asia/Shanghai"
"""Used before a campaign defines one."""

_Events = list[tuple[Event, RecordedEvent]]


def history_of_row(
    connection: Connection, table: str, row_id: str, actor: Actor, reads: Right | None = None
) -> list[dict[str, Any]]:
    """The history of the row, oldest first, as this reader may see it.  `reads`: for events of units over which the
    reader has this right, names and reasons are included.  Problem 403, 404."""
    events = _events_of_row(connection, table, row_id)
    named = {getattr(event, "unit_id", "") for event, _ in events} - {""}
    subjects = subjects_of_units(connection, named)
    visible = [item for item in events if rights.may(actor, rights.SEE_ROW, _subject(item[0], subjects))]
    if not visible:
        rights.require(actor, rights.SEE_ROW, _subject(events[0][0], subjects))
    if table in ("people", "posts"):
        events = visible
    persons = persons_of(event for event, _ in events)
    erasures = [item for item in _recorded_events(connection, [f"person-{person}" for person in sorted(persons)])
                if isinstance(item[0], PersonErased)]  # fmt: skip
    events = sorted({recorded.id: (event, recorded) for event, recorded in [*events, *erasures]}.values(),
                    key=lambda item: (item[1].recorded_at, item[1].partition, item[1].position))  # fmt: skip
    keys = subject_keys.existing_keys(connection, persons)
    sources = {recorded.id: source_of_cause(recorded.causation) for _, recorded in events}
    owners = _owners(connection, set(sources.values()))
    entries = entries_of(table, row_id, events)
    kept = persons if reads and all(rights.may(actor, reads, _subject(event, subjects)) for event, _ in visible) else ()
    stored = campaign_in_force(connection)
    names = names_in(connection, [event for event, _ in events], entries, actor, kept, _titles(stored))
    reader = Reader(lambda cell: _cell_for_reader(cell, keys, actor, kept), names, _zone(stored))
    return [
        rendered(table, entry, reporter_of(entry.recorded, source, owners.get(source, ""), names), reader)
        for entry in entries for source in [sources[entry.recorded.id]]
    ]  # fmt: skip


def _events_of_row(connection: Connection, table: str, row_id: str) -> _Events:
    if table not in STREAM_OF_TABLE:
        raise Problem(404, "unknown_table", f"没有数据表 {table}，应为 {'、'.join(STREAM_OF_TABLE)}。", column="table")
    events = _recorded_events(connection, _streams(table, row_id))
    withdrawn = table != "withdrawals" or any(isinstance(event, RecordWithdrawn) for event, _ in events)
    if not (withdrawn and entries_of(table, row_id, events)):
        raise Problem(404, "unknown_row", f"{table} 中没有接收过编号为 {row_id} 的数据。", column="row")
    return events


def _streams(table: str, row_id: str) -> list[str]:
    """The possible streams of the row: for memberships that of a person, or of person_id/unit_id/from, which is
    ambiguous if ids contain slashes."""
    space = STREAM_OF_TABLE[table]
    if table == "posts":
        return sorted({f"person-{ids[2]}" for ids in split_post_id(row_id)})
    if table != "people":
        return [f"{space}-{row_id}"]
    parts = row_id.split("/")
    return [f"{space}-{'/'.join(parts[:count])}" for count in (*range(1, len(parts) - 1), len(parts))]


def _recorded_events(connection: Connection, streams: list[str]) -> _Events:
    return [(recorded.event(), recorded) for recorded in event_log.streams(connection, streams)]


def _subject(event: Any, subjects: Mapping[str, Subject]) -> Subject:
    """What an event is about: its unit with its relations, and its person."""
    unit = subjects.get(getattr(event, "unit_id", ""), rights.DISTRICT)
    return replace(unit, person_id=getattr(event, "person_id", ""))


def _cell_for_reader(cell: Cell, keys: Mapping[str, bytes], actor: Actor, kept: Collection[str] = ()) -> CellForReader:
    """Personal text is for the operator, the person, and those who maintain the persons `kept`; without its key it is
    lost."""
    if not (cell.subject and cell.text):
        return CellForReader(cell.text)
    text = decipher(cell.text, cell.subject, keys.get(cell.subject))
    if text is None:
        return CellForReader("", "erased")
    may_read = cell.subject in kept or rights.may(actor, rights.READ_PRIVATE_TEXT, Subject(person_id=cell.subject))
    return CellForReader(text) if may_read else CellForReader("", "not_allowed")


def _owners(connection: Connection, sources: Iterable[str]) -> dict[str, str]:
    """The publisher of each source that has one."""
    wanted = sorted(filter(None, sources))
    publishers = read_publishers(connection) if wanted else None
    owners = {source: publishers.owner_of(source) for source in wanted} if publishers else {}
    return {source: owner.name for source, owner in owners.items() if owner}


def _zone(stored: StoredCampaign | None) -> ZoneInfo:
    return ZoneInfo(stored.timezone or DEFAULT_ZONE if stored else DEFAULT_ZONE)


def _titles(stored: StoredCampaign | None) -> dict[str, str]:
    """What the plan calls its duties, kinds of records and items of sheets, by id."""
    if stored is None:
        return {}
    items = stored.rules.sheets.items if stored.rules.sheets else ()
    of_duties = {duty.id: duty.title for duty in stored.rules.duties}
    return {item.id: item.title for item in items} | titles_of_kinds(stored) | of_duties
