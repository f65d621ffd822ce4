"""The styles of a document, as far as the text depends on them: headings, numbering, hidden text."""

from dataclasses import dataclass
from typing import Any

from services.publicity.rendering.word.names import attribute, child, children, descendants, is_on, name, value

_MOST_ANCESTORS = 20


@dataclass(frozen=True, slots=True)
class Style:
    name: str = ""
    based_on: str = ""
    number: str = ""
    level: str = ""
    outline: str = ""
    hidden: bool = False
    capitals: bool = False


class Styles:
    """Styles by id; a missing style has no properties."""

    def __init__(self, root: Any) -> None:
        self._styles: dict[str, Style] = {}
        self.default = ""
        for element in () if root is None else children(root, "w:style"):
            style_id = attribute(element, "w:styleId")
            self._styles[style_id] = _style(element)
            if attribute(element, "w:type") == "paragraph" and attribute(element, "w:default") in ("1", "true", "on"):
                self.default = style_id

    def lineage(self, style_id: str) -> list[Style]:
        """The style and those that it is based on."""
        result: list[Style] = []
        while style_id in self._styles and len(result) < _MOST_ANCESTORS:
            result.append(self._styles[style_id])
            style_id = result[-1].based_on
        return result

    def is_heading(self, properties: Any) -> bool:
        """By the style's name or outline level, or the paragraph's own."""
        lineage = self.lineage(value(properties, "w:pStyle") or self.default)
        own = value(properties, "w:outlineLvl")
        outline = own or next((style.outline for style in lineage if style.outline), "")
        named = any(style.name.lower().startswith(("heading", "title", "标题")) for style in lineage)
        return named or (outline.isdecimal() and int(outline) < 9)

    def number_of(self, properties: Any) -> tuple[str, str, str]:
        """(number id, level, style that refers to it); the id is empty if there is none."""
        own = None if properties is None else child(properties, "w:numPr")
        if own is not None and (number := value(own, "w:numId")):
            return number, value(own, "w:ilvl"), ""
        style_id = value(properties, "w:pStyle") or self.default
        for style in self.lineage(style_id):
            if style.number:
                level = style.level if own is None else value(own, "w:ilvl") or style.level
                return style.number, level, style_id
        return "", "", ""

    def hides(self, run_properties: Any) -> bool:
        if run_properties is not None and child(run_properties, "w:vanish") is not None:
            return is_on(run_properties, "w:vanish")
        return any(style.hidden for style in self.lineage(value(run_properties, "w:rStyle")))


def _style(element: Any) -> Style:
    paragraph, run = child(element, "w:pPr"), child(element, "w:rPr")
    number = None if paragraph is None else child(paragraph, "w:numPr")
    return Style(
        value(element, "w:name"), value(element, "w:basedOn"),
        value(number, "w:numId"), value(number, "w:ilvl"), value(paragraph, "w:outlineLvl"),
        is_on(run, "w:vanish"), is_on(run, "w:caps"),
    )  # fmt: skip


def has_tracked_changes(root: Any) -> bool:
    return any(name(item) in ("w:ins", "w:del", "w:moveTo", "w:moveFrom") for item in root.iter())


def text_of(root: Any) -> str:
    """All text of a part that is not walked (a header), with the results of fields."""
    return "".join(item.text or "" for item in descendants(root, "w:t"))
