"""The progress of an import and its parts, and what a batch of decided rows adds to it.  Pure: no clock, store or
broker."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from chassis.events.definition import Event
from services.participation.domain import KIND_OF_TABLE, Accepted, Decision, Refused, Row

TABLES: Final = list(KIND_OF_TABLE)
IF_ANY: Final = "?"
"""In place of a table: the file is skipped, with a note, if it contains no known table."""


@dataclass(frozen=True)
class ReadPart:
    """A part of a file: a sheet, or the whole file (`sheet` empty); `table` is one of TABLES."""

    file: str
    sheet: str
    table: str
    rows: int


@dataclass(frozen=True)
class PartProgress:
    """The progress of one part of an import; `name` as in results, `done_bytes` of its spooled rows."""

    number: int
    name: str
    table: str
    file: str
    total: int
    sheet: str = ""
    rows: int = 0
    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    done_bytes: int = 0
    done: bool = False


@dataclass(frozen=True)
class ImportProgress:
    """The state of an import: [file, SHA-256, size, table or ''] of each file, and the progress of each part; `parts`
    is None until all files are read.  May be empty: `late_entry`: why its records are entered late; `campaign`: whose
    rules apply; `source`: the outside system that owns them; `unit_id`: the unit that owns them; `stopped`: why it
    ended undecided."""

    import_id: str
    manifest: list[list[str]]
    finished: bool
    parts: list[PartProgress] | None = None
    late_entry: str = ""
    campaign: str = ""
    source: str = ""
    stopped: str = ""
    actor: str = ""
    started_at: str = ""
    finished_at: str = ""
    unit_id: str = ""
    undone_at: str = ""

    @property
    def is_open(self) -> bool:
        return not (self.finished or self.stopped)

    @property
    def files(self) -> list[str]:
        return [name for name, *_ in self.manifest]

    @property
    def left(self) -> list[PartProgress]:
        """The parts that are not done, in order."""
        return [part for part in self.parts or () if not part.done]


@dataclass(frozen=True)
class Line:
    """A row and its line in the file; `fault`: column and code (and value) if it could not be read; `person_name`: in a
    unit's file the name besides or in place of the id."""

    number: int
    row: Row
    fault: tuple[str, str, str] | None = None
    person_name: str = ""


@dataclass(frozen=True)
class SpooledRows:
    """The next rows of a part, the offset after them, and whether the part ends there."""

    part: PartProgress
    lines: list[Line]
    done_bytes: int
    done: bool


@dataclass(frozen=True)
class DecidedRows:
    """A decided batch of a part: its new progress, the events, and (line, column, code) of refused rows."""

    progress: PartProgress
    events: list[Event]
    refused: tuple[tuple[str, str, str], ...]


def parts_in_order(manifest: Sequence[Sequence[str]], discovered: Iterable[ReadPart]) -> list[PartProgress]:
    """The parts by table, then by file, each with its name: `people.csv` for the only one of a file with that name,
    whatever its extension; else the file's own, followed by the sheet's if it has several."""
    files = [file[0] for file in manifest]
    ordered = sorted(discovered, key=lambda part: (TABLES.index(part.table), files.index(part.file)))
    names = _names(ordered)
    return [
        PartProgress(number, names[number], part.table, part.file, part.rows, part.sheet)
        for number, part in enumerate(ordered)
    ]


def _names(parts: Sequence[ReadPart]) -> list[str]:
    own = [_own_name(part, parts) for part in parts]
    fixed = [_fixed_name(part) for part in parts]
    taken = [name for name in fixed if name]
    return [
        name if name and taken.count(name) == 1 and _of_file(part, parts) == 1 else _distinct(other, number, own)
        for number, (part, name, other) in enumerate(zip(parts, fixed, own, strict=True))
    ]


def _fixed_name(part: ReadPart) -> str:
    stem = part.file.rpartition(".")[0] or part.file
    return f"{part.table}.csv" if stem.lower() == part.table else ""


def _of_file(part: ReadPart, parts: Sequence[ReadPart]) -> int:
    return sum(other.file == part.file for other in parts)


def _own_name(part: ReadPart, parts: Sequence[ReadPart]) -> str:
    return f"{part.file}/{part.sheet}" if part.sheet and _of_file(part, parts) > 1 else part.file


def _distinct(name: str, number: int, names: Sequence[str]) -> str:
    before = names[:number].count(name)
    return f"{name} ({before + 1})" if before else name


def decide_lines(lines: Sequence[Line], decide: Callable[[list[Row]], Sequence[Decision]]) -> list[Decision]:
    """The decisions on all lines; `decide` gives those on the rows that could be read."""
    remaining = iter(decide([line.row for line in lines if line.fault is None]))
    return [Refused(*line.fault[:2]) if line.fault else next(remaining) for line in lines]


def count_outcomes(spooled: SpooledRows, decisions: Sequence[Decision]) -> DecidedRows:
    """The part's progress after these decisions."""
    before = spooled.part
    events: list[Event] = []
    refused = []
    accepted = unchanged = 0
    for line, decision in zip(spooled.lines, decisions, strict=True):
        match decision:
            case Accepted():
                events.extend(decision.events)
                accepted += 1
            case Refused(column=column, code=code):
                refused.append((str(line.number), column, code))
            case _:
                unchanged += 1
    progress = replace(before, rows=before.rows + len(spooled.lines), accepted=before.accepted + accepted,
                       unchanged=before.unchanged + unchanged, refused=before.refused + len(refused),
                       done_bytes=spooled.done_bytes, done=spooled.done)  # fmt: skip
    return DecidedRows(progress, events, tuple(refused))
