"""The locks that let one process at a time decide a day, and one at a time send by each channel, whichever replica;
they end with the process that holds them."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

from chassis.store.database import Store
from chassis.store.named_lock import NamedLock, NamedLockLost, try_named_lock

DECIDING = "deciding"
LOCK_NUMBERS = {DECIDING: 0x6E6F7469, "inbox": 0x6E6F746A, "email": 0x6E6F746B, "wecom": 0x6E6F746C,
                "dingtalk": 0x6E6F746D}  # fmt: skip
"""Any numbers of our own: PostgreSQL's advisory locks are per database."""
SendingLock: TypeAlias = NamedLock
SendingLockLost: TypeAlias = NamedLockLost


def try_sending_lock(store: Store, folder: Path, name: str) -> AbstractContextManager[NamedLock | None]:
    """The lock of that name (`deciding`, or a channel), or None while another process holds it."""
    return try_named_lock(store, folder, name, LOCK_NUMBERS[name])
