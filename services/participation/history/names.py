"""What the units and persons of a row's history are called, as its reader may know: a person's name is for those who
may read what is personal of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from chassis.events.definition import Event
from chassis.process.tokens import Actor
from contracts.corrections import MembershipCorrected, PostCorrected
from contracts.participation import MembershipStarted, PostAssigned
from services.participation.history.domain import Entry
from services.participation.registry.names import names_of_people, names_of_units

_UNIT_COLUMNS: Final = frozenset({"unit_id", "zone_id", "community_id", "liaison_id", "assessor_id"})
_OF_UNITS: Final = frozenset({"clerk", "head", "inspector"})
"""The roles whose holder is called by the role and the unit: `clerk-X001`."""


@dataclass(frozen=True)
class HistoryNames:
    """Names by id, and of rows that several ids name; one that is not known, not to be known, or erased is empty."""

    units: Mapping[str, str]
    people: Mapping[str, str]
    rows: Mapping[str, str]

    def of_cell(self, column: str, text: str) -> str:
        if column == "person_id":
            return self.people.get(text, "")
        return self.units.get(text, "") if column in _UNIT_COLUMNS else ""

    def of_row(self, table: str, row: str) -> str:
        return self.units.get(row, "") if table == "units" else self.rows.get(row, "")

    def of_reporter(self, role: str, name: str) -> str:
        if role in _OF_UNITS:
            return self.units.get(_unit_of_post(role, name), "")
        return self.people.get(name, "") if role == "person" else ""


def names_in(connection: Connection, events: Iterable[Event], entries: Collection[Entry], actor: Actor) -> HistoryNames:
    """All names that rendering these entries needs."""
    cells = [(change.column, cell.text) for entry in entries for change in entry.changes
             for cell in (change.before, change.after) if cell.text]  # fmt: skip
    reporters = [entry.recorded.actor.partition(":")[::2] for entry in entries]
    units = {text for column, text in cells if column in _UNIT_COLUMNS}
    units |= {_unit_of_post(role, name) for role, name in reporters if role in _OF_UNITS}
    units |= {entry.row for entry in entries}
    people = {text for column, text in cells if column == "person_id"}
    people |= {name for role, name in reporters if role == "person"}
    named_rows: dict[str, Any] = {row: event for event in events if (row := _row_of_several_ids(event))}
    unit_names = names_of_units(connection, sorted(units))
    known = names_of_people(connection, sorted(name for name in people if may_read(actor, name)))
    rows = {row: "，".join(filter(None, (known.get(event.person_id), unit_names.get(event.unit_id))))
            for row, event in named_rows.items()}  # fmt: skip
    return HistoryNames(unit_names, known, rows)


def _row_of_several_ids(event: Any) -> str:
    """The id of a membership's or a post's row; empty: another row's one id names it."""
    match event:
        case MembershipStarted() | MembershipCorrected():
            return f"{event.person_id}/{event.unit_id}/{event.since}"
        case PostAssigned() | PostCorrected():
            return f"{event.unit_id}/{event.post}/{event.person_id}/{event.since}"
    return ""


def may_read(actor: Actor, person_id: str) -> bool:
    """Whether what is personal of this person may be shown to the reader."""
    return "operator" in actor.roles or ("person" in actor.roles and actor.name == person_id)


def _unit_of_post(role: str, name: str) -> str:
    return name.removeprefix(f"{role}-")
