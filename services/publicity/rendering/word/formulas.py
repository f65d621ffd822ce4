"""A formula (OMML, or an EQ field) as one line of text."""

import re
from typing import Any

from services.publicity.rendering.word.names import attribute, child, children, name
from services.publicity.rendering.word.symbols import lowered, raised

_SKIPPED = {"w:del", "w:moveFrom", "w:rPr", "m:rPr", "m:ctrlPr", "m:argPr"}
_CIRCLE = "○"


def linear(formula: Any) -> str:
    """From left to right, with brackets where a single line needs them."""
    return "".join(map(_linear, formula))


def _linear(item: Any) -> str:
    tag = name(item)
    if tag in _SKIPPED or tag.endswith("Pr"):
        return ""
    if tag in ("m:t", "w:t"):
        return item.text or ""
    shape = _SHAPES.get(tag)
    return shape(item) if shape else linear(item)


def _part(item: Any, wanted: str) -> str:
    part = child(item, wanted)
    return "" if part is None else linear(part)


def _in_parentheses(text: str) -> str:
    return text if len(text) <= 1 or text.isalnum() else f"({text})"


def _power(text: str) -> str:
    return raised(text) if raised(text) != text else f"^{_in_parentheses(text)}"


def _index(text: str) -> str:
    return lowered(text) if lowered(text) != text else f"_{_in_parentheses(text)}"


def _property(item: Any, properties: str, wanted: str, default: str) -> str:
    element = child(item, properties, wanted)
    return default if element is None else attribute(element, "m:val")


def _delimiter_text(item: Any) -> str:
    begin, end = _property(item, "m:dPr", "m:begChr", "("), _property(item, "m:dPr", "m:endChr", ")")
    between = _property(item, "m:dPr", "m:sepChr", "|")
    return begin + between.join(linear(part) for part in children(item, "m:e")) + end


def _sum(item: Any) -> str:
    sign = _property(item, "m:naryPr", "m:chr", "∫")
    low, high = _part(item, "m:sub"), _part(item, "m:sup")
    return sign + (_index(low) if low else "") + (_power(high) if high else "") + _part(item, "m:e")


def _root(item: Any) -> str:
    degree = _part(item, "m:deg")
    return (raised(degree) if degree else "") + "√" + _in_parentheses(_part(item, "m:e"))


def _matrix(item: Any) -> str:
    rows = (" ".join(linear(cell) for cell in children(row, "m:e")) for row in children(item, "m:mr"))
    return "[" + "; ".join(rows) + "]"


_SHAPES: dict[str, Any] = {
    "m:f": lambda item: f"{_in_parentheses(_part(item, 'm:num'))}/{_in_parentheses(_part(item, 'm:den'))}",
    "m:sSup": lambda item: _in_parentheses(_part(item, "m:e")) + _power(_part(item, "m:sup")),
    "m:sSub": lambda item: _part(item, "m:e") + _index(_part(item, "m:sub")),
    "m:sSubSup": lambda item: _part(item, "m:e") + _index(_part(item, "m:sub")) + _power(_part(item, "m:sup")),
    "m:rad": _root,
    "m:nary": _sum,
    "m:d": _delimiter_text,
    "m:m": _matrix,
    "m:eqArr": lambda item: "; ".join(linear(part) for part in children(item, "m:e")),
    "m:limLow": lambda item: _part(item, "m:e") + _index(_part(item, "m:lim")),
    "m:limUpp": lambda item: _part(item, "m:e") + _power(_part(item, "m:lim")),
    "m:acc": lambda item: _part(item, "m:e") + _property(item, "m:accPr", "m:chr", "\u0302"),
}


def eq_field(code: str) -> str:
    r"""What an EQ field shows: `\o\ac(○,1)` is a character in a circle, `\f(1,2)` a fraction."""
    code = code.strip()[2:].strip()
    if (circled := re.fullmatch(r"\\o(?:\\a[lcr])?\s*\((.*?)[,;，；](.*)\)", code, re.I | re.S)) is not None:
        first, second = circled[1].strip(), circled[2].strip()
        inside = second if first in ("○", "◯", "〇", "□", "△", "◇") else first
        if inside.isdecimal() and 1 <= int(inside) <= 20:
            return chr(0x2460 + int(inside) - 1)
        return f"（{inside}）" if {first, second} & {"○", "◯", "〇", "□", "△", "◇"} else first + second
    code = re.sub(r"\\f\s*\(([^(),;]*)[,;]([^(),;]*)\)", r"\1/\2", code, flags=re.I)
    code = re.sub(r"\\r\s*\(([^(),;]*)[,;]([^(),;]*)\)", lambda at: f"{raised(at[1])}√{_in_parentheses(at[2])}", code)
    return re.sub(r"\\[a-z]+\d*\s*", "", code, flags=re.I)
