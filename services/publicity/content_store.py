"""Content-addressed files of texts and finished documents, encrypted under the keys of all persons whose words they
contain.

When one author's key is destroyed, every file with their words becomes unreadable."""

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Collection, Iterator
from contextvars import ContextVar
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.process.content_folder import ContentFolder
from chassis.store.remote_subject_keys import RemoteKeys


class ContentGone(LookupError):
    """The file does not exist, or a key that it needs was destroyed."""


_stored: ContextVar[list[str] | None] = ContextVar("stored", default=None)
"""Addresses stored by the current request."""


class ContentStore:
    """The files in one folder; an address is a keyed hash, so that it does not reveal the content."""

    def __init__(self, folder: Path, keys: RemoteKeys) -> None:
        self._files, self._keys = ContentFolder(folder), keys
        self._undecided: dict[str, int] = {}  # new files: the number of requests that may still refer to each

    @contextlib.contextmanager
    def discard_if_refused(self) -> Iterator[None]:
        """If the block raises, delete what it stored, unless another request stored the same."""
        addresses: list[str] = []
        before = _stored.set(addresses)
        try:
            yield
        except BaseException:
            for address in addresses:
                self._give_up(address)
            raise
        else:
            for address in addresses:
                self._undecided.pop(address, None)
        finally:
            _stored.reset(before)

    def store_content(self, subjects: Collection[str], content: bytes, sha256: str = "") -> str:
        """Encrypt and store; returns the address, which is equal for equal content of the same subjects.  Raises
        ContentGone, PeerUnavailable.

        `sha256` (hex): the hash of the original file, which others know."""
        key = self._key(subjects)
        digest = sha256 or hashlib.sha256(content).hexdigest()
        address = hmac.digest(key, digest.encode(), "sha256").hex()
        mine, present = _stored.get(), self._files.has(address)
        if mine is not None and (address in self._undecided or not present):
            mine.append(address)
            self._undecided[address] = self._undecided.get(address, 0) + 1
        if present:
            self._files.touch(address)
        else:
            nonce = secrets.token_bytes(12)
            self._files.write(address, nonce + AESGCM(key).encrypt(nonce, content, address.encode()))
        return address

    def fingerprint(self, digest: str) -> str:
        """A hash keyed by this store's own key: equal for equal digests, and without the key it reveals nothing."""
        return hmac.digest(self._own_key(), digest.encode(), "sha256").hex()

    def _own_key(self) -> bytes:
        path = self._files.folder.with_name("fingerprint.key")
        with contextlib.suppress(FileNotFoundError):
            return path.read_bytes()
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        _write_private(part, secrets.token_bytes(32))
        with contextlib.suppress(FileExistsError):
            os.link(part, path)  # the process that comes first creates the key
        part.unlink()
        return path.read_bytes()

    def _give_up(self, address: str) -> None:
        if address not in self._undecided:  # another request refers to it now
            return
        self._undecided[address] -= 1
        if not self._undecided[address]:
            del self._undecided[address]
            self._files.remove(address)

    def read_content(self, subjects: Collection[str], address: str) -> bytes:
        """The content at an address.  Raises ContentGone, PeerUnavailable."""
        key = self._key(subjects)
        try:
            raw = self._files.path(address).read_bytes()
            return AESGCM(key).decrypt(raw[:12], raw[12:], address.encode())
        except (OSError, InvalidTag):
            raise ContentGone(address) from None

    def state_of(self, subjects: Collection[str], address: str) -> str:
        """`missing`, `changed`, or empty if the file is as stored.  Raises ContentGone, PeerUnavailable."""
        key = self._key(subjects)
        try:
            raw = self._files.path(address).read_bytes()
        except FileNotFoundError:
            return "missing"
        try:
            AESGCM(key).decrypt(raw[:12], raw[12:], address.encode())
        except (InvalidTag, ValueError):
            return "changed"
        return ""

    def addresses(self, older_than: float) -> set[str]:
        """The addresses of files not written within the last `older_than` seconds."""
        return self._files.addresses(older_than, self._undecided)

    def remove(self, address: str, older_than: float) -> None:
        """Delete a file that nothing refers to, unless the same was stored again within `older_than` seconds."""
        self._files.remove(address, older_than)

    def _key(self, subjects: Collection[str]) -> bytes:
        names = sorted(set(subjects) - {""})
        if not names:  # a unit's own content: no person can be erased from it
            return hmac.digest(self._own_key(), b"of no person", "sha256")
        keys = self._keys.of(names)
        if missing := [name for name in names if name not in keys]:
            raise ContentGone(f"no key: {', '.join(missing)}")
        # for one subject the key itself: a work's address then equals the `content` of its record in participation
        return keys[names[0]] if len(names) == 1 else hashlib.sha256(b"".join(keys[name] for name in names)).digest()


def _write_private(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
