"""Messages for cells that were changed when read: a Chinese sentence for each code of `cells.NOTES`."""

from collections.abc import Mapping
from typing import Final

from chassis.process.text import escape_line

_MOST_SHOWN: Final = 40
_SENTENCES: Final[Mapping[str, str]] = {
    "trimmed": "“{escape_line}”有多余的空白或看不见的字符，已去除，读作“{text}”。",
    "narrowed": "“{escape_line}”中有全角字符，已改为半角，读作“{text}”。",
    "line_break": "“{escape_line}”中有换行，已改为空格，读作“{text}”。",
    "dot": "“{escape_line}”中的间隔号已统一为“·”，读作“{text}”。",
    "blank_in_name": "“{escape_line}”中间的空白已去除，读作“{text}”。",
    "midnight": "日期单元格为“{escape_line}”，与零点相差不到一分钟，读作“{text}”。",
    "month_of_day": "日期单元格为“{escape_line}”，是当月一日，读作月份“{text}”。",
    "cut_digits": "“{escape_line}”超过 15 位而其后都是 0，可能已被表格软件截去末几位，请核对原编号。",
    "picture": "“{escape_line}”是单元格中的图片，作为印证资料收下。",
}
CODES: Final = frozenset(_SENTENCES)


def cell_note_sentence(code: str, escape_line: str, text: str) -> str:
    """`shown` was in the cell, `text` was read."""
    return _SENTENCES[code].replace("{escape_line}", _short(escape_line)).replace("{text}", _short(text))


def _short(text: str) -> str:
    clean = escape_line(text[:_MOST_SHOWN])
    return f"{clean}…" if len(text) > _MOST_SHOWN else clean
