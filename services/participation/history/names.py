"""The names of units and persons in a row's history, as far as its reader may know them: persons' names only for those
who may read their personal data."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from chassis.events.definition import Event
from chassis.process.tokens import Actor
from contracts.corrections import MembershipCorrected, PostCorrected
from contracts.participation import MembershipStarted, PostAssigned
from services.participation.history.domain import Entry
from services.participation.registry.names import names_of_people, names_of_units
from services.registry import rights
from services.registry.rights import POSTS, Subject

_TITLED: Final = ("record", "duty", "item")
_UNIT_COLUMNS: Final = frozenset({"unit_id", "zone_id", "community_id", "liaison_id", "assessor_id"})


@dataclass(frozen=True)
class HistoryNames:
    """Names by id, and for ids composed of several; an unknown, forbidden or erased name is empty."""

    units: Mapping[str, str]
    people: Mapping[str, str]
    rows: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)
    """Of duties, kinds of records and items of sheets, by the plan in force."""

    def of_cell(self, column: str, text: str) -> str:
        if column == "person_id":
            return self.people.get(text, "")
        if column in _TITLED:
            return self.titles.get(text, "")
        return self.units.get(text, "") if column in _UNIT_COLUMNS else ""

    def of_row(self, table: str, row: str) -> str:
        return self.units.get(row, "") if table == "units" else self.rows.get(row, "")

    def of_reporter(self, role: str, name: str) -> str:
        person_id, unit_id = _ids_of_reporter(role, name)
        return "，".join(filter(None, (self.people.get(person_id), self.units.get(unit_id))))


def names_in(
    connection: Connection, events: Iterable[Event], entries: Collection[Entry], actor: Actor,
    kept: Collection[str] = (), titles: Mapping[str, str] | None = None,
) -> HistoryNames:  # fmt: skip
    """All names needed to render these entries; `kept`: persons whose names this reader may know in any case."""
    cells = [(change.column, cell.text) for entry in entries for change in entry.changes
             for cell in (change.before, change.after) if cell.text]  # fmt: skip
    reporters = [_ids_of_reporter(*entry.recorded.actor.partition(":")[::2]) for entry in entries]
    units = {text for column, text in cells if column in _UNIT_COLUMNS}
    units |= {unit_id for _, unit_id in reporters if unit_id} | {entry.row for entry in entries if entry.row}
    people = {text for column, text in cells if column == "person_id"}
    people |= {person_id for person_id, _ in reporters if person_id}
    named_rows: dict[str, Any] = {row: event for event in events if (row := _row_of_several_ids(event))}
    unit_names = names_of_units(connection, sorted(units))
    known = names_of_people(connection, sorted(name for name in people if name in kept or _may_be_named(actor, name)))
    rows = {row: "，".join(filter(None, (known.get(event.person_id), unit_names.get(event.unit_id))))
            for row, event in named_rows.items()}  # fmt: skip
    return HistoryNames(unit_names, known, rows, titles or {})


def _row_of_several_ids(event: Any) -> str:
    """The composed id of a membership's or a post's row; empty for other rows."""
    match event:
        case MembershipStarted() | MembershipCorrected():
            return f"{event.person_id}/{event.unit_id}/{event.since}"
        case PostAssigned() | PostCorrected():
            return f"{event.unit_id}/{event.post}/{event.person_id}/{event.since}"
    return ""


def _may_be_named(actor: Actor, person_id: str) -> bool:
    of_person = rights.may(actor, rights.READ_PRIVATE_TEXT, Subject(person_id=person_id))
    return of_person or rights.may(actor, rights.SEE_NAMES, rights.DISTRICT)


def _ids_of_reporter(role: str, name: str) -> tuple[str, str]:
    """The ids of person and unit in an event's actor: `person:P1`, `clerk:P1@X001`, or a post's shared account
    `clerk:clerk-X001`."""
    if role == "person":
        return name, ""
    if role not in POSTS:
        return "", ""
    person_id, holds, unit_id = name.rpartition("@")
    return (person_id, unit_id) if holds else ("", name.removeprefix(f"{role}-"))
