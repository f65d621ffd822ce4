"""The outbox: every event that was added, durably, with what Qihang answered beside it; in SQLite."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from qihang_client import reports
from qihang_client.errors import AlreadyAccepted, IdTaken
from qihang_client.reports import Answer, Cells, Row, full_type, given_cells

NEW, SENT, WAITING, ACCEPTED, UNCHANGED, REFUSED, CANCELLED = (
    "new", "sent", "waiting", "accepted", "unchanged", "refused", "cancelled",
)  # fmt: skip
FINAL = (ACCEPTED, UNCHANGED)
MOST_EVENTS, MOST_BYTES = 1000, 1024 * 1024 - 1024
"""What Qihang takes in one body, with some room for brackets."""
NOTHING_AGAIN = sys.maxsize
SCHEMA = (
    """CREATE TABLE IF NOT EXISTS qihang_outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
        data TEXT NOT NULL, revision INTEGER NOT NULL, state TEXT NOT NULL, field TEXT NOT NULL DEFAULT '',
        code TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT '', tries INTEGER NOT NULL DEFAULT 0,
        added_at REAL NOT NULL, sent_at REAL NOT NULL DEFAULT 0, answered_at REAL NOT NULL DEFAULT 0,
        UNIQUE (source, id))""",
    "CREATE INDEX IF NOT EXISTS qihang_outbox_due ON qihang_outbox (seq) WHERE state IN ('new', 'sent')",
    "CREATE INDEX IF NOT EXISTS qihang_outbox_open ON qihang_outbox (state, seq) WHERE state IN ('waiting', 'refused')",
    "CREATE TABLE IF NOT EXISTS qihang_marks (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)


class Entry(NamedTuple):
    """An event of the outbox, and what became of it: `column`, `code` and `message` (the remedy) of a refusal, or of
    what it waits for."""

    seq: int
    source: str
    id: str
    type: str
    data: dict[str, str]
    revision: int
    state: str
    column: str
    code: str
    message: str
    tries: int
    added_at: float
    sent_at: float
    answered_at: float

    @property
    def event(self) -> dict[str, Any]:
        """As a CloudEvent."""
        return reports.envelope(self.source, self.id, self.type, self.data, self.revision)


class Outbox:
    """The events of one source.

    `Outbox("outbox.sqlite", source=...)` has a file of its own: what is added is on the disk when `add` returns.
    `Outbox(connection, source=...)` writes in the caller's own transaction, which the caller commits: the rows of a
    system and its reports are there together, or neither.  One Outbox belongs to one thread; several processes may add
    to one file, and one of them sends."""

    def __init__(self, place: str | Path | sqlite3.Connection, source: str) -> None:
        self.source = source
        self._is_own = not isinstance(place, sqlite3.Connection)
        self._connection = place if isinstance(place, sqlite3.Connection) else _open_database(place)
        for statement in SCHEMA:
            self._connection.execute(statement)

    def close(self) -> None:
        """Close the file, if the outbox has opened it itself."""
        if self._is_own:
            self._connection.close()

    def add(self, type: str, data: Cells, id: str = "", revision: int = 0) -> str:
        """Adds an event; its id.  The same again changes nothing.  A higher revision replaces what was not accepted."""
        with self._transaction():
            return self._add(full_type(type), given_cells(type, data), id, revision)

    def add_all(self, rows: Iterable[Row]) -> int:
        """Adds many in one transaction; how many they were."""
        number = 0
        with self._transaction():
            for row in rows:
                self._add(full_type(row.type), given_cells(row.type, row.data), row.id, 0)
                number += 1
        return number

    def replace(self, id: str, data: Cells) -> None:
        """Mends an event that waits, was refused or was not sent yet: the same id with the next revision."""
        with self._transaction():
            before = self._require_entry(id)
            self._add(before.type, given_cells(before.type, data), id, before.revision + 1)

    def correct(self, kind: str, ids: Cells, changes: Cells, reason: str) -> str:
        """Corrects an accepted row: `ids` are its id columns, an empty change empties the cell."""
        return self.add(f"{kind}.corrected", {**ids, **changes, "reason": reason})

    def void(self, kind: str, ids: Cells, reason: str) -> str:
        """An accepted row counts for nothing from now on."""
        return self.add(f"{kind}.voided", {**ids, "reason": reason})

    def restore(self, kind: str, ids: Cells, reason: str) -> str:
        """A voided row, or a withdrawn record, counts again."""
        return self.add(f"{kind}.restored", {**ids, "reason": reason})

    def withdraw(self, record_id: str, withdrawn_at: str, reason: str) -> str:
        """Withdraws a record."""
        data = {"record_id": record_id, "withdrawn_at": withdrawn_at, "reason": reason}
        return self.add(reports.WITHDRAWAL, data)

    def cancel(self, id: str) -> None:
        """Takes back an event that waits.  One that was never sent is just not sent."""
        with self._transaction():
            entry = self._require_entry(id)
            if entry.state in FINAL:
                raise AlreadyAccepted(f"{id}: void or withdraw its row instead")
            if entry.state == NEW and not entry.tries:
                self._set(entry.seq, CANCELLED)
            elif entry.state != CANCELLED:
                self._add(reports.CANCELLATION, {"source": self.source, "id": id}, "", 0)

    def send_again(self, *ids: str, code: str = "") -> int:
        """Refused events are to be sent once more (what they lacked is there by now); how many."""
        wanted = " AND (? = '' OR code = ?)" + (f" AND id IN ({', '.join('?' * len(ids))})" if ids else "")
        with self._transaction():
            return self._connection.execute(
                f"UPDATE qihang_outbox SET state = 'new' WHERE source = ? AND state = 'refused'{wanted}",
                (self.source, code, code, *ids),
            ).rowcount

    def entry(self, id: str) -> Entry | None:
        return next(self._entries("source = ? AND id = ?", self.source, id), None)

    def entries(self, *states: str, after: int = 0, limit: int = 1000) -> list[Entry]:
        """Events in these states (any, if none is named), by the order in which they were added."""
        wanted = f" AND state IN ({', '.join('?' * len(states))})" if states else ""
        return list(self._entries(f"source = ? AND seq > ?{wanted}", self.source, after, *states, limit=limit))

    def counts(self) -> dict[str, int]:
        """How many events are in each state."""
        query = "SELECT state, count(*) FROM qihang_outbox WHERE source = ? GROUP BY state"
        return dict(self._connection.execute(query, (self.source,)).fetchall())

    def forget(self, seconds: float) -> int:
        """Removes what was accepted so long ago, with the personal data in it; how many."""
        with self._transaction():
            return self._connection.execute(
                "DELETE FROM qihang_outbox WHERE source = ? AND state IN ('accepted', 'unchanged') AND answered_at < ?",
                (self.source, time.time() - seconds),
            ).rowcount

    # For senders.

    def take(self, again_after: int, events: int = MOST_EVENTS, size: int = MOST_BYTES) -> list[Entry]:
        """The oldest events to be sent, together no larger than that: new ones, and past that place (`seq`) those that
        were sent and not answered.  From now on they count as sent.  The clock, which may be wrong, is not asked."""
        with self._transaction():
            batch = list(_up_to_size(size, self._entries(
                "source = ? AND state IN ('new', 'sent') AND (state = 'new' OR seq > ?)", self.source, again_after,
                limit=events,
            )))  # fmt: skip
            self._connection.executemany(
                "UPDATE qihang_outbox SET state = 'sent', sent_at = ?, tries = tries + 1 WHERE seq = ?",
                [(time.time(), entry.seq) for entry in batch],
            )
        return batch

    def sent_between(self, first: int, last: int) -> list[Entry]:
        """Of these places those that were sent and not answered."""
        return list(self._entries("source = ? AND state = 'sent' AND seq BETWEEN ? AND ?", self.source, first, last))

    def ask_again(self, seconds: float) -> int:
        """What waits and was answered so long ago is to be sent once more, and is told what became of it; how many."""
        with self._transaction():
            return self._connection.execute(
                "UPDATE qihang_outbox SET state = 'new' WHERE source = ? AND state = 'waiting' AND answered_at < ?",
                (self.source, time.time() - seconds),
            ).rowcount

    def unanswered(self) -> int:
        """How many events are to be sent, or were sent and not answered."""
        query = "SELECT count(*) FROM qihang_outbox WHERE source = ? AND state IN ('new', 'sent')"
        return int(self._connection.execute(query, (self.source,)).fetchone()[0])

    def answer(self, answers: Iterable[Answer], only: Sequence[str] = (SENT, WAITING, REFUSED)) -> int:
        """Keeps what was answered beside events in one of these states.  What was replaced meanwhile has another
        revision, and will get an answer of its own; what was accepted stays so.  How many events it told something
        of."""
        now = time.time()
        rows = [
            (CANCELLED if each.code == "cancelled" else each.outcome, each.column, each.code, each.message, now,
             each.source, each.id, each.revision, *only)
            for each in answers
        ]  # fmt: skip
        with self._transaction():
            return self._connection.executemany(
                "UPDATE qihang_outbox SET state = ?, field = ?, code = ?, message = ?, answered_at = ? WHERE source = ?"
                f" AND id = ? AND revision = coalesce(?, revision) AND state IN ({', '.join('?' * len(only))})",
                rows,
            ).rowcount

    def mark(self, name: str) -> int:
        """A position that a sender keeps; 0 before it kept any."""
        row = self._connection.execute("SELECT value FROM qihang_marks WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def set_mark(self, name: str, value: int) -> None:
        with self._transaction():
            self._connection.execute("INSERT OR REPLACE INTO qihang_marks VALUES (?, ?)", (name, str(value)))

    def lost(self, row: Row) -> None:
        """Qihang has not got this row: it is to be sent, whatever the outbox knew of it."""
        with self._transaction():
            id = self._add(full_type(row.type), given_cells(row.type, row.data), row.id, 0)
            self._connection.execute(
                "UPDATE qihang_outbox SET state = 'new' WHERE source = ? AND id = ? AND state IN"
                " ('accepted', 'unchanged', 'waiting')",
                (self.source, id),
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """One transaction of the own file; in the caller's transaction nothing is begun and nothing committed."""
        if not self._is_own:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:  # SQLite itself has rolled back where the disk is full, but for some cases of COMMIT
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _add(self, type: str, cells: Mapping[str, str], id: str, revision: int) -> str:
        id = id or reports.default_id(type, cells)
        data = json.dumps(cells, ensure_ascii=False, sort_keys=True)
        inserted = self._connection.execute(
            "INSERT OR IGNORE INTO qihang_outbox (source, id, type, data, revision, state, added_at)"
            " VALUES (?, ?, ?, ?, ?, 'new', ?)",
            (self.source, id, type, data, revision, time.time()),
        ).rowcount
        if not inserted:
            self._add_again(self._require_entry(id), type, data, cells, revision)
        return id

    def _add_again(self, before: Entry, type: str, data: str, cells: Mapping[str, str], revision: int) -> None:
        is_same = (before.type, before.data) == (type, dict(cells))
        if is_same and before.state != CANCELLED and revision <= before.revision:
            return
        if before.state in FINAL:
            raise AlreadyAccepted(f"{before.id} was accepted: correct its row, or void it")
        if not is_same and revision <= before.revision:
            raise IdTaken(f"{before.id} names another event: give a revision above {before.revision}")
        self._connection.execute(
            "UPDATE qihang_outbox SET type = ?, data = ?, revision = ?, state = 'new' WHERE seq = ?",
            (type, data, max(revision, before.revision), before.seq),
        )

    def _require_entry(self, id: str) -> Entry:
        entry = self.entry(id)
        if entry is None:
            raise KeyError(f"the outbox has no event {id}")
        return entry

    def _set(self, seq: int, state: str) -> None:
        self._connection.execute("UPDATE qihang_outbox SET state = ? WHERE seq = ?", (state, seq))

    def _entries(self, where: str, *values: object, limit: int = -1) -> Iterator[Entry]:
        query = (
            "SELECT seq, source, id, type, data, revision, state, field, code, message, tries, added_at, sent_at,"
            f" answered_at FROM qihang_outbox WHERE {where} ORDER BY seq LIMIT ?"
        )
        for row in self._connection.execute(query, (*values, limit)):
            yield Entry._make((*row[:4], json.loads(row[4]), *row[5:]))


def _open_database(path: str | Path) -> sqlite3.Connection:
    """A new file is its owner's alone, for the personal data in it.  One that is there keeps its journal's mode: it may
    be a system's own."""
    is_new = not Path(path).exists()
    if is_new:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    if is_new:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _up_to_size(size: int, entries: Iterable[Entry]) -> Iterator[Entry]:
    """As many as are no larger together, and at least one."""
    total = 0
    for number, entry in enumerate(entries):
        total += len(encoded(entry)) + 1
        if number and total > size:
            return
        yield entry


def encoded(entry: Entry) -> bytes:
    """The event as it is sent."""
    return json.dumps(entry.event, ensure_ascii=False).encode()
