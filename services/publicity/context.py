"""What publicity's handlers and queries share: the store, transactions, persons' keys, the content store."""

import contextlib
import functools
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

from chassis.events.sealed_text import decipher
from chassis.process.peers import PeerUnavailable
from chassis.process.problems import Problem
from chassis.process.tokens import Actor
from chassis.store.database import Store
from chassis.store.remote_subject_keys import RemoteKeys
from chassis.store.unit_of_work import UnitOfWork
from services.publicity.content_store import ContentGone, ContentStore
from services.publicity.domain.refusals import Refused
from services.publicity.refusal_messages import problem
from services.publicity.tables import registry
from services.publicity.transaction import PublicityTransaction
from services.registry.queries import encrypted_names

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Caller(Protocol):
    """The actor of a request and its correlation id."""

    correlation: str

    @property
    def actor(self) -> Actor: ...


class PublicityContext:
    """Passed to every handler.  `fonts`: the folder of fonts for documents; `now`: the store's clock."""

    def __init__(
        self, store: Store, unit_of_work: Callable[[object, str], AbstractContextManager[UnitOfWork]],
        keys: RemoteKeys, content_store: ContentStore, fonts: str, now: Callable[[], str],
    ) -> None:  # fmt: skip
        self.store, self.keys, self.content_store, self.fonts, self.now = store, keys, content_store, fonts, now
        self._unit_of_work = unit_of_work

    @contextlib.contextmanager
    def transaction(self, caller: Caller) -> Iterator[PublicityTransaction]:
        """A transaction, committed at the end of the block; Refused becomes a Problem."""
        with refusals_as_problems(), self._unit_of_work(caller.actor, caller.correlation) as unit_of_work:
            yield PublicityTransaction(unit_of_work)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read snapshot; Refused becomes a Problem."""
        with refusals_as_problems(), self.store.reading() as connection:
            yield connection

    def subject_key(self, person_id: str) -> bytes:
        """A person's key, for `unit_of_work.keys.use_external_key`.  Problem."""
        with refusals_as_problems():
            key = self.keys.of([person_id]).get(person_id)
        if key is None:
            raise problem("unknown_person", "person_id", person_id)
        return key

    def keys_of(self, person_ids: Collection[str]) -> Mapping[str, bytes]:
        """The keys of those persons that have one.  Problem."""
        with refusals_as_problems():
            return self.keys.of(person_ids)

    def decrypt_texts(self, texts: Mapping[str, tuple[str, str]]) -> dict[str, str]:
        """Decrypt ciphertexts (name -> person, text); unreadable ones become empty."""
        try:
            keys = self.keys.of({person_id for person_id, _ in texts.values()})
        except PeerUnavailable:
            keys = {}
        return {name: decipher(text, person_id, keys.get(person_id)) or "" for name, (person_id, text) in texts.items()}

    def person_names(self, connection: Connection, person_ids: Collection[str]) -> dict[str, str]:
        """The names of these persons; only for callers who may know them."""
        encrypted = encrypted_names(connection, registry, person_ids)
        return self.decrypt_texts({person_id: (person_id, text) for person_id, text in encrypted.items()})


def nothing_left_if_refused(
    handler: Callable[Concatenate[PublicityContext, Given], Result],
) -> Callable[Concatenate[PublicityContext, Given], Result]:
    """Decorator of a handler that stores content before it decides: if it is refused, the files are deleted."""

    @functools.wraps(handler)
    def run(publicity: PublicityContext, *given: Given.args, **named: Given.kwargs) -> Result:
        with publicity.content_store.discard_if_refused():
            return handler(publicity, *given, **named)

    return run


@contextlib.contextmanager
def refusals_as_problems() -> Iterator[None]:
    """Turns a refused command, unreadable content or an unavailable service into the Problem that a route answers."""
    try:
        yield
    except Refused as refused:
        raise problem(refused.code, refused.column, refused.detail) from None
    except ContentGone:
        raise problem("gone") from None
    except PeerUnavailable:
        raise Problem(503, "participation_away", "填报服务没有答复，请稍后再试。") from None
