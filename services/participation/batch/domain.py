"""Decides rows of any kind against the ledger (scoring.md 1).  Pure: no clock, store or broker."""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Final, TypeAlias

from chassis.events.definition import Event
from chassis.store.decider import Decider
from contracts.participation import CampaignAmended, CampaignLaunched
from duties.campaign import Campaign
from services.participation.assessments.domain import decide_finding, decide_finding_rectified, decide_sheet
from services.participation.corrections.domain import decide_correction, decide_reported_correction
from services.participation.decisions.domain import decide_decision
from services.participation.domain.ledger import Ledger
from services.participation.domain.naming import streams_of
from services.participation.domain.outcomes import (
    Accepted,
    Decision,
    Failure,
    Keys,
    Pending,
    Refused,
    Unchanged,
    cell_failures,
    refused_or_pending,
)
from services.participation.domain.reserved_ids import names_reserved_id
from services.participation.domain.rows import (
    CellsRow,
    CorrectionRow,
    DecisionRow,
    ExemptionRow,
    FindingRectifiedRow,
    FindingRow,
    MembershipEndedRow,
    MembershipRow,
    PostRow,
    RecordRow,
    ReportedCorrection,
    Row,
    SheetRow,
    UnitClosedRow,
    UnitRelatedRow,
    UnitRow,
    WithdrawalRow,
    kind_of,
)
from services.participation.exemptions.domain import decide_exemption
from services.participation.records.domain import decide_record, decide_withdrawal
from services.participation.registry.domain.memberships import decide_membership, decide_membership_ended
from services.participation.registry.domain.posts import decide_post
from services.participation.registry.domain.unit_changes import decide_unit_closed, decide_unit_related
from services.participation.registry.domain.units import decide_units

NO_CAMPAIGN: Final = "no_campaign"
RowGroup: TypeAlias = tuple[Row, ...]
"""Rows that are decided together."""


def decide_row(
    row: Row, ledger: Ledger, rules: Campaign | None, keys: Keys, *, allow_pending: bool = False, late_entry: str = ""
) -> Decision:
    """Accepted, Unchanged, Refused or (only with `allow_pending`) Pending; never raises, whatever the cells contain.

    Does not change the ledger: the caller passes the events of an Accepted to `ledger.fold` before the next row."""
    match row:
        case RecordRow() if rules:
            return decide_record(row, ledger, rules, keys, allow_pending, late_entry)
        case MembershipRow():
            return decide_membership(row, ledger, keys, allow_pending)
        case PostRow():
            return decide_post(row, ledger, keys, allow_pending)
        case UnitRow():
            return decide_units([row], ledger, allow_pending=allow_pending)[0]
        case WithdrawalRow() if rules:
            return decide_withdrawal(row, ledger, rules, keys, allow_pending)
        case ExemptionRow() if rules:
            return decide_exemption(row, ledger, rules, keys, allow_pending)
        case FindingRow() if rules:
            return decide_finding(row, ledger, rules, allow_pending)
        case SheetRow() if rules:
            return decide_sheet(row, ledger, rules, allow_pending)
        case DecisionRow() if rules:
            return decide_decision(row, ledger, rules, keys, allow_pending)
        case CorrectionRow():
            return decide_correction(row, ledger, rules, keys, late_entry)
        case ReportedCorrection():
            return decide_reported_correction(row, ledger, rules, keys, allow_pending)
        case RecordRow() | WithdrawalRow() | ExemptionRow() | FindingRow() | SheetRow() | DecisionRow():
            return _before_the_campaign(row, allow_pending)
        case UnitClosedRow():
            return decide_unit_closed(row, ledger, allow_pending)
        case UnitRelatedRow():
            return decide_unit_related(row, ledger, allow_pending)
        case MembershipEndedRow():
            return decide_membership_ended(row, ledger, keys, allow_pending)
        case FindingRectifiedRow():
            return decide_finding_rectified(row, ledger, allow_pending)


def _before_the_campaign(row: CellsRow, allow_pending: bool) -> Refused | Pending:
    """Cells that are wrong under any campaign are refused at once; what a record's kind requires is not known yet."""
    kind = kind_of(row)
    failures = [*cell_failures(row, kind.required), Failure(kind.columns[0], NO_CAMPAIGN, "campaign")]
    return refused_or_pending(failures, allow_pending)


def groups_of(rows: Sequence[Row]) -> list[RowGroup]:
    """The rows in the order of decision: units first and together, every other row alone."""
    units = tuple(row for row in rows if isinstance(row, UnitRow))
    others: list[RowGroup] = [(row,) for row in rows if not isinstance(row, UnitRow)]
    return [units, *others] if units else others


def in_order(rows: Sequence[Row], outcomes: Iterable[Sequence[Decision]]) -> list[Decision]:
    """The decisions on `groups_of(rows)`, in the order of the rows."""
    decisions = [decision for outcome in outcomes for decision in outcome]
    places = [at for at, row in enumerate(rows) if isinstance(row, UnitRow)]
    places += [at for at, row in enumerate(rows) if not isinstance(row, UnitRow)]
    return [decision for _, decision in sorted(zip(places, decisions, strict=True), key=itemgetter(0))]


def decide_unreserved(rows: Sequence[Row], decide: Callable[[Sequence[Row]], Sequence[Decision]]) -> list[Decision]:
    """The decisions on all rows; a row with a reserved id is refused, the others are decided by `decide`."""
    remaining = iter(decide([row for row in rows if not names_reserved_id(row)]))
    return [_reserved_id_refusal(row) if names_reserved_id(row) else next(remaining) for row in rows]


def _reserved_id_refusal(row: Row) -> Refused:
    return Refused("sheet_id" if isinstance(row, SheetRow) else "record_id", "reserved_id")


def decide_group(
    ledger: Ledger, group: RowGroup, rules: Campaign | None, keys: Keys, allow_pending: bool, late_entry: str
) -> list[Decision]:
    """The decision on each row of a group; `late_entry` (补录): why its records are entered late, empty: as usual."""
    units = [row for row in group if isinstance(row, UnitRow)]
    if len(units) == len(group):
        return decide_units(units, ledger, allow_pending=allow_pending)
    (row,) = group
    return [decide_row(row, ledger, rules, keys, allow_pending=allow_pending, late_entry=late_entry)]


def accepted_events(decisions: Iterable[Decision]) -> list[Event]:
    return [event for decision in decisions if isinstance(decision, Accepted | Unchanged) for event in decision.events]


LEDGER = Decider(
    Ledger,
    decide_group,
    Ledger.evolve,
    streams=lambda group: [stream for row in group for stream in streams_of(row)],
    events_of=accepted_events,
)
"""Decides groups of rows against one ledger of everything that they refer to.  Facts: the rules in force (None before
the launch), the persons' keys, whether a row may be pending, why rows are entered late (补录; '': as usual)."""


def awaited_keys(events: Iterable[Event]) -> set[str]:
    """The keys, as in `Pending.awaits`, that these events provide."""
    keys = set()
    for event in events:
        if isinstance(event, CampaignLaunched | CampaignAmended):
            keys.add("campaign")
        elif event.stream.partition("-")[0] in _AWAITED:
            keys.add(event.stream.replace("-", ":", 1))
    return keys


_AWAITED: Final = frozenset({"unit", "person", "record", "exemption", "finding", "sheet", "decision"})
"""The streams that a pending row may await: `unit-ID` is awaited as `unit:ID`."""
