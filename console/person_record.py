"""A person's own record, whole: gathered from the services and from the console's own store."""

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from console.components import Components, components
from console.security_log import Entry
from console.settings import SERVICES
from console.users import OPERATOR, User

FORMAT = "qihang.person-record.v1"
MOST_AT_ONCE = 2
"""Records that are gathered at a time: each looks through four logs."""
_places = threading.BoundedSemaphore(MOST_AT_ONCE)
ABSENT = frozenset({"unknown_person", "no_campaign", "gone", "unknown_work"})


class RecordUnavailable(Exception):
    """A part of the record cannot be had now: `service` is away, or too many are gathered (empty)."""

    def __init__(self, service: str = "") -> None:
        super().__init__(service)
        self.service = service


def gather(user: User, person_id: str) -> dict[str, Any]:
    """Everything of a person, read on behalf of `user`.  RecordUnavailable: never a part as if it were all."""
    parts = components()
    if not _places.acquire(blocking=False):
        raise RecordUnavailable
    try:
        path = f"/api/people/{quote(person_id, safe='')}/record"
        services = {service: _read_or_raise(parts, user, service, path) for service in SERVICES}
        figures = _optional(parts, user, "assessment", "/api/duties", person_id=person_id)
        works = _works_of(services["publicity"], person_id)
        texts = {work_id: _optional(parts, user, "publicity", f"/api/works/{quote(work_id, safe='')}/text")
                 for work_id in works}  # fmt: skip
    finally:
        _places.release()
    return {
        "format": FORMAT, "person_id": person_id, "exported_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "services": services, "duties": figures, "works": {key: value for key, value in texts.items() if value},
        "console": _of_console(parts, person_id),
    }  # fmt: skip


def write_down(user: User, person_id: str, kind: str) -> None:
    """In the security log: who took whose record, in which form."""
    components().security_log.write("record_exported", person_id, actor=user.account_id, form=kind)


def _read_or_raise(parts: Components, user: User, service: str, path: str) -> dict[str, Any]:
    response = parts.services.read_whole(user, service, path)
    if not response.ok:
        raise RecordUnavailable(service)
    return response.body


def _optional(parts: Components, user: User, service: str, path: str, **query: str) -> dict[str, Any] | None:
    """None: there is nothing of the kind (any more)."""
    response = parts.services.read_whole(user, service, path, **query)
    if response.ok:
        return response.body
    if response.code in ABSENT or response.status in (404, 410):
        return None
    raise RecordUnavailable(service)


def _works_of(publicity: Mapping[str, Any], person_id: str) -> list[str]:
    nominated = (entry["data"] for entry in publicity.get("entries", ()) if "work_nominated" in entry["event"])
    return sorted({data["work_id"] for data in nominated if data.get("author_id") == person_id})


def _of_console(parts: Components, person_id: str) -> dict[str, Any]:
    """The account, open sessions and log of sign-ins; of entries by others, not from where."""
    account = parts.accounts.account(person_id)
    entries = parts.security_log.about(person_id)
    return {
        "account": None if account is None else {
            "sign_in_name": account.sign_in_name, "state": account.state(parts.accounts.now()),
            "created_at": account.created_at, "changed_at": account.changed_at,
        },
        "sessions": [asdict(each) for each in parts.sessions.open_sessions(person_id)],
        "log": [_own_entry(entry, person_id) for entry in entries],
    }  # fmt: skip


def _own_entry(entry: Entry, person_id: str) -> dict[str, Any]:
    if entry.actor == person_id:
        detail = entry.detail if entry.account_id == person_id else {}
        return {"at": entry.at, "event": entry.event, "actor": "person", "address": entry.address,
                "device": entry.device, "detail": detail}  # fmt: skip
    actor = entry.actor if entry.actor in (OPERATOR, "installation", "console") else "another"
    return {"at": entry.at, "event": entry.event, "actor": actor, "address": "", "device": "", "detail": {}}
