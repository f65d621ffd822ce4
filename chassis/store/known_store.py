"""Whether a store is there, and the one that was meant: what a command or a service finds out before it works on it."""

from pathlib import Path

import sqlalchemy as sa


class StoreMismatch(RuntimeError):
    """The store belongs to another service, district or version than the one that opened it."""


class NoStore(RuntimeError):
    """There is no store where a command was to work on one."""


def existing(url: str) -> str:
    """The same url, for a command that works on a store that is there.  NoStore: SQLite would make one of a typo."""
    parts = sa.make_url(url)
    if parts.get_backend_name() == "sqlite" and not Path(parts.database or "").is_file():
        raise NoStore(f"没有这个库：{parts.database}；请检查文件夹（--data 或 QIHANG_DATA）")
    return url
