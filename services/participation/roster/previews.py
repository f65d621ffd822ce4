"""Stores previews of rosters in files until they are confirmed or a week old; they survive restarts.  Each is a small
SQLite database, of which only the requested lines are read: a city has 100,000.  They contain names: all of them are
deleted when anybody is erased."""

import contextlib
import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from services.participation.roster.domain.lines import (
    GROUPS,
    Line,
    RosterRow,
    line_from_json,
    line_to_json,
)

KEPT_SECONDS: Final = 7 * 24 * 3600
UPLOAD_SECONDS: Final = 3600  # no upload takes longer
BUSY_SECONDS: Final = 10.0
ENDING: Final = ".sqlite"
COMPARISON: Final = ".comparison"
"""The extension of the folder of an unfinished comparison (comparisons.py)."""
ID: Final = re.compile(r"[0-9]{8}-[0-9a-f]{10}")
_TABLES: Final = """
    CREATE TABLE head (document TEXT);
    CREATE TABLE rows (cells TEXT);
    CREATE TABLE lines (
        place INTEGER PRIMARY KEY, key TEXT UNIQUE, grp INTEGER, row INTEGER, person TEXT, document TEXT,
        settled INTEGER
    );
"""
UNIT_REASONS: Final = ("unknown_unit", "unit_closed", "ambiguous_name")
"""The reasons for which a word must be defined as a unit."""
_MARK: Final = "erased"
_ORDER: Final = "ORDER BY grp, row, place"

_PAGE: Final = """
    SELECT document FROM lines WHERE grp BETWEEN ? AND ? AND settled <> ? ORDER BY grp, row, place LIMIT ? OFFSET ?
"""


@dataclass(frozen=True)
class Preview:
    """A roster compared with the registry.  `revision`: the number of comparisons; `counts`: its lines by group;
    `units`: the names of units in its lines; `unknown`: words to define, by reason; `notes` of the reader: [sheet,
    line, column, code, text]."""

    roster_id: str
    unit_id: str
    as_of: str
    file: str
    sha256: str
    actor: str
    created_at: str
    notes: list[list[Any]]
    revision: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, list[str]] = field(default_factory=dict)


class Previews:
    """One file per preview."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(
        self, head: Preview, rows: Iterable[RosterRow], lines: Iterable[Line], names: Mapping[str, str],
        settled: Collection[str] = (),
    ) -> Preview:  # fmt: skip
        """Store it durably, replacing an earlier one.  `names` of units; `settled`: the keys of settled lines."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f"{head.roster_id}.{os.urandom(4).hex()}.new"
        try:
            with _open_database(fresh) as database:
                database.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_TABLES} BEGIN")
                database.executemany("INSERT INTO rows VALUES (?)", ((_json(row),) for row in rows))
                gathered = _PreviewFigures(head, names)
                database.executemany("INSERT INTO lines VALUES (NULL, ?, ?, ?, ?, ?, 0)", gathered.stored(lines))
                database.execute("INSERT INTO head VALUES (?)", (_json(asdict(gathered.preview)),))
                database.execute("CREATE INDEX lines_order ON lines (grp, row)")
                _settle(database, dict.fromkeys(settled, 1))
            with fresh.open("rb") as written:
                os.fsync(written.fileno())
            fresh.replace(self._path(head.roster_id))
        finally:
            fresh.unlink(missing_ok=True)
        return gathered.preview

    def find(self, roster_id: str) -> Preview | None:
        """None if it was never made, is too old, or somebody was erased since."""
        if ID.fullmatch(roster_id) is None or not self._path(roster_id).exists():
            return None
        with self.opened(roster_id) as database:
            ((document,),) = database.execute("SELECT document FROM head")
        return Preview(**json.loads(document))

    def all(self) -> Iterator[Preview]:
        """All previews, the latest first."""
        for path in sorted(self.folder.glob(f"*{ENDING}"), reverse=True):
            if preview := self.find(path.stem):
                yield preview

    def rows(self, roster_id: str) -> list[RosterRow]:
        with self.opened(roster_id) as database:
            stored = [json.loads(cells) for (cells,) in database.execute("SELECT cells FROM rows ORDER BY rowid")]
        return [RosterRow(*cells)._replace(fault=tuple(cells[-1])) for cells in stored]

    def lines(
        self, roster_id: str, group: str = "", after: int = 0, limit: int = -1, only_open: bool = False
    ) -> list[Line]:
        """Of one group or all, after the first `after`, ordered."""
        places = (GROUPS.index(group),) * 2 if group else (0, len(GROUPS))
        with self.opened(roster_id) as database:
            stored = database.execute(_PAGE, (*places, 1 if only_open else -1, limit, after)).fetchall()
        return [_line(document) for (document,) in stored]

    def sweep(self) -> None:
        """Delete what is too old, and parts of broken uploads."""
        for path in self.folder.glob("*.*"):
            with contextlib.suppress(FileNotFoundError):
                most = KEPT_SECONDS if path.suffix in (ENDING, COMPARISON) else UPLOAD_SECONDS
                if time.time() - path.stat().st_mtime > most:
                    _remove(path)

    def erase(self, person_id: str) -> int:
        """Delete all previews and uploads, since a row without an id may be about anybody; a running comparison becomes
        void.  Returns the number of lines about the person."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _MARK).write_text(os.urandom(8).hex())
        lines = 0
        for path in self.folder.glob(f"*{ENDING}"):
            with self.opened(path.stem) as database:
                ((count,),) = database.execute("SELECT count(*) FROM lines WHERE person = ?", (person_id,))
                lines += count
        for ending in (ENDING, COMPARISON, ".new"):
            for path in self.folder.glob(f"*{ending}*"):
                _remove(path)
        return lines

    def mark(self) -> str:
        """A value that changes with each erasure."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / _MARK).read_text()
        return ""

    def require_mark(self, roster_id: str, mark: str) -> None:
        """Delete a preview whose comparison began before an erasure: either the erasure finds it, or this call notices
        the erasure."""
        if self.mark() != mark:
            _remove(self._path(roster_id))

    def opened(self, roster_id: str) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        return _open_database(self._path(roster_id))

    def _path(self, roster_id: str) -> Path:
        return self.folder / f"{roster_id}{ENDING}"


