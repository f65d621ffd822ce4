"""Signed heads: once a day the position and hash at the end of each partition, signed, in files to be kept elsewhere.

They reveal a log that was rewritten together with its hash chain (docs/decisions/0098)."""

import contextlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta, timezone
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from chassis.events.canonical_json import canonical
from chassis.process.clock import Clock
from chassis.process.tokens import Signer, Verifier
from chassis.store import event_log
from chassis.store.database import Store
from chassis.store.schema import events

_log = structlog.get_logger(__name__)
LOOK_SECONDS = 60.0
ZONE = timezone(timedelta(hours=8))
"""China Standard Time: the zone of `day`."""
ENDING = ".head.json"


@dataclass(frozen=True)
class SignedHead:
    """The end of a partition on a day (ISO date).  `signature`: hex, by the service's key over all other members."""

    district: str
    service: str
    partition: int
    position: int
    hash: str
    epoch: str
    day: str
    signature: str = ""

    @property
    def content(self) -> bytes:
        """The bytes that are signed; their form differs from that of any token."""
        return canonical({"kind": "qihang.head", **asdict(self) | {"signature": ""}}).encode()

    @property
    def file_name(self) -> str:
        return f"{self.service}-{self.partition}-{self.day}-{self.position}{ENDING}"


@dataclass(frozen=True)
class HeadCheck:
    """Result for one head.  `outcome`: contained, not_signed, another_log, log_ends_before or different."""

    outcome: str
    detail: str = ""


class SignedHeads:
    """Writes, reads and checks the signed heads of one service's log, as files in `folder`."""

    def __init__(
        self, store: Store, service: str, signer: Signer, verifier: Verifier, folder: Path, clock: Clock
    ) -> None:
        self._store, self._service, self._signer, self._verifier = store, service, signer, verifier
        self._folder, self._clock = folder, clock
        self._written: dict[int, str] = {}
        """The day of the newest head of each partition, as far as this process knows."""

    def write_daily(self) -> int:
        """Write a head of each partition that has none of today yet; returns how many.  An error of writing is logged,
        not raised: the caller tries again a minute later."""
        try:
            return len(self._write(only_missing=True))
        except OSError as error:
            _log.error("signed heads not written", folder=str(self._folder), error=repr(error))
            return 0

    def write(self) -> list[SignedHead]:
        """Write a head of each partition as it ends now.  Raises OSError."""
        return self._write(only_missing=False)

    def _write(self, *, only_missing: bool) -> list[SignedHead]:
        today = self._clock().astimezone(ZONE).date().isoformat()
        with self._store.reading() as connection:
            ends = [end for end in event_log.read_heads(connection) if end.position]
        if only_missing:
            ends = [end for end in ends if not self._has_head_of(end.partition, today)]
        result = [self._sign_head(end, today) for end in ends]
        for head in result:
            _write_file(self._folder / head.file_name, json.dumps(asdict(head), ensure_ascii=False) + "\n")
            self._written[head.partition] = today
        return result

    def _has_head_of(self, partition: int, day: str) -> bool:
        if self._written.get(partition) != day and any(self._folder.glob(f"{self._service}-{partition}-{day}-*")):
            self._written[partition] = day
        return self._written.get(partition) == day

    def _sign_head(self, end: event_log.Head, day: str) -> SignedHead:
        head = SignedHead(
            self._signer.district, self._service, end.partition, end.position, end.hash, self._store.epoch, day
        )
        return SignedHead(**asdict(head) | {"signature": self._signer.sign(head.content).hex()})

    def read(self, since: str = "") -> list[SignedHead]:
        """The heads of this service from the day `since` on, oldest first.  A file with another content is logged and
        left out."""
        return sorted(self._read(since), key=lambda head: (head.day, head.partition, head.position))

    def _read(self, since: str) -> Iterator[SignedHead]:
        for path in self._folder.glob(f"{self._service}-*{ENDING}"):
            try:
                head = head_of(json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError) as error:
                _log.error("not a signed head", file=str(path), error=repr(error))
                continue
            if head.day >= since:
                yield head

    def check(self, heads: Iterable[SignedHead]) -> list[HeadCheck]:
        """For each head, whether the log still contains it."""
        with self._store.reading() as connection:
            ends = {end.partition: end.position for end in event_log.read_heads(connection)}
            return [self._check(connection, head, ends.get(head.partition)) for head in heads]

    def _check(self, connection: sa.Connection, head: SignedHead, end: int | None) -> HeadCheck:
        if (head.service, head.district) != (self._service, self._store.district) or end is None:
            return HeadCheck("another_log", f"it is of {head.district}/{head.service}/{head.partition}")
        if not self._verifier.has_signed(self._service, head.content, _bytes(head.signature)):
            return HeadCheck("not_signed", "no key of this service signed it")
        epoch = (
            "" if head.epoch == self._store.epoch else f"; it is of the epoch {head.epoch}, this is {self._store.epoch}"
        )
        if head.position > end:
            return HeadCheck("log_ends_before", f"the log ends at {end}{epoch}")
        query = sa.select(events.c.hash).where(events.c.partition == head.partition, events.c.position == head.position)
        present = connection.execute(query).scalar_one_or_none()
        if present != head.hash:
            return HeadCheck("different", f"the hash was {head.hash}, it is {present}{epoch}")
        return HeadCheck("contained")


def head_of(members: Any) -> SignedHead:
    """The head of a parsed JSON object.  Raises ValueError."""
    kinds: Mapping[str, type] = SignedHead.__annotations__
    if not isinstance(members, dict) or members.keys() != kinds.keys():
        raise ValueError(f"a signed head has the members {', '.join(kinds)}")
    if wrong := [name for name, kind in kinds.items() if type(members[name]) is not kind]:
        raise ValueError(f"{wrong[0]} is not {kinds[wrong[0]].__name__}")
    date.fromisoformat(members["day"])
    return SignedHead(**members)


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _write_file(path: Path, text: str) -> None:
    """Write a file atomically and durably; one that exists is not overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)
