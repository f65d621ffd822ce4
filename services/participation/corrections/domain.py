"""Decides corrections (scoring.md 1) from files or events: a row is changed, voided or restored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from chassis.events.definition import Event
from contracts.corrections import CorrectionReceived
from duties.campaign import Campaign
from services.participation.assessments.domain import (
    corrected_finding,
    corrected_sheet,
    finding_failures,
    sheet_failures,
)
from services.participation.decisions.domain import corrected_decision, decision_failures
from services.participation.domain.cells import is_day, text_rule_of
from services.participation.domain.digests import digest_of, readable
from services.participation.domain.ledger import Ledger, person_of, target_in
from services.participation.domain.naming import targets_of
from services.participation.domain.outcomes import (
    Accepted,
    Act,
    Decision,
    Failure,
    Keys,
    Refused,
    Unchanged,
    cell_failures,
    refused_or_pending,
    unchanged_or_conflict,
)
from services.participation.domain.rows import (
    CORRECTABLE,
    ID_COLUMNS,
    ROW_KINDS,
    ROW_REASON,
    CorrectionRow,
    DecisionRow,
    ExemptionRow,
    FactRow,
    FindingRow,
    MembershipRow,
    PostRow,
    RecordRow,
    ReportedCorrection,
    SheetRow,
    UnitRow,
    cells_of,
    kind_of,
    row_of,
)
from services.participation.domain.states import (
    Exemption,
    Fact,
    Finding,
    Membership,
    Post,
    Record,
    Sheet,
    SignedDecision,
    Unit,
)
from services.participation.exemptions.domain import corrected_exemption, exemption_failures
from services.participation.records.domain import corrected_record, record_failures
from services.participation.registry.domain.memberships import corrected_membership, membership_failures
from services.participation.registry.domain.posts import corrected_post, post_failures
from services.participation.registry.domain.units import corrected_unit, unit_failures

WHOLE: Final = "*"
RESTORE: Final = "restore"
_REQUIRED: Final = ROW_KINDS["correction"].required
_PRIVATE: Final[Mapping[str, tuple[str, ...]]] = {
    "membership": ("name",), "exemption": ("reason",), "record": ("title", "content_sha256", "evidence"),
    "decision": ("reason",),
}  # fmt: skip
"""The columns of each kind that are encrypted under the person's key."""
_UNREADABLE: Final = {"evidence": "erased"}
"""Stands for a text that nobody can decrypt any more, where its presence counts."""


@dataclass(frozen=True)
class _Context:
    """The input of a decision besides the row: the ledger, the campaign in force, the keys, and the reason of a late
    entry (补录)."""

    ledger: Ledger
    rules: Campaign | None
    keys: Keys
    late_entry: str

    def key(self, person_id: str) -> bytes | None:
        return self.keys(person_id) if person_id else None

    def lacks_rules_for(self, fact: Fact) -> bool:
        """Rows of units, memberships and posts need no campaign."""
        return self.rules is None and not isinstance(fact, Unit | Membership | Post)

    def readable(self, fact: Fact) -> FactRow:
        """The current row in plain text; texts of an erased person are empty."""
        row, person_id = fact.row, person_of(fact)
        private = _PRIVATE.get(kind_of(row).name, ())
        if not person_id or not private:
            return row
        cells, key = cells_of(row), self.keys(person_id)
        plain = {column: readable(cells[column], person_id, key) for column in private}
        plain |= {column: text for column, text in _UNREADABLE.items() if cells.get(column) and not plain.get(column)}
        return cast(FactRow, row_of(kind_of(row).name, cells | plain))

    def failures(self, row: FactRow, itself: Fact) -> Iterator[Failure]:
        """What the row would be refused for, not counting itself as a rival."""
        match row:
            case UnitRow():
                return unit_failures(row, lambda name: name == row.unit_id or self.ledger.unit(name) is not None)
            case MembershipRow():
                return membership_failures(row, self.ledger, cast(Membership, itself))
            case PostRow():
                return post_failures(row, self.ledger)
            case DecisionRow():
                return decision_failures(row, self.ledger)
        assert self.rules is not None
        match row:
            case RecordRow():
                return record_failures(row, self.ledger, self.rules)
            case ExemptionRow():
                return exemption_failures(row, self.ledger, self.rules)
            case FindingRow():
                return finding_failures(row, self.ledger, self.rules)
            case SheetRow():
                return sheet_failures(row, self.ledger, self.rules)

    def event(self, row: FactRow, before: Fact, act: Act) -> Event:
        match row, before:
            case UnitRow(), _:
                return corrected_unit(row, act)
            case MembershipRow(), _:
                return corrected_membership(row, act, self.keys(row.person_id))
            case PostRow(), _:
                return corrected_post(row, act, self.keys(row.person_id))
            case RecordRow(), Record() if self.rules:
                key = self.key(row.person_id)
                return corrected_record(row, before, act, self.ledger, self.rules, key, self.late_entry)
            case ExemptionRow(), Exemption(campaign=campaign):
                return corrected_exemption(row, campaign, act, self.key(row.person_id))
            case FindingRow(), Finding(campaign=campaign):
                return corrected_finding(row, campaign, act)
            case SheetRow(), Sheet(campaign=campaign):
                return corrected_sheet(row, campaign, act)
            case DecisionRow(), SignedDecision(campaign=campaign):
                return corrected_decision(row, campaign, act, self.key(row.person_id))
        raise AssertionError(f"no such row: {kind_of(row).name}")


