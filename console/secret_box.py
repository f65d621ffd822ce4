"""Encrypts what the console has to read again, under keys of a file that is not in the store.

Each context (an account) has a key of its own, derived by HKDF: a row that is put in another's place does not open."""

import base64
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Unreadable(Exception):
    """No key of the file opens it: the file is another one, or the row was changed."""


class SecretBox:
    """`keys`: the first encrypts, every one of them decrypts, so that a key can be replaced."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("a box needs a key")
        self._keys = tuple(keys)

    def encrypt(self, context: str, plain: str) -> str:
        return Fernet(_derive_key(self._keys[0], f"secret:{context}")).encrypt(plain.encode()).decode()

    def decrypt(self, context: str, encrypted: str) -> str:
        """The text, by whichever key encrypted it.  Raises Unreadable."""
        for key in self._keys:
            try:
                return Fernet(_derive_key(key, f"secret:{context}")).decrypt(encrypted.encode()).decode()
            except InvalidToken:
                continue
        raise Unreadable(context)

    def digests(self, context: str, text: str) -> list[str]:
        """Keyed digests of a random code, by the newest key first: without the file nobody can try codes on them."""
        return [hmac.digest(_derive_key(key, f"digest:{context}"), text.encode(), "sha256").hex() for key in self._keys]


def _derive_key(key: bytes, purpose: str) -> bytes:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"qihang console " + purpose.encode()).derive(key)
    return base64.urlsafe_b64encode(derived)
