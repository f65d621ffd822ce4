"""Ids reserved for rows created here, for publicity's deeds, filings and sheets: nobody outside may use them.  Pure."""

from typing import Final

from services.participation.domain.rows import RecordRow, ReportedCorrection, Row, SheetRow, WithdrawalRow

WORK: Final = "publicity-work-"
ARTICLE: Final = "publicity-article-"
ANTHOLOGY: Final = "publicity-anthology-"
VIDEO: Final = "publicity-video-"
FILING: Final = "filing-"
SHEET: Final = "quarter-sheet-"
"""Prefix of rows of sheets.csv created at the office's own page."""
_OF_RECORDS: Final = (WORK, ARTICLE, ANTHOLOGY, VIDEO, FILING)


def names_reserved_id(row: Row) -> bool:
    """Whether the row reports, withdraws or corrects a record, or reports a sheet, with a reserved id."""
    match row:
        case RecordRow() | WithdrawalRow():
            return row.record_id.startswith(_OF_RECORDS)
        case SheetRow():
            return row.sheet_id.startswith(SHEET)
        case ReportedCorrection(kind=kind, ids=(record_id, *_)) if kind.startswith("record_"):
            return record_id.startswith(_OF_RECORDS)
    return False
