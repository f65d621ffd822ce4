"""One row against the book: what becomes of it (scoring.md 1)."""

from typing import Final

from duties.campaign import Campaign
from services.participation.domain.book import Book
from services.participation.domain.decisions import Decision, Failure, Keys, Refused, Waiting, settle, unfit
from services.participation.domain.reported_assessments import decide_finding, decide_sheet
from services.participation.domain.reported_changes import decide_change
from services.participation.domain.reported_people import decide_exemption, decide_membership
from services.participation.domain.reported_records import decide_record, decide_withdrawal
from services.participation.domain.reported_units import decide_units
from services.participation.domain.rows import (
    ExemptionRow,
    FindingRow,
    MembershipRow,
    RecordRow,
    Row,
    SheetRow,
    UnitRow,
    WithdrawalRow,
    kind_of,
)

NO_CAMPAIGN: Final = "no_campaign"


def decide(row: Row, book: Book, rules: Campaign | None, keys: Keys, *, patient: bool = False) -> Decision:
    """Accepted, Unchanged, Refused or (only when `patient`) Waiting; never raises, whatever the cells hold.

    The book is not changed: the caller gives the events of an Accepted to `book.fold` before the next row.
    """
    match row:
        case RecordRow() if rules:
            return decide_record(row, book, rules, keys, patient)
        case MembershipRow():
            return decide_membership(row, book, keys, patient)
        case UnitRow():
            return decide_units([row], book, patient=patient)[0]
        case WithdrawalRow() if rules:
            return decide_withdrawal(row, book, rules, keys, patient)
        case ExemptionRow() if rules:
            return decide_exemption(row, book, rules, keys, patient)
        case FindingRow() if rules:
            return decide_finding(row, book, rules, patient)
        case SheetRow() if rules:
            return decide_sheet(row, book, rules, patient)
        case RecordRow() | WithdrawalRow() | ExemptionRow() | FindingRow() | SheetRow():
            return _before_the_campaign(row, patient)
    return decide_change(row, book, patient)


def _before_the_campaign(row: Row, patient: bool) -> Refused | Waiting:
    """Cells that no campaign can mend are refused at once; what a record's kind requires is not known yet."""
    kind = kind_of(row)
    result = list(unfit(row, kind.required))
    return settle([*result, Failure(kind.columns[0], NO_CAMPAIGN, "campaign")], patient)
