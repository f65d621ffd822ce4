"""A .docx as blocks, in the order of its body, with messages for what they lack."""

import re
from collections.abc import Generator, Iterator
from typing import Any

from services.publicity.rendering.manuscript import Block, tidy
from services.publicity.rendering.manuscript_losses import LeftOut
from services.publicity.rendering.word.gathered_pictures import Pictures
from services.publicity.rendering.word.inline import Inline, Line
from services.publicity.rendering.word.names import attribute, child, children, name
from services.publicity.rendering.word.numbering import Numbering
from services.publicity.rendering.word.package import WordPackage
from services.publicity.rendering.word.styles import Styles, has_tracked_changes, text_of
from services.publicity.rendering.word.tables import TableReader

_SKIPPED = {"w:sectPr", "w:sdtPr", "w:sdtEndPr", "w:customXmlPr", "w:tcPr", "w:del", "w:moveFrom"}
_ONLY_PAGES = re.compile(r"[\s\d第页共页/\-—–·．.IVXivx]*")
_KINDS_OF_NOTES = {"w:footnoteReference": ("footnotes", "w:footnote"), "w:endnoteReference": ("endnotes", "w:endnote")}


class WordDocument:
    """Use once.  `part`: the part whose relationships pictures refer to; notes are in another part than the body."""

    def __init__(self, package: WordPackage, left_out: LeftOut) -> None:
        self._package, self._left_out = package, left_out
        self._styles = Styles(self._root("styles"))
        self._numbering = Numbering(self._root("numbering"), self._styles)
        self._pictures = Pictures(package, left_out)
        self._notes: list[tuple[str, str, str]] = []
        self._inlines = {package.main: self._inline(package.main)}
        self._tables = TableReader(self.blocks, left_out)

    def read(self) -> Iterator[Block]:
        """The body, then the notes in the order of their references."""
        root = self._package.xml(self._package.main)
        body = child(root, "w:body")
        if body is not None:
            self._note_what_is_beside(root)
            yield from self.blocks(body, self._package.main)
        # notes refer to notes only in broken files; such references are ignored
        for kind, note_id, mark in self._notes:
            yield from self._note(kind, note_id, mark)

    def blocks(self, container: Any, part: str) -> Iterator[Block]:
        """The blocks of a body, cell, text box or note."""
        carried = Line()
        for element in self._content(container):
            if name(element) == "w:p":
                carried = yield from self._paragraph(element, part, carried)
                continue
            if carried:
                yield from _blocks_of_line(carried, "", False)
                carried = Line()
            if name(element) == "w:tbl":
                yield from self._tables.blocks(element, part)
            elif name(element) == "w:altChunk":
                self._left_out.add("inserted_file")
            elif name(element) == "m:oMathPara":
                line = Line()
                self._inlines[part].read(element, line)
                yield from _blocks_of_line(line, "", False)
        if carried:
            yield from _blocks_of_line(carried, "", False)

    def _content(self, container: Any) -> Iterator[Any]:
        """Paragraphs and tables, including those inside content controls and the like."""
        for element in container:
            tag = name(element)
            if tag in ("w:p", "w:tbl", "w:altChunk", "m:oMathPara"):
                yield element
            elif tag == "mc:AlternateContent":
                chosen = child(element, "mc:Choice")
                yield from self._content(element[0] if chosen is None and len(element) else chosen)
            elif tag and tag not in _SKIPPED:
                yield from self._content(element)

    def _paragraph(self, element: Any, part: str, carried: Line) -> Generator[Block, None, Line]:
        """Yields its blocks; returns what a deleted paragraph mark joins to the next paragraph."""
        properties = child(element, "w:pPr")
        line = carried
        self._inlines[part].read(element, line)
        if _mark_is_deleted(properties):
            return line
        label = self._numbering.label(properties) if properties is not None or self._styles.default else ""
        yield from _blocks_of_line(line, label, self._styles.is_heading(properties))
        return Line()

    def _note(self, kind: str, note_id: str, mark: str) -> Iterator[Block]:
        relation, wanted = _KINDS_OF_NOTES[kind]
        part = self._package.related_part(self._package.main, relation)
        root = self._package.xml(part) if part else None
        note = None if root is None else next(
            (item for item in children(root, wanted) if attribute(item, "w:id") == note_id), None)  # fmt: skip
        if note is None:
            return
        if part not in self._inlines:
            self._inlines[part] = self._inline(part)
        for block in self.blocks(note, part):
            yield Block(block.style, f"{mark}{block.text}", block.picture) if block.text else block
            mark = "" if block.text else mark

    def _note_mark(self, kind: str, note_id: str) -> str:
        mark = f"〔{len(self._notes) + 1}〕"
        self._notes.append((kind, note_id, mark))
        return mark

    def _inline(self, part: str) -> Inline:
        def boxes(content: Any) -> list[Block]:
            outer = self._inlines[part].fields
            self._inlines[part].fields = type(outer)()
            try:
                return list(self.blocks(content, part))
            finally:
                self._inlines[part].fields = outer

        return Inline(self._package, part, self._styles, self._pictures, self._left_out, boxes, self._note_mark)

    def _root(self, kind: str) -> Any:
        part = self._package.related_part(self._package.main, kind)
        return self._package.xml(part) if part else None

    def _note_what_is_beside(self, root: Any) -> None:
        """Report comments, headers and revisions, which are not part of the text."""
        if (comments := self._root("comments")) is not None and (count := len(list(children(comments, "w:comment")))):
            self._left_out.add("comment", count=count)
        if has_tracked_changes(root):
            self._left_out.put("tracked")
        for target in self._package.related(self._package.main).values():
            if target.kind in ("header", "footer") and not target.external:
                header = self._package.xml(target.part)
                if header is not None and not _ONLY_PAGES.fullmatch(text_of(header)):
                    self._left_out.put("header")


def _mark_is_deleted(properties: Any) -> bool:
    marks = None if properties is None else child(properties, "w:rPr")
    return marks is not None and any(name(item) in ("w:del", "w:moveFrom") for item in marks)


def _blocks_of_line(line: Line, label: str, heading: bool) -> Iterator[Block]:
    """A soft break starts another paragraph, in a heading a blank; a picture splits the text around it."""
    style, text = "heading" if heading else "text", ""

    def texts() -> Iterator[Block]:
        lines = [text.replace("\n", " ")] if heading else text.split("\n")
        kept = [tidied for line_text in lines if (tidied := tidy(line_text))]
        for at, line_text in enumerate(kept):
            yield Block(style, label + line_text if at == 0 else line_text)

    for piece in line.pieces:
        if isinstance(piece, str):
            text += piece
            continue
        before = list(texts())
        yield from before
        label, text = "" if before else label, ""
        yield Block(piece.style, tidy(piece.text), piece.picture)
    yield from texts()
    yield from line.floating
