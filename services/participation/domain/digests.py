"""Digests by which an accepted row is compared later: never its text, and keyed if the row is about a person."""

import hashlib
import hmac
from functools import lru_cache
from json.encoder import encode_basestring
from typing import NamedTuple

from chassis.events.sealed_text import decipher


class Content(NamedTuple):
    """The digest of a row's cells, and the person whose key it is keyed with; '': none."""

    person_id: str
    digest: str


def digest_of(cells: tuple[str, ...], key: bytes | None) -> str:
    """SHA-256 (hex) over the canonical JSON array of the cells; with a key HMAC-SHA256, prefixed with the key's mark.

    Text that canonical JSON cannot hold gets a digest too, which equals that of no accepted row."""
    # the same bytes as canonical_json.canonical in a fifth of the time: it would build a JSONEncoder for every call
    body = f"[{','.join(map(encode_basestring, cells))}]".encode("utf-8", "surrogatepass")
    if key is None:
        return hashlib.sha256(body).hexdigest()
    return f"{_mark(key)}.{hmac.digest(key, body, 'sha256').hex()}"


def is_digest_of(kept: str, cells: tuple[str, ...], key: bytes | None) -> bool:
    """Whether these cells were accepted under this digest.

    Also True if the digest was keyed with another key of the person: that key was destroyed by an erasure, so nothing
    can be compared, and the accepted row stays (unchanged, no conflict)."""
    mark, keyed, _ = kept.partition(".")
    if key is not None and keyed and mark != _mark(key):
        return True
    return kept == digest_of(cells, key)


def content_of(sha256: str, key: bytes | None) -> str:
    """The stored hash of a file's content: equal for equal files of one subject, '' if no hash was given."""
    lower = sha256.lower()
    if key is None or not lower:
        return lower
    return hmac.digest(key, lower.encode(), "sha256").hex()


def readable(cell: str, person_id: str, key: bytes | None) -> str:
    """The text of a cell that may be encrypted in its event; '' if the person's key was destroyed."""
    return cell if key is None else decipher(cell, person_id, key) or ""


@lru_cache(maxsize=4096)
def _mark(key: bytes) -> str:
    """Distinguishes the keys of one person without revealing anything about them."""
    return hmac.digest(key, b"mark", "sha256")[:4].hex()
