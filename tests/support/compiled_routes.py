"""Routes of consoles are compiled once a process: werkzeug writes and compiles two Python functions for each route, and
hundreds of tests make an application of their own."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import Rule

_compiled: dict[Any, Any] = {}
_compile = Rule._compile_builder


def _compile_once(self: Rule, append_unknown: bool = True) -> Any:
    """The function takes the rule as its first argument, and its code follows from these values alone."""
    if self.defaults:
        return _compile(self, append_unknown)
    key = (self.rule, append_unknown, tuple(self._trace))
    if key not in _compiled:
        _compiled[key] = _compile(self, append_unknown)
    return _compiled[key]


def share_compiled_routes() -> None:
    Rule._compile_builder = _compile_once  # type: ignore[method-assign]
