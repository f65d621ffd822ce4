"""The file of a backup: a tar under gzip under age (age-encryption.org), written and read as a stream.

The first member is `about.json`, the last `manifest.json` with size and SHA-256 of every other: whoever reads the file
knows at its end that all of it is there."""

import contextlib
import gzip
import hashlib
import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

import pyrage

from cli.failure import Failure

ABOUT, MANIFEST = "about.json", "manifest.json"
BLOCK = 1 << 20
PART = 8 << 20
"""Bytes of a part of what comes as a stream: a tar needs to know a member's size before it begins."""
Json = dict[str, Any]


class Sink(Protocol):
    """Where a member's bytes go."""

    def write(self, data: bytes, /) -> Any: ...

    def close(self) -> Any: ...


class Writer:
    """Writes a backup into `file`.  `finish` ends it; without that it cannot be read."""

    def __init__(self, file: IO[bytes], identity: pyrage.x25519.Identity) -> None:
        reading, writing = os.pipe()
        self._failed: list[BaseException] = []
        self._pipe = os.fdopen(writing, "wb", BLOCK)
        self._thread = threading.Thread(
            target=self._encrypt, args=(os.fdopen(reading, "rb"), file, identity.to_public())
        )
        self._thread.start()
        self._zipped = gzip.GzipFile(fileobj=self._pipe, mode="wb", compresslevel=1, mtime=0)
        self._tar = tarfile.open(fileobj=self._zipped, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - `finish`
        self.members: dict[str, Json] = {}

    def _encrypt(self, source: IO[bytes], file: IO[bytes], recipient: pyrage.x25519.Recipient) -> None:
        with source:  # closed, it ends the writing side too, when the disk is full
            try:
                pyrage.encrypt_io(source, file, [recipient])
            except Exception as error:  # noqa: BLE001 - raised again in `_join`
                self._failed.append(error)

    def add_about(self, about: Json) -> None:
        """What the file says of itself: before everything else."""
        self.add_bytes(ABOUT, json.dumps(about, ensure_ascii=False).encode())

    def add_bytes(self, name: str, content: bytes) -> None:
        self._add(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, path: Path) -> None:
        """A file that went meanwhile is left out: what the log needs is looked for when it is read back."""
        try:
            with path.open("rb") as file:
                self._add(name, file, os.fstat(file.fileno()).st_size)
        except FileNotFoundError:
            return

    def add_stream(self, name: str, chunks: Iterable[bytes]) -> None:
        """What comes in chunks, in parts `NAME.000001` and so on."""
        held, number = bytearray(), 1
        for chunk in chunks:
            held += chunk
            while len(held) >= PART:
                self.add_bytes(f"{name}.{number:06}", bytes(held[:PART]))
                del held[:PART]
                number += 1
        self.add_bytes(f"{name}.{number:06}", bytes(held))

    def _add(self, name: str, content: IO[bytes], size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        hashed = _HashingReader(content)
        try:
            self._tar.addfile(info, hashed)
        except BrokenPipeError:
            self._join()
            raise
        self.members[name] = {"size": size, "sha256": hashed.digest.hexdigest()}

    def finish(self) -> None:
        self.add_bytes(MANIFEST, json.dumps(self.members, ensure_ascii=False).encode())
        try:
            self._tar.close()
            self._zipped.close()
            self._pipe.close()
        except BrokenPipeError:
            pass
        self._join()

    def abandon(self) -> None:
        """After an error: the encrypting thread ends."""
        for closing in (self._zipped, self._pipe):
            try:
                closing.close()
            except OSError:
                continue
        self._thread.join()

    def _join(self) -> None:
        self._thread.join()
        if self._failed:
            raise self._failed[0]


class _HashingReader:
    def __init__(self, content: IO[bytes]) -> None:
        self._content, self.digest = content, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._content.read(size)
        self.digest.update(data)
        return data


def read_about(path: Path, identity: pyrage.x25519.Identity) -> Json:
    """What the file says of itself, without reading on.  Failure."""
    about: list[bytes] = []

    def sink(name: str) -> Sink:
        if name != ABOUT:
            raise _Enough
        about.append(b"")
        return _MemorySink(about)

    with contextlib.suppress(_Enough):
        _read(path, identity, sink)
    return _parse_header(about)


def read_whole(path: Path, identity: pyrage.x25519.Identity, sink: Callable[[str], Sink | None]) -> Json:
    """Every member into the sink that `sink` gives for its name, compared with the manifest; what the file says of
    itself.  Failure: the key is another's, or the file is not whole."""
    about: list[bytes] = []

    def chosen(name: str) -> Sink | None:
        return _MemorySink(about) if name == ABOUT else sink(name)

    members, manifest = _read(path, identity, chosen)
    if manifest is None or members != manifest:
        raise Failure(f"备份文件不完整：{path}")
    return _parse_header(about)


def _parse_header(written: list[bytes]) -> Json:
    try:
        about: Json = json.loads(b"".join(written))
    except ValueError:
        raise Failure("这不是启航的备份文件") from None
    return about


class _Enough(Exception):
    pass


class _MemorySink:
    def __init__(self, into: list[bytes]) -> None:
        self._into = into

    def write(self, data: bytes) -> None:
        self._into.append(data)

    def close(self) -> None:
        """Nothing to close."""


def _read(
    path: Path, identity: pyrage.x25519.Identity, sink: Callable[[str], Sink | None]
) -> tuple[dict[str, Json], dict[str, Json] | None]:
    """(members as they were read, manifest)."""
    reading, writing = os.pipe()
    failed: list[Exception] = []

    def decrypt() -> None:
        try:
            with path.open("rb") as file, os.fdopen(writing, "wb", BLOCK) as out:
                pyrage.decrypt_io(file, out, [identity])
        except Exception as error:  # noqa: BLE001 - whatever it was, the file cannot be read
            failed.append(error)

    thread = threading.Thread(target=decrypt)
    thread.start()
    members: dict[str, Json] = {}
    manifest: dict[str, Json] | None = None
    with os.fdopen(reading, "rb", BLOCK) as pipe:
        try:
            with tarfile.open(fileobj=gzip.GzipFile(fileobj=pipe), mode="r|") as archive:
                for info in archive:
                    content = archive.extractfile(info)
                    if content is None or not is_plain(info.name) or info.name in members:
                        raise Failure(f"备份文件里有不该有的内容：{info.name}")
                    if info.name == MANIFEST:
                        manifest = json.load(content)
                    else:
                        members[info.name] = _copy(content, sink(info.name))
            while pipe.read(BLOCK):  # to the end: what follows is authenticated too
                continue
        except (tarfile.TarError, EOFError, OSError, ValueError) as error:
            failed.append(error)
    thread.join()
    if failed:
        raise Failure(f"备份文件解不开或已损坏（密钥不对，或文件被改动、截断）：{path}")
    return members, manifest


def _copy(content: IO[bytes], sink: Sink | None) -> Json:
    digest, size = hashlib.sha256(), 0
    try:
        while block := content.read(BLOCK):
            digest.update(block)
            size += len(block)
            if sink:
                sink.write(block)
    finally:
        if sink:
            sink.close()
    return {"size": size, "sha256": digest.hexdigest()}


def is_plain(name: str) -> bool:
    """A name that leads to nowhere but below the folder that it is put in."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts
