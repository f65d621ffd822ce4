"""The ledger: the states of the streams that a batch of rows names, folded from their events."""

from collections.abc import Iterable
from typing import TypeVar

from chassis.events.definition import Event
from contracts.participation import (
    ExemptionGranted,
    FindingReported,
    MembershipEnded,
    MembershipStarted,
    RecordSubmitted,
    RecordWithdrawn,
    RectificationReported,
    SheetReported,
    UnitClosed,
    UnitRegistered,
    UnitRelated,
)
from services.participation.domain.cells import is_id
from services.participation.domain.rows import ExemptionRow, MembershipRow, RecordRow, Row, WithdrawalRow
from services.participation.domain.states import (
    Exemption,
    Finding,
    Person,
    Record,
    Sheet,
    Unit,
    evolve_exemption,
    evolve_finding,
    evolve_person,
    evolve_record,
    evolve_sheet,
    evolve_unit,
)

State = TypeVar("State")


class Ledger:
    """States by id.  What is absent does not exist: load `streams_of` every row before it is decided."""

    def __init__(self) -> None:
        self.units: dict[str, Unit] = {}
        self.people: dict[str, Person] = {}
        self.records: dict[str, Record] = {}
        self.exemptions: dict[str, Exemption] = {}
        self.findings: dict[str, Finding] = {}
        self.sheets: dict[str, Sheet] = {}

    def fold(self, events: Iterable[Event]) -> None:
        """Applies events: those of one stream in their order, the streams in any order."""
        for event in events:
            self.evolve(event)

    def evolve(self, event: Event) -> "Ledger":
        """Applies one event, in place; what no rule reads (an import, an erased person) changes nothing."""
        match event:
            case RecordSubmitted() | RecordWithdrawn():
                _keep(self.records, event.record_id, evolve_record(self.records.get(event.record_id), event))
            case MembershipStarted() | MembershipEnded():
                _keep(self.people, event.person_id, evolve_person(self.people.get(event.person_id), event))
            case UnitRegistered() | UnitClosed() | UnitRelated():
                _keep(self.units, event.unit_id, evolve_unit(self.units.get(event.unit_id), event))
            case ExemptionGranted(exemption_id=name):
                _keep(self.exemptions, name, evolve_exemption(self.exemptions.get(name), event))
            case FindingReported() | RectificationReported():
                _keep(
                    self.findings,
                    event.finding_id,
                    evolve_finding(self.findings.get(event.finding_id), event),
                )
            case SheetReported():
                _keep(self.sheets, event.sheet_id, evolve_sheet(self.sheets.get(event.sheet_id), event))
        return self


def _keep(states: dict[str, State], name: str, state: State | None) -> None:
    if state is not None:
        states[name] = state


def subjects_of(row: Row, ledger: Ledger | None = None) -> frozenset[str]:
    """The persons whose key deciding the row may need.

    A withdrawal does not name its person: with the ledger that has its record, that person is included.
    """
    match row:
        case MembershipRow() | ExemptionRow() | RecordRow():
            return frozenset((row.person_id,)) if is_id(row.person_id) else frozenset()
        case WithdrawalRow() if ledger is not None and (record := ledger.records.get(row.record_id)):
            return frozenset((record.person_id,)) if record.person_id else frozenset()
    return frozenset()