def decide_correction(
    row: CorrectionRow, ledger: Ledger, rules: Campaign | None, keys: Keys, late_entry: str = ""
) -> Decision:
    """A row of corrections.csv.  One that changes nothing is unchanged, but its id is used up."""
    context = _Context(ledger, rules, keys, late_entry)
    if known := ledger.corrections.get(row.correction_id):
        return unchanged_or_conflict(row, (known,), context.key(known.person_id), known.person_id)
    if failure := next(_own_failures(row), None):
        return Refused(failure.column, failure.code)
    accepted_row = target_in(ledger, row)
    restores = row.column == WHOLE and row.value == RESTORE
    if (
        accepted_row is None
        or accepted_row[1].voided != restores
        or (rules is None and not isinstance(accepted_row[1].row, UnitRow | MembershipRow | PostRow))
    ):
        return Refused("row", "unknown_row")
    fact = accepted_row[1]
    if context.lacks_rules_for(fact):
        return Refused("correction_id", "no_campaign")
    changes = {} if row.column == WHOLE else {row.column: row.value}
    outcome = _outcome(fact, changes, row.column == WHOLE, row.correction_id, row.reason, context)
    if isinstance(outcome, list):
        return Refused("value", outcome[0].code)
    person_id = person_of(fact)
    digest = digest_of(row, context.key(person_id))
    received = CorrectionReceived(
        row.correction_id, row.table, row.row, row.column, outcome is not None, person_id, digest
    )
    return Accepted((outcome, received)) if outcome is not None else Unchanged((received,))


def decide_reported_correction(
    row: ReportedCorrection, ledger: Ledger, rules: Campaign | None, keys: Keys, allow_pending: bool
) -> Decision:
    """A correction by event: all its cells are decided together.  It may await a row that does not exist yet."""
    context, kind = _Context(ledger, rules, keys, ""), kind_of(row)
    if failures := list(_own_failures_of_report(row)):
        return refused_or_pending(failures, False)
    restores, whole = row.kind.endswith("_restored"), not row.kind.endswith("_corrected")
    accepted_row = target_in(ledger, row)
    if accepted_row is None or accepted_row[1].voided != restores:
        awaits = next((target.key for target in targets_of(row)), "")  # empty if no existing row could have this name
        return refused_or_pending([Failure(kind.columns[0], "unknown_row", awaits)], allow_pending)
    if context.lacks_rules_for(accepted_row[1]):
        return refused_or_pending([Failure(kind.columns[0], "no_campaign", "campaign")], allow_pending)
    outcome = _outcome(accepted_row[1], row.changed_cells, whole, "", row.reason, context)
    if isinstance(outcome, list):
        return refused_or_pending([_as_reported(failure) for failure in outcome], allow_pending)
    return Accepted((outcome,)) if outcome is not None else Unchanged()


def _as_reported(failure: Failure) -> Failure:
    """The failure under the event's name of the column."""
    return failure._replace(column=ROW_REASON) if failure.column == "reason" else failure


def _outcome(
    fact: Fact, changes: Mapping[str, str], whole: bool, correction_id: str, reason: str, context: _Context
) -> Event | list[Failure] | None:
    """The event that changes the row, or why it is refused; None if it changes nothing."""
    before = context.readable(fact)
    cells = cells_of(before)
    if whole:
        after, act = before, Act(not fact.voided, (WHOLE,), correction_id, reason)
        failures = _of_restored(after, fact, context) if fact.voided else []
    else:
        columns = tuple(column for column, cell in changes.items() if cells[column] != cell)
        if not columns:
            return None
        after = cast(FactRow, row_of(kind_of(before).name, cells | dict(changes)))
        act = Act(False, columns, correction_id, reason)
        failures = _new_failures(before, after, fact, context)
    return failures or context.event(after, fact, act)


def _new_failures(before: FactRow, after: FactRow, fact: Fact, context: _Context) -> list[Failure]:
    """Failures that existed before do not prevent correcting something else."""
    old = {(failure.column, failure.code) for failure in context.failures(before, fact)}
    return [item for item in context.failures(after, fact) if (item.column, item.code) not in old]


def _of_restored(row: FactRow, fact: Fact, context: _Context) -> list[Failure]:
    """All of them, except texts that are missing because the person was erased."""
    private = _PRIVATE.get(kind_of(row).name, ())
    return [item for item in context.failures(row, fact) if not (item.code == "missing" and item.column in private)]


def _own_failures(row: CorrectionRow) -> Iterator[Failure]:
    yield from cell_failures(row, _REQUIRED)
    kind = CORRECTABLE.get(row.table)
    if row.column == WHOLE:
        if row.value not in ("", RESTORE):
            yield Failure("value", "bad_column")
    elif row.column and kind and row.column not in set(ROW_KINDS[kind].columns) - set(ID_COLUMNS[kind]):
        yield Failure("column", "bad_column")


def _own_failures_of_report(row: ReportedCorrection) -> Iterator[Failure]:
    kind = kind_of(row)
    cells = cells_of(row)
    yield from [Failure(column, "missing") for column in kind.columns if column in kind.required and not cells[column]]
    for column, cell in cells.items():
        if cell and not text_rule_of(column)(cell):
            yield Failure(column, "bad_text")
    if cells.get("from") and not is_day(cells["from"]):
        yield Failure("from", "bad_date")
