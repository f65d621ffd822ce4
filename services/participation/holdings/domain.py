"""How an outside system and we name a row and its content equally (docs/intake.md, What we hold).  Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from chassis.events.canonical_json import canonical
from services.participation.domain.digests import readable
from services.participation.domain.ledger import person_of
from services.participation.domain.naming import split_membership_id, split_post_id
from services.participation.domain.rows import ID_COLUMNS, cells_of
from services.participation.domain.states import Fact

KINDS: Final = tuple(ID_COLUMNS)
"""The kinds of stored rows; events that change a row (closed, ended, corrected, ...) are not rows themselves."""
PRIVATE: Final[Mapping[str, tuple[str, ...]]] = {
    "membership": ("name",), "exemption": ("reason",), "record": ("title", "content_sha256", "evidence"),
    "decision": ("reason",),
}  # fmt: skip
"""The columns of each kind that are encrypted under the person's key."""


class Holding(NamedTuple):
    """A row of the publisher: `digest` of its current content, `accepted` as it was accepted; both empty if the person
    was erased.  `state`: standing, voided or erased."""

    row_id: str
    digest: str
    accepted: str
    state: str

    @property
    def stands(self) -> bool:
        return self.state == "standing"


def row_id_of(kind: str, cells: Mapping[str, str]) -> str:
    """The id columns joined by `/`."""
    return "/".join(cells[column] for column in ID_COLUMNS[kind])


def ids_named(kind: str, row_id: str) -> list[tuple[str, ...]]:
    """Every way to read that id: parts may contain slashes."""
    if kind == "membership":
        return split_membership_id(row_id)
    return split_post_id(row_id) if kind == "post" else [(row_id,)]


def content_digest(cells: Mapping[str, str]) -> str:
    """SHA-256 (hex) over the canonical JSON object of the columns that are not empty."""
    return hashlib.sha256(canonical({name: cell for name, cell in cells.items() if cell}).encode()).hexdigest()


def range_digest(rows: Iterable[tuple[str, str]]) -> str:
    """SHA-256 (hex) over a line `id TAB digest LF` per row, ordered by the bytes of ids."""
    result = hashlib.sha256()
    for row_id, digest in rows:
        result.update(f"{row_id}\t{digest}\n".encode())
    return result.hexdigest()


def plain_cells(kind: str, fact: Fact, keys: Mapping[str, bytes]) -> dict[str, str]:
    """The current row in plain text; undecryptable texts are empty."""
    cells, person_id = cells_of(fact.row), person_of(fact)
    if person_id and (key := keys.get(person_id)):
        cells |= {column: readable(cells[column], person_id, key) for column in PRIVATE.get(kind, ())}
    elif person_id:
        cells |= dict.fromkeys(PRIVATE.get(kind, ()), "")
    return cells


class Part(NamedTuple):
    """The rows of one kind with `first <= id < before` (`before` empty: no bound)."""

    first: str
    before: str
    rows: int
    digest: str


def parts_of(first: str, before: str, rows: Sequence[tuple[str, str]], most: int) -> list[Part]:
    """At most `most` parts of similar size that cover the range without a gap; each begins at an existing row, the
    first at the range's start."""
    size = max(1, -(-len(rows) // most))
    starts = range(0, len(rows), size)
    bounds = [first, *(rows[at][0] for at in starts[1:]), before]
    return [Part(bounds[number], bounds[number + 1], len(chosen := rows[at : at + size]), range_digest(chosen))
            for number, at in enumerate(starts)]  # fmt: skip
