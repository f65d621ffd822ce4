"""`python -m services.reading.workbook_back SOURCE NAME KIND OUTCOMES TARGET`, the catalogue as JSON on standard input:
the same workbook with a column 结果 behind the last one, as .xlsx, in a process of its own under limits.

OUTCOMES are JSON lines [sheet, line, text, look]; those of a sheet stand together, their lines ascend, look is "",
"refused" (red) or "noted" (yellow).  An .xlsx keeps everything else that it has; of other formats the texts are
written.  Standard output is {"ending": ".xlsx"} (.xlsm for one with macros), or {"unreadable": sentence, "code"}."""

import json
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from services.reading.catalogue import TableKind, kinds_from_json
from services.reading.formats import damage_as_unreadable, open_tables
from services.reading.headers import RESULT, Findings
from services.reading.layout import find_table
from services.reading.limited_rows import is_blank
from services.reading.table import LIMITS, Cell, CellKind, Sheet, Unreadable
from services.reading.xlsx import XlsxSheet
from services.reading.xlsx_results import Mark, Results, write_results

MACROS = "xl/vbaProject.bin"
_LONE = re.compile("[\ud800-\udfff]")
"""Undecodable bytes of the original file, kept so that a second import refuses them again."""
_NO_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
MOST_BLANK = 100
"""The most blank rows written in sequence: a row of a text file may have many lines, and a thousand blank rows end a
sheet."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Outcomes:
    """The lines of OUTCOMES by sheet, read as the rows are written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begins: dict[str, int] = {}
        with path.open("rb") as file:
            at = 0
            for line in file:
                self._begins.setdefault(json.loads(line)[0], at)
                at += len(line)

    def of_sheet(self, sheet: str, header_line: int) -> "RowMarks":
        """Its marks, including the heading's."""
        return RowMarks(self._lines(sheet), header_line)

    def _lines(self, sheet: str) -> Iterator[list[Any]]:
        if sheet not in self._begins:
            return
        with self._path.open("rb") as file:
            file.seek(self._begins[sheet])
            for line in file:
                outcome = json.loads(line)
                if outcome[0] != sheet:
                    return
                yield outcome


class RowMarks:
    """Returns the mark of each row, called in order."""

    def __init__(self, lines: Iterator[list[Any]], header_line: int) -> None:
        self._lines, self._header_line = lines, header_line
        self._next = next(lines, None)

    def __call__(self, row: int) -> Mark | None:
        """The content of the column 结果 in this row."""
        if row == self._header_line:
            return Mark(RESULT, "head")
        while self._next and self._next[1] < row:
            self._next = next(self._lines, None)
        return Mark(self._next[2], self._next[3]) if self._next and self._next[1] == row else None


def give_back(source: Path, name: str, kinds: Sequence[TableKind], outcomes: Outcomes, target: Path) -> str:
    """Write the workbook; returns the extension of the result.  Raises Unreadable."""
    stem = Path(name).stem.strip().lower()
    with damage_as_unreadable():
        sheets = open_tables(source)
        first = next(sheets, None)
        if isinstance(first, XlsxSheet):
            _edit(first, sheets, stem, kinds, outcomes, target)
        else:
            _write_texts(source, stem, kinds, outcomes, target)
    return ".xlsm" if isinstance(first, XlsxSheet) and MACROS in first.package.namelist() else ".xlsx"


def _edit(
    first: XlsxSheet, others: Iterator[Sheet], stem: str, kinds: Sequence[TableKind], outcomes: Outcomes, target: Path
) -> None:
    results = {}
    styles = first.stored.book.styles
    package: zipfile.ZipFile = first.package
    for sheet in _chain_sheets(first, others):
        if isinstance(sheet, XlsxSheet) and not sheet.hidden and (place := _header(sheet, stem, kinds)):
            line, column = place
            results[sheet.part] = Results(column, outcomes.of_sheet(sheet.name, line))
    with zipfile.ZipFile(package.filename or "") as opened:
        write_results(opened, styles, results, target)


