"""Parses an uploaded file into plain rows, in a process of its own: CSV (UTF-8, GB18030) or .xlsx in, JSON lines out.

`python -m services.participation.imports.parse_upload COLUMNS IN OUT`, the columns separated by commas; a line is
[number, [cells in their order]].  It imports next to nothing: every file of every import waits for its start."""

import codecs
import csv
import datetime
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from chassis.process.packages import BadPackage, PackageLimits, check_package

MOST_ROWS = 3_000_000
LONGEST_CELL = 16 * 1024 * 1024
PACKAGE = PackageLimits(unpacked=2 * 1024**3, xml_part=2 * 1024**3)
LAST_ROW, MOST_COLUMNS, LONGEST_TEXT = 1_048_576, 200, 32_767
"""Of a sheet: Excel's own, but for the columns, of which our files have a dozen."""
MOST_WRITTEN, WRITTEN_BY_BYTE = 64 << 20, 100
"""Rows on the disk: so many bytes, and so many more for each of the file's own (one text may stand in all cells)."""

# What zipfile, zlib, expat and openpyxl raise on damaged workbooks; ElementTree's ParseError is a SyntaxError.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, SyntaxError, LookupError, ValueError, TypeError, AttributeError,
    ArithmeticError, RuntimeError,
)  # fmt: skip


class Unreadable(ValueError):
    """The file cannot be taken as rows at all; the message is for the clerk."""


def parse_upload(columns: Sequence[str], source: Path, target: Path) -> int:
    """Write the rows of a file.  The number of rows.  Unreadable."""
    number = 0
    with source.open("rb") as head:
        is_workbook = head.read(4) == b"PK\x03\x04"
    lines = _workbook_lines(source) if is_workbook else _csv_lines(source)
    most = MOST_WRITTEN + WRITTEN_BY_BYTE * source.stat().st_size
    with target.open("w", encoding="ascii") as out:
        places: list[int | None] | None = None
        for line, cells in lines:
            if places is None:
                places = [_place(cells, column) for column in columns]
                if places == [None] * len(columns):
                    raise Unreadable(f"第 {line} 行应为表头，但没有认识的列；应有：{', '.join(columns)}。")
                continue
            row = [cells[at] if at is not None and at < len(cells) else "" for at in places]
            most -= out.write(json.dumps([line, row, None], separators=(",", ":")) + "\n")
            number += 1
            if most < 0:
                raise Unreadable(f"展开后过大（到第 {line} 行为止），请另存为 CSV 或拆分后导入。")
            if number > MOST_ROWS:
                raise Unreadable(f"超过 {MOST_ROWS} 行，请拆分后导入。")
    if places is None:
        raise Unreadable("文件是空的，缺少表头。")
    return number


def _place(header: list[str], column: str) -> int | None:
    return header.index(column) if column in header else None


def _csv_lines(source: Path) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, cells) of each row; a blank line is no row (scoring.md 1)."""
    csv.field_size_limit(LONGEST_CELL)
    encoding, errors = encoding_of(source)
    with source.open(encoding=encoding, errors=errors, newline="") as text:
        reader = csv.reader(text)
        before = 0
        try:
            for cells in reader:
                first, before = before + 1, reader.line_num
                if cells:
                    yield first, cells
        except csv.Error as error:
            raise Unreadable(f"第 {before + 1} 行无法读取（{error}）。") from None


def encoding_of(source: Path) -> tuple[str, str]:
    """How to decode a CSV file: UTF-8, else GB18030, else UTF-8 with damaged cells (kept as lone surrogates)."""
    if _decodes(source, "utf-8"):
        return "utf-8-sig", "strict"
    if _decodes(source, "gb18030") and not _mostly_utf8(source):
        return "gb18030", "strict"
    return "utf-8-sig", "surrogateescape"


def _pieces(source: Path) -> Iterator[bytes]:
    with source.open("rb") as raw:
        while piece := raw.read(1 << 20):
            yield piece


def _decodes(source: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in _pieces(source):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(source: Path) -> bool:
    """A UTF-8 file with a few damaged bytes may pass as GB18030 by chance: what is well formed decides."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = damaged = 0
    for piece in _pieces(source):
        for character in decoder.decode(piece):
            if "\udc80" <= character <= "\udcff":
                damaged += 1
            elif character > "\x7f":
                good += 1
    return good >= damaged


def _workbook_lines(source: Path) -> Iterator[tuple[int, list[str]]]:
    import openpyxl

    try:
        with source.open("rb") as raw:  # openpyxl judges a path by its ending, and an upload has none
            check_package(raw, PACKAGE)
            book = openpyxl.load_workbook(raw, read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # WPS writes wrong dimensions
            for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
                _check_place(line, len(values))
                cells = [_cell(value) for value in values]
                if any(cells):
                    yield line, cells
    except BadPackage as error:
        raise Unreadable(_sentence(error)) from None
    except Unreadable:
        raise
    except _BROKEN as error:
        raise Unreadable(f"不是可读取的 .xlsx 工作簿（{type(error).__name__}），请重新保存或另存为 CSV。") from None


def _check_place(line: int, columns: int) -> None:
    """Rows and columns that are not there are made up by the library until the one that is."""
    if line > LAST_ROW:
        raise Unreadable(f"有编号超过 {LAST_ROW} 的行，请把内容复制到新的工作表后再导入。")
    if columns > MOST_COLUMNS:
        raise Unreadable(f"第 {line} 行写到了第 {columns} 列，最多 {MOST_COLUMNS} 列，请删去多余的列后再导入。")


def _sentence(error: BadPackage) -> str:
    part = f"（{error.part} {error.detail}）" if error.part or error.detail else ""
    match error.code:
        case "locked":
            return f"工作簿带有密码{part}，请另存为不加密的 .xlsx 或 CSV。"
        case "declares_entities":
            return f"工作簿里声明了 XML 实体{part}，不予打开，请另存为 CSV。"
        case "broken":
            return f"不是可读取的 .xlsx 工作簿{part}，请重新保存或另存为 CSV。"
    return f"工作簿展开后过大{part}，请另存为 CSV 或拆分后导入。"


def _cell(value: Any) -> str:
    """A spreadsheet's value as the text that a CSV would bear."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime() | datetime.date():
            return value.isoformat()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
    text = str(value)
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"有单元格长达 {len(text)} 字，最多 {LONGEST_TEXT} 字，请删减后再导入。")
    return text


def main(arguments: list[str]) -> int:
    columns, source, target = arguments
    out: IO[str] = sys.stdout
    try:
        out.write(json.dumps({"rows": parse_upload(columns.split(","), Path(source), Path(target))}))
    except Unreadable as error:
        out.write(json.dumps({"unreadable": str(error)}, ensure_ascii=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
