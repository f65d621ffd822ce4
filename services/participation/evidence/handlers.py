"""Use cases of evidence: store uploaded files, attach them to records, open them for those who may read them.

A file is on disk before the event that refers to it, and is deleted only when none does; files left by a crash in
between are swept (docs/decisions/0172)."""

import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from chassis.events.canonical_json import instant
from chassis.process import file_readers
from chassis.process.clock import Clock
from chassis.process.content_folder import ContentFolder
from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.process.subprocesses import LimitReached, Limits
from chassis.process.tokens import Actor
from chassis.store import subject_keys
from chassis.store.database import Store
from chassis.store.schema import events
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.participation.evidence import queries, virus_scan
from services.participation.evidence.copies import COPIES
from services.participation.evidence.domain import (
    FILES,
    AttachFile,
    DetachFile,
    DiscardFile,
    OfRecord,
    ReceiveFile,
)
from services.participation.evidence.messages import problem, refusal
from services.participation.evidence.sealed_files import plain_size, read_plain, read_sealed
from services.participation.evidence.uploads import UploadPlan, Uploads
from services.participation.registry.identity import subjects_of_units
from services.registry import rights
from services.registry.rights import Subject

TAKE: Final = "services.participation.evidence.take_file"
TAKE_LIMITS: Final = Limits(memory=320 << 20, cpu_seconds=60)
TAKE_SECONDS: Final = 120.0
ADDRESS: Final = re.compile(r"[0-9a-f]{64}")
SAFE_SECONDS: Final = 24 * 3600.0
"""No request takes longer from storing its file to appending its event."""


@dataclass(frozen=True)
class OpenFile:
    """A file that may be read; `read(start, end)` returns its bytes."""

    name: str
    media_type: str
    size: int
    path: Path
    key: bytes | None

    def read(self, start: int, end: int) -> Iterator[bytes]:
        if self.key is None:
            return read_plain(self.path, start, end)
        return read_sealed(self.path, self.key, self.size, start, end)


