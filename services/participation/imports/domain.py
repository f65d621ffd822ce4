"""How far an import is, and what a batch of decided rows adds to it.  Pure: no clock, store or broker."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chassis.events.definition import Event
from services.participation.domain import Accepted, Decision, Refused, Row


@dataclass(frozen=True)
class FileProgress:
    """How far one file of an import is; `done_bytes` of its spooled rows."""

    file: str
    rows: int
    accepted: int
    unchanged: int
    refused: int
    done_bytes: int
    done: bool


@dataclass(frozen=True)
class ImportProgress:
    """An import: [file, SHA-256, size] of each file in their order, and how far each is.  `late_entry`: why its records
    are entered late; empty: they are not."""

    import_id: str
    manifest: list[list[str]]
    finished: bool
    files: list[FileProgress]
    late_entry: str = ""
    campaign: str = ""

    @property
    def current(self) -> FileProgress | None:
        """The file whose turn it is."""
        return next((file for file in self.files if not file.done), None)


@dataclass(frozen=True)
class Line:
    """A row and the line of the file that it stood on."""

    number: int
    row: Row


@dataclass(frozen=True)
class SpooledRows:
    """The next rows of a file, the place behind them, and whether the file ends there."""

    lines: list[Line]
    done_bytes: int
    done: bool


@dataclass(frozen=True)
class DecidedRows:
    """A batch decided: how far its file is now, the events, and (line, column, code) of what was refused."""

    progress: FileProgress
    events: list[Event]
    refused: tuple[tuple[str, str, str], ...]


def count_outcomes(before: FileProgress, rows: SpooledRows, decisions: Sequence[Decision]) -> DecidedRows:
    """What these decisions add to the file's progress before them."""
    events: list[Event] = []
    refused = []
    accepted = unchanged = 0
    for line, decision in zip(rows.lines, decisions, strict=True):
        match decision:
            case Accepted():
                events.extend(decision.events)
                accepted += 1
            case Refused(column=column, code=code):
                refused.append((str(line.number), column, code))
            case _:
                unchanged += 1
    progress = replace(before, rows=before.rows + len(rows.lines), accepted=before.accepted + accepted,
                       unchanged=before.unchanged + unchanged, refused=before.refused + len(refused),
                       done_bytes=rows.done_bytes, done=rows.done)  # fmt: skip
    return DecidedRows(progress, events, tuple(refused))
