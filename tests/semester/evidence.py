"""What a semester left behind, as plain values: mails, publications at the platform, logs, result files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from tests.domain.duties.oracle_of_instances import Facts
from tests.semester.calendar import instant

Event = dict[str, Any]


class Letter(NamedTuple):
    """A mail that the server took: to which recipient, when (microseconds), under which Message-ID."""

    to: str
    at: int
    id: str
    text: str
    html: str = ""


class Publication(NamedTuple):
    """An article as the platform showed it, from an instant and until one (0: still)."""

    title: str
    content: str
    since: int
    until: int = 0


class Problem(NamedTuple):
    """What is wrong: `clause` is one word for the rule that was broken."""

    clause: str
    what: str


@dataclass
class Evidence:
    """`logs`: the events of a service as its feed gives them.  `works`: the words by which a work is known again in
    what is shown.  `results`: the files of `qihang report` for `windows` (what, id, as_of)."""

    facts: Facts
    first: date
    last: date
    mails: list[Letter] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    logs: dict[str, list[Event]] = field(default_factory=dict)
    works: dict[str, str] = field(default_factory=dict)
    windows: list[tuple[str, str, date]] = field(default_factory=list)
    results: dict[str, str] = field(default_factory=dict)

    def events(self, wire: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """(recorded at, data) of every event of that name, such as `publicity.article_published`."""
        for item in self.logs.get(wire.partition(".")[0], ()):
            if item["type"].rpartition(".v")[0].endswith(wire):
                yield instant(item["recordedat"]), item["data"]
