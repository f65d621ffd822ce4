"""Adds a column after the last one to the sheets of an .xlsx, and leaves everything else unchanged."""

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from services.reading.merging import column_number
from services.reading.table import LIMITS
from services.reading.xlsx_parts import Attributes, local, new_parser, parse, pieces
from services.reading.xml_edits import Editor

LAST_COLUMN = 16_384
WIDTH = b"48"
_COUNT = re.compile(rb"\scount\s*=\s*[\"']\d*[\"']")
_LETTERS = re.compile(r"[A-Z]+", re.IGNORECASE)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
RED, YELLOW = b"FFFDDCD8", b"FFFFF2B3"


class Mark(NamedTuple):
    """The content of the column in one row, and its style: "" plain, "head" bold, "refused" red, "noted" yellow."""

    text: str
    look: str = ""


@dataclass(frozen=True)
class Results:
    """The new column of one sheet; `column`: the number of an earlier one to replace, 0: add it after the last."""

    column: int
    of_row: Callable[[int], Mark | None]
    """Called row by row, in order."""


def write_results(package: zipfile.ZipFile, styles: str, results: Mapping[str, Results], target: Path) -> None:
    """Copy a package; `results` by the sheet's part.  Raises ValueError if a sheet has no column left."""
    looks: dict[str, int] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        if styles:
            editor = _Styles()
            with new.open(styles, "w") as out:
                out.writelines(editor.edited(pieces(package, styles)))
            looks = editor.looks
        for entry in package.infolist():
            if entry.filename == styles or entry.is_dir():
                continue
            with new.open(entry.filename, "w", force_zip64=True) as out:
                content = pieces(package, entry.filename)
                if change := results.get(entry.filename):
                    column = change.column or _last_column(package, entry.filename) + 1
                    content = _Sheet(column, change, looks).edited(content)
                out.writelines(content)


def _last_column(package: zipfile.ZipFile, part: str) -> int:
    """The last column with content: formats alone may extend to the end.  Cells of a row are in order."""
    last = at = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal last, at
        match local(name):
            case "row":
                at = 0
            case "c":
                at = _column(attributes, at)
            case "v" | "is" | "f":
                last = max(last, at)

    parse(package, part, new_parser(start))
    if last >= LAST_COLUMN:
        raise ValueError("no column left")
    return last


def _column(attributes: Attributes, before: int) -> int:
    letters = _LETTERS.match(attributes.get("r", ""))
    return column_number(letters[0].upper()) if letters else before + 1


def letters_of(column: int) -> str:
    """1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class _Styles(Editor):
    """Appends two fills and four cell formats to the existing ones."""

    def __init__(self) -> None:
        super().__init__()
        self._inside = ""
        self._depth = self._fills = self._fonts = self._looks = 0
        self.looks: dict[str, int] = {}
        """Style -> its index."""

    def started(self, name: str, attributes: Attributes) -> None:  # noqa: ARG002 - as Editor calls it
        """Count the existing ones."""
        self._depth += 1
        kind = local(name)
        if self._depth == 2 and kind in ("fills", "fonts", "cellXfs"):
            self._inside = kind
            self.replace_tag(_COUNT.sub(b"", self.tag()))
        elif self._depth == 3:
            self._fills += self._inside == "fills"
            self._fonts += self._inside == "fonts"
            self._looks += self._inside == "cellXfs"

    def ended(self, name: str) -> None:
        """Append ours at the end of each list."""
        self._depth -= 1
        if self._depth != 1 or not self._inside:
            return
        prefix = name.encode()[: -len(local(name))]
        match self._inside:
            case "fills":
                self.insert(b"".join(_fill(prefix, colour) for colour in (RED, YELLOW)))
            case "fonts":
                self.insert(b"<%sfont><%sb/></%sfont>" % (prefix, prefix, prefix))
            case "cellXfs":
                self._insert_looks(prefix)
        self._inside = ""

    def _insert_looks(self, prefix: bytes) -> None:
        looks = {"": (0, 0), "head": (self._fonts, 0), "refused": (0, self._fills), "noted": (0, self._fills + 1)}
        form = (
            b'<%sxf numFmtId="0" fontId="%d" fillId="%d" borderId="0" xfId="0" applyFont="1" applyFill="1" '
            b'applyAlignment="1"><%salignment vertical="top" wrapText="1"/></%sxf>'
        )
        for at, (look, (font, fill)) in enumerate(looks.items()):
            self.looks[look] = self._looks + at
            self.insert(form % (prefix, font, fill, prefix, prefix))


class _Sheet(Editor):
    """Adds the cell to every row that has a mark."""

    def __init__(self, column: int, results: Results, looks: Mapping[str, int]) -> None:
        super().__init__()
        self._target, self._letters = column, letters_of(column).encode()
        self._results, self._looks = results, looks
        self._row = self._column = self._widest = 0
        self._pending: Mark | None = None
        self._cutting = ""
        self._wide = False

    def started(self, name: str, attributes: Attributes) -> None:
        """Insert ours before a cell with a higher column."""
        kind = local(name)
        if kind == "dimension":
            self._cut(name)
        elif kind == "col":
            self._widest = max(self._widest, int(attributes.get("max", "0")))
        elif kind == "sheetData" and not self._wide:
            prefix = name.encode()[: -len(kind)]
            self.insert(b"<%scols>%s</%scols>" % (prefix, self._width(prefix), prefix))
        elif kind == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._column = 0
            self._pending = self._results.of_row(self._row)
        elif kind == "c" and not self._cutting:
            self._column = _column(attributes, self._column)
            if self._column == self._target:
                self._cut(name)
            elif self._column > self._target and self._pending:
                self.insert(self._cell(name.encode()[:-1]))

    def ended(self, name: str) -> None:
        """Insert ours at the end of a row; an earlier one is removed."""
        kind = local(name)
        if self._cutting == name:
            self._cutting = ""
            self.end_cut(name, self._cell(name.encode()[:-1]) if kind == "c" and self._pending else b"")
        elif kind == "cols":
            self._wide = True
            if self._widest < self._target:
                self.insert(self._width(name.encode()[: -len(kind)]))
        elif kind == "row" and self._pending:
            self.insert(self._cell(name.encode()[: -len(kind)]))

    def _cut(self, name: str) -> None:
        self._cutting = name
        self.begin_cut()

    def _width(self, prefix: bytes) -> bytes:
        return b'<%scol min="%d" max="%d" width="%s" customWidth="1"/>' % (prefix, self._target, self._target, WIDTH)

    def _cell(self, prefix: bytes) -> bytes:
        assert self._pending
        mark, self._pending = self._pending, None
        text = escaped(mark.text)
        style = b' s="%d"' % self._looks[mark.look] if mark.look in self._looks else b""
        place = b"%s%d" % (self._letters, self._row)
        cell = b'<%sc r="%s"%s t="inlineStr">' % (prefix, place, style)
        inside = b'<%sis><%st xml:space="preserve">%s</%st></%sis>' % (prefix, prefix, text, prefix, prefix)
        return b"%s%s</%sc>" % (cell, inside, prefix)


def _fill(prefix: bytes, colour: bytes) -> bytes:
    pattern = b'<%spatternFill patternType="solid"><%sfgColor rgb="%s"/></%spatternFill>'
    return b"<%sfill>%s</%sfill>" % (prefix, pattern % (prefix, prefix, colour, prefix), prefix)


def escaped(text: str) -> bytes:
    """In ASCII, whatever the part's encoding; characters that XML cannot contain become U+FFFD."""
    shown = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)[: LIMITS.cell]
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return shown.encode("ascii", "xmlcharrefreplace")
