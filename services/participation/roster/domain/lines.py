"""The data of a roster: a row of its file, the registry's memberships, and a line of its preview.  Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, NamedTuple

JOINED: Final = "joined"
MOVED: Final = "moved"
ROLE_CHANGED: Final = "role_changed"
RENAMED: Final = "renamed"
LEFT: Final = "left"
MISSING: Final = "missing"
UNCHANGED: Final = "unchanged"
UNSURE: Final = "unsure"
GROUPS: Final = (JOINED, MOVED, ROLE_CHANGED, RENAMED, LEFT, MISSING, UNCHANGED, UNSURE)
CERTAIN: Final = (JOINED, MOVED, ROLE_CHANGED, RENAMED, LEFT)
"""The groups whose lines need only confirmation, no decision."""

APPLY: Final = "apply"
END: Final = "end"
KEEP: Final = "keep"
START_DIFFERS: Final = "start_differs"
"""Reason: the first day is later than the registry's."""
OTHER_NAME: Final = "other_name"
"""Reason: the name shares no character with the known one of the id."""
EVER: Final = "~"
"""Sorts after the text of every day."""


class RosterRow(NamedTuple):
    """A parsed row of the file: `unit` and `role` in the file's words.  `fault`: column, code and shown value of the
    first unacceptable cell; empty: none."""

    number: int
    person_id: str
    name: str
    role: str
    unit: str
    since: str = ""
    until: str = ""
    sheet: str = ""
    """The number of its sheet from 1, if there are several; else empty."""
    fault: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        return f"{self.sheet}-{self.number}" if self.sheet else str(self.number)


class Service(NamedTuple):
    """A membership that is not void: the days `[since, until)`; `until` empty: open; `name` empty: erased."""

    unit_id: str
    since: str
    until: str
    role: str
    name: str

    def covers(self, day: str) -> bool:
        return self.since <= day < (self.until or EVER)

    def from_day(self, day: str) -> "Service | None":
        """The part of it from that day on; None if nothing is left."""
        return self._replace(since=max(day, self.since)) if not self.until or day < self.until else None

    def overlaps(self, other: "Service") -> bool:
        return self.since < (other.until or EVER) and other.since < (self.until or EVER)


Post = tuple[str, str]
"""Unit and role of a row; the role is empty if the file lacks it."""


class UnitEntry(NamedTuple):
    """A unit that is not void."""

    name: str
    opened_on: str
    closed_on: str

    def in_service(self, day: str) -> bool:
        return self.opened_on <= day < (self.closed_on or EVER)

    def closed_by(self, day: str) -> bool:
        return (self.closed_on or EVER) <= day


@dataclass(frozen=True)
class Book:
    """The registry's memberships and units, and the stored meanings of words (by column, `unit_id` or `role`, and
    text).  `later`: the day of the next roster that was applied; empty: none.  `further`: by person the rows (unit,
    role) confirmed as further posts, which do not count; `starts`: by person the first day of files that was confirmed
    to mean the registry's."""

    people: Mapping[str, Sequence[Service]]
    units: Mapping[str, UnitEntry]
    meanings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    later: str = ""
    further: Mapping[str, frozenset[Post]] = field(default_factory=dict)
    starts: Mapping[str, str] = field(default_factory=dict)

    def serving(self, person_id: str, day: str) -> Service | None:
        return next((item for item in self.people.get(person_id, ()) if item.covers(day)), None)


class Option(NamedTuple):
    """A possible change: the person serves as in `after` instead of `before`, either of which may be None; equal:
    nothing changes.  `book`: all memberships of its person, if it is not the line's; `then`: what follows, by a later
    roster; `further`: the person's other rows, if there are several."""

    key: str
    person_id: str
    before: Service | None
    after: Service | None
    book: tuple[Service, ...] = ()
    then: Service | None = None
    further: tuple[Post, ...] = ()


@dataclass(frozen=True)
class Line:
    """A line of the preview.  `key` is stable when the preview is made again: `row-N` of the file, or `missing_key`.
    `reason`, `column`, `value`: why it needs a decision, and the value.  `book`: all memberships of the person that the
    options assume."""

    key: str
    group: str
    person_id: str
    name: str
    rows: tuple[int, ...]
    options: tuple[Option, ...]
    book: tuple[Service, ...] = ()
    reason: str = ""
    column: str = ""
    value: str = ""
    notes: tuple[str, ...] = ()

    def option(self, key: str) -> Option | None:
        return next((item for item in self.options if item.key == key), None)

    @property
    def shown(self) -> Option | None:
        """What the line does when it is simply confirmed; the first of several options."""
        return self.options[0] if self.options else None

    def with_notes(self, *notes: str) -> "Line":
        return replace(self, notes=(*self.notes, *(note for note in notes if note not in self.notes)))


def line_to_json(line: Line) -> dict[str, Any]:
    return asdict(line)


def line_from_json(data: Mapping[str, Any]) -> Line:
    """The inverse of `line_to_json`, through JSON."""
    options = tuple(
        Option(
            key,
            person_id,
            before and Service(*before),
            after and Service(*after),
            _services(book),
            then and Service(*then),
            tuple((unit_id, role) for unit_id, role in further),
        )
        for key, person_id, before, after, book, then, further in data["options"]
    )
    book, rows, notes = _services(data["book"]), tuple(data["rows"]), tuple(data["notes"])
    return Line(**{**data, "options": options, "book": book, "rows": rows, "notes": notes})


def _services(data: Iterable[Iterable[str]]) -> tuple[Service, ...]:
    return tuple(Service(*item) for item in data)


def missing_key(person_id: str) -> str:
    """The key for a person who is not listed: without their id, since events contain the keys of lines."""
    return f"missing-{hashlib.sha256(person_id.encode()).hexdigest()[:16]}"


def count_groups(lines: Iterable[Line]) -> dict[str, int]:
    counts = dict.fromkeys(GROUPS, 0)
    for line in lines:
        counts[line.group] += 1
    return counts
