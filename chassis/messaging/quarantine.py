"""The quarantine: stores messages that could not be handled, unchanged and with the reason, until an operator
decides."""

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import re
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from chassis.store.database import Store
from chassis.store.schema import quarantine

OPEN_STATES = ("open", "parked")
PREVIEW = 200  # characters of a body in a listing
_BASE64 = re.compile(rb'"data_base64"\s*:\s*"([A-Za-z0-9+/=\\]*)')


@dataclass(frozen=True)
class Entry:
    """One quarantined message.  `source`, `partition`, `position`, `type` and `stream` are those of the event, where it
    is one."""

    origin: str
    code: str
    body: bytes
    detail: str = ""
    trace: str = ""
    source: str = ""
    partition: int = 0
    position: int = 0
    type: str = ""
    stream: str = ""
    publisher: str = ""
    state: str = "open"


def add(connection: Connection, at: str, entries: Sequence[Entry]) -> None:
    """Store these messages at the instant `at`.  For one that is already open (same bytes and origin) only `attempts`
    is raised."""
    for entry in entries:
        same = digest(entry.origin.encode() + b"\0" + entry.body)
        again = connection.execute(
            sa.update(quarantine)
            .where(quarantine.c.digest == same, quarantine.c.state.in_(OPEN_STATES))
            .values(attempts=quarantine.c.attempts + 1)
        )
        if again.rowcount:
            continue
        connection.execute(sa.insert(quarantine).values(**vars(entry), attempts=1, at=at, digest=same))


def digest(body: bytes) -> str:
    """SHA-256 (hex), by which a repeated message is recognised; deleted together with the body."""
    return hashlib.sha256(body).hexdigest()


def keyed_digest(body: bytes, secret: bytes) -> str:
    """HMAC-SHA256 (hex) of a body, for the event log: without the store's secret nobody can test a guess of the
    body."""
    return hmac.digest(secret, body, "sha256").hex()


def trace_of(error: BaseException) -> str:
    """The traceback as text, its last 8000 characters.  It is stored, and never logged: it may hold personal data."""
    return "".join(traceback.format_exception(error))[-8000:]


def blocked_streams(connection: Connection, store: Store, source: str, streams: Sequence[str]) -> set[str]:
    """Those of the streams that have a quarantined event, so that later events must be parked."""
    query = (
        sa.select(quarantine.c.stream)
        .where(quarantine.c.state.in_(OPEN_STATES), quarantine.c.source == source, quarantine.c.origin == "inbox")
        .where(store.column_in(quarantine.c.stream, list(streams)))
    )
    return {row.stream for row in connection.execute(query)}


def counts(connection: Connection) -> dict[str, int]:
    """The number of open and parked entries, by state."""
    query = sa.select(quarantine.c.state, sa.func.count()).group_by(quarantine.c.state)
    result = {row[0]: row[1] for row in connection.execute(query)}
    return {state: result.get(state, 0) for state in OPEN_STATES}


def groups(connection: Connection) -> list[dict[str, Any]]:
    """Number of entries and instants of the first and last, by code, origin and state."""
    columns = (quarantine.c.code, quarantine.c.origin, quarantine.c.state)
    query = sa.select(*columns, sa.func.count(), sa.func.min(quarantine.c.at), sa.func.max(quarantine.c.at))
    names = ("code", "origin", "state", "count", "since", "until")
    return [dict(zip(names, row, strict=True))
            for row in connection.execute(query.group_by(*columns).order_by(*columns))]  # fmt: skip


def list_entries(
    connection: Connection, state: str | None, limit: int = 1000, *, code: str | None = None, after: int = 0
) -> list[dict[str, Any]]:
    """Entries with an id above `after`, oldest first, each with the first PREVIEW characters of its body.  `state`
    None: open and parked."""
    columns = [c for c in quarantine.c if c.name not in ("body", "trace")]
    begun = sa.func.substr(quarantine.c.body, 1, 4 * PREVIEW).label("body")  # bodies may be large
    query = sa.select(*columns, begun).where(quarantine.c.entry > after).order_by(quarantine.c.entry).limit(limit)
    query = query.where(quarantine.c.state == state) if state else query.where(quarantine.c.state.in_(OPEN_STATES))
    query = query.where(quarantine.c.code == code) if code else query
    return [_as_json(row, PREVIEW) for row in connection.execute(query)]


