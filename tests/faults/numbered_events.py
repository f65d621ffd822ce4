"""The numbered events of one run: what is sent, by which way, and where each must be found in the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
SOURCE = "ledger"
UNITS, PEOPLE_EACH, RECORDS, FINDINGS, WAITING, REFUSED, UNREADABLE = 12, 3, 240, 12, 10, 20, 10
BODY = 6  # events a body


@dataclass(frozen=True)
class NumberedEvent:
    """One event.  `stream` is where participation's log keeps it, when it does; `ends` are the ends that are right."""

    id: str
    ends: tuple[str, ...]
    stream: str
    event: dict[str, Any] | None


@dataclass(frozen=True)
class Body:
    """What is sent at once.  A body without events cannot be read; its bytes bear the id of its only number."""

    transport: str
    content: bytes
    content_type: str
    numbers: tuple[NumberedEvent, ...]

    @property
    def readable(self) -> bool:
        return self.numbers[0].event is not None


def event(kind: str, id: str, /, **data: str) -> dict[str, Any]:
    """One CloudEvent."""
    return {"specversion": "1.0", "type": f"qihang.{kind}.reported.v1", "source": SOURCE, "id": id, "data": data}


def numbered(run: str, transports: tuple[str, ...]) -> list[Body]:
    """Every body of a run, in the order in which they are sent; ids and streams bear the run's name."""
    bodies: list[Body] = []
    readable = list(_interleaved(run))
    for turn, at in enumerate(range(0, len(readable), BODY)):
        part, transport = tuple(readable[at : at + BODY]), transports[turn % len(transports)]
        if (
            turn // len(transports) % 2
        ):  # every second one's events come one by one: participation takes them another way
            bodies += [Body(transport, _text(item.event), SINGLE, (item,)) for item in part]
        else:
            bodies.append(Body(transport, _text([item.event for item in part]), BATCH, part))
    for number in range(UNREADABLE):
        item = NumberedEvent(f"{run}-unreadable-{number}", ("quarantined", "refused"), "", None)
        content = _text(event("unit", item.id))[:-4]
        body = Body(transports[number % len(transports)], content, SINGLE, (item,))
        bodies.insert((number + 1) * len(bodies) // UNREADABLE, body)
    return bodies


def _text(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def _interleaved(run: str) -> Iterator[NumberedEvent]:
    """Units first, then all the others mixed as outside systems would: some before what they name."""
    yield from _units(run)
    rest = [list(_people(run)), list(_records(run)), list(_findings(run)), list(_waiting(run)), list(_refused(run))]
    total = max(len(item) for item in rest)
    for step in range(total):
        for item in rest:
            yield from item[step * len(item) // total : (step + 1) * len(item) // total]


def _valid(kind: str, stream: str, id: str, /, **data: str) -> NumberedEvent:
    return NumberedEvent(id, ("applied",), stream, event(kind, id, **data))


def _units(run: str) -> Iterator[NumberedEvent]:
    for number in range(UNITS):
        id = f"{run}-u{number}"
        kind = "school" if number else "bureau"
        yield _valid("unit", f"unit-{id}", id, unit_id=id, name=f"第{number}学校", kind=kind, opened_on="2010-09-01")


def _people(run: str) -> Iterator[NumberedEvent]:
    for number in range(UNITS * PEOPLE_EACH):
        id = f"{run}-p{number}"
        yield _valid("membership", f"person-{id}", id, person_id=id, name=f"教师{number}", role="teacher",
                    unit_id=f"{run}-u{number % UNITS}", **{"from": "2015-09-01"})  # fmt: skip


def _records(run: str) -> Iterator[NumberedEvent]:
    for number in range(RECORDS):
        id = f"{run}-r{number}"
        person = {"person_id": f"{run}-p{number % (UNITS * PEOPLE_EACH)}"} if number % 2 else {}
        yield _valid("record", f"record-{id}", id, record_id=id, record="summary" if person else "video",
                    unit_id=f"{run}-u{number % UNITS}", occurred_at="2023-05-08T16:30:00", title=f"第 {number} 件",
                    content_sha256=f"{number:064x}", evidence="evidence/1.pdf", **person)  # fmt: skip


def _findings(run: str) -> Iterator[NumberedEvent]:
    for number in range(FINDINGS):
        id = f"{run}-f{number}"
        yield _valid("finding", f"finding-{id}", id, finding_id=id, unit_id=f"{run}-u{1 + number % (UNITS - 1)}",
                    assessor_id=f"{run}-u0", found_on="2023-10-07", deadline="2023-10-30", points="1.5")  # fmt: skip


def _waiting(run: str) -> Iterator[NumberedEvent]:
    """They name units that never come."""
    for number in range(WAITING):
        id = f"{run}-w{number}"
        yield NumberedEvent(id, ("waiting",), f"record-{id}", event("record", id, record_id=id, record="video",
                       unit_id=f"{run}-nowhere{number}", occurred_at="2023-05-08T16:30:00"))  # fmt: skip


def _refused(run: str) -> Iterator[NumberedEvent]:
    faults = [{"kind": "castle"}, {"opened_on": "2023-02-30"}, {"name": ""}, {"opened_on": "soon"}]
    for number in range(REFUSED):
        id = f"{run}-x{number}"
        good = {"unit_id": id, "name": "学校", "kind": "school", "opened_on": "2010-09-01"}
        yield NumberedEvent(id, ("refused",), f"unit-{id}", event("unit", id, **good | faults[number % len(faults)]))
