"""Files encrypted under a person's key in segments, so that any part of a large file can be read alone.

The format: eight random bytes, then segments of AES-GCM; each authenticates its number and whether it is the last, so
that none can be removed, moved or cut off."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SEGMENT = 64 * 1024
HEAD, TAG = 8, 16


def seal_file(plain: Path, sealed: Path, key: bytes) -> None:
    """Encrypt `plain` into `sealed`."""
    cipher, prefix = AESGCM(key), secrets.token_bytes(HEAD)
    with plain.open("rb") as source, sealed.open("wb") as target:
        target.write(prefix)
        number, piece = 0, source.read(SEGMENT)
        while True:
            following = source.read(SEGMENT)
            target.write(cipher.encrypt(_nonce(prefix, number), piece, _place(number, not following)))
            if not following:
                return
            number, piece = number + 1, following


def read_sealed(path: Path, key: bytes, size: int, start: int, end: int) -> Iterator[bytes]:
    """The plain bytes `[start, end)` of an encrypted file of `size` plain bytes.  Raises InvalidTag, OSError."""
    cipher, last = AESGCM(key), max(0, (size - 1) // SEGMENT)
    with path.open("rb") as source:
        prefix = source.read(HEAD)
        first = start // SEGMENT
        source.seek(HEAD + first * (SEGMENT + TAG))
        for number in range(first, last + 1):
            if number * SEGMENT >= end and number > first:
                return
            piece = cipher.decrypt(_nonce(prefix, number), source.read(SEGMENT + TAG), _place(number, number == last))
            yield piece[max(0, start - number * SEGMENT) : end - number * SEGMENT]


def plain_size(sealed: int) -> int:
    """The plain size for an encrypted size."""
    body = sealed - HEAD
    return body - -(-body // (SEGMENT + TAG)) * TAG


def read_plain(path: Path, start: int, end: int) -> Iterator[bytes]:
    """The same for a file that is not encrypted.  Raises OSError."""
    with path.open("rb") as source:
        source.seek(start)
        yield from _pieces(source, end - start)


def _pieces(source: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (piece := source.read(min(left, SEGMENT))):
        left -= len(piece)
        yield piece


def _nonce(prefix: bytes, number: int) -> bytes:
    return prefix + number.to_bytes(4, "big")


def _place(number: int, is_last: bool) -> bytes:
    return b"%d%s" % (number, b"!" if is_last else b"")
