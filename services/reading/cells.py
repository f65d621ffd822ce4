"""Normalises one cell to the form of scoring.md 1, by docs/reading.md.  Pure; it guesses nothing and knows no registry.

A text without exactly one meaning is left unchanged, for the rules to refuse, or is a fault."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Final, NamedTuple

from services.reading import spellings
from services.reading.catalogue import ColumnType
from services.reading.limited_rows import BLANKS
from services.reading.mojibake import was_decoded_wrongly
from services.reading.table import Cell, CellKind


class ReadCell(NamedTuple):
    """The text for the rules; `fault`: the code by which its row is refused, with the original in `text`; `note`: the
    code of the first change to report."""

    text: str
    fault: str = ""
    note: str = ""


FAULTS: Final = frozenset({"garbled", "formula", "number_id"})
NOTES: Final = frozenset({"trimmed", "narrowed", "line_break", "dot", "blank_in_name", "midnight", "month_of_day",
                          "picture", "cut_digits"})  # fmt: skip
MOST_DIGITS: Final = 15
"""The digits of a spreadsheet's number; further ones of a longer id are zeros."""

_NARROW: Final = frozenset(ColumnType) - {ColumnType.NAME, ColumnType.TITLE, ColumnType.TEXT, ColumnType.EVIDENCE}
_OF_LINES: Final = frozenset({ColumnType.TITLE, ColumnType.TEXT})
_IDS: Final = frozenset({ColumnType.ID, ColumnType.IDS, ColumnType.UNIT, ColumnType.UNITS})
_KEPT_WHOLE: Final = _IDS | _OF_LINES
"""Columns whose inner characters are kept: an id with an invisible character is refused."""
_LISTS: Final = {ColumnType.IDS: "[;；、，]+", ColumnType.UNITS: "[;；、，]+", ColumnType.CODES: "[;；、，,]+"}
"""An ASCII comma may be part of an id, never of a code."""
_LINE_BREAK: Final = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_TO_NARROW: Final = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_HAN: Final = "[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
_TWO_CHARACTERS: Final = re.compile(rf"({_HAN})\s+({_HAN})")
_DOTS: Final = re.compile("[\u2022\u2027\u2219\u22c5\u30fb\uff65\u0387]")
_GARBLED: Final = re.compile("\ufffd|锟斤拷")
_GARBLED_NAME: Final = re.compile(rf"\?\?|{_HAN}\?|\?{_HAN}")
_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]{2,}|[0-9]\.[0-9]+E[0-9]{2,}", re.IGNORECASE)
_ERRORS: Final = frozenset(("#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"))
_PICTURE_TEXT: Final = re.compile(r"=(?:_xlfn\.)?DISPIMG\(([^)]*)\)", re.IGNORECASE)
_QUOTED_TEXT: Final = re.compile('="([^"=]*)"')
_FORMULA_TEXT: Final = re.compile(r"=[A-Z_$][A-Z0-9_.$!:]*(?:\(.*\))?", re.IGNORECASE | re.DOTALL)
_UNSEEN: Final = dict.fromkeys((0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF))
"""Invisible characters, which get into texts copied from pages and windows."""
_JOINERS: Final = "\u200c\u200d"
"""Between letters of some scripts they have a meaning; at an end they have none."""
_AROUND: Final = "".join((*map(chr, _UNSEEN), *_JOINERS, *map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *BLANKS))
"""Blanks, zero-width and control characters."""
_TEXT_MARKS: Final = ("'", "\u2018", "\u2019", "`", "\uff07")
"""Signs before a number by which a spreadsheet takes it as text; in a text file they remain."""
_TIDIED_STARTS: Final = ("", " ", "'", "`")
_CUT: Final = re.compile("[1-9][0-9]{14}(?:0{2,})")
"""A long number as a spreadsheet writes it as text: all digits after the fifteenth are zeros."""
_FIFTEEN: Final = Context(prec=MOST_DIGITS)


def read_cell(column_type: ColumnType, cell: Cell) -> ReadCell:
    """Normalise the cell; idempotent."""
    match cell.kind:
        case CellKind.EMPTY:
            return ReadCell("")
        case CellKind.FAULT:
            return ReadCell(cell.text, "formula")
        case CellKind.PICTURE if column_type is ColumnType.EVIDENCE:
            return ReadCell(cell.text, note="picture")
        case CellKind.PICTURE:
            return ReadCell(cell.text, "formula")
        case CellKind.NUMBER if column_type in _IDS:
            return _id_of_number(cell)
        case CellKind.NUMBER if column_type in (ColumnType.NUMBER, ColumnType.YEAR, ColumnType.PERIOD):
            return _of_type(column_type, _decimal(cell), "")
        case CellKind.DAY | CellKind.INSTANT if column_type in _IDS:
            return ReadCell(cell.text, "number_id")
        case CellKind.DAY | CellKind.INSTANT:
            return _of_date(column_type, cell.text)
        case CellKind.NUMBER | CellKind.BOOLEAN if column_type not in (ColumnType.DAY, ColumnType.INSTANT):
            return _of_type(column_type, *_tidy_text(column_type, cell.text))
        case CellKind.NUMBER | CellKind.BOOLEAN:
            return ReadCell(cell.text)  # a number is a date only if its cell has a date format
    return _of_text(column_type, cell.text)