class SelectedLines:
    """The lines of a preview to confirm: of whole groups with the group's option, and single ones with their own
    options.  `database`: the opened preview."""

    def __init__(self, database: sqlite3.Connection, groups: Mapping[str, str], lines: Mapping[str, str]) -> None:
        self._database = database
        self._of_group = {GROUPS.index(group): option for group, option in groups.items()}
        database.execute("CREATE TEMP TABLE chosen (key TEXT PRIMARY KEY, choice TEXT)")
        database.executemany("INSERT INTO chosen VALUES (?, ?)", lines.items())
        database.commit()
        places = ", ".join(map(str, self._of_group)) or "-1"
        self._from = f"FROM lines LEFT JOIN chosen USING (key) WHERE (choice IS NOT NULL OR grp IN ({places}))"

    def unknown_key(self) -> str:
        """The first chosen key without a line; empty if there is none."""
        query = "SELECT key FROM chosen WHERE key NOT IN (SELECT key FROM lines) ORDER BY key LIMIT 1"
        return next((str(key) for (key,) in self._database.execute(query)), "")

    def single(self) -> Iterator[tuple[Line, str]]:
        """Lines chosen singly, with the option."""
        query = "SELECT document, choice FROM lines JOIN chosen USING (key)"
        return ((_line(document), choice) for document, choice in self._database.execute(query))

    def next(self, most: int) -> list[tuple[Line, str]]:
        """The next chosen lines that are not settled."""
        query = f"SELECT document, choice, grp {self._from} AND settled = 0 {_ORDER} LIMIT ?"
        return [(_line(document), choice or self._of_group[place])
                for document, choice, place in self._database.execute(query, (most,))]  # fmt: skip

    def left(self) -> int:
        ((count,),) = self._database.execute(f"SELECT count(*) {self._from} AND settled = 0")
        return int(count)

    def settle(self, outcomes: Mapping[str, str]) -> None:
        """Record the outcomes of lines: refused ones are not tried again before the next comparison."""
        _settle(self._database, {key: 2 if state == "refused" else 1 for key, state in outcomes.items()})
        self._database.commit()


class _PreviewFigures:
    """Collects the figures in the head of a preview from its lines."""

    def __init__(self, head: Preview, names: Mapping[str, str]) -> None:
        self._head, self._names = head, names
        self._counts, self._units = dict.fromkeys(GROUPS, 0), set[str]()
        self._unknown: dict[str, set[str]] = {}

    def stored(self, lines: Iterable[Line]) -> Iterator[tuple[str, int, int, str, str]]:
        for line in lines:
            self._counts[line.group] += 1
            self._units |= {item.unit_id for option in line.options for item in (option.before, option.after) if item}
            if line.reason:
                self._unknown.setdefault(line.reason, set()).add(line.value)
            first = line.rows[0] if line.rows else 0
            yield line.key, GROUPS.index(line.group), first, line.person_id, _json(line_to_json(line))

    @property
    def preview(self) -> Preview:
        units = {unit_id: self._names[unit_id] for unit_id in sorted(self._units) if unit_id in self._names}
        unknown = {reason: sorted(self._unknown.get(reason, ())) for reason in (*UNIT_REASONS, "unknown_role")}
        return replace(self._head, counts=self._counts, units=units, unknown=unknown)


@contextlib.contextmanager
def _open_database(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection, committed at the end of the block unless it raises."""
    database = sqlite3.connect(path, timeout=BUSY_SECONDS)
    try:
        yield database
        database.commit()
    finally:
        database.close()


def _settle(database: sqlite3.Connection, marks: Mapping[str, int]) -> None:
    database.executemany("UPDATE lines SET settled = ? WHERE key = ?", ((mark, key) for key, mark in marks.items()))


def _line(document: str) -> Line:
    return line_from_json(json.loads(document))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _remove(path: Path) -> None:
    """Delete a preview, or the folder of a comparison."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