class Evidence:
    """The use cases of evidence."""

    def __init__(
        self, store: Store, units_of_work: UnitsOfWork, folder: Path, settings: Settings, clock: Clock
    ) -> None:
        self._store, self._units_of_work, self._settings, self._clock = store, units_of_work, settings, clock
        self.uploads = Uploads(folder / "uploads")
        self._files = ContentFolder(folder / "files")
        self._copies = {name: ContentFolder(folder / name) for name in COPIES}

    def take(self, upload_id: str, plan: UploadPlan, actor: Actor, correlation: str) -> dict[str, Any]:
        """Turn a complete upload into a stored file; a repetition returns the same outcome.  The caller holds the lock
        of the upload.  Problem 403, 413, 422, 503; a rejected file is deleted."""
        if (outcome := self.uploads.outcome(upload_id)) is not None:
            return outcome
        folder = self.uploads.path(upload_id)
        try:
            virus_scan.check(self._settings.clamd, self._settings.clamd_away, folder / "body")
            with self._units_of_work.begin(actor, correlation) as unit_of_work:
                key = unit_of_work.keys.use(plan.person_id) if plan.person_id else b""
                # so that a new key is committed before a file is encrypted with it
                unit_of_work.defer_write(lambda: None)
            prepared = self._make_derived_file(folder, key, plan.originals)
            outcome = self._receive(folder, plan, prepared, key, actor, correlation)
        except Problem as error:
            if error.status != 503:
                self.uploads.discard(upload_id)
            raise
        self.uploads.finish(upload_id, outcome)
        return outcome

    def _make_derived_file(self, folder: Path, key: bytes, originals: bool) -> dict[str, Any]:
        given = json.dumps({"key": key.hex(), "originals": originals}).encode()
        try:
            out = file_readers.read_file(TAKE, str(folder), given=given, limits=TAKE_LIMITS, seconds=TAKE_SECONDS)
        except LimitReached:
            raise problem("file_costs_too_much") from None
        prepared: dict[str, Any] = json.loads(out)
        if "code" in prepared:
            raise problem(prepared["code"], prepared["detail"])
        return prepared

    def _receive(
        self, folder: Path, plan: UploadPlan, prepared: dict[str, Any], key: bytes, actor: Actor, correlation: str
    ) -> dict[str, Any]:
        content = address_of(prepared["sha256"], key)
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            self._permit(unit_of_work, actor, rights.ADD_EVIDENCE, plan.unit_id, plan.person_id)
            if key and subject_keys.existing_keys(unit_of_work.connection, [plan.person_id]).get(plan.person_id) != key:
                raise problem("person_erased")
            self._adopt(content, folder, prepared["small"])
            about = {name: prepared[name] for name in ("media_type", "size", "uploaded")}
            command = ReceiveFile(content, plan.unit_id, plan.person_id, plan.private, plan.name, **about)
            unit_of_work.execute(FILES, command)
        return {"content": content, "name": plan.name, "small": prepared["small"], **about,
                "positions": unit_of_work.positions}  # fmt: skip

    def _adopt(self, content: str, folder: Path, has_copies: bool) -> None:
        """An existing file may be an encrypted one left by a crash, under the same key: either is right."""
        copies = self._copies.items() if has_copies else ()
        for files, name in ((self._files, "kept"), *((files, name) for name, files in copies)):
            if files.has(content):
                files.touch(content)
            else:
                files.adopt(content, folder / name)

    def attach(self, content: str, record_id: str, actor: Actor, correlation: str) -> list[str]:
        """Attach a file to a record; returns the positions.  Problem 403, 404, 409, 422."""
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            record = self._record(unit_of_work, actor, record_id)
            self._readable(unit_of_work, actor, content)
            with refusal():
                unit_of_work.execute(FILES, AttachFile(content, record))
        return unit_of_work.positions

    def detach(self, content: str, record_id: str, reason: str, actor: Actor, correlation: str) -> list[str]:
        """Detach a file from a record; returns the positions.  Problem 403, 404, 409."""
        with self._units_of_work.begin(actor, correlation) as unit_of_work:
            record = self._record(unit_of_work, actor, record_id)
            with refusal():
                unit_of_work.execute(FILES, DetachFile(content, record, reason))
        return unit_of_work.positions

    def open(self, content: str, form: str, actor: Actor) -> OpenFile:
        """A file that the caller may read, or a copy of it (`form`: one of COPIES).  Problem 403, 404, 410."""
        with self._store.reading() as connection:
            file = queries.readable_file(connection, actor, content)
            if file is None:
                raise rights.SEE_EVIDENCE.absent(actor, problem("unknown_file"))
            key = (
                subject_keys.existing_keys(connection, [file.person_id]).get(file.person_id) if file.person_id else None
            )
        small = form in self._copies
        path = self._copies.get(form, self._files).path(content)
        if not path.exists() or (file.person_id and key is None):
            raise problem("no_small_copy" if small and self._files.has(content) else "file_gone")
        media_type = "image/jpeg" if small else file.media_type
        size = path.stat().st_size if small or not file.person_id else file.size
        if small and key:
            size = plain_size(size)
        return OpenFile(file.name, media_type, size, path, key)

    def check_room(self, unit_id: str, length: int) -> None:
        """Problem 413 if the unit's quota does not suffice."""
        most = self._settings.evidence_quota << 20
        with self._store.reading() as connection:
            used = queries.bytes_of_unit(connection, unit_id)
        if used + self.uploads.bytes_of_unit(unit_id) + length > most:
            raise problem("quota_full", f"{used / (1 << 20):.0f}", f"{most >> 20}")

    def usage(self, unit_id: str) -> dict[str, int]:
        with self._store.reading() as connection:
            return {"used": queries.bytes_of_unit(connection, unit_id), "quota": self._settings.evidence_quota << 20}

    def erase(self, person_id: str) -> int:
        """Delete the files of a person whose key is destroyed; returns how many."""
        with self._store.reading() as connection:
            held = queries.evidence_files.c
            mine = connection.execute(sa.select(held.content).where(held.person_id == person_id)).scalars().all()
        for content in mine:
            for files in (self._files, *self._copies.values()):
                files.remove(content)
        return len(mine) + self.uploads.erase(person_id)

    def sweep(self) -> int:
        """Delete expired uploads, files unused for long, and those left by a crash; returns how many."""
        count = self.uploads.sweep()
        before = instant(self._clock() - timedelta(days=self._settings.evidence_days))
        with self._store.reading() as connection:
            unused = queries.unused_since(connection, before)
        if unused:
            named = self._addresses_in_other_events()
            with self._units_of_work.begin("service:participation") as unit_of_work:
                for row in unused:
                    if row.content not in named:
                        unit_of_work.execute(FILES, DiscardFile(row.content, row.unit_id))
        return count + self._remove_unnamed()

    def _remove_unnamed(self) -> int:
        folders = (self._files, *self._copies.values())
        there = set[str]().union(*(files.addresses(SAFE_SECONDS) for files in folders))
        with self._store.reading() as connection:
            held = queries.evidence_files.c
            kept = set(connection.execute(sa.select(held.content).where(held.discarded_at == "")).scalars())
        for content in there - kept:
            for files in folders:
                files.remove(content, SAFE_SECONDS)
        return len(there - kept)

    def _addresses_in_other_events(self) -> set[str]:
        """Addresses in events of others than evidence, such as filings: their files stay."""
        result: set[str] = set()
        with self._store.reading() as connection:
            query = sa.select(events.c.data).where(events.c.type.not_like("participation.evidence%"))
            for (data,) in connection.execute(query.execution_options(yield_per=1000)):
                result.update(ADDRESS.findall(data))
        return result

    def _record(self, unit_of_work: UnitOfWork, actor: Actor, record_id: str) -> OfRecord:
        record = queries.record_of(unit_of_work.connection, record_id)
        if record is None:
            raise rights.ADD_EVIDENCE.absent(actor, problem("unknown_record", record_id))
        self._permit(unit_of_work, actor, rights.ADD_EVIDENCE, record.unit_id, record.person_id)
        return record

    def _readable(self, unit_of_work: UnitOfWork, actor: Actor, content: str) -> None:
        if queries.readable_file(unit_of_work.connection, actor, content) is None:
            raise rights.ADD_EVIDENCE.absent(actor, problem("unknown_file"))

    def _permit(
        self, unit_of_work: UnitOfWork, actor: Actor, right: rights.Right, unit_id: str, person_id: str
    ) -> None:
        subject = subject_of(unit_of_work.connection, unit_id, person_id)
        unit_of_work.act_as(rights.require(actor, right, subject))


def address_of(sha256: str, key: bytes) -> str:
    return hmac.digest(key, sha256.encode(), "sha256").hex() if key else sha256


def subject_of(connection: sa.Connection, unit_id: str, person_id: str = "") -> Subject:
    unit = subjects_of_units(connection, [unit_id])[unit_id]
    return Subject(unit.unit_id, unit.unit_kind, unit.liaison_id, person_id)
