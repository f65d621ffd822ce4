"""The parts of a .docx and their relationships: no part is looked up by its name."""

import io
import posixpath
import zipfile
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lxml import etree

from services.publicity.rendering.word.names import attribute, children, name

_MAIN = "/officeDocument"


class NotADocument(ValueError):
    """A package of another kind; the text says which: with macros, or what it is."""


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a relationship: a part of the package, or something external."""

    kind: str
    part: str
    external: bool


class WordPackage:
    """An opened .docx whose sizes were checked.  Raises NotADocument, zipfile.BadZipFile, etree.XMLSyntaxError."""

    def __init__(self, content: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(content))
        self._entries = {entry.filename.replace("\\", "/").lstrip("/").lower(): entry
                         for entry in self._zip.infolist()}  # fmt: skip
        self._types = self._content_types()
        self.main = self._main_part()
        self._related: dict[str, dict[str, Target]] = {}

    def read(self, part: str) -> bytes | None:
        entry = self._entries.get(part.lower())
        return None if entry is None else self._zip.read(entry)

    def xml(self, part: str) -> Any:
        """The part's root element; None if there is no such part."""
        content = self.read(part)
        return None if content is None else etree.fromstring(content, parser=_parser())

    def related(self, part: str) -> dict[str, Target]:
        """The relationships of a part, by id."""
        if part not in self._related:
            self._related[part] = self._relationships(part)
        return self._related[part]

    def related_part(self, part: str, kind: str) -> str:
        """The first part of this kind (`styles`, `footnotes`) that a part refers to; empty if none."""
        targets = self.related(part).values()
        return next((item.part for item in targets if item.kind == kind and not item.external), "")

    def _relationships(self, part: str) -> dict[str, Target]:
        folder, file = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{file}.rels"))
        result = {}
        for item in () if root is None else children(root, "rel:Relationship"):
            target, external = attribute(item, "Target"), attribute(item, "TargetMode") == "External"
            if not external:
                target = unquote(target).replace("\\", "/")
                target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
            kind = attribute(item, "Type").rpartition("/")[2]
            result[attribute(item, "Id")] = Target(kind, target, external)
        return result

    def _content_types(self) -> dict[str, str]:
        root = self.xml("[content_types].xml")
        if root is None:
            return {}
        return {attribute(item, "PartName").lstrip("/").lower(): attribute(item, "ContentType")
                for item in root if name(item) == "types:Override"}  # fmt: skip

    def _main_part(self) -> str:
        self._related = {}
        part = next((item.part for item in self._relationships("").values() if item.kind == _MAIN[1:]), "")
        kind = self._types.get(part.lower(), "")
        if "macroEnabled" in kind or any(entry.endswith("vbaproject.bin") for entry in self._entries):
            raise NotADocument("macros")
        for word, what in (("spreadsheetml", "电子表格"), ("presentationml", "演示文稿")):
            if word in kind:
                raise NotADocument(what)
        if not part or part.lower() not in self._entries:
            raise NotADocument("OpenDocument 文档" if "content.xml" in self._entries else "")
        return part


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True,
                           huge_tree=False, load_dtd=False)  # fmt: skip
