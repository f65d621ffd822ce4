"""What a page is made of, without its words and numbers: two pages of one structure are one to the checker of
accessibility, so that the same page of another post, or with other rows, need not be opened again."""

from __future__ import annotations

import json
import re
from typing import Any

from lxml import html

VALUES = ("class", "type", "role", "lang", "scope", "tabindex", "autocomplete", "data-bs-toggle", "open")
"""Attributes whose values say how it looks or what it is; of the others the names are enough."""
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
LONG_WORD = re.compile(r"[^\s\u2e80-\uffef-]{25,}")  # what no line is broken in
TO_BE_NAMED = ("alt", "aria-label", "title")
WITHOUT_EQUALS = (
    """(() => {
const structure = element => {
    const equals = Map.groupBy([...element.children], structure);
    for (const each of equals.values()) each.slice(2, -1).forEach(one => one.remove());
    const marks = [...element.attributes].map(({name, value}) => VALUES.includes(name) ? `${name}=${value}` :
        REFERENCES.includes(name) && value.split(/\\s+/).some(id => id && !document.getElementById(id)) ?
        `dangling ${name}` : TO_BE_NAMED.includes(name) && !value ? `empty ${name}` : name).sort();
    const text = [...element.childNodes].some(each => each.nodeType === Node.TEXT_NODE && each.data.trim());
    return `${element.tagName}[${marks}${text ? ' text' : ''}](${[...equals.keys()].sort()})`;
};
const ids = [...document.querySelectorAll('[id]')].map(each => each.id);
if (new Set(ids).size === ids.length) structure(document.body);
})()""".replace("VALUES", json.dumps(VALUES))
    .replace("REFERENCES", json.dumps(REFERENCES))
    .replace("TO_BE_NAMED", json.dumps(TO_BE_NAMED))
)
"""JavaScript that leaves of siblings of one structure the first two and the last, since styles may differ by even and
odd, first and last; nothing where an id stands twice.  axe looks at half of the elements, whose contrast it is that
takes its time: of 42 pages 9.5 s of processor time become 5.4 (docs/decisions/0315)."""


def structures_of(page: str) -> set[str]:
    """One of what is in <main>, one of what is around it."""
    document = html.document_fromstring(page)
    ids = [each.get("id") for each in document.iter() if isinstance(each.tag, str) and each.get("id")]
    known = set(ids)
    twice = "ids twice" if len(ids) > len(known) else ""
    main = document.find(".//main")
    inner = "" if main is None else _structure(main, known)
    if main is not None:
        for each in list(main):
            main.remove(each)
    return {f"main {inner} {twice}", f"around {_structure(document, known)}"}


def links_of(page: str) -> list[str]:
    return [each.get("href") for each in html.document_fromstring(page).iterfind(".//a[@href]")
            if each.get("download") is None]  # fmt: skip


def _structure(element: Any, ids: set[str]) -> str:
    """Of siblings that are equal one counts; their order matters to nothing that is checked."""
    children = {_structure(each, ids) for each in element if isinstance(each.tag, str)}
    words = [element.text or "", *(each.tail or "" for each in element)]
    marks = [name if name not in VALUES else f"{name}={value}" for name, value in sorted(element.items())]
    marks += [f"dangling {name}" for name in REFERENCES if not set((element.get(name) or "").split()) <= ids]
    marks += ["text"] if any(map(str.strip, words)) else []
    marks += ["long word"] if any(map(LONG_WORD.search, words)) else []
    marks += [f"empty {name}" for name in TO_BE_NAMED if element.get(name) == ""]
    return f"{element.tag}[{' '.join(marks)}]({''.join(sorted(children))})"
