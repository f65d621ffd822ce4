"""Tables of a page as one workbook to download: numbers are numbers, text is text, and the first sheet says of what
they are."""

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from flask import Response

from console.language import words

CellValue = str | int | Decimal | None
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SheetOfTable(NamedTuple):
    """A sheet's title, its header and its rows; a decimal keeps its places."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[CellValue]]


def workbook(name: str, about: Iterable[tuple[str, str]], sheets: Iterable[SheetOfTable]) -> Response:
    """`about`: pairs that say of what and as of when."""
    import openpyxl  # slow to load, and seldom asked for

    book = openpyxl.Workbook(write_only=True)
    notes = [(name, value) for name, value in about if value]
    for title, header, rows in [*sheets, SheetOfTable(words("说明"), (words("项目"), words("内容")), notes)]:
        _add(book, title, header, rows)
    file = io.BytesIO()
    book.save(file)
    response = Response(file.getvalue(), content_type=MEDIA_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.xlsx")
    return response


def _add(book: Any, title: str, header: Sequence[str], rows: Iterable[Sequence[CellValue]]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    from console.report_workbook import text_cell

    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for at, word in enumerate(header, 1):
        sheet.column_dimensions[get_column_letter(at)].width = max(10, 2 * len(word) + 4)
    sheet.append([text_cell(sheet, word, Font(bold=True)) for word in header])
    for row in rows:
        cells = []
        for value in row:
            if isinstance(value, int | Decimal):
                cell: Any = WriteOnlyCell(sheet, value)  # type: ignore[arg-type]  # decimals too
                places = -int(value.as_tuple().exponent) if isinstance(value, Decimal) else 0
                cell.number_format = f"0.{'0' * places}" if places > 0 else "0"
                cells.append(cell)
            else:
                cells.append(text_cell(sheet, value or ""))
        sheet.append(cells)
