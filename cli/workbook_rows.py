"""`python -m cli.workbook_rows FILE.xlsx`: the rows of its first sheet as JSON lines, [number, [cells]].

It runs under limits (cli/input_rows.py): what people made is opened in no process that has anything to lose."""

import json
import sys
from collections.abc import Iterator

LAST_ROW, MOST_COLUMNS = 1_048_576, 200
"""Of a sheet: Excel's own, but for the columns, of which our files have a dozen."""


def rows(path: str) -> Iterator[tuple[int, list[str]]]:
    """(number, cells) of each row that is not blank."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > LAST_ROW:  # the library makes up all that are missing before the one that is there
            raise ValueError("a row past the last of a sheet")
        cells = ["" if value is None else str(value) for value in row[:MOST_COLUMNS]]
        if any(cells):
            yield number, cells


if __name__ == "__main__":
    for line in rows(sys.argv[1]):
        print(json.dumps(line, separators=(",", ":")))
