"""The words of a roster: a row of its file, who serves where by the book, and a line of its preview.  Pure."""

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
"""The groups whose lines need no decision but that they are confirmed."""

APPLY: Final = "apply"
END: Final = "end"
KEEP: Final = "keep"
START_DIFFERS: Final = "start_differs"
"""Why a line with a first day later than the registry's needs a decision."""
OTHER_NAME: Final = "other_name"
"""Why a line needs a decision whose id bears a name without one character of the known one."""
EVER: Final = "~"
"""Later than the text of every day."""


class RosterRow(NamedTuple):
    """A row of the file, its cells read: `unit` and `role` as the file calls them.  `fault`: column, code and the value
    shown of the first cell that cannot be taken; empty: none."""

    number: int
    person_id: str
    name: str
    role: str
    unit: str
    since: str = ""
    until: str = ""
    sheet: str = ""
    """The place of its sheet among several, from 1; empty: there is one."""
    fault: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        return f"{self.sheet}-{self.number}" if self.sheet else str(self.number)


class Service(NamedTuple):
    """A membership that is not void: the days `[since, until)`; an empty `until` is open, an empty `name` erased."""

    unit_id: str
    since: str
    until: str
    role: str
    name: str

    def covers(self, day: str) -> bool:
        return self.since <= day < (self.until or EVER)

    def from_day(self, day: str) -> "Service | None":
        """What of it is left from that day on; None: nothing."""
        return self._replace(since=max(day, self.since)) if not self.until or day < self.until else None

    def overlaps(self, other: "Service") -> bool:
        return self.since < (other.until or EVER) and other.since < (self.until or EVER)


Post = tuple[str, str]
"""Unit and role of a row; the role empty: the file does not say."""


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
    """Who serves where as the registry has it, the units, and what words of earlier rosters were said to mean (by
    column, `unit_id` or `role`, and text).  `later`: the day of the next roster that was applied; empty: none.
    `further`: of a person the rows (unit, role) that were confirmed to be further posts, which do not count;
    `starts`: of a person the first day of files that was confirmed to be no other than the registry's."""

    people: Mapping[str, Sequence[Service]]
    units: Mapping[str, UnitEntry]
    meanings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    later: str = ""
    further: Mapping[str, frozenset[Post]] = field(default_factory=dict)
    starts: Mapping[str, str] = field(default_factory=dict)

    def serving(self, person_id: str, day: str) -> Service | None:
        return next((item for item in self.people.get(person_id, ()) if item.covers(day)), None)


class Option(NamedTuple):
    """What may be done with a line: the person serves as `after` says in place of `before`, either of which may be
    none; both alike: nothing is changed.  `book`: all memberships of its person, where it is another than the line's;
    `then`: what follows, as a later roster had it; `further`: the person's other rows, where they have several."""

    key: str
    person_id: str
    before: Service | None
    after: Service | None
    book: tuple[Service, ...] = ()
    then: Service | None = None
    further: tuple[Post, ...] = ()


@dataclass(frozen=True)
class Line:
    """A line of the preview.  `key` stays the same when the preview is made again: `row-N` of the file, or
    `missing_key`.  `reason`, `column`, `value`: why it needs a decision, and what stood there.  `book`: all
    memberships of the person that the options count on."""

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
        """What the line would do when it is simply confirmed; of several options the first."""
        return self.options[0] if self.options else None

    def with_notes(self, *notes: str) -> "Line":
        return replace(self, notes=(*self.notes, *(note for note in notes if note not in self.notes)))


def line_to_json(line: Line) -> dict[str, Any]:
    return asdict(line)


def line_from_json(data: Mapping[str, Any]) -> Line:
    """What `line_to_json` wrote, through JSON."""
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
    """The key of a line of a person who is not listed: without their id, since all lines stand in one event."""
    return f"missing-{hashlib.sha256(person_id.encode()).hexdigest()[:16]}"


def count_groups(lines: Iterable[Line]) -> dict[str, int]:
    counts = dict.fromkeys(GROUPS, 0)
    for line in lines:
        counts[line.group] += 1
    return counts
