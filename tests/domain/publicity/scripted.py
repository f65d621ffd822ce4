"""given / when / then for the subjects of publicity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis.events.definition import Event
from services.publicity.domain.refusals import Refused


class Script:
    """A subject with a history; `when` decides one command against it."""

    def __init__(self, first: Any, evolve: Callable[..., Any], decide: Callable[..., list[Event]], *rules: Any) -> None:
        self.state, self._evolve, self._decide, self._rules = first, evolve, decide, rules

    def given(self, *events: Event) -> Script:
        state = self.state
        for event in events:
            state = self._evolve(state, event)
        return Script(state, self._evolve, self._decide, *self._rules)

    def after(self, *commands: Any) -> Script:
        """Given what these commands brought about."""
        script = self
        for command in commands:
            script = script.given(*script.events(command))
        return script

    def events(self, command: Any) -> list[Event]:
        return self._decide(self.state, command, *self._rules)

    def then(self, command: Any, expected: list[Event]) -> None:
        assert self.events(command) == expected

    def refuses(self, command: Any, code: str, column: str | None = None) -> None:
        with pytest.raises(Refused) as refused:
            self.events(command)
        assert refused.value.code == code
        assert column is None or refused.value.column == column
