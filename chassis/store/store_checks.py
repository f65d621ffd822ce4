"""Errors and checks of a store before it is used: that it exists, and that it is the intended one."""

from pathlib import Path

import sqlalchemy as sa


class StoreMismatch(RuntimeError):
    """The store belongs to another service, district or version than the one that opened it."""


class NoStore(RuntimeError):
    """A command was to work on a store that does not exist."""


def require_store(url: str) -> str:
    """Check that the store at a URL exists; returns the URL.  Raises NoStore, where SQLite would create a new file."""
    parts = sa.make_url(url)
    if parts.get_backend_name() == "sqlite" and not Path(parts.database or "").is_file():
        raise NoStore(f"没有这个库：{parts.database}；请检查文件夹（--data 或 QIHANG_DATA）")
    return url
