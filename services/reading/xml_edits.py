"""Changes an XML part in places and leaves all other bytes unchanged, piece by piece."""

from collections.abc import Iterable, Iterator
from xml.parsers import expat

from services.reading.xlsx_parts import Attributes, new_parser


class Editor:
    """Sees the tags of a part and requests changes; subclasses decide which."""

    def __init__(self) -> None:
        self._parser: expat.XMLParserType = new_parser(self._start, self._end)
        self._bytes, self._base = b"", 0
        self._edits: list[tuple[int, int, bytes]] = []
        self._seen = 0
        self._kept_from: int | None = None

    def started(self, name: str, attributes: Attributes) -> None:
        """Called where a tag begins, with its attributes."""

    def ended(self, name: str) -> None:
        """Called where a tag ends."""

    def insert(self, content: bytes) -> None:
        """Insert before the current tag."""
        self._edits.append((self._seen, self._seen, content))

    def replace_tag(self, content: bytes) -> None:
        """Replace the current tag, not what is inside."""
        self._edits.append((self._seen, self._tag_end(), content))

    def tag(self) -> bytes:
        """The bytes of the current tag."""
        return self._bytes[self._seen - self._base : self._tag_end() - self._base]

    def begin_cut(self) -> None:
        """Cut from the current tag to the one at which `end_cut` is called, both included."""
        self._kept_from = self._seen

    def end_cut(self, name: str, content: bytes = b"") -> None:
        """Insert the content in place of the cut; for a self-closing tag (<a/>) expat reports the position after it."""
        assert self._kept_from is not None
        closing, at = b"</" + name.encode(), self._seen - self._base
        parted = self._bytes.startswith((closing + b">", closing + b" "), at)
        self._edits.append((self._kept_from, self._tag_end() if parted else self._seen, content))
        self._kept_from = None

    def edited(self, content: Iterable[bytes]) -> Iterator[bytes]:
        """The part with its changes.  Raises expat.ExpatError."""
        for piece in content:
            self._bytes += piece
            self._parser.Parse(piece, False)
            yield self._take_bytes(self._seen if self._kept_from is None else self._kept_from)
        self._parser.Parse(b"", True)
        yield self._take_bytes(self._base + len(self._bytes))

    def _tag_end(self) -> int:
        return self._bytes.index(b">", self._seen - self._base) + 1 + self._base

    def _take_bytes(self, until: int) -> bytes:
        """The bytes before `until` with changes applied; a change that extends further moves the limit."""
        result, at = [], self._base
        for begin, end, content in self._edits:
            result += [self._bytes[at - self._base : begin - self._base], content]
            at = end
        until = max(until, at)
        result.append(self._bytes[at - self._base : until - self._base])
        self._bytes, self._base = self._bytes[until - self._base :], until
        self._edits.clear()
        return b"".join(result)

    def _start(self, name: str, attributes: Attributes) -> None:
        self._seen = self._parser.CurrentByteIndex
        self.started(name, attributes)

    def _end(self, name: str) -> None:
        self._seen = self._parser.CurrentByteIndex
        self.ended(name)
