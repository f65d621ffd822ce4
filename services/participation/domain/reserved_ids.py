"""Ids of rows that are made here, of publicity's deeds, filings and sheets: nobody outside may use them.  Pure."""

from typing import Final

from services.participation.domain.rows import RecordRow, ReportedCorrection, Row, SheetRow, WithdrawalRow

WORK: Final = "publicity-work-"
ARTICLE: Final = "publicity-article-"
ANTHOLOGY: Final = "publicity-anthology-"
VIDEO: Final = "publicity-video-"
FILING: Final = "filing-"
SHEET: Final = "quarter-sheet-"
"""Of a row of sheets.csv that the office's own page made."""
_OF_RECORDS: Final = (WORK, ARTICLE, ANTHOLOGY, VIDEO, FILING)


def names_reserved_id(row: Row) -> bool:
    """Whether the row reports, withdraws or corrects a record, or reports a sheet, whose id is of a form that only we
    make."""
    match row:
        case RecordRow() | WithdrawalRow():
            return row.record_id.startswith(_OF_RECORDS)
        case SheetRow():
            return row.sheet_id.startswith(SHEET)
        case ReportedCorrection(kind=kind, ids=(record_id, *_)) if kind.startswith("record_"):
            return record_id.startswith(_OF_RECORDS)
    return False
