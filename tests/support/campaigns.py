"""Campaigns that tests launch: what stands in a file, read once a process (16 ms for the sample's)."""

from __future__ import annotations

import copy
import functools

from services.participation.campaign import file


def document_of(text: bytes) -> dict[str, object]:
    """What `file.load` answers, as the test's own."""
    return copy.deepcopy(_document_of(text))


@functools.cache
def _document_of(text: bytes) -> dict[str, object]:
    return file.load(text)
