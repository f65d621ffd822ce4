"""Decrypts the personal fields of events; `chassis.store.subject_keys` encrypts them."""

import base64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = "k1:"


def decipher(text: str, subject: str, key: bytes | None) -> str | None:
    """The plain text; None when the key is gone or is not the right one.  Text without MARK was never encrypted and is
    returned as it is."""
    if not text.startswith(MARK):
        return text
    if key is None:
        return None
    try:
        raw = base64.b64decode(text[len(MARK) :])
        return AESGCM(key).decrypt(raw[:12], raw[12:], subject.encode()).decode()
    except (InvalidTag, ValueError):
        return None