def read_entry(connection: Connection, entry: int) -> dict[str, Any] | None:
    """One entry with its whole body and traceback; None if there is none."""
    row = connection.execute(sa.select(quarantine).where(quarantine.c.entry == entry)).one_or_none()
    if row is None:
        return None
    return _as_json(row, None) | {"trace": row.trace}


def select_open(connection: Connection, ids: Sequence[int] | None = None, code: str | None = None) -> list[sa.Row[Any]]:
    """Open and parked entries, by ids (at most 1000), by code, or all; in order of position, without bodies."""
    columns = [c for c in quarantine.c if c.name not in ("body", "trace")]
    query = sa.select(*columns).where(quarantine.c.state.in_(OPEN_STATES))
    if ids is not None:
        query = query.where(quarantine.c.entry.in_(list(ids)[:1000]))
    if code is not None:
        query = query.where(quarantine.c.code == code)
    order = (quarantine.c.source, quarantine.c.partition, quarantine.c.position, quarantine.c.entry)
    return list(connection.execute(query.order_by(*order)))


def open_entry(connection: Connection, entry: int) -> sa.Row[Any] | None:
    """One whole entry if it is open or parked."""
    query = sa.select(quarantine).where(quarantine.c.entry == entry, quarantine.c.state.in_(OPEN_STATES))
    return connection.execute(query).one_or_none()


def close(connection: Connection, entry: int, state: str) -> None:
    connection.execute(sa.update(quarantine).where(quarantine.c.entry == entry).values(state=state))


def entries_with(connection: Connection, word: str) -> list[int]:
    """The ids of entries (closed ones too) whose body contains this word, such as a person's id, in UTF-8, with JSON
    escapes, in UTF-16 or GB18030: undecodable messages are searched as well."""
    forms = {word.encode(), json.dumps(word)[1:-1].encode(), word.encode("utf-16-le"), word.encode("gb18030")}
    held = sa.select(quarantine.c.entry, quarantine.c.body).where(quarantine.c.origin != "inbox")
    return [row.entry for row in connection.execute(held)
            if any(form in text for text in _texts_of(bytes(row.body)) for form in forms)]  # fmt: skip


def _texts_of(body: bytes) -> Iterator[bytes]:
    """The body itself, and its base64 parts decoded: event data sent as bytes are there."""
    yield body
    for match in _BASE64.finditer(body):
        with contextlib.suppress(binascii.Error):
            yield base64.b64decode(match[1].replace(b"\\", b"") + b"===")


def erase(connection: Connection, word: str) -> int:
    """Empty the bodies and tracebacks of entries that contain this word; returns how many."""
    result = entries_with(connection, word)
    for entry in result:
        connection.execute(
            sa.update(quarantine)
            .where(quarantine.c.entry == entry)
            .values(body=b"", trace="", detail="erased", state="discarded", digest="")
        )
    return len(result)


def failed_again(connection: Connection, entry: int, code: str, detail: str, trace: str) -> None:
    connection.execute(
        sa.update(quarantine)
        .where(quarantine.c.entry == entry)
        .values(attempts=quarantine.c.attempts + 1, code=code, detail=detail, trace=trace, state="open")
    )


def _as_json(row: Any, limit: int | None) -> dict[str, Any]:
    body = bytes(row.body)[: limit * 4 if limit else None]
    try:
        text, encoding = body.decode(), "utf-8"
    except UnicodeDecodeError:
        text, encoding = base64.b64encode(body).decode(), "base64"
        if limit:
            text, encoding = body.decode("utf-8", "replace"), "utf-8"
    return {
        "id": row.entry, "origin": row.origin, "state": row.state, "source": row.source, "type": row.type,
        "stream": row.stream, "partition": row.partition, "position": row.position, "code": row.code,
        "detail": row.detail, "attempts": row.attempts, "at": row.at, "publisher": row.publisher,
        "body": text[:limit] if limit else text, "body_encoding": encoding,
    }  # fmt: skip
