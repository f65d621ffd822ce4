"""Which tests share a lane of `pytest -n`: those that share a running system; otherwise those of a file.

Long lanes begin first, so that no lane is left alone at the end.  The order says nothing about what a test needs."""

from __future__ import annotations

from pathlib import Path

import pytest

LONG = (
    "tests/journeys/test_semester.py",
    "tests/journeys",
    "tests/services/notifications",
    "tests/services/publicity",
    "tests/intake",
    "tests/chassis",
    "tests/services",
)
"""Folders and files with the longest tests first; what is not named comes after them."""


def assign(items: list[pytest.Item], root: Path) -> None:
    """Give every test its lane, and put the long lanes first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(lane_of(item, root)))
    items.sort(key=lambda item: _length(_file(item, root)))  # stable: a file's tests keep their order


def lane_of(item: pytest.Item, root: Path) -> str:
    """The name of a test's lane."""
    file, fixtures = _file(item, root), getattr(item, "fixturenames", ())
    way = next((name for name in ("embedded", "district") if f"[{name}" in item.name), "")
    if "small_system" in fixtures:
        return f"journeys-small-{way}"
    if "participation" in fixtures and file.startswith("tests/intake/"):
        return "intake"
    return f"{file}-{way}" if way else file


def _file(item: pytest.Item, root: Path) -> str:
    return item.path.relative_to(root).as_posix()


def _length(file: str) -> int:
    return next((at for at, name in enumerate(LONG) if file.startswith(name)), len(LONG))
