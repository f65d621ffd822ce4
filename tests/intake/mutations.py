"""A hypothesis strategy: bytes that come from good ones by small changes, as bad programs, lines and people make them."""
# ruff: noqa: E501 - a table of fragments

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from enum import Enum, auto
from typing import Any

from hypothesis import strategies as st

FRAGMENTS = [
    *(b'{"', b'":', b"[", b"]", b"{", b"}", b",", b'"', b"null", b"true", b"NaN", b"-Infinity", b"1e400", b"-0", b"0x1"),
    *(b"\\u0000", b"\\ud800", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\0", b"\xff", b"\xc0\xaf", b"\n", b"\r\n", b"\t", b" "),
    *(b"9" * 20, b"9" * 5000, b"[" * 40, b"[" * 2000, b'{"a":' * 1200, b'"id"', b'"data"', b"a" * 5000, "名".encode() * 50),
    *(b"&a", b"*a", b"!!python/name:os.system", b"<<:", b"- ", b": ", b"|", b">", b"%YAML 9", b"---", b"...", b"2023-02-30"),
    *(b'"position":"1"', b'"position":"' + b"9" * 30 + b'"', b"PK\x03\x04", b"1,2", b'""', b"'", b";"),
]  # fmt: skip
LONGEST = 200_000
MOST_CHANGES = 8


class Change(Enum):
    """One small change of a body; `at` and `to` are positions in it, `at` before `to`."""

    BYTE = auto()
    DELETE = auto()
    INSERT = auto()
    REPLACE = auto()
    REPEAT = auto()
    SPLICE = auto()
    CUT = auto()
    INSERT_OTHER = auto()


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """A seed with at most eight changes (none too); a counterexample shrinks towards the seed."""
    body = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, MOST_CHANGES))):
        at, to = sorted(draw(st.tuples(st.integers(0, len(body)), st.integers(0, len(body)))))
        match draw(st.sampled_from(Change)):
            case Change.BYTE if body:
                body[min(at, len(body) - 1)] = draw(st.integers(0, 255))
            case Change.DELETE:
                del body[at : min(to, at + 64)]
            case Change.INSERT:
                body[at:at] = draw(st.sampled_from(FRAGMENTS))
            case Change.REPLACE:
                body[at:to] = draw(st.sampled_from(FRAGMENTS))
            case Change.REPEAT:
                body[at:at] = body[at : min(to, at + 2000)]
            case Change.SPLICE:
                other = draw(st.sampled_from(seeds))
                body[at:] = other[min(at, len(other)) :]
            case Change.INSERT_OTHER:
                other = draw(st.sampled_from(seeds))
                body[at:at] = other[min(to, len(other)) :][:500]
            case Change.CUT:
                del body[at:]
    return bytes(body[:LONGEST])


CELLS = st.one_of(
    st.sampled_from([
        "", "0", "-1", "1.5", "1e3", "9" * 30, "2023-05", "2023-Q3", "2023-spring", "2023-05-31", "2023-02-30", "2023-W05-1",
        "2023-05-31T08:00:00+08:00", "2023-05-31T24:00", "0001-01-01", "9999-12-31T23:59:59Z", "a\0b", "a\udc80b", "长" * 4001,
    ]),
    st.text(max_size=80), st.none(), st.integers(), st.lists(st.text(max_size=5), max_size=2),
)  # fmt: skip


@st.composite
def with_other_cells(draw: st.DrawFn, events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A good event in which some attributes and some cells of `data` have other values."""
    event = dict(draw(st.sampled_from(events)))
    cells = dict(event["data"])
    for name in draw(st.lists(st.sampled_from(sorted(cells)), unique=True)):
        cells[name] = draw(CELLS)
    for name in draw(st.lists(st.sampled_from(sorted(event)), unique=True, max_size=2)):
        event[name] = draw(CELLS)
    return event | {"data": cells}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | CELLS,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=8), values, max_size=3),
    max_leaves=6,
)


@st.composite
def with_other_values(draw: st.DrawFn, document: Any) -> Any:
    """A good document in which up to four places have another value, or are left out."""
    document = deepcopy(document)
    for _ in range(draw(st.integers(1, 4))):
        place = document
        while True:
            if not isinstance(place, dict | list) or not place:
                break
            key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
            if not isinstance(place[key], dict | list) or draw(st.integers(0, 3)) == 0:
                if draw(st.booleans()):
                    place[key] = draw(JSON)
                else:
                    del place[key]
                break
            place = place[key]
    return document
