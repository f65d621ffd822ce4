"""Verifies the evidence folder against the log: files received and not discarded must exist with the content of their
address.  Smaller copies are not in the log."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, Row

from chassis.http.compared_files import FilesPart
from chassis.process.content_folder import ContentFolder
from chassis.process.greenlets import yield_control
from chassis.store import event_log, subject_keys
from chassis.store.database import Store
from chassis.store.schema import events
from contracts.evidence import EvidenceReceived
from services.participation.evidence.handlers import address_of
from services.participation.evidence.projections import evidence_files
from services.participation.evidence.sealed_files import plain_size, read_plain, read_sealed

PAGE: Final = 200
MOST_BYTES: Final = 256 << 20
"""The most bytes read per request, so that none takes minutes; at least one file is read."""


class EvidenceComparison:
    """`folder`: of the stored files."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self._files = store, ContentFolder(folder)

    def compare(self, partition: int, after: int) -> FilesPart:
        """Verify the files that the next events after `after` refer to.  Raises KeyError if there is no such
        partition."""
        with self._store.reading() as connection:
            head = {item.partition: item.position for item in event_log.read_heads(connection)}[partition]
            page = _received_rows(connection, partition, after)
            kept = _contents_in_use(connection, {json.loads(row.data)["content"] for row in page})
        checked = erased = size = 0
        position, problems = after, list[dict[str, Any]]()
        for row in page:
            data = json.loads(row.data)
            if data["content"] not in kept:  # discarded, or erased with its person's key
                gone = self._key_of(data["person_id"]) is None
                checked, erased = checked + gone, erased + gone
                continue
            size += data["size"]
            if size > MOST_BYTES and checked:
                return FilesPart(checked, erased, position, head, problems)
            position, checked, state = row.position, checked + 1, self._state_of(data)
            erased += state == "erased"
            if state and state != "erased":
                problems.append({"position": row.position, "stream": row.stream, "file": data["content"],
                                 "state": state})  # fmt: skip
        return FilesPart(checked, erased, page[-1].position if len(page) == PAGE else head, head, problems)

    def orphans(self) -> list[str]:
        """The addresses of files that belong to nobody any more; the sweep deletes them when they are a day old."""
        there = self._files.addresses(0)  # before reading the rows: an event may be appended meanwhile
        with self._store.reading() as connection:
            return sorted(there - _contents_in_use(connection, None))

    def _state_of(self, data: dict[str, Any]) -> str:
        """Empty if it exists unchanged; else `erased`, `missing` or `changed`."""
        if (key := self._key_of(data["person_id"])) is None:
            return "erased"
        path = self._files.path(data["content"])
        try:
            digest = hashlib.sha256()
            for piece in _bytes_of(path, key):
                digest.update(piece)
                yield_control()
        except FileNotFoundError:
            return "missing" if self._is_kept(data["content"]) else ""  # discarded meanwhile
        except InvalidTag:
            return "changed"
        return "" if address_of(digest.hexdigest(), key) == data["content"] else "changed"

    def _key_of(self, person_id: str) -> bytes | None:
        """Empty: it is not encrypted; None: the key was destroyed."""
        if not person_id:
            return b""
        with self._store.reading() as connection:
            return subject_keys.existing_keys(connection, [person_id]).get(person_id)

    def _is_kept(self, content: str) -> bool:
        with self._store.reading() as connection:
            return bool(_contents_in_use(connection, {content}))


def _bytes_of(path: Path, key: bytes) -> Iterator[bytes]:
    size = path.stat().st_size
    if not key:
        return read_plain(path, 0, size)
    plain = max(0, plain_size(size))
    return read_sealed(path, key, plain, 0, plain)


def _received_rows(connection: Connection, partition: int, after: int) -> list[Row[Any]]:
    query = sa.select(events.c.position, events.c.stream, events.c.data)
    mine = (events.c.partition == partition, events.c.position > after, events.c.type == EvidenceReceived.wire)
    return list(connection.execute(query.where(*mine).order_by(events.c.position).limit(PAGE)))


def _contents_in_use(connection: Connection, among: set[str] | None) -> set[str]:
    """Those that some unit has; None: all."""
    held = evidence_files.c
    query = sa.select(held.content).where(held.discarded_at == "")
    wanted = query if among is None else query.where(held.content.in_(sorted(among)))
    return set(connection.execute(wanted).scalars())
