"""The ledger: the states of the streams that a batch of rows refers to, folded from their events."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from chassis.events.definition import Event
from contracts import corrections, participation
from services.participation.domain.cells import is_id
from services.participation.domain.digests import Content
from services.participation.domain.evolution import (
    evolve_correction,
    evolve_decision,
    evolve_exemption,
    evolve_finding,
    evolve_person,
    evolve_record,
    evolve_sheet,
    evolve_unit,
)
from services.participation.domain.naming import Target, streams_of, targets_of
from services.participation.domain.outcomes import Failure
from services.participation.domain.rows import (
    CorrectionRow,
    DecisionRow,
    ExemptionRow,
    MembershipEndedRow,
    MembershipRow,
    PostRow,
    RecordRow,
    ReportedCorrection,
    Row,
    SheetRow,
    WithdrawalRow,
    cells_of,
    kind_of,
    row_of,
)
from services.participation.domain.states import (
    Exemption,
    Fact,
    Finding,
    Membership,
    Person,
    Post,
    Record,
    Sheet,
    SignedDecision,
    Unit,
)

_EVOLVED: Final[Mapping[type[Event], tuple[str, str, Callable[[Any, Any], Any]]]] = {
    cls: (states, id_field, evolve)
    for states, id_field, evolve, classes in (
        ("records", "record_id", evolve_record, (participation.RecordSubmitted, participation.RecordWithdrawn,
                                                 corrections.RecordCorrected)),
        ("people", "person_id", evolve_person, (participation.MembershipStarted, participation.MembershipEnded,
                                                corrections.MembershipCorrected, participation.PostAssigned,
                                                corrections.PostCorrected)),
        ("units", "unit_id", evolve_unit, (participation.UnitRegistered, participation.UnitClosed,
                                           participation.UnitRelated, corrections.UnitCorrected)),
        ("exemptions", "exemption_id", evolve_exemption, (participation.ExemptionGranted,
                                                          corrections.ExemptionCorrected)),
        ("findings", "finding_id", evolve_finding, (participation.FindingReported,
                                                    participation.RectificationReported,
                                                    corrections.FindingCorrected)),
        ("sheets", "sheet_id", evolve_sheet, (participation.SheetReported, corrections.SheetCorrected)),
        ("decisions", "decision_id", evolve_decision, (participation.DecisionSigned, corrections.DecisionCorrected)),
        ("corrections", "correction_id", evolve_correction, (corrections.CorrectionReceived,)),
    )
    for cls in classes
}  # fmt: skip
"""For each event type that a rule needs: the ledger's states that it changes, its field with the id, the function."""


class Ledger:
    """States by id, void ones too.  A missing id does not exist: load `streams_of` of every row before deciding it."""

    def __init__(self) -> None:
        self.units: dict[str, Unit] = {}
        self.people: dict[str, Person] = {}
        self.records: dict[str, Record] = {}
        self.exemptions: dict[str, Exemption] = {}
        self.findings: dict[str, Finding] = {}
        self.sheets: dict[str, Sheet] = {}
        self.decisions: dict[str, SignedDecision] = {}
        self.corrections: dict[str, Content] = {}
        self._claimed: defaultdict[str, set[str]] = defaultdict(set)

    def unit(self, unit_id: str) -> Unit | None:
        """The unit, unless it is void."""
        unit = self.units.get(unit_id)
        return None if unit is None or unit.voided else unit

    def person(self, person_id: str) -> Person | None:
        """The person, who exists while a membership exists that is not void."""
        person = self.people.get(person_id)
        return person if person is not None and person.memberships else None

    def fact(self, target: Target) -> Fact | None:
        """The accepted row that a correction is about, void or not."""
        match target.kind, target.ids:
            case "membership", (person_id, unit_id, since):
                person = self.people.get(person_id)
                return person.membership(unit_id, since) if person else None
            case "post", (unit_id, post, person_id, since):
                person = self.people.get(person_id)
                return person.post(unit_id, post, since) if person else None
            case kind, (name,):
                states: dict[str, Fact] = getattr(self, f"{kind}s")
                return states.get(name)
        return None

    def rivals(self, row: SheetRow | DecisionRow) -> set[str]:
        """The ids of other rows, not void, with the same claim as this row (`claim_of`)."""
        return self._claimed.get(claim_of(row), set()) - {row[0]}

    def fold(self, events: Iterable[Event]) -> None:
        """Apply events: those of one stream in order, the streams in any order."""
        for event in events:
            self.evolve(event)

    def evolve(self, event: Event) -> "Ledger":
        """Apply one event in place; events that no rule needs (an import, an erased person) have no effect."""
        if (evolved := _EVOLVED.get(type(event))) is None:
            return self
        name, id_field, evolve = evolved
        states, state_id = getattr(self, name), getattr(event, id_field)
        before = states.get(state_id)
        after = evolve(before, event)
        if after is not None:
            states[state_id] = after
        if name in ("sheets", "decisions"):
            self._claim(before, after)
        return self

    def _claim(self, before: Sheet | SignedDecision | None, after: Sheet | SignedDecision | None) -> None:
        if before is not None:
            self._claimed[claim_of(before.row)].discard(before.row[0])
        if after is not None and not after.voided:
            self._claimed[claim_of(after.row)].add(after.row[0])


