"""Tables as lines: a row of short cells becomes one line, cells of several paragraphs follow one another."""

from collections.abc import Callable, Iterator
from typing import Any

from services.publicity.rendering.manuscript import Block
from services.publicity.rendering.manuscript_losses import LeftOut
from services.publicity.rendering.word.names import attribute, child, name

BETWEEN_CELLS = "　"
_WRAPPERS = {"w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo", "w:smartTag", "w:bookmarkStart"}


class TableReader:
    """`blocks` reads the content of a cell, including nested tables."""

    def __init__(self, blocks: Callable[[Any, str], Iterator[Block]], left_out: LeftOut) -> None:
        self._blocks, self._left_out = blocks, left_out

    def blocks(self, table: Any, part: str) -> Iterator[Block]:
        in_lines = False
        for row in _elements_named(table, "w:tr"):
            if _has_property(child(row, "w:trPr"), "w:del", "w:moveFrom"):
                continue
            cells = [cell for cell in _elements_named(row, "w:tc") if not _is_covered(child(cell, "w:tcPr"))]
            contents = [list(self._blocks(cell, part)) for cell in cells]
            in_lines |= sum(map(bool, contents)) > 1
            yield from _row(contents)
        if in_lines:
            self._left_out.add("table")


def _row(contents: list[list[Block]]) -> Iterator[Block]:
    """Cells are joined in a line if none has a second paragraph; a heading in a cell becomes text."""
    filled = [blocks for blocks in contents if blocks]
    short = all(sum(1 for block in blocks if block.text) <= 1 for blocks in filled)
    if len(filled) > 1 and short:
        texts = [block.text for blocks in filled for block in blocks if block.text]
        if texts:
            yield Block("text", BETWEEN_CELLS.join(texts))
        yield from (block for blocks in filled for block in blocks if block.picture)
        return
    for blocks in filled:
        yield from blocks


def _elements_named(element: Any, wanted: str) -> Iterator[Any]:
    """The rows of a table or cells of a row, including those inside content controls."""
    for item in element:
        if name(item) == wanted:
            yield item
        elif name(item) in _WRAPPERS:
            yield from _elements_named(item, wanted)


def _is_covered(properties: Any) -> bool:
    """Whether the cell is merged into one above or before it, or deleted by a revision."""
    for kind in ("w:vMerge", "w:hMerge"):
        merge = None if properties is None else child(properties, kind)
        if merge is not None and attribute(merge, "w:val") in ("", "continue"):
            return True
    return _has_property(properties, "w:cellDel")


def _has_property(properties: Any, *wanted: str) -> bool:
    return properties is not None and any(name(item) in wanted for item in properties)
