"""Names of WordprocessingML elements and attributes, equal for Transitional and Strict Open XML."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_OFFICE, _STRICT = "http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/"
_MICROSOFT = "http://schemas.microsoft.com/office/"
_PREFIXES = {
    f"{_OFFICE}wordprocessingml/2006/main": "w",
    f"{_STRICT}wordprocessingml/main": "w",
    f"{_OFFICE}officeDocument/2006/relationships": "r",
    f"{_STRICT}officeDocument/relationships": "r",
    f"{_OFFICE}officeDocument/2006/math": "m",
    f"{_STRICT}officeDocument/math": "m",
    f"{_OFFICE}drawingml/2006/main": "a",
    f"{_STRICT}drawingml/main": "a",
    f"{_OFFICE}drawingml/2006/wordprocessingDrawing": "wp",
    f"{_STRICT}drawingml/wordprocessingDrawing": "wp",
    f"{_OFFICE}drawingml/2006/chart": "c",
    f"{_STRICT}drawingml/chart": "c",
    f"{_OFFICE}drawingml/2006/diagram": "dgm",
    f"{_STRICT}drawingml/diagram": "dgm",
    f"{_OFFICE}markup-compatibility/2006": "mc",
    f"{_OFFICE}package/2006/relationships": "rel",
    f"{_OFFICE}package/2006/content-types": "types",
    f"{_MICROSOFT}drawing/2014/chartex": "cx",
    f"{_MICROSOFT}word/2010/wordprocessingShape": "wps",
    f"{_MICROSOFT}word/2010/wordml": "w14",
    "urn:schemas-microsoft-com:vml": "v",
    "urn:schemas-microsoft-com:office:office": "o",
}
_OFF = ("0", "false", "off", "none")


@lru_cache(4096)
def _short(tag: str) -> str:
    namespace, _, local = tag.rpartition("}")
    return f"{_PREFIXES.get(namespace[1:], '?')}:{local}" if namespace else local


def name(element: Any) -> str:
    """`w:p`, `m:oMath`; empty for comments and processing instructions."""
    return _short(element.tag) if isinstance(element.tag, str) else ""


def attribute(element: Any, wanted: str) -> str:
    """The attribute's value, empty if missing; a name without prefix has no namespace."""
    for tag, value in element.attrib.items():
        if _short(tag) == wanted:
            return str(value)
    return ""


def child(element: Any, *path: str) -> Any:
    """The first child of that name, its child of the next name, and so on; None if missing."""
    for wanted in path:
        if element is None:
            return None
        element = next((item for item in element if name(item) == wanted), None)
    return element


def children(element: Any, wanted: str) -> Iterator[Any]:
    return (item for item in element if name(item) == wanted)


def descendants(element: Any, wanted: str) -> Iterator[Any]:
    return (item for item in element.iter() if name(item) == wanted)


def value(element: Any, *path: str) -> str:
    """`w:val` of the child at the end of the path; empty if missing."""
    element = child(element, *path) if element is not None else None
    return "" if element is None else attribute(element, "w:val")


def is_on(properties: Any, wanted: str) -> bool:
    """Whether a toggle property is present and on."""
    element = None if properties is None else child(properties, wanted)
    return element is not None and attribute(element, "w:val").lower() not in _OFF
