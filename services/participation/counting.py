"""What became of a batch of an import's rows, counted; and a rehearsal's book, which is kept in memory only."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chassis.events.definition import Event
from services.participation.domain import (
    Accepted,
    Decision,
    Ledger,
    Refused,
    Row,
)
from services.participation.queries import FileProgress, Import


@dataclass
class Line:
    """A row and the line of the file that it stood on."""

    number: int
    row: Row


@dataclass
class Dry:
    """A rehearsal: its progress, the book as it would be, and keys that nobody keeps."""

    progress: Import
    ledger: Ledger
    refused: list[tuple[str, str, str, str]]
    loaded: set[str] = field(default_factory=set)
    keys: dict[str, bytes] = field(default_factory=dict)

    def key_of(self, subject: str) -> bytes:
        return self.keys.setdefault(subject, os.urandom(32))


@dataclass
class Counted:
    """A batch decided: how far its file is now, the events, and (line, column, code) of what was refused."""

    progress: FileProgress
    events: list[Event]
    refused: tuple[tuple[str, str, str], ...]


def counted(before: FileProgress, lines: Sequence[Line], decided: Sequence[Decision]) -> Counted:
    """What these decisions add to the file's progress before them."""
    events: list[Event] = []
    refused = []
    accepted = unchanged = 0
    for line, decision in zip(lines, decided, strict=True):
        match decision:
            case Accepted(events=made):
                events.extend(made)
                accepted += 1
            case Refused(column=column, code=code):
                refused.append((str(line.number), column, code))
            case _:
                unchanged += 1
    progress = replace(before, rows=before.rows + len(lines), accepted=before.accepted + accepted,
                       unchanged=before.unchanged + unchanged, refused=before.refused + len(refused))  # fmt: skip
    return Counted(progress, events, tuple(refused))
