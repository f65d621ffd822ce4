"""The parts of an .xlsx package besides its sheets: the list of sheets, shared texts, number formats.

Parts are parsed piece by piece by expat, never as trees: a part may be as large as the limits allow."""

import array
import contextlib
import posixpath
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

from services.reading.table import LIMITS, Unreadable

PIECE = 1 << 16
Attributes = dict[str, str]
MOST_SHEETS, MOST_FORMATS = 300, 100_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def local(name: str) -> str:
    """The name without namespace prefix, which strict workbooks and some writers choose differently."""
    return name.rpartition(":")[2]


def new_parser(
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> expat.XMLParserType:
    """An expat parser with these handlers; it rejects document types, so that no entities can be declared."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = PIECE
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise Unreadable("工作簿里声明了 XML 实体，不予打开，请用 Excel 打开后另存为 .xlsx。")


def pieces(package: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part's bytes, decompressed piece by piece."""
    with package.open(part) as opened:
        while piece := opened.read(PIECE):
            yield piece


def parse(package: zipfile.ZipFile, part: str, parser: expat.XMLParserType) -> None:
    """Parse a whole part.  Raises expat.ExpatError."""
    for piece in pieces(package, part):
        parser.Parse(piece, False)
    parser.Parse(b"", True)


@dataclass(frozen=True)
class SheetPart:
    """A worksheet of the workbook, and its part."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True)
class Book:
    """The content of the workbook's main part."""

    sheets: list[SheetPart]
    epoch_1904: bool
    shared_texts: str
    styles: str
    """Names of parts; empty if there are none."""


def read_book(package: zipfile.ZipFile) -> Book:
    """Where the workbook has its sheets, texts and styles.  Raises KeyError for a missing part, Unreadable."""
    main = next(
        (target for kind, target in links_of(package, "").values() if kind == "officeDocument"),
        stored_name(package, "xl/workbook.xml"),
    )
    links = links_of(package, main)
    stated: list[Attributes] = []
    epoch: list[bool] = [False]

    def start(name: str, attributes: Attributes) -> None:
        match local(name):
            case "sheet":
                stated.append({local(key): value for key, value in attributes.items()})
            case "workbookPr":
                epoch[0] = attributes.get("date1904", "0").lower() in ("1", "true", "on")

    parse(package, main, new_parser(start))
    if len(stated) > MOST_SHEETS:
        raise Unreadable(f"工作簿有 {len(stated)} 张工作表，最多 {MOST_SHEETS} 张，请拆分后导入。")
    sheets = [
        SheetPart(sheet.get("name", ""), links[sheet["id"]][1], sheet.get("state", "visible") != "visible")
        for sheet in stated
        if links.get(sheet.get("id", ""), ("", ""))[0] == "worksheet"
    ]
    if not sheets:
        raise KeyError("no worksheet")
    names = set(package.namelist())
    of_kind = {kind: target for kind, target in links.values() if target in names}
    return Book(sheets, epoch[0], of_kind.get("sharedStrings", ""), of_kind.get("styles", ""))


def stored_name(package: zipfile.ZipFile, part: str) -> str:
    """The part's name as stored in the package: some programs link it in another case, or write backslashes."""
    if part in package.NameToInfo:
        return part
    names = (name for name in package.NameToInfo if name.replace("\\", "/").lower() == part.lower())
    return next(names, part)


def links_of(package: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """The relations of a part: id -> (last word of the kind, part)."""
    folder, name = posixpath.split(part.replace("\\", "/"))
    links: dict[str, tuple[str, str]] = {}

    def start(_: str, attributes: Attributes) -> None:
        if "Target" in attributes and attributes.get("TargetMode") != "External":
            target = attributes["Target"]
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            kind = attributes.get("Type", "").rpartition("/")[2]
            links[attributes.get("Id", "")] = (kind, stored_name(package, path))

    with contextlib.suppress(KeyError):
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        parse(package, stored_name(package, relations), new_parser(start))
    return links


def read_formats(package: zipfile.ZipFile, part: str) -> list[tuple[int, str]]:
    """(id, code) of each cell format, in order."""
    codes: dict[int, str] = {}
    ids: list[int] = []
    inside: list[bool] = [False]
    of_rules: list[bool] = [False]

    def start(name: str, attributes: Attributes) -> None:
        match local(name):
            case "dxfs":
                of_rules[0] = True  # formats of conditions have numbers of their own
            case "numFmt" if not of_rules[0]:
                codes[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")[:255]
            case "cellXfs":
                inside[0] = True
            case "xf" if inside[0] and len(ids) < MOST_FORMATS:
                ids.append(int(attributes.get("numFmtId", "0")))

    def end(name: str) -> None:
        if local(name) == "cellXfs":
            inside[0] = False
        elif local(name) == "dxfs":
            of_rules[0] = False

    if part:
        parse(package, part, new_parser(start, end))
    return [(number, codes.get(number, "")) for number in ids]


class SharedTexts:
    """Shared texts, in an anonymous file: memory holds eight bytes for each."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._starts = array.array("Q", [0])

    def append(self, text: str) -> None:
        """Add the next one."""
        size = self._file.write(text.encode("utf-8", "surrogatepass"))
        self._starts.append(self._starts[-1] + size)

    def load(self, package: zipfile.ZipFile, part: str) -> None:
        """Raises Unreadable if one is too long."""
        collector = RichText()

        def end(name: str) -> None:
            if local(name) == "si":
                self.append(collector.take())
            else:
                collector.end(local(name))

        parse(package, part, new_parser(lambda name, _: collector.start(local(name)), end, collector.text))

    def __getitem__(self, at: int) -> str:
        if not 0 <= at < len(self._starts) - 1:
            raise ValueError(f"no shared text {at}")
        self._file.seek(self._starts[at])
        return self._file.read(self._starts[at + 1] - self._starts[at]).decode("utf-8", "surrogatepass")

    def close(self) -> None:
        """Delete the file."""
        self._file.close()


class RichText:
    """Collects the text of <si> or <is>: of its runs, without pinyin guides (rPh)."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = self._guides = 0
        self._in_text = False

    def start(self, name: str) -> None:
        """An element begins."""
        if name == "rPh":
            self._guides += 1
        self._in_text = name == "t" and not self._guides

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "rPh":
            self._guides -= 1
        self._in_text = False

    def text(self, piece: str) -> None:
        """Collect the characters of a shared text.  Raises Unreadable above twice the limit of a cell."""
        if self._in_text:
            self._length += len(piece)
            if self._length > LIMITS.cell * 2:
                raise Unreadable(f"有单元格超过 {LIMITS.cell} 字，请删减后再导入。")
            self._parts.append(piece)

    def take(self) -> str:
        """The collected text; starts a new one."""
        result = unescaped("".join(self._parts))
        self._parts.clear()
        self._length = 0
        self._in_text = False
        return result


def unescaped(text: str) -> str:
    """_x000D_ is how workbooks write characters that XML cannot contain."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
