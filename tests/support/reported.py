"""Rows of input files as the CloudEvents that outside systems would send, in any order that keeps their meaning."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

TYPES = {
    "units.csv": "qihang.unit.reported.v1",
    "people.csv": "qihang.membership.reported.v1",
    "posts.csv": "qihang.post.reported.v1",
    "exemptions.csv": "qihang.exemption.reported.v1",
    "records.csv": "qihang.record.reported.v1",
    "withdrawals.csv": "qihang.withdrawal.reported.v1",
    "findings.csv": "qihang.finding.reported.v1",
    "sheets.csv": "qihang.sheet.reported.v1",
    "decisions.csv": "qihang.decision.reported.v1",
}
Event = dict[str, Any]


def event(kind: str, id: str, source: str = "journeys", /, **data: str) -> Event:
    """One CloudEvent: `kind` as in `unit.reported`; a column with a trailing underscore is named without it."""
    cells = {column.rstrip("_"): cell for column, cell in data.items() if cell}
    return {"specversion": "1.0", "type": f"qihang.{kind}.v1", "source": source, "id": id, "data": cells}


def events_of(folder: Path, source: str = "journeys") -> Iterator[Event]:
    """A CloudEvent for every row, the files in their order; its id is `file:line`."""
    for name, kind in TYPES.items():
        if not (folder / name).exists():
            continue
        with (folder / name).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            for row in reader:
                data = {column: cell for column, cell in row.items() if column and cell}
                yield {"specversion": "1.0", "type": kind, "source": source, "id": f"{name}:{reader.line_num}",
                       "data": data}  # fmt: skip


def shuffled(events: Iterable[Event], seed: int, again: float = 0.1) -> list[Event]:
    """All together in another order, the share `again` of them sent twice.

    Kept: the order of rows that share an id, and of one person's memberships; a repeat comes after its first."""
    chance = Random(seed)
    given = list(events)
    turns: dict[tuple[str, str], list[Event]] = {}
    for item in given:
        turns.setdefault(turn_of(item), []).append(item)
    queues = {turn: iter(queue) for turn, queue in turns.items()}
    order = [turn_of(item) for item in given]
    chance.shuffle(order)
    placed = [(float(at), next(queues[turn])) for at, turn in enumerate(order)]
    placed += [(chance.uniform(at, len(order)), item) for at, item in placed if chance.random() < again]
    return [item for _, item in sorted(placed, key=lambda pair: pair[0])]


def turn_of(item: Event) -> tuple[str, str]:
    """What rows that keep their order have in common: the first column is the id, of a membership the person's.  Items
    of sheets and decisions have rivals under other ids: the first one reported is accepted."""
    columns = {"withdrawal": "record_id", "membership": "person_id", "post": "person_id"}
    kind = item["type"].split(".")[1]
    if kind in ("sheet", "decision"):
        return kind, ""
    return kind, item["data"].get(columns.get(kind, f"{kind}_id")) or item["id"]


def write(events: Iterable[Event], path: Path) -> Path:
    """As `qihang publish` reads them: one a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in events)
    return path
