"""Complex fields: between begin and end only the result is text."""

import re
from typing import Any

from services.publicity.rendering.word.formulas import eq_field
from services.publicity.rendering.word.names import attribute, child, children, is_on, value
from services.publicity.rendering.word.symbols import symbol

_SYMBOL = re.compile(r"SYMBOL\s+(0x[0-9a-f]+|\d+)(?:.*?\\f\s+\"?([^\"\\]+?)\"?\s*(?:\\|$))?", re.I | re.S)


class Fields:
    """The fields open at one place of a story (body, note), innermost last."""

    def __init__(self) -> None:
        self._open: list[list[str]] = []  # instruction, "code" or "result"

    @property
    def in_result(self) -> bool:
        """Whether text here is shown."""
        return all(part == "result" for _, part in self._open)

    def add_code(self, text: str) -> None:
        if self._open and self._open[-1][1] == "code":
            self._open[-1][0] += text

    def take(self, mark: Any) -> str:
        """Handle a `w:fldChar`; returns what the field shows by itself (a form's box, a computed symbol)."""
        match attribute(mark, "w:fldCharType"):
            case "begin":
                shown = _form(child(mark, "w:ffData")) if self.in_result else ""
                self._open.append(["", "code"])
                return shown
            case "separate" if self._open:
                self._open[-1][1] = "result"
            case "end" if self._open:
                code, part = self._open.pop()
                if self.in_result:
                    return computed(code, part == "result")
        return ""


def computed(code: str, has_result: bool = False) -> str:
    """What Word shows for a field code without a stored result."""
    code = code.strip()
    if re.match(r"EQ\b|EQ\\", code, re.I):
        return eq_field(code)
    if not has_result and (symbol_code := _SYMBOL.match(code)) is not None:
        return symbol(min(int(symbol_code[1], 0), 0x10FFFF), symbol_code[2] or "")
    return ""


def _form(data: Any) -> str:
    if data is None:
        return ""
    if (box := child(data, "w:checkBox")) is not None:
        checked = child(box, "w:checked") is not None and is_on(box, "w:checked")
        return "☑" if checked or (child(box, "w:checked") is None and is_on(box, "w:default")) else "☐"
    if (choices := child(data, "w:ddList")) is not None:
        entries = [attribute(item, "w:val") for item in children(choices, "w:listEntry")]
        at = value(choices, "w:result") or value(choices, "w:default") or "0"
        return entries[int(at)] if at.isdecimal() and int(at) < len(entries) else ""
    return ""
