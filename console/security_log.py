"""The security log: who signed in, failed, was refused, changed accounts or exported data, from where; no secrets.

Every entry is a row of the store and a line of JSON on stderr."""

import hashlib
import json
import re
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import sqlalchemy as sa
import structlog
from flask import has_request_context, request

from console.device import device_label
from console.store.database import Store
from console.store.tables import security_log

KEPT_SECONDS = 400 * 24 * 3600
MOST_ENTRIES = 1000
REPEATED_SECONDS = 600.0
MOST_REPEATED = 200
"""Rows of one kind and account within REPEATED_SECONDS: a loop of refused requests does not fill the store."""
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `actor`: who did it, `account_id`: to whose account."""

    at: float
    event: str
    actor: str
    account_id: str
    address: str
    device: str
    detail: dict[str, Any]


class SecurityLog:
    """Writes and reads entries."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store, self._clock = store, clock
        processors: list[Any] = [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
        self._repeated: OrderedDict[tuple[str, str], tuple[float, set[str]]] = OrderedDict()
        self._lock = threading.Lock()
        self._lines = structlog.wrap_logger(structlog.PrintLogger(sys.stderr), processors=processors)

    def write(
        self, event: str, account_id: str = "", actor: str = "", *, from_request: bool = True, **detail: Any
    ) -> None:
        """`actor`: empty means the account's owner; address and device are the request's, if it is one that does it."""
        place = _place() if from_request else {"address": "", "device": ""}
        now, who = self._clock(), {"actor": actor or account_id, "account_id": account_id, **place}
        with self._store.writing() as connection:
            connection.execute(sa.insert(security_log).values(
                at=now, event=event, detail=json.dumps(detail, ensure_ascii=False, sort_keys=True), **who
            ))  # fmt: skip
        self._lines.info(event, log="security", **who, **detail)

    def write_once(self, event: str, account_id: str, what: str, **detail: Any) -> None:
        """As `write`, but the same again within ten minutes is not written; of more than MOST_REPEATED of a kind there
        are only lines."""
        now, key = self._clock(), (event, account_id)
        digest = hashlib.sha256(json.dumps([what, detail], sort_keys=True).encode()).hexdigest()
        with self._lock:
            since, present = self._repeated.get(key, (0.0, set[str]()))
            if now - since >= REPEATED_SECONDS:
                since, present = now, set()
            if digest in present:
                return
            is_full = len(present) >= MOST_REPEATED
            self._repeated[key] = since, present if is_full else present | {digest}
            self._repeated.move_to_end(key)
            if len(self._repeated) > MOST_COUNTED:
                self._repeated.popitem(last=False)
        if is_full:
            self.line(event, account_id=account_id, what=what, **detail)
        else:
            self.write(event, account_id, what=what, **detail)

    def line(self, event: str, **detail: Any) -> None:
        """Only the line: what somebody could repeat without end takes no room in the store."""
        self._lines.info(event, log="security", **_place(), **detail)

    def entries(
        self, *, since: float = 0.0, until: float = 0.0, account_id: str = "", event: str = "", page: str = "",
        limit: int = MOST_ENTRIES,
    ) -> list[Entry]:  # fmt: skip
        """The newest first; `until`: before that, 0: now; `page`: what was looked at there (a path, with what is under
        it)."""
        conditions = [security_log.c.at >= since, *([security_log.c.at < until] if until else [])]
        if account_id:
            mine = sa.or_(security_log.c.account_id == account_id, security_log.c.actor == account_id)
            conditions.append(mine)
        if event:
            conditions.append(security_log.c.event == event)
        if page:
            conditions.append(_looks_at(page))
        return self._read(sa.select(security_log).where(*conditions).limit(limit))

    def about(self, person_id: str) -> list[Entry]:
        """What the person did, what was done to their account, and personal data of theirs that was handed out: the
        newest first."""
        columns = security_log.c
        names = sa.and_(columns.event == "export", columns.detail.contains(json.dumps(person_id)[1:-1], autoescape=True)
                        | columns.detail.contains(person_id, autoescape=True))  # fmt: skip
        mine = sa.or_(columns.account_id == person_id, columns.actor == person_id, names)
        return [entry for entry in self._read(sa.select(security_log).where(mine))
                if person_id in (entry.account_id, entry.actor) or _is_named(entry, person_id)]  # fmt: skip

    def _read(self, query: sa.Select[Any]) -> list[Entry]:
        with self._store.reading() as connection:
            rows = connection.execute(query.order_by(security_log.c.entry.desc())).all()
        return [Entry(row.at, row.event, row.actor, row.account_id, row.address, row.device, json.loads(row.detail))
                for row in rows]  # fmt: skip

    def last_sign_ins(self, account_ids: Iterable[str]) -> dict[str, float]:
        """When each of these accounts was last signed in with, where the log still has it."""
        mine = sa.and_(security_log.c.event == "signin", security_log.c.account_id.in_(list(account_ids)))
        query = sa.select(security_log.c.account_id, sa.func.max(security_log.c.at)).where(mine)
        with self._store.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query.group_by(security_log.c.account_id))}

    def forget_old(self) -> None:
        """Entries of more than 400 days go; the law asks for six months."""
        with self._store.writing() as connection:
            connection.execute(sa.delete(security_log).where(security_log.c.at < self._clock() - KEPT_SECONDS))


def _looks_at(page: str) -> sa.ColumnElement[bool]:
    """Details whose text `what` is the address of the page, of a form of it, or of what is under it."""
    texts = [f'"what": "{method}{page}' for method in ("", "GET ", "POST ")]
    return sa.or_(*(security_log.c.detail.contains(text + end, autoescape=True)
                    for text in texts for end in ('"', "/", " ", "?")))  # fmt: skip


def _is_named(entry: Entry, person_id: str) -> bool:
    """Whether the address that was asked names exactly this person (a step, parameter, recipient or one of a list), or
    what a download was narrowed to does."""
    steps = re.split(r"[/?&=, ]", unquote(str(entry.detail.get("what", ""))))
    return person_id == entry.detail.get("person_id") or bool({person_id, f"person-{person_id}"} & set(steps))


def _place() -> dict[str, str]:
    if not has_request_context():
        return {"address": "", "device": ""}
    return {"address": request.remote_addr or "", "device": device_label(request.headers.get("User-Agent", ""))}
