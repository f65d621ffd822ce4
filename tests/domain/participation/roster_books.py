"""Books for the tests of rosters: written into a ledger by the rules of any file, and read back as plain values."""

from collections.abc import Iterable

from services.participation.batch.domain import decide_row
from services.participation.domain import Accepted, Ledger
from services.participation.domain.rows import MembershipRow, UnitRow
from services.participation.roster.domain.changes import OPTIONS, ApplyOption, decide_option, memberships_of
from services.participation.roster.domain.lines import Book, Line, RosterRow, Service, UnitEntry

UNITS = {"S1": "第一小学", "S2": "第二小学", "S3": "第三小学", "S4": "实验学校"}
DAY = "2023-03-01"


def key_of(person_id: str) -> bytes:
    return person_id.encode().ljust(32, b"-")


def ledger_of(memberships: Iterable[tuple[str, str, str, str, str, str]]) -> Ledger:
    """`memberships`: (person_id, name, role, unit_id, from, to)."""
    ledger = Ledger()
    units = [UnitRow(unit_id, name, "school", "", "", "", "", "2010-01-01", "") for unit_id, name in UNITS.items()]
    for row in (*units, *(MembershipRow(*cells) for cells in memberships)):
        decision = decide_row(row, ledger, None, key_of)
        assert isinstance(decision, Accepted), (row, decision)
        ledger.fold(decision.events)
    return ledger


def book_of(ledger: Ledger, meanings: dict[tuple[str, str], str] | None = None, later: str = "") -> Book:
    people = {person_id: memberships_of(person, person_id, key_of) for person_id, person in ledger.people.items()}
    units = {unit_id: UnitEntry(unit.row.name, unit.opened_on, unit.closed_on) for unit_id, unit in
             ledger.units.items()}  # fmt: skip
    return Book(people, units, meanings or {}, later)


def apply(ledger: Ledger, line: Line, key: str = "") -> object:
    """The decision on an option of the line, the first by default; its events are in the ledger."""
    option = line.option(key) if key else line.shown
    assert option is not None
    decision = decide_option(ApplyOption(line.key, option, option.book or line.book, "花名册"), ledger, key_of)
    ledger.fold(OPTIONS.events_of(decision))
    return decision


def serving_on(ledger: Ledger, day: str) -> dict[str, Service]:
    book = book_of(ledger)
    return {person_id: current for person_id in book.people if (current := book.serving(person_id, day))}


def rows(*cells: tuple[str, ...]) -> list[RosterRow]:
    """Rows of (person_id, name, role, unit[, since[, until]])."""
    return [RosterRow(number, *row) for number, row in enumerate(cells, 2)]
