"""Locks across replicas: one process decides a day, one sends by each channel; released when the process ends."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

from chassis.store.database import Store
from chassis.store.named_lock import NamedLock, NamedLockLost, try_named_lock

DECIDING = "deciding"
LOCK_NUMBERS = {DECIDING: 0x6E6F7469, "inbox": 0x6E6F746A, "email": 0x6E6F746B, "wecom": 0x6E6F746C,
                "dingtalk": 0x6E6F746D}  # fmt: skip
"""Arbitrary numbers: PostgreSQL's advisory locks are per database."""
SendingLock: TypeAlias = NamedLock
SendingLockLost: TypeAlias = NamedLockLost


def try_sending_lock(store: Store, folder: Path, name: str) -> AbstractContextManager[NamedLock | None]:
    """Take the lock with that name (`deciding`, or a channel); None if another process holds it."""
    return try_named_lock(store, folder, name, LOCK_NUMBERS[name])
