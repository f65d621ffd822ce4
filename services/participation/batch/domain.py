"""Decides one row of any kind against the ledger (scoring.md 1)."""

from typing import Final

from duties.campaign import Campaign
from services.participation.assessments.domain import decide_finding, decide_finding_rectified, decide_sheet
from services.participation.domain.ledger import Ledger
from services.participation.domain.outcomes import (
    Decision,
    Failure,
    Keys,
    Pending,
    Refused,
    cell_failures,
    refused_or_pending,
)
from services.participation.domain.rows import (
    ExemptionRow,
    FindingRectifiedRow,
    FindingRow,
    MembershipEndedRow,
    MembershipRow,
    RecordRow,
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
from services.participation.registry.domain.unit_changes import decide_unit_closed, decide_unit_related
from services.participation.registry.domain.units import decide_units

NO_CAMPAIGN: Final = "no_campaign"


def decide_row(
    row: Row, ledger: Ledger, rules: Campaign | None, keys: Keys, *, allow_pending: bool = False
) -> Decision:
    """Accepted, Unchanged, Refused or (only with `allow_pending`) Pending; never raises, whatever the cells hold.

    The ledger is not changed: the caller gives the events of an Accepted to `ledger.fold` before the next row.
    """
    match row:
        case RecordRow() if rules:
            return decide_record(row, ledger, rules, keys, allow_pending)
        case MembershipRow():
            return decide_membership(row, ledger, keys, allow_pending)
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
        case RecordRow() | WithdrawalRow() | ExemptionRow() | FindingRow() | SheetRow():
            return _before_the_campaign(row, allow_pending)
        case UnitClosedRow():
            return decide_unit_closed(row, ledger, allow_pending)
        case UnitRelatedRow():
            return decide_unit_related(row, ledger, allow_pending)
        case MembershipEndedRow():
            return decide_membership_ended(row, ledger, allow_pending)
        case FindingRectifiedRow():
            return decide_finding_rectified(row, ledger, allow_pending)


def _before_the_campaign(row: Row, allow_pending: bool) -> Refused | Pending:
    """Cells that no campaign can mend are refused at once; what a record's kind requires is not known yet."""
    kind = kind_of(row)
    failures = [*cell_failures(row, kind.required), Failure(kind.columns[0], NO_CAMPAIGN, "campaign")]
    return refused_or_pending(failures, allow_pending)
