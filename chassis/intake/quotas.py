"""Limits for one publisher: rows and bytes per minute, and one body at a time."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Final, NamedTuple

from eventlet.semaphore import Semaphore

from chassis.process.problems import Problem

MOST_WAITING: Final = 16
"""The most bodies of one publisher that wait in a process; further ones are answered 429."""
_MINUTE: Final = 60.0


class Limits(NamedTuple):
    """Limits per minute; 0: unlimited."""

    rows: int = 0
    bytes: int = 0


NO_LIMITS: Final = Limits()


@dataclass
class _Account:
    """A token bucket: it refills continuously; a body larger than what is left is accepted and leaves a debt."""

    left: list[float]
    at: float
    line: Semaphore = field(default_factory=lambda: Semaphore(1))
    waiting: int = 0


class Quotas:
    """The quotas within one process; replicas count separately.  `limits`: those that were read last."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._limits: dict[str, Limits] = {}
        self._accounts: dict[str, _Account] = {}

    def learn(self, limits: Mapping[str, Limits]) -> None:
        """Set the limits of each publisher; one that is not named here has none."""
        for name, given in limits.items():
            if self._limits.get(name) != given:
                self._limits[name] = given
                self._accounts.pop(name, None)
        for name in self._limits.keys() - limits.keys():
            self._limits.pop(name)
            self._accounts.pop(name, None)

    def seconds_to_wait(self, name: str) -> float:
        """Seconds until the publisher may send again; 0: now."""
        account, limits = self._refill(name), self._limits.get(name, NO_LIMITS)
        debts = [((1 - left) / limit * _MINUTE) for left, limit in zip(account.left, limits, strict=True) if limit]
        return max([0.0, *debts])

    def may_send(self, name: str) -> bool:
        return self.seconds_to_wait(name) == 0.0

    def left(self, name: str) -> Limits:
        """What is left of this minute; 0 also if there is a debt or no limit."""
        account, limits = self._refill(name), self._limits.get(name, NO_LIMITS)
        rows, size = (max(0, int(left)) if limit else 0 for left, limit in zip(account.left, limits, strict=True))
        return Limits(rows, size)

    def spend(self, name: str, rows: int, size: int) -> None:
        account = self._refill(name)
        account.left = [left - spent for left, spent in zip(account.left, (rows, size), strict=True)]

    def take(self, name: str, rows: int, size: int) -> None:
        """Take rows and bytes from the publisher's bucket.  Raises Problem 429 while it is empty."""
        self.require(name)
        self.spend(name, rows, size)

    def require(self, name: str) -> None:
        """Raises Problem 429 while the publisher's bucket is empty."""
        if (seconds := self.seconds_to_wait(name)) > 0:
            limits = self._limits[name]
            detail = f"本接入系统每分钟可报送 {_text(limits)}，请在 {ceil(seconds)} 秒后再送。"
            raise Problem(429, "too_fast", detail, retry_after=ceil(seconds), rows_a_minute=limits.rows,
                          bytes_a_minute=limits.bytes)  # fmt: skip

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Handle a publisher's bodies one after another, so that many at once delay nobody else.  Raises Problem 429 if
        MOST_WAITING wait."""
        account = self._refill(name)
        if account.waiting >= MOST_WAITING:
            raise Problem(429, "too_many_at_once", "本接入系统同时报送过多，请等前面的有了结果再送。", retry_after=1)
        account.waiting += 1
        try:
            with account.line:
                yield
        finally:
            account.waiting -= 1

    def _refill(self, name: str) -> _Account:
        now, limits = self._monotonic(), self._limits.get(name, NO_LIMITS)
        account = self._accounts.setdefault(name, _Account([float(limits.rows), float(limits.bytes)], now))
        gained = (now - account.at) / _MINUTE
        account.left = [min(limit, left + limit * gained) if limit else 0.0
                        for left, limit in zip(account.left, limits, strict=True)]  # fmt: skip
        account.at = now
        return account


def _text(limits: Limits) -> str:
    given = [f"{limits.rows} 行"] if limits.rows else []
    return "、".join([*given, *([f"{limits.bytes} 字节"] if limits.bytes else [])])
