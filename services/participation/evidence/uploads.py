"""Uploads in progress: a folder for each, whose `body` grows until it is complete.

Received bytes are on disk: an upload is resumed where it stopped, on any replica, however the service ended.
`about.json` describes the upload, `done.json` the outcome; a writer holds `lock`."""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from chassis.process.file_lock import file_lock
from chassis.process.problems import Problem

LARGEST: Final = 200 << 20
EXPIRE_SECONDS: Final = 24 * 3600
"""After the last progress; tus: Upload-Expires."""
MOST_OF_UNIT: Final = 300
MOST_WRITERS: Final = 24
"""The most concurrent writers, so that the rest of a service's 64 workers stay available."""
_ID: Final = re.compile(r"[0-9a-f]{32}")
CHECKSUMS: Final = ("sha1", "sha256")


@dataclass(frozen=True)
class UploadPlan:
    """What an upload is for, and who began it.  `originals`: store a photo unchanged."""

    length: int
    unit_id: str
    person_id: str
    private: bool
    name: str
    owner: str
    originals: bool = False


class Uploads:
    """The folder of all uploads."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._writers = folder, 0

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Holds a place for one writer.  Problem 503 if there are too many."""
        if self._writers >= MOST_WRITERS:
            raise Problem(503, "busy", "同时上传的人太多，请稍后再试。")
        self._writers += 1
        try:
            yield
        finally:
            self._writers -= 1

    def begin(self, plan: UploadPlan) -> str:
        """Create an upload; returns its id."""
        upload_id = secrets.token_hex(16)
        fresh = self.folder / f"{upload_id}.new"
        fresh.mkdir(mode=0o700, parents=True)
        (fresh / "body").touch()
        _write_durably(fresh / "about.json", asdict(plan))
        fresh.rename(self.path(upload_id))
        return upload_id

    def path(self, upload_id: str) -> Path:
        return self.folder / upload_id

    def find(self, upload_id: str, owner: str) -> UploadPlan | None:
        """None if there is no such upload, or it is another owner's."""
        if not _ID.fullmatch(upload_id):
            return None
        try:
            plan = UploadPlan(**json.loads((self.path(upload_id) / "about.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        return plan if plan.owner == owner else None

    def offset(self, upload_id: str, plan: UploadPlan) -> int:
        """The number of bytes received."""
        body = self.path(upload_id) / "body"
        return body.stat().st_size if body.exists() else plan.length

    def expires_at(self, upload_id: str) -> float:
        path = self.path(upload_id)
        body = path / "body"
        return (body if body.exists() else path / "about.json").stat().st_mtime + EXPIRE_SECONDS

    def outcome(self, upload_id: str) -> dict[str, Any] | None:
        """The outcome; None if there is none yet."""
        try:
            result: dict[str, Any] = json.loads((self.path(upload_id) / "done.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return result

    @contextlib.contextmanager
    def locked(self, upload_id: str) -> Iterator[None]:
        """Holds the lock of an upload.  Problem 423 if another request does."""
        with file_lock(self.path(upload_id) / "lock") as is_held:
            if not is_held:
                raise Problem(423, "locked", "这个文件正在上传，请稍后再试。")
            yield

    def append(self, upload_id: str, plan: UploadPlan, offset: int, chunks: Iterable[bytes], checksum: str) -> int:
        """Append chunks; returns the new offset.  Bytes received before a connection breaks are kept, unless a checksum
        covers the whole part.  The caller holds the lock.  Problem 409, 413, 460."""
        path = self.path(upload_id) / "body"
        with path.open("rb+") as body:
            at = body.seek(0, os.SEEK_END)
            if at != offset:
                raise Problem(409, "wrong_offset", f"已收到 {at} 字节，请从那里继续。")
            digest = hashlib.new(checksum.partition(" ")[0], usedforsecurity=False) if checksum else None
            try:
                for chunk in chunks:
                    if at + len(chunk) > plan.length:
                        raise Problem(413, "too_large", f"多于登记的 {plan.length} 字节。")
                    body.write(chunk)
                    at += len(chunk)
                    if digest:
                        digest.update(chunk)
                if digest and digest.hexdigest() != checksum.partition(" ")[2]:
                    raise Problem(460, "checksum", "这一段传输有误，请重传。")
            except BaseException:
                if digest:
                    body.truncate(offset)
                raise
            finally:
                body.flush()
                os.fsync(body.fileno())
        return at

    def finish(self, upload_id: str, outcome: dict[str, Any]) -> None:
        """Store the outcome until it expires, and delete the bytes."""
        _write_durably(self.path(upload_id) / "done.json", outcome)
        for path in self.path(upload_id).iterdir():
            if path.name not in ("about.json", "done.json", "lock"):
                path.unlink()

    def discard(self, upload_id: str) -> None:
        shutil.rmtree(self.path(upload_id), ignore_errors=True)

    def bytes_of_unit(self, unit_id: str) -> int:
        """The total size of its open uploads.  Problem 413 if it has too many."""
        plans = [plan for plan in self._open_uploads() if plan.unit_id == unit_id]
        if len(plans) >= MOST_OF_UNIT:
            raise Problem(413, "too_many_uploads", f"本单位有 {len(plans)} 个文件没有传完，请先传完或取消。")
        return sum(plan.length for plan in plans)

    def sweep(self) -> int:
        """Delete expired uploads; returns how many."""
        count, now = 0, time.time()
        for path in self.folder.glob("*"):
            with contextlib.suppress(OSError):
                newest = max(item.stat().st_mtime for item in (path, *path.iterdir()))
                if now - newest > EXPIRE_SECONDS:
                    shutil.rmtree(path)
                    count += 1
        return count

    def erase(self, person_id: str) -> int:
        """Delete a person's uploads; returns how many."""
        mine = [path for path in self.folder.glob("*") if (plan := _plan(path)) and plan.person_id == person_id]
        for path in mine:
            shutil.rmtree(path, ignore_errors=True)
        return len(mine)

    def _open_uploads(self) -> Iterator[UploadPlan]:
        for path in self.folder.glob("*"):
            if not (path / "done.json").exists() and (plan := _plan(path)):
                yield plan


def _plan(path: Path) -> UploadPlan | None:
    try:
        return UploadPlan(**json.loads((path / "about.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def _write_durably(path: Path, document: dict[str, Any]) -> None:
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as out:
        json.dump(document, out, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
