"""What a kind of bad report is: its bytes, how it is sent, and what must become of it on either way in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
SOURCE = "hostile"
UNIT = "qihang.unit.reported.v1"


@dataclass(frozen=True)
class Receipt:
    """A receipt came, in the answer or on the publisher's queue."""

    outcome: str
    column: str = ""
    code: str = ""


@dataclass(frozen=True)
class Problem:
    """problem+json."""

    status: int
    code: str


@dataclass(frozen=True)
class Quarantined:
    """It stands in quarantine, whole, under this code."""

    code: str


@dataclass(frozen=True)
class Refused:
    """The broker closed the publisher's channel: nothing came in."""

    reply_code: int


@dataclass(frozen=True)
class Applied:
    """It went in; nobody could be told."""


@dataclass(frozen=True)
class Hung:
    """Answered at the level of HTTP (this status) or cut off (0), before any service's code."""

    status: int


ACCEPTED, APPLIED = Receipt("accepted"), Applied()
Outcome = Receipt | Problem | Quarantined | Refused | Applied | Hung | None


@dataclass(frozen=True)
class Kind:
    """`http`, `amqp`: what must become of it there; None: it cannot be sent on that way.

    `event` is the id by which its receipt is known.  `headers` are HTTP's; `properties` and `key` AMQP's;
    `raw` is a whole HTTP request, where no client would send such a thing.
    """

    name: str
    body: bytes
    http: Outcome = None
    amqp: Outcome = None
    content_type: str | None = SINGLE
    event: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    key: str = UNIT
    raw: bytes = b""
    stands_as: Any = None  # the one event of a readable body that stands in quarantine alone

    def __str__(self) -> str:
        return self.name


def event(id: Any, data: Any = None, /, **changes: Any) -> dict[str, Any]:
    """A good report of a unit of that id; `changes` with the value None leave the attribute out."""
    given = {"unit_id": f"U-{id}", "name": "学校", "kind": "school", "opened_on": "2010-09-01"}
    result = {"specversion": "1.0", "id": id, "source": SOURCE, "type": UNIT, "data": given if data is None else data}
    result |= changes
    return {name: value for name, value in result.items() if value is not None}


def body(*events: Any) -> bytes:
    """One event alone, several as a batch."""
    return json.dumps(events[0] if len(events) == 1 else list(events), ensure_ascii=False).encode()


def unreadable(name: str, content: bytes, code: str, status: int = 400, **more: Any) -> Kind:
    """The body as a whole cannot be read: a problem by HTTP, quarantine by AMQP."""
    return Kind(name, content, Problem(status, code), Quarantined(code), **more)


def faulty(name: str, column: str, code: str, /, *, data: Any = None, **changes: Any) -> Kind:
    """A readable body whose event is refused for a column."""
    receipt = Receipt("refused", column, code)
    return Kind(name, json.dumps(event(name, data, **changes)).encode(), receipt, receipt, event=name)


def nameless(name: str, column: str, /, **changes: Any) -> Kind:
    """An event for which no receipt could be given on a queue: it stands in quarantine there."""
    result = event(name, **changes)
    return Kind(name, json.dumps(result).encode(), Receipt("refused", column, "bad_event"), Quarantined("bad_event"),
                stands_as=result)  # fmt: skip
