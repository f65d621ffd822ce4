"""What the doors of publicity share: keyring, vault, press, and one transaction at the desk with its refusals told."""

import base64
import contextlib
import hashlib
import re
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from chassis.events.canonical_json import instant
from chassis.http.request import RouteRequest
from chassis.process import subprocesses
from chassis.process.peers import PeerUnavailable
from chassis.process.problems import Problem
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.remote_subject_keys import RemoteKeys
from chassis.store.subject_keys import decipher
from services.publicity import queries
from services.publicity.desk import Desk
from services.publicity.domain import Refused
from services.publicity.vault import Gone, Vault
from services.publicity.words import problem, told

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
TAKING_SECONDS = 90


class House:
    """Publicity's own things, on the frame as `frame.house`."""

    def __init__(self, runtime: ServiceRuntime) -> None:
        self.runtime = runtime
        self.keyring = RemoteKeys(runtime.peers)
        self.vault = Vault(runtime.data / runtime.service / "vault", self.keyring)

    @contextlib.contextmanager
    def desk(self, actor: object, correlation: str = "") -> Iterator[Desk]:
        """A transaction; what is refused inside becomes the door's problem."""
        with telling(), self.runtime.unit_of_work(actor, correlation) as transaction:
            yield Desk(transaction)

    @contextlib.contextmanager
    def look(self) -> Iterator[Any]:
        with telling(), self.runtime.store.reading() as connection:
            yield connection

    def taken(self, content: bytes) -> tuple[str, bytes]:
        """A file opened in a process of its own: (kind, manuscript).  Problem."""
        given = base64.b64encode(content).decode()
        answer = subprocesses.run_module("services.publicity.press.taking", given=given, seconds=TAKING_SECONDS)
        if "code" in answer:
            raise problem(answer["code"], "file")
        return answer["kind"], base64.b64decode(answer["manuscript"])

    def take(self, author_id: str, content: bytes) -> tuple[str, str]:
        """A work's file into the vault: (kind, address).  Problem."""
        kind, manuscript = self.taken(content)
        with telling():
            return kind, self.vault.keep([author_id], manuscript, hashlib.sha256(content).hexdigest())

    def key_of(self, subject: str) -> bytes:
        """The subject's key, to be lent to a transaction.  Problem."""
        with telling():
            key = self.keyring.of([subject]).get(subject)
        if key is None:
            raise problem("unknown_person", "person_id", subject)
        return key

    def opened(self, texts: dict[str, tuple[str, str]]) -> dict[str, str]:
        """Sealed texts (name -> subject, text) in plain; what cannot be read any more is empty."""
        try:
            keys = self.keyring.of({subject for subject, _ in texts.values()})
        except PeerUnavailable:
            keys = {}
        return {name: decipher(text, subject, keys.get(subject)) or "" for name, (subject, text) in texts.items()}

    def names(self, connection: Any, people: Collection[str]) -> dict[str, str]:
        """What these people are called; only for who may know."""
        sealed = queries.sealed_names(connection, self.runtime.store, people)
        return self.opened({person: (person, text) for person, text in sealed.items()})


@contextlib.contextmanager
def telling() -> Iterator[None]:
    """What is refused, gone or away, as the answer of a door."""
    try:
        yield
    except Refused as refused:
        raise told(refused) from None
    except Gone:
        raise problem("gone") from None
    except PeerUnavailable:
        raise Problem(503, "participation_away", "填报服务没有答复，请稍后再试。") from None


def checked_id(text: str, column: str) -> str:
    if not _ID.fullmatch(text):
        raise problem("bad_id", column)
    return text


def line(text: str, column: str, most: int = 100) -> str:
    """One line of text that is given."""
    if not text.strip() or len(text) > most or any(not c.isprintable() for c in text):
        raise problem("bad_value", column, column)
    return text.strip()


def moment_given(desk: Desk, text: str | None, column: str = "at") -> str:
    """The instant that a caller gave (ISO 8601, without an offset local), now when none; never after now."""
    if not text:
        return desk.now
    try:
        result = datetime.fromisoformat(text)
        at = instant(result if result.tzinfo else result.replace(tzinfo=desk.rules.zone))
    except (ValueError, OverflowError):
        raise problem("bad_value", column, column) from None
    if at > desk.now:
        raise problem("bad_value", column, column)
    return at


def answered(desk: Desk, request: RouteRequest, **more: Any) -> dict[str, Any]:
    """The answer to a write: what it made, after it is finished."""
    desk.transaction.flush()
    assert request.actor
    return {"positions": desk.transaction.positions, "changed": bool(desk.transaction.recorded)} | more