def _chain_sheets(first: Sheet, others: Iterator[Sheet]) -> Iterator[Sheet]:
    yield first
    yield from others


def _header(sheet: Sheet, stem: str, kinds: Sequence[TableKind]) -> tuple[int, int] | None:
    """(last line of the header, column of an earlier 结果 or 0)."""
    table = find_table(sheet, kinds, stem)
    if isinstance(table, Findings):
        return None
    return table.header.last_line, table.our_column


def _write_texts(source: Path, stem: str, kinds: Sequence[TableKind], outcomes: Outcomes, target: Path) -> None:
    import openpyxl

    headers = {sheet.name: place for sheet in open_tables(source)
               if not sheet.hidden and (place := _header(sheet, stem, kinds))}  # fmt: skip
    book = openpyxl.Workbook(write_only=True)
    for sheet in open_tables(source):
        line, ours = headers.get(sheet.name, (0, 0))
        written = book.create_sheet(title_of(sheet.name or stem))
        _write_rows(written, sheet, outcomes.of_sheet(sheet.name, line), ours)
        written.sheet_state = "hidden" if sheet.hidden else "visible"
    book.active = next((at for at, each in enumerate(book.worksheets) if each.sheet_state == "visible"), 0)
    book.save(target)


def _write_rows(written: Any, sheet: Sheet, marks: RowMarks, ours: int) -> None:
    """Write each row at its line in the file, as far as only blanks precede it; hidden rows stay hidden."""
    width = last = place = 0
    for row in sheet.rows():
        blank = min(row.number - last - 1, MOST_BLANK)
        for _ in range(blank):
            written.append([])
        last, place = row.number, place + blank + 1
        texts = [displayed_text(cell) for at, cell in enumerate(row.cells, 1) if at != ours]
        width = max(width, len(texts))
        mark = marks(row.number)
        cells = [_text_cell(written, Mark(text)) for text in texts]
        if mark:
            cells += [None] * (width - len(cells)) + [_text_cell(written, mark)]
        if row.hidden:
            written.row_dimensions[place].hidden = True
        written.append(cells)
        written.row_dimensions.pop(place, None)  # a row is written at once, so memory does not grow


def title_of(name: str) -> str:
    """A sheet's title as Excel allows it: the file's name may contain other characters (people[1].csv)."""
    title = _NO_TITLE.sub("_", name)[:31].strip("'") or "Sheet1"
    return f"{title}_" if title.lower() == "history" else title


def displayed_text(cell: Cell) -> str:
    """A cell's text as displayed."""
    return f"=DISPIMG({cell.text})" if cell.kind is CellKind.PICTURE else cell.text


def _text_cell(sheet: Any, mark: Mark) -> Any:
    """All cells are text: no dates guessed, no leading zeros lost, and `=cmd|...` never becomes a formula, even after
    editing the cell or saving the sheet as CSV in Excel."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font, PatternFill

    text = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", mark.text)[: LIMITS.cell]
    text = _LONE.sub("\N{REPLACEMENT CHARACTER}", text)
    if is_blank(text) and not mark.look:
        return None
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = text.startswith(FORMULA_STARTS)
    match mark.look:
        case "head":
            cell.font = Font(bold=True)
        case "refused":
            cell.fill = PatternFill("solid", fgColor="FFFDDCD8")
        case "noted":
            cell.fill = PatternFill("solid", fgColor="FFFFF2B3")
    return cell


def main(arguments: list[str]) -> int:
    """See the module's docstring."""
    source, name, kind, outcomes, target = arguments
    kinds = [item for item in kinds_from_json(sys.stdin.buffer.read()) if not kind or item.name == kind]
    try:
        answer = {"ending": give_back(Path(source), name, kinds, Outcomes(Path(outcomes)), Path(target))}
    except Unreadable as error:
        answer = {"unreadable": str(error), "code": error.code}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
