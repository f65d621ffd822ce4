"""Whether a row is a publisher's: by its units, and for changes of an accepted row by who reported that.  Pure."""

from collections.abc import Iterator
from typing import NamedTuple, cast

from duties.campaign import Campaign
from services.participation.domain import Ledger, Refused, Row, cells_of, kind_of, row_of
from services.participation.domain.cells import is_day, is_instant, moment_of
from services.participation.domain.ledger import target_in
from services.participation.domain.naming import Target
from services.participation.domain.rows import (
    DecisionRow,
    ExemptionRow,
    FactRow,
    FindingRectifiedRow,
    RecordRow,
    ReportedCorrection,
    WithdrawalRow,
)
from services.participation.domain.states import Fact, Person, Record
from services.participation.publishers.domain import Rights


class _Place(NamedTuple):
    """A unit that a row is about, and the column that says so."""

    column: str
    unit_id: str


def changed_target(row: Row, ledger: Ledger) -> Target | None:
    """The accepted row that this one corrects, voids, restores or withdraws: only its reporter may."""
    if isinstance(row, WithdrawalRow):
        return Target("record", (row.record_id,)) if row.record_id in ledger.records else None
    if isinstance(row, ReportedCorrection) and (accepted_row := target_in(ledger, row)):
        return accepted_row[0]
    return None


def foreign_unit(row: Row, ledger: Ledger, rules: Campaign | None, rights: Rights) -> Refused | None:
    """The refusal of a row about a unit that is not the publisher's, before or after the change.

    A person's row is checked by the membership on its day.  An unknown person is not refused here: such a row is not
    accepted anyway, and is checked when it is decided again."""
    if rights.of_all_units:
        return None
    for column, unit_id in _places(row, ledger, rules):
        if rights.foreign([unit_id]):
            return Refused(column, "not_your_unit")
    return None


def _places(row: Row, ledger: Ledger, rules: Campaign | None) -> Iterator[_Place]:
    match row:
        case ReportedCorrection():
            if accepted_row := target_in(ledger, row):
                yield from _of_fact(accepted_row[1], ledger, rules)
                yield from _of_row(_corrected_row(row, accepted_row[1]), ledger, rules)
            elif unit_id := cells_of(row).get("unit_id", ""):
                yield _Place("unit_id", unit_id)
        case WithdrawalRow():
            if record := ledger.records.get(row.record_id):
                yield from _of_fact(record, ledger, rules, "record_id")
        case FindingRectifiedRow():
            if finding := ledger.findings.get(row.finding_id):
                yield _Place("finding_id", finding.row.unit_id)
        case _:
            yield from _of_row(row, ledger, rules)


def _of_fact(fact: Fact, ledger: Ledger, rules: Campaign | None, column: str = "") -> Iterator[_Place]:
    if isinstance(fact, Record):
        yield _Place(column or "record_id", fact.event.unit_id)
        return
    yield from [place._replace(column=kind_of(fact.row).columns[0]) for place in _of_row(fact.row, ledger, rules)]


def _corrected_row(row: ReportedCorrection, fact: Fact) -> FactRow:
    return cast(FactRow, row_of(kind_of(fact.row).name, cells_of(fact.row) | row.changed_cells))


def _of_row(row: Row, ledger: Ledger, rules: Campaign | None) -> Iterator[_Place]:
    if unit_id := getattr(row, "unit_id", ""):
        yield _Place("unit_id", unit_id)
    if isinstance(row, RecordRow | ExemptionRow | DecisionRow) and (person := ledger.person(row.person_id)):
        yield _Place("person_id", _unit_of_person(person, _day_of(row, rules)))


def _day_of(row: RecordRow | ExemptionRow | DecisionRow, rules: Campaign | None) -> str:
    """'' if the row has no readable day."""
    match row:
        case RecordRow() if rules and is_instant(row.occurred_at):
            return moment_of(row.occurred_at, rules.zone).day
        case DecisionRow() if is_day(row.decided_on):
            return row.decided_on
    return ""


def _unit_of_person(person: Person, day: str) -> str:
    """Where the person serves on that day; else the last membership's unit."""
    unit_on_day = person.unit_on(day) if day else ""
    return unit_on_day or max(person.memberships, key=lambda item: item.since).unit_id