def _of_text(column_type: ColumnType, text: str) -> ReadCell:
    """A text; programs that export text write errors and formulas literally (#N/A, ="00712")."""
    bare = text.strip()
    if bare.startswith(("#", "=")):
        if picture := _PICTURE_TEXT.fullmatch(bare):
            name = picture[1].strip().removeprefix('"').partition('"')[0].partition(",")[0]
            return read_cell(column_type, Cell(name, CellKind.PICTURE))
        if quoted := _QUOTED_TEXT.fullmatch(bare):
            return _of_text(column_type, quoted[1])
        if bare in _ERRORS or (column_type not in _OF_LINES and _FORMULA_TEXT.fullmatch(bare)):
            return ReadCell(bare, "formula")
    return _of_type(column_type, *_tidy_text(column_type, text))


def _of_type(column_type: ColumnType, text: str, note: str) -> ReadCell:
    """A cleaned text in the column's form."""
    if _GARBLED.search(text) or (column_type is ColumnType.NAME and _is_garbled_name(text)):
        return ReadCell(text, "garbled")
    if column_type in _IDS and _SCIENTIFIC.fullmatch(text):
        return ReadCell(text, "number_id")
    if column_type is ColumnType.NAME:
        return _name(text, note)
    if column_type in _IDS and not note and _CUT.fullmatch(text):
        note = "cut_digits"
    form = _FORMS.get(column_type)
    return ReadCell(form(text) if form else text, note=note)


_FORMS: Final[Mapping[ColumnType, Callable[[str], str]]] = {
    ColumnType.DAY: spellings.day,
    ColumnType.INSTANT: spellings.instant,
    ColumnType.PERIOD: spellings.period,
    ColumnType.YEAR: spellings.year,
}


def _of_date(column_type: ColumnType, shown: str) -> ReadCell:
    """The displayed date; midnight if it is less than a minute from it."""
    text = spellings.at_midnight(shown)
    note = "midnight" if len(text) == len("2018-09-01") and shown[11:19].strip("0:") else ""
    if column_type is ColumnType.PERIOD and spellings.is_first_of_month(text):
        return ReadCell(text[:7], note=note or "month_of_day")
    return ReadCell(text, note=note)


def _id_of_number(cell: Cell) -> ReadCell:
    """As displayed if its format has digits only, else its whole number."""
    try:
        value = Decimal(cell.number)
    except InvalidOperation:
        return ReadCell(cell.text, "number_id")
    whole = f"{value:f}".partition(".")[0]
    exact = value == value.to_integral_value() and len(whole.lstrip("-")) <= MOST_DIGITS
    if not (exact and cell.format_known):
        return ReadCell(f"{value:f}", "number_id")
    return ReadCell(cell.text if cell.formats_digits_only else whole)


def _decimal(cell: Cell) -> str:
    """The number in the 15 digits that a spreadsheet displays: 0.1 + 0.2 is 0.3 there."""
    try:
        value = _FIFTEEN.create_decimal(cell.number)
    except InvalidOperation:
        return cell.text
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_garbled_name(text: str) -> bool:
    if text.isascii():
        return "??" in text
    return bool(_GARBLED_NAME.search(text)) or was_decoded_wrongly(text)


def _name(text: str, note: str) -> ReadCell:
    dotted = _DOTS.sub("\u00b7", text)
    joined = _TWO_CHARACTERS.fullmatch(dotted)
    if joined:
        return ReadCell(joined[1] + joined[2], note="blank_in_name")
    return ReadCell(dotted, note="dot" if dotted != text else note)


def _tidy_text(column_type: ColumnType, given: str) -> tuple[str, str]:
    """The text without surrounding blanks, zero-width and control characters, with line breaks, NFC and half-width
    forms normalised; and the code of the change."""
    if (
        given.isascii()
        and given.isprintable()
        and given[:1] not in _TIDIED_STARTS
        and given[-1:] != " "
        and column_type not in _LISTS
    ):
        return given, ""
    stripped = _strip(given if column_type in _KEPT_WHOLE else given.translate(_UNSEEN))
    if column_type not in _OF_LINES and stripped[:1] in _TEXT_MARKS and stripped[1:2].isalnum():
        stripped = stripped[1:]
    text = stripped if column_type in _OF_LINES else _LINE_BREAK.sub(" ", stripped)
    note = "trimmed" if stripped != given else "line_break" if text != stripped else ""
    if column_type in _LISTS:
        return _list(column_type, text), note
    wide = text
    text = _normal(column_type, text)
    return text, "narrowed" if not note and text != unicodedata.normalize("NFC", wide) else note


def _list(column_type: ColumnType, text: str) -> str:
    items = (_normal(column_type, item) for item in re.split(_LISTS[column_type], text))
    return ";".join(item for item in items if item)


def _normal(column_type: ColumnType, text: str) -> str:
    narrow = text.translate(_TO_NARROW) if column_type in _NARROW else text
    return _strip(unicodedata.normalize("NFC", narrow))


def _strip(text: str) -> str:
    return text.strip(_AROUND)
