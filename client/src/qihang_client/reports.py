"""Events as Qihang takes them: types and columns, the ids of rows, and the digests by which both sides compare."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "unit": ("unit_id", "name", "kind", "tags", "zone_id", "community_id", "liaison_id", "opened_on", "closed_on"),
    "membership": ("person_id", "name", "role", "unit_id", "from", "to"),
    "post": ("unit_id", "post", "person_id", "from", "to"),
    "exemption": ("exemption_id", "person_id", "unit_id", "duty", "period", "reason"),
    "record": ("record_id", "record", "unit_id", "person_id", "occurred_at", "period", "title", "content_sha256",
               "evidence"),
    "finding": ("finding_id", "unit_id", "assessor_id", "found_on", "deadline", "points", "rectified_on", "category",
                "description"),
    "sheet": ("sheet_id", "unit_id", "assessor_id", "period", "item", "points", "assessed_on"),
    "decision": ("decision_id", "kind", "year", "unit_id", "person_id", "document", "decided_on", "reason"),
}  # fmt: skip
"""The kinds of rows that Qihang holds, and their columns."""
_SEVERAL_IDS = {"membership": ("person_id", "unit_id", "from"), "post": ("unit_id", "post", "person_id", "from")}
WITHDRAWAL, CANCELLATION = "qihang.withdrawal.reported.v1", "qihang.report.cancelled.v1"

Cells = Mapping[str, "str | None"]


class Row(NamedTuple):
    """A row to be reported; without an id it gets one from its content."""

    type: str
    data: Cells
    id: str = ""


class Answer(NamedTuple):
    """What a receipt says of an event: accepted, unchanged, waiting or refused, the column and code, and the remedy;
    `revision`: of which one, None where that is not said."""

    source: str
    id: str
    outcome: str
    column: str = ""
    code: str = ""
    message: str = ""
    revision: int | None = 0

    @staticmethod
    def of(data: Mapping[str, Any]) -> Answer:
        source, id, outcome, column, code, message = (str(data.get(name) or "") for name in Answer._fields[:-1])
        return Answer(source, id, outcome, column, code, message, int(data.get("revision") or 0))


def full_type(name: str) -> str:
    """`record.reported` is short for `qihang.record.reported.v1`."""
    return name if name.startswith("qihang.") else f"qihang.{name}.v1"


def kind_of(type: str) -> str:
    """The kind of row that an event of this type brings; empty: it changes one."""
    parts = full_type(type).split(".")
    return parts[1] if len(parts) == 4 and parts[1] in COLUMNS and parts[2] == "reported" else ""


def id_columns(kind: str) -> tuple[str, ...]:
    return _SEVERAL_IDS.get(kind, (f"{kind}_id",))


def given_cells(type: str, data: Cells) -> dict[str, str]:
    """The cells that are given.  An empty one is not, save in a correction, which empties the cell."""
    wrong = [name for name, cell in data.items() if not (cell is None or isinstance(cell, str))]
    if wrong:
        raise TypeError(f"every column is text: {', '.join(wrong)}")
    keeps = full_type(type).endswith(".corrected.v1")
    return {name: cell for name, cell in data.items() if cell or (keeps and cell is not None)}


def row_id_of(kind: str, data: Cells) -> str:
    """How Qihang names the row."""
    return "/".join(data.get(column) or "" for column in id_columns(kind))


def content_digest(data: Cells, kind: str = "") -> str:
    """SHA-256 of the columns that are not empty; with a kind, of those that Qihang knows."""
    known = COLUMNS.get(kind)
    cells = {name: cell for name, cell in data.items() if cell and (known is None or name in known)}
    return hashlib.sha256(_text(cells).encode()).hexdigest()


def range_digest(rows: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over a line for each (id, digest), in the order of the ids."""
    result = hashlib.sha256()
    for row_id, digest in sorted(rows):
        result.update(f"{row_id}\t{digest}\n".encode())
    return result.hexdigest()


def default_id(type: str, data: Mapping[str, str]) -> str:
    """Of a row the same for the same content, so that adding it again, or after the outbox was lost, is the same event;
    of a change a new one, since the same change may come twice."""
    kind = kind_of(type)
    if not kind and type != WITHDRAWAL:
        return uuid.uuid4().hex
    return hashlib.sha256(_text([type, data]).encode()).hexdigest()[:40]


def envelope(source: str, id: str, type: str, data: Mapping[str, str], revision: int) -> dict[str, Any]:
    event: dict[str, Any] = {"specversion": "1.0", "id": id, "source": source, "type": type, "data": data}
    return event | {"revision": revision} if revision else event


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
