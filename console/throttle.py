"""Limits password guessing, by account and by address, in the store: a restart forgets nothing.

Every attempt is counted before the password is looked at, and given back when it was right, so that many at once gain
nothing.  A device that once signed in has a count of its own: whoever guesses cannot shut its owner out."""

import hashlib
import hmac
import ipaddress
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from console.store.database import Store
from console.store.tables import attempts

KEPT_SECONDS = 7 * 24 * 3600
_PURGE_EVERY = 200  # attempts


@dataclass(frozen=True)
class Rule:
    """`free` failures; from then on a wait that doubles from `first` to `longest` seconds.  One failure is forgotten
    every `forgiven` seconds."""

    free: int
    first: float
    longest: float
    forgiven: float


PAIR = Rule(5, 30.0, 900.0, 3600.0)
"""One account from one address, or from one known device."""
ACCOUNT = Rule(20, 60.0, 3600.0, 3600.0)
"""One account from everywhere but its known devices."""
ADDRESS = Rule(100, 5.0, 60.0, 30.0)
"""All accounts from one address, behind which a whole school may sit: it becomes slow and is never closed."""


@dataclass(frozen=True)
class Count:
    """Failures so far, and until when the next attempt waits."""

    failures: float = 0.0
    blocked_until: float = 0.0
    last_at: float = 0.0


def counted(count: Count, rule: Rule, now: float) -> Count:
    """The count after one more failure."""
    forgiven = max(0.0, now - count.last_at) / rule.forgiven
    failures = max(0.0, count.failures - forgiven) + 1
    if failures <= rule.free - 1:  # the last free one, less what was forgiven since the one before it, waits already
        return Count(failures, 0.0, now)
    wait = min(rule.first * 2 ** min(math.ceil(failures) - rule.free, 30), rule.longest)
    return Count(failures, now + wait, now)


@dataclass(frozen=True)
class Attempt:
    """Who tries from where; `device`: the id of a device that this account has signed in from before."""

    name: str
    address: str
    device: str = ""


class Throttle:
    """Counts attempts to sign in."""

    def __init__(self, store: Store, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._store, self._secret, self._clock = store, secret, clock
        self._taken = 0

    def take(self, attempt: Attempt) -> int:
        """Counts an attempt as a failure and returns 0, or the seconds that it has to wait; then nothing is counted."""
        keys, now = self._keys(attempt), self._clock()
        with self._store.writing() as connection:
            counts = self._lock_counts(connection, [key for key, _ in keys])
            wait = max(counts[key].blocked_until - now for key, _ in keys)
            if wait > 0:
                return math.ceil(wait)
            for key, rule in keys:
                _write(connection, key, counted(counts[key], rule, now))
            self._purge(connection, now)
        return 0

    def give_back(self, attempt: Attempt) -> None:
        """The attempt was right: it counts nowhere, and the account's failures from here are forgotten."""
        own, *others = [key for key, _ in self._keys(attempt)]
        with self._store.writing() as connection:
            counts = self._lock_counts(connection, [own, *others])
            for key, count in ((key, counts[key]) for key in others):
                _write(connection, key, Count(max(0.0, count.failures - 1), 0.0, count.last_at))
            connection.execute(sa.delete(attempts).where(attempts.c.key == own))

    def _keys(self, attempt: Attempt) -> Sequence[tuple[str, Rule]]:
        name, address = attempt.name.casefold(), _network(attempt.address)
        if attempt.device:
            return [(self._digest("device", name, attempt.device), PAIR)]
        return [(self._digest("pair", name, address), PAIR), (self._digest("account", name), ACCOUNT),
                (self._digest("address", address), ADDRESS)]  # fmt: skip

    def _digest(self, *parts: str) -> str:
        return hmac.new(self._secret, "\0".join(parts).encode(), hashlib.sha256).hexdigest()

    def _lock_counts(self, connection: Connection, keys: Sequence[str]) -> dict[str, Count]:
        """The counts under their rows' locks, taken in one order; on SQLite the transaction is the lock.  The insert
        takes the lock of a row that is there: between an insert that did nothing and the lock it could be deleted."""
        new = [{"key": key, "failures": 0.0, "blocked_until": 0.0, "last_at": 0.0} for key in sorted(keys)]
        insert = self._store.insert(attempts)
        connection.execute(insert.on_conflict_do_update(index_elements=["key"], set_={"key": insert.excluded.key}), new)
        query = sa.select(attempts).where(attempts.c.key.in_(keys))
        return {row.key: Count(row.failures, row.blocked_until, row.last_at) for row in connection.execute(query)}

    def _purge(self, connection: Connection, now: float) -> None:
        self._taken += 1
        if self._taken % _PURGE_EVERY == 1:
            old = sa.select(attempts.c.key).where(attempts.c.last_at < now - KEPT_SECONDS)
            free = old.with_for_update(skip_locked=True)  # whoever waited here would hold the rows of this attempt
            connection.execute(sa.delete(attempts).where(attempts.c.key.in_(free)))


def _write(connection: Connection, key: str, count: Count) -> None:
    values = {"failures": count.failures, "blocked_until": count.blocked_until, "last_at": count.last_at}
    connection.execute(sa.update(attempts).where(attempts.c.key == key).values(**values))


def _network(address: str) -> str:
    """An IPv6 customer has a network of 64 bits, and all its addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)
