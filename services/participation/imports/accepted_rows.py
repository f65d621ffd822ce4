"""The rows that a dry run has accepted so far, in a database file, so that its memory does not grow with them.

Personal texts are encrypted as in the log, under keys derived from a secret in memory only: after the dry run nobody
can read a file left behind."""

import contextlib
import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from chassis.events.definition import REGISTRY, Event, text_of
from chassis.store.subject_keys import seal
from services.participation.domain import Ledger
from services.participation.domain.ledger import claim_of
from services.participation.imports.values import KnownUnit

FILE = "accepted.db"
_TABLES = """
CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY, stream TEXT, wire TEXT, text TEXT);
CREATE INDEX IF NOT EXISTS events_stream ON events (stream);
CREATE TABLE IF NOT EXISTS claims (claim TEXT, stream TEXT, PRIMARY KEY (claim, stream)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS units (unit_id TEXT PRIMARY KEY, name TEXT, opened_on TEXT, closed_on TEXT) WITHOUT ROWID;
"""


class AcceptedRows:
    """The events of the accepted rows, and the queries on them."""

    def __init__(self, path: Path) -> None:
        self._path, self._secret = path, secrets.token_bytes(32)

    def key_of(self, subject: str, known: Mapping[str, bytes]) -> bytes:
        """The store's key of the person; for others a temporary one."""
        return known.get(subject) or hmac.digest(self._secret, subject.encode(), hashlib.sha256)

    def add(self, events: Sequence[Event], ledger: Ledger, keys: Mapping[str, bytes]) -> None:
        """Add a batch; `ledger` has the states of everything that the batch touched."""
        sealed = [seal(event, lambda subject: self.key_of(subject, keys)) for event in events]
        claims = [(claim_of(state.row), f"{space}-{name}")
                  for space, states in (("sheet", ledger.sheets), ("decision", ledger.decisions))
                  for name, state in states.items()]  # fmt: skip
        touched = {event.stream for event in events}
        units = [unit for name, unit in ledger.units.items() if f"unit-{name}" in touched]
        with self._open_database() as file:
            file.executemany("INSERT INTO events (stream, wire, text) VALUES (?, ?, ?)",
                             [(event.stream, event.wire, text_of(event)) for event in sealed])  # fmt: skip
            file.executemany("INSERT OR IGNORE INTO claims VALUES (?, ?)",
                             [claim for claim in claims if claim[1] in touched])  # fmt: skip
            file.executemany("DELETE FROM units WHERE unit_id = ?", [(unit.row.unit_id,) for unit in units])
            file.executemany("INSERT INTO units VALUES (?, ?, ?, ?)", [
                (unit.row.unit_id, unit.row.name, unit.row.opened_on, unit.row.closed_on)
                for unit in units if not unit.voided])  # fmt: skip

    def load(self, streams: Collection[str]) -> list[Event]:
        """The events of these streams, each stream's in order."""
        query = "SELECT wire, text FROM events WHERE stream IN (SELECT value FROM json_each(?)) ORDER BY number"
        return [REGISTRY.read(wire, json.loads(text)) for wire, text in self._query(query, sorted(streams))]

    def streams_among(self, streams: Collection[str]) -> set[str]:
        """Those of these streams that have an event."""
        query = "SELECT DISTINCT stream FROM events WHERE stream IN (SELECT value FROM json_each(?))"
        return {stream for (stream,) in self._query(query, sorted(streams))}

    def person_streams(self) -> list[str]:
        """All streams of persons that have an event."""
        return [stream for (stream,) in self._query("SELECT DISTINCT stream FROM events WHERE stream GLOB 'person-*'")]

    def claimants(self, claims: Collection[str]) -> list[str]:
        """The streams of rows that have, or had, one of these claims."""
        query = "SELECT DISTINCT stream FROM claims WHERE claim IN (SELECT value FROM json_each(?))"
        return [stream for (stream,) in self._query(query, sorted(claims))]

    def units(self) -> Iterable[KnownUnit]:
        """Those that are not void."""
        return [KnownUnit(*row) for row in self._query("SELECT * FROM units")]

    def forget(self) -> None:
        """Delete the file."""
        self._path.unlink(missing_ok=True)

    def _query(self, query: str, *lists: Sequence[str]) -> list[tuple[str, ...]]:
        if not self._path.exists():
            return []
        with self._open_database() as file:
            return file.execute(query, [json.dumps(values) for values in lists]).fetchall()

    @contextlib.contextmanager
    def _open_database(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self._path)) as file, file:
            file.executescript(f"PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY; {_TABLES}")
            yield file
