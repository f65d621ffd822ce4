"""What an accepted row is compared with later: never its text, and keyed where the row is about a person."""

import hashlib
import hmac
from functools import lru_cache
from json.encoder import encode_basestring
from typing import NamedTuple

from chassis.events.sealed_text import decipher


class Content(NamedTuple):
    """The digest of a row's cells, and the person under whose key it is; '': none."""

    person_id: str
    digest: str


def digest_of(cells: tuple[str, ...], key: bytes | None) -> str:
    """SHA-256 (hex) over the canonical JSON array of the cells; with a key the key's mark and HMAC-SHA256.

    Text that canonical JSON cannot hold has a digest too, which equals that of no accepted row.
    """
    # The bytes of canonical_json.canonical, at a fifth of the price: a JSONEncoder is built anew for every call.
    body = f"[{','.join(map(encode_basestring, cells))}]".encode("utf-8", "surrogatepass")
    if key is None:
        return hashlib.sha256(body).hexdigest()
    return f"{_mark(key)}.{hmac.digest(key, body, 'sha256').hex()}"


def is_digest_of(kept: str, cells: tuple[str, ...], key: bytes | None) -> bool:
    """Whether these cells were accepted under this digest.

    True also when the digest was made under another key of the person: that key was destroyed when they were
    erased, nothing can be compared any more, and what is in the ledger stays (unchanged, not conflict).
    """
    mark, keyed, _ = kept.partition(".")
    if key is not None and keyed and mark != _mark(key):
        return True
    return kept == digest_of(cells, key)


def content_of(sha256: str, key: bytes | None) -> str:
    """What stands for a file's content: equal for equal files of one subject, '' when no hash was given."""
    lower = sha256.lower()
    if key is None or not lower:
        return lower
    return hmac.digest(key, lower.encode(), "sha256").hex()


def readable(cell: str, person_id: str, key: bytes | None) -> str:
    """The text of a cell that may stand enciphered in its event; '' when the person's key was destroyed."""
    return cell if key is None else decipher(cell, person_id, key) or ""


@lru_cache(maxsize=4096)
def _mark(key: bytes) -> str:
    """Tells keys of one person apart without saying anything of them."""
    return hmac.digest(key, b"mark", "sha256")[:4].hex()
