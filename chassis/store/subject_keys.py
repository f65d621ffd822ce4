"""Encrypts personal fields by AES-GCM under a key of the person they are about (crypto-shredding): destroying the key
makes that person's data unreadable wherever it was copied to."""

import base64
import secrets
from collections.abc import Callable, Iterable

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from chassis.events.definition import Event, personal_fields, with_fields
from chassis.events.sealed_text import MARK
from chassis.store.database import Store
from chassis.store.prepared_query import PreparedQuery, QueryRunner, any_named
from chassis.store.schema import subject_keys

KEYS = PreparedQuery(lambda pg: sa.select(subject_keys).where(any_named(subject_keys.c.subject, "subjects", pg)))
"""(subject, key) of each of the `subjects` that has a key."""

_FIELDS: dict[type[Event], tuple[tuple[str, str], ...]] = {}


def seal(event: Event, key_of: Callable[[str], bytes]) -> Event:
    """The event with its personal fields encrypted.  A field stays as it is when it, or its subject's id, is empty."""
    changed = {}
    for name, subject_field in _fields(type(event)):
        subject, text = getattr(event, subject_field), getattr(event, name)
        if subject and text:
            changed[name] = encipher(text, subject, key_of(subject))
    return with_fields(event, changed) if changed else event


def _fields(cls: type[Event]) -> tuple[tuple[str, str], ...]:
    if cls not in _FIELDS:
        _FIELDS[cls] = personal_fields(cls)
    return _FIELDS[cls]


def encipher(text: str, subject: str, key: bytes) -> str:
    """The ciphertext of a text: MARK and base64 of nonce (12 bytes) and AES-GCM output, bound to the subject's id."""
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), subject.encode())
    return MARK + base64.b64encode(nonce + sealed).decode()


class Keys:
    """The subjects' keys within one transaction of the service that owns them."""

    def __init__(self, store: Store, connection: Connection, query: QueryRunner) -> None:
        self._store, self._connection, self._query = store, connection, query
        self._known: dict[str, bytes] = {}
        self._looked: set[str] = set()
        self._fresh: set[str] = set()
        self._used: set[str] = set()

    def load(self, subjects: Iterable[str]) -> None:
        """Fetch the existing keys of these subjects by one query."""
        missing = set(subjects) - self._known.keys() - self._looked
        if missing:
            self._known.update((subject, bytes(key)) for subject, key in self._query(KEYS(subjects=sorted(missing))))
            self._looked |= missing

    def of(self, subject: str) -> bytes:
        """The subject's key.  A new one is created where there is none; it is stored only once `use` was called."""
        if subject not in self._known:
            self.load([subject])
        if subject not in self._known:
            self._known[subject] = secrets.token_bytes(32)
            self._fresh.add(subject)
        return self._known[subject]

    def use_external_key(self, subject: str, key: bytes) -> None:
        """Use a key that another service owns in this transaction, without storing it here."""
        self._known[subject] = key

    def use(self, subject: str) -> bytes:
        """The key to encrypt with; a new one will be stored."""
        self._used.add(subject)
        return self.of(subject)

    def write_new_keys(self) -> None:
        """Store the new keys that were used."""
        fresh = [[s, self._known[s]] for s in sorted(self._fresh & self._used)]
        self._store.insert(self._connection, subject_keys, fresh)
        self._fresh -= self._used

    def destroy(self, subject: str) -> None:
        """Delete the subject's key."""
        self._connection.execute(sa.delete(subject_keys).where(subject_keys.c.subject == subject))
        self._known.pop(subject, None)


def existing_keys(connection: Connection, subjects: Iterable[str]) -> dict[str, bytes]:
    """The existing keys of these subjects, for the route by which other services fetch them."""
    query = KEYS(subjects=sorted(set(subjects)))
    return {subject: bytes(key) for subject, key in QueryRunner(connection)(query)}
