"""Routes and templates of consoles are compiled once a process: an application of its own for each of hundreds of tests
would spend more on writing and compiling Python than on what is tested."""

from __future__ import annotations

from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

_builders: dict[Any, Any] = {}
_make_builder = Rule._compile_builder


def share_compiled_parts() -> None:
    """Whatever applications this process makes from now on."""
    Rule._compile_builder = _builder_once  # type: ignore[method-assign]
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _KeptTemplates()}


def _builder_once(self: Rule, append_unknown: bool = True) -> Any:
    """The function takes the rule as its first argument, and its code follows from these values alone."""
    if self.defaults:
        return _make_builder(self, append_unknown)
    key = (self.rule, append_unknown, tuple(self._trace))
    if key not in _builders:
        _builders[key] = _make_builder(self, append_unknown)
    return _builders[key]


class _KeptTemplates(BytecodeCache):
    """By name, file and content."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code
