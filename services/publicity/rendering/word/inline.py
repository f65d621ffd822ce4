"""The content of a paragraph: runs, revisions, fields, note references, pictures, text boxes, formulas."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.publicity.rendering.manuscript import Block
from services.publicity.rendering.manuscript_losses import LeftOut
from services.publicity.rendering.word.fields import Fields, computed
from services.publicity.rendering.word.formulas import linear
from services.publicity.rendering.word.gathered_pictures import Pictures
from services.publicity.rendering.word.names import attribute, child, descendants, is_on, name, value
from services.publicity.rendering.word.package import WordPackage
from services.publicity.rendering.word.styles import Styles
from services.publicity.rendering.word.symbols import UNKNOWN, is_symbol_font, lowered, raised, symbol

_GONE = {"w:del", "w:moveFrom", "w:delText", "w:delInstrText", "w:pPr", "w:rPr", "w:sdtPr", "w:sdtEndPr",
         "w:smartTagPr", "w:customXmlPr", "w:fldData", "w:rubyPr", "m:oMathParaPr", "wp:docPr",
         "w:commentReference", "w:annotationRef", "w:footnoteRef", "w:endnoteRef"}  # fmt: skip
_SIGNS = {"w:tab": "\t", "w:ptab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-"}
_LOST = {"c:chart": "chart", "cx:chart": "chart", "dgm:relIds": "diagram", "w:contentPart": "shape",
         "w14:contentPart": "shape", "w:subDoc": "inserted_file", "w:altChunk": "inserted_file"}  # fmt: skip


@dataclass
class Line:
    """A paragraph under construction: texts and pictures in order, and floating objects."""

    pieces: list[str | Block] = field(default_factory=list)
    floating: list[Block] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.pieces or self.floating)


class Inline:
    """Reads the paragraphs of one part (`part`).  `boxes` reads the content of a text box; `note` returns a note's
    label and keeps the note for the end."""

    def __init__(
        self, package: WordPackage, part: str, styles: Styles, pictures: Pictures, left_out: LeftOut,
        boxes: Callable[[Any], list[Block]], note: Callable[[str, str], str],
    ) -> None:  # fmt: skip
        self._related, self._styles, self._pictures = package.related(part), styles, pictures
        self._left_out, self._boxes, self._note = left_out, boxes, note
        self.fields = Fields()

    def read(self, element: Any, line: Line) -> None:
        for item in element:
            self._item(item, line)

    def _item(self, item: Any, line: Line) -> None:
        tag = name(item)
        if tag in _GONE:
            return
        if tag in _SIGNS:
            self._text(_SIGNS[tag], line)
        elif tag in _LOST:
            self._left_out.add(_LOST[tag])
        elif (handler := _HANDLERS.get(tag)) is not None:
            handler(self, item, line)
        else:
            self.read(item, line)

    def _text(self, text: str, line: Line) -> None:
        if text and self.fields.in_result:
            line.pieces.append(text)

    def _run(self, run: Any, line: Line) -> None:
        properties = child(run, "w:rPr")
        if self._styles.hides(properties):
            self._hidden_run(run)
            return
        before = len(line.pieces)
        self.read(run, line)
        if properties is not None:
            self._dress(line, before, properties)

    def _dress(self, line: Line, before: int, properties: Any) -> None:
        """Apply the run's font and position where they change the characters that a reader sees."""
        font = _font(properties)
        place = value(properties, "w:vertAlign")
        upper = is_on(properties, "w:caps")
        for at in range(before, len(line.pieces)):
            piece = line.pieces[at]
            if isinstance(piece, str):
                piece = self._in_font(piece, font) if is_symbol_font(font) else piece
                piece = raised(piece) if place == "superscript" else lowered(piece) if place == "subscript" else piece
                line.pieces[at] = piece.upper() if upper else piece

    def _hidden_run(self, run: Any) -> None:
        for item in run:
            if name(item) == "w:fldChar":
                self.fields.take(item)
            elif name(item) == "w:instrText":
                self.fields.add_code(item.text or "")
            elif name(item) == "w:t" and (item.text or "").strip() and self.fields.in_result:
                self._left_out.add("hidden")

    def _in_font(self, text: str, font: str) -> str:
        """Texts in a symbol font are codes of its symbols; characters of other fonts in such a run are kept."""
        signs = [
            symbol(ord(sign), font) if " " <= sign < "\x7f" or 0xF000 <= ord(sign) <= 0xF0FF else sign for sign in text
        ]
        if UNKNOWN in signs:
            self._left_out.add("symbol", count=signs.count(UNKNOWN))
        return "".join(signs)

    def _plain(self, item: Any, line: Line) -> None:
        self._text(item.text or "", line)

    def _symbol(self, item: Any, line: Line) -> None:
        code = attribute(item, "w:char")
        sign = symbol(min(int(code, 16), 0x10FFFF), attribute(item, "w:font")) if _is_hex(code) else UNKNOWN
        if sign == UNKNOWN:
            self._left_out.add("symbol")
        self._text(sign, line)

    def _field_mark(self, item: Any, line: Line) -> None:
        if shown := self.fields.take(item):
            line.pieces.append(shown)

    def _code(self, item: Any, _: Line) -> None:
        self.fields.add_code(item.text or "")

    def _simple_field(self, item: Any, line: Line) -> None:
        before = len(line.pieces)
        self.read(item, line)
        if len(line.pieces) == before:
            self._text(computed(attribute(item, "w:instr")), line)

    def _ruby(self, item: Any, line: Line) -> None:
        reading = Line()
        if (above := child(item, "w:rt")) is not None:
            self.read(above, reading)
        if (base := child(item, "w:rubyBase")) is not None:
            self.read(base, line)
        if text := "".join(piece for piece in reading.pieces if isinstance(piece, str)).strip():
            self._text(f"（{text}）", line)

    def _note_mark(self, item: Any, line: Line) -> None:
        own = attribute(item, "w:customMarkFollows") in ("1", "true", "on")
        mark = self._note(name(item), attribute(item, "w:id"))
        self._text("" if own else mark, line)

    def _formula(self, item: Any, line: Line) -> None:
        if text := linear(item):
            self._left_out.add("formula")
            self._text(text, line)

    def _alternatives(self, item: Any, line: Line) -> None:
        """The first alternative that shows something; what only the others lack is not reported."""
        before = self._left_out.copy()
        for alternative in item:
            attempt, lost = Line(), self._left_out.copy()
            self._left_out.restore(before)
            self.read(alternative, attempt)
            if attempt:
                line.pieces += attempt.pieces
                line.floating += attempt.floating
                return
            self._left_out.restore(self._left_out.copy() if lost == before else lost)

    def _read_drawing(self, item: Any, line: Line) -> None:
        inside = Line()
        self.read(item, inside)
        floats = any(name(part) == "wp:anchor" for part in item)
        pictures = [piece for piece in inside.pieces if isinstance(piece, Block)]
        texts = [Block("text", piece) for piece in inside.pieces if isinstance(piece, str) and piece.strip()]
        if floats and any(isinstance(piece, str) and piece.strip() for piece in line.pieces):
            line.floating += [*pictures, *texts]
        else:
            line.pieces += [*pictures, *texts]
        line.floating += inside.floating
        if not inside and not any(name(part) in _LOST or name(part) == "a:blip" for part in item.iter()):
            self._left_out.add("shape")

    def _picture(self, item: Any, line: Line) -> None:
        if not self.fields.in_result:
            return
        number = attribute(item, "r:embed") or attribute(item, "r:id") or attribute(item, "o:relid")
        target = self._related.get(number or attribute(item, "r:link") or attribute(item, "r:href"))
        if target is None and not number and name(item) == "a:blip":
            return  # an effect without a picture
        if (block := self._pictures.block(target)) is not None:
            line.pieces.append(block)

    def _vector(self, item: Any, line: Line) -> None:
        """VML: a picture, a text box, or a drawn line (except a horizontal rule)."""
        inside, lost = Line(), self._left_out.copy()
        self.read(item, inside)
        line.pieces += inside.pieces
        line.floating += inside.floating
        is_rule = any(attribute(part, "o:hr") for part in item)
        if not inside and not is_rule and self._left_out.copy() == lost:
            self._left_out.add("shape")

    def _text_box(self, item: Any, line: Line) -> None:
        line.floating += self._boxes(item)

    def _word_art(self, item: Any, line: Line) -> None:
        if text := attribute(item, "string").strip():
            line.floating.append(Block("text", text))

    def _drawn_text(self, item: Any, line: Line) -> None:
        if text := "".join(part.text or "" for part in descendants(item, "a:t")).strip():
            line.floating.append(Block("text", text))

    def _object(self, item: Any, line: Line) -> None:
        """The picture of an embedded object; the object itself is left out."""
        embedded = next((part for part in item.iter() if name(part) in ("o:OLEObject", "w:objectEmbed")), None)
        program = "" if embedded is None else attribute(embedded, "ProgID") or attribute(embedded, "w:progId")
        inside = Line()
        self.read(item, inside)
        if inside:
            line.pieces += inside.pieces
            line.floating += inside.floating
        elif program.startswith(("Equation", "MathType")):
            self._left_out.add("formula_object")
            return
        self._left_out.add("object", program.partition(".")[0] or "未知类型")


def _font(properties: Any) -> str:
    fonts = child(properties, "w:rFonts")
    return "" if fonts is None else attribute(fonts, "w:ascii") or attribute(fonts, "w:hAnsi")


def _is_hex(text: str) -> bool:
    return 0 < len(text) <= 6 and all(sign in "0123456789abcdefABCDEF" for sign in text)


_HANDLERS: dict[str, Callable[[Inline, Any, Line], None]] = {
    "w:r": Inline._run, "w:t": Inline._plain, "w:sym": Inline._symbol, "w:fldChar": Inline._field_mark,
    "w:instrText": Inline._code, "w:fldSimple": Inline._simple_field, "w:ruby": Inline._ruby,
    "w:footnoteReference": Inline._note_mark, "w:endnoteReference": Inline._note_mark, "m:oMath": Inline._formula,
    "mc:AlternateContent": Inline._alternatives, "w:drawing": Inline._read_drawing, "a:blip": Inline._picture,
    "v:imagedata": Inline._picture, "w:pict": Inline._vector,
    "w:txbxContent": Inline._text_box, "v:textpath": Inline._word_art, "a:p": Inline._drawn_text,
    "w:object": Inline._object,
}  # fmt: skip