def claim_of(row: SheetRow | DecisionRow) -> str:
    """What at most one row that is not void may have: unit, period and item of a sheet; kind, year and subject of a
    decision."""
    if isinstance(row, SheetRow):
        return json.dumps(["sheet", row.unit_id, row.period, row.item])
    return json.dumps(["decision", row.kind, row.year, row.unit_id, row.person_id])


def claims_of(row: Row, ledger: Ledger) -> set[str]:
    """The possible claims of a row, whose other claimants must be loaded; for a correction the claim of the corrected
    row."""
    if isinstance(row, CorrectionRow | ReportedCorrection):
        changes = row.changed_cells if isinstance(row, ReportedCorrection) else {row.column: row.value}
        accepted_row = target_in(ledger, row)
        if accepted_row is None:
            return set()
        after = accepted_row[1].row
        cells = cells_of(after)
        row = row_of(kind_of(after).name, cells | {k: v for k, v in changes.items() if k in cells})
    return {claim_of(row)} if isinstance(row, SheetRow | DecisionRow) else set()


def streams_behind(row: CorrectionRow | ReportedCorrection, ledger: Ledger) -> frozenset[str]:
    """The streams that the row a correction is about refers to, if the ledger has it."""
    accepted_row = target_in(ledger, row)
    return streams_of(accepted_row[1].row) if accepted_row else frozenset()


def target_in(ledger: Ledger, row: CorrectionRow | ReportedCorrection) -> tuple[Target, Fact] | None:
    """The accepted row, void or not, that a correction is about."""
    for target in targets_of(row):
        if (fact := ledger.fact(target)) is not None:
            return target, fact
    return None


def person_of(fact: Fact) -> str:
    """The person that an accepted row is about, whose key encrypts its private texts; '': none."""
    if isinstance(fact, Membership | Record):
        return fact.person_id
    return fact.row.person_id if isinstance(fact, Post | Exemption | SignedDecision) else ""


def subjects_of(row: Row, ledger: Ledger | None = None) -> frozenset[str]:
    """The persons whose keys deciding the row may need.

    A withdrawal or a correction does not name its person; they are included if the ledger has its record."""
    match row:
        case MembershipRow() | PostRow() | ExemptionRow() | RecordRow() | DecisionRow() | MembershipEndedRow():
            return frozenset((row.person_id,)) if is_id(row.person_id) else frozenset()
        case WithdrawalRow() if ledger is not None and (record := ledger.records.get(row.record_id)):
            withdrawn = record.withdrawal.person_id if record.withdrawal else ""
            return frozenset((record.person_id, withdrawn)) - {""}
        case CorrectionRow() if ledger is not None:
            known = ledger.corrections.get(row.correction_id)
            named = row.value if row.column == "person_id" and is_id(row.value) else ""
            return _subject_of_target(row, ledger) | frozenset((named, known.person_id if known else "")) - {""}
        case ReportedCorrection() if ledger is not None:
            named = dict(row.changes).get("person_id", "")
            return _subject_of_target(row, ledger) | frozenset((named if is_id(named) else "",)) - {""}
    return frozenset()


def _subject_of_target(row: CorrectionRow | ReportedCorrection, ledger: Ledger) -> frozenset[str]:
    accepted_row = target_in(ledger, row)
    return frozenset((person_of(accepted_row[1]),)) - {""} if accepted_row else frozenset()


def unknown_unit(ledger: Ledger, unit_id: str, column: str = "unit_id") -> Iterator[Failure]:
    """The failure of a cell with the id of a unit that does not exist (yet), or is void."""
    if unit_id and not ledger.unit(unit_id):
        yield Failure(column, "unknown_unit", f"unit:{unit_id}")


def unknown_person(ledger: Ledger, person_id: str) -> Iterator[Failure]:
    """The failure of a cell with the id of a person without memberships (yet)."""
    if person_id and not ledger.person(person_id):
        yield Failure("person_id", "unknown_person", f"person:{person_id}")
